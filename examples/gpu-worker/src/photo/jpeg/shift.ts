// A flipped bit in a JPEG's mean values breaks no code: all that follows is lighter, darker or of another colour. What tells it from a picture
// is its outline, which no thing has: a step between rows of MCUs that begins at one MCU and ends just before the one below it.

/** What is kept of a component's blocks while a scan is followed: the means of their topmost and lowest rows of samples. */
export interface Rims {
  readonly top: Float32Array;
  readonly low: Float32Array;
  /** blocks side by side, and of an MCU across and down */
  readonly stride: number;
  readonly across: number;
  readonly down: number;
}

export interface Order {
  /** MCUs side by side, all of them, and between restart markers (0 for none), where the mean values begin anew */
  readonly width: number;
  readonly count: number;
  readonly restart: number;
}

// The limits below were loosened by a fifth and more before any of 240 valid photos was taken for shifted.
/** Smaller steps, of 255, are hardly seen, and less certain. */
const LEAST_STEP = 3;
/** How far parts of the step may be from all of it, and what is to both sides of it from none, as a share of it. */
const SLACK = 0.25;
/** So many of its MCUs show it, give or take half of it, and so many beside it show none. */
const LEAST_SHARE = 0.7;
/** Rows before and after it, and the share of their MCUs that show none: where the picture is full of steps, one more tells nothing. */
const ROWS_AROUND = 3;
const LEAST_CALM = 0.8;
/** MCUs to both sides: at the edges of the picture it would look like a line across. */
const LEAST_BESIDE = 4;
/** MCUs of a shift that ends in its row, where an interval does: fewer could be a thing. */
const LEAST_STRIP = 16;
/** What grain adds to most steps at the least. */
const GRAIN = 0.05;
/** A lone edge in the picture counts for no more than this in a mean. */
const MOST_STEP = 10;

/** By MCU: how much lighter its topmost row is than the lowest of the MCU above it. */
function stepsOf(rims: Rims, { width, count }: Order): Float32Array {
  const { top, low, stride, across, down } = rims;
  const steps = new Float32Array(count);
  for (let i = width; i < count; i++) {
    const x = i % width;
    const at = ((i - x) / width) * down * stride + x * across;
    let sum = 0;
    for (let k = at; k < at + across; k++) sum += top[k]! - low[k - stride]!;
    steps[i] = sum / across;
  }
  return steps;
}

function median(values: Float32Array): number {
  const sorted = values.slice().sort();
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}

const shareNear = (values: Float32Array, value: number, most: number): number =>
  values.reduce((n, v) => n + (Math.abs(v - value) <= most ? 1 : 0), 0) / values.length;

/** Runs of MCUs: where the step is, where the opposite one is, and where none is. */
interface Outline {
  readonly up: readonly Float32Array[];
  readonly back: readonly Float32Array[];
  readonly beside: readonly Float32Array[];
  readonly around: readonly Float32Array[];
}

function shows({ up, back, beside, around }: Outline): boolean {
  const step = median(up[0]!);
  const size = Math.abs(step);
  const near = (runs: readonly Float32Array[], value: number): boolean =>
    runs.every(
      (run) => Math.abs(median(run) - value) <= SLACK * size && shareNear(run, value, size / 2) >= LEAST_SHARE,
    );
  // What is drawn may follow the grid; it has no grain.
  const drawn = shareNear(up[0]!, step, GRAIN) > 0.5 && around.every((run) => shareNear(run, 0, GRAIN) > 0.5);
  return (
    size >= LEAST_STEP &&
    !drawn &&
    near(up, step) &&
    near(back, -step) &&
    near(beside, 0) &&
    around.every((run) => run.length === 0 || shareNear(run, 0, size / 2) >= LEAST_CALM)
  );
}

class Steps {
  readonly #steps: Float32Array;
  /** of all steps up to each, so that the mean of any run costs nothing */
  readonly #sums: Float64Array;
  readonly #width: number;

  constructor(steps: Float32Array, width: number) {
    this.#steps = steps;
    this.#width = width;
    this.#sums = new Float64Array(steps.length + 1);
    for (let i = 0; i < steps.length; i++)
      this.#sums[i + 1] = this.#sums[i]! + Math.max(-MOST_STEP, Math.min(MOST_STEP, steps[i]!));
  }

  #mean(from: number, to: number): number {
    return (this.#sums[to]! - this.#sums[from]!) / (to - from);
  }

  #run(from: number, to: number): Float32Array {
    return this.#steps.subarray(Math.max(0, from), to);
  }

  /** Is there a step from `at`, in the row that begins at `row`, to just before the MCU below it? `until`: where the interval ends. */
  ofRow(row: number, at: number, until: number): boolean {
    const width = this.#width;
    const [turn, end, next] = [row + width, at + width, row + 2 * width];
    const size = Math.abs(this.#mean(at, end));
    if (size < LEAST_STEP / 2 || Math.abs(this.#mean(at, turn) + this.#mean(turn, end)) < size) return false;
    if (Math.abs(this.#mean(row, at)) > size || Math.abs(this.#mean(end, next)) > size) return false;
    return shows({
      up: [this.#run(at, end), this.#run(at, turn), this.#run(turn, end)],
      back: [],
      beside: [this.#run(row, at), this.#run(end, next)],
      around: [this.#run(at - ROWS_AROUND * width, at), this.#run(end, Math.min(until, end + ROWS_AROUND * width))],
    });
  }

  /** Is there one from `at` to `end` in one row, and the opposite one below it? */
  ofStrip(row: number, at: number, end: number): boolean {
    const width = this.#width;
    const size = Math.abs(this.#mean(at, end));
    if (size < LEAST_STEP / 2 || Math.abs(this.#mean(at, end) - this.#mean(at + width, end + width)) < size)
      return false;
    const around = [
      this.#run(row - ROWS_AROUND * width, row),
      this.#run(row + 2 * width, row + (2 + ROWS_AROUND) * width),
    ];
    const beside = [this.#run(row, at), this.#run(row + width, at + width)];
    return shows({ up: [this.#run(at, end)], back: [this.#run(at + width, end + width)], beside, around });
  }
}

/** Is all that follows some MCU, up to the next restart marker, shifted in brightness or colour? */
export function shifted(rims: Rims, order: Order): boolean {
  const { width, count } = order;
  const restart = order.restart || count;
  const steps = new Steps(stepsOf(rims, order), width);
  for (let row = width; row + 2 * width <= count; row += width) {
    for (let at = row + LEAST_BESIDE; at <= row + width - LEAST_BESIDE; at++) {
      const end = Math.min(count, (Math.floor(at / restart) + 1) * restart);
      if (end >= at + width) {
        if (steps.ofRow(row, at, end)) return true;
      } else if (end <= row + width && end - at >= LEAST_STRIP && steps.ofStrip(row, at, end)) return true;
    }
  }
  return false;
}
