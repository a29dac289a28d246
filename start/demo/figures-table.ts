/** The figures of every photo, as a table for the terminal, at most 100 columns wide. */
import type { Outcome } from './outcome.ts';
import { clip } from './progress.ts';

const COLUMNS = [
  { title: 'photo', width: 34 },
  { title: 'status', width: 8 },
  { title: 'target', width: 8 },
  { title: 'changed', width: 8 },
  { title: 'outside', width: 8 },
  { title: 'protected', width: 10 },
  { title: 'max diff', width: 9 },
] as const;
const MARGIN = '  ';

export function figuresTable(outcomes: Outcome[]): string {
  const head = row(COLUMNS.map((column) => column.title));
  const rule = `${MARGIN}${'─'.repeat(head.length - MARGIN.length)}`;
  return [head, rule, ...outcomes.flatMap(linesOf)].join('\n');
}

/** What the columns mean. */
export const LEGEND = [
  'target: share of the photo that was to change · changed: how much of it did',
  'outside: pixels that changed elsewhere · protected: share of the photo that is protected',
  'max diff: largest difference of a channel inside what is protected, 0 to 255',
]
  .map((line) => `${MARGIN}${line}`)
  .join('\n');

function linesOf(outcome: Outcome): string[] {
  const { figures } = outcome;
  const name = `${outcome.album.name}/${outcome.name}`;
  const cells = figures
    ? [
        percent(figures.target),
        percent(figures.changed),
        String(figures.changedOutside),
        percent(figures.protected),
        String(figures.maxDifference),
      ]
    : ['–', '–', '–', '–', '–'];
  const notes = [...outcome.problems.map((problem) => `✘ ${problem}`)];
  if (outcome.state !== 'done' && outcome.expectedToFail) notes.push(`as expected: ${outcome.reason}`);
  // Of what is protected most photos show only some, so that is for the contact sheet.
  for (const { concept, reason } of outcome.notFound) {
    if (concept in outcome.album.rule.concepts) notes.push(`${concept} not found${reason ? `: ${reason}` : ''}`);
  }
  return [row([name, outcome.state, ...cells]), ...notes.map((note) => clip(`${MARGIN}    ${note}`, 100))];
}

export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** The first two columns are words, the others numbers. */
function row(cells: readonly string[]): string {
  const padded = cells.map((cell, i) => {
    const { width } = COLUMNS[i]!;
    return i < 2 ? clip(cell, width).padEnd(width) : cell.padStart(width);
  });
  return `${MARGIN}${padded.join(' ')}`;
}
