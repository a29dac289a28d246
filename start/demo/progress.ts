/** One line of progress: redrawn on a terminal, sparse lines elsewhere. */
import { clip } from '../table.ts';

const WIDTH = 80;
const BAR = 24;

export type Progress = {
  /** `done` of `total` in the phase now; `note` is appended where there is room. */
  update(phase: string, done: number, total: number, note?: string): void;
  /** Prints a line of its own above the bar. */
  say(line: string): void;
  end(): void;
};

/** What is used of standard output. */
export type Terminal = { isTTY: boolean; columns?: number; write(text: string): unknown };

export function progressLine(label: string, out: Terminal = process.stdout): Progress {
  return out.isTTY ? bar(label, out) : lines(label, out);
}

function bar(label: string, out: Terminal): Progress {
  const width = () => Math.min(WIDTH, out.columns || WIDTH) - 1;
  let shown = '';
  const draw = () => out.write(`\r\x1b[2K${shown}`);
  return {
    update(phase, done, total, note = '') {
      const filled = total === 0 ? 0 : Math.round((BAR * done) / total);
      const drawn = '█'.repeat(filled) + '░'.repeat(BAR - filled);
      shown = clip(`  ${clip(label, 14).padEnd(14)} ${phase.padEnd(10)} ${drawn} ${done}/${total} ${note}`, width());
      draw();
    },
    say(line) {
      out.write(`\r\x1b[2K${line}\n`);
      if (shown) draw();
    },
    end() {
      if (shown) out.write('\n');
      shown = '';
    },
  };
}

/** A line when a phase begins and ends, and at each quarter between. */
function lines(label: string, out: Terminal): Progress {
  let last = '';
  return {
    update(phase, done, total) {
      const mark = `${phase} ${total === 0 ? 0 : Math.floor((4 * done) / total)}`;
      if (mark === last) return;
      last = mark;
      out.write(`  ${label}: ${phase} ${done}/${total}\n`);
    },
    say(line) {
      out.write(`${line}\n`);
    },
    end() {},
  };
}
