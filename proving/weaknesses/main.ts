/**
 * `npm run weaknesses`: makes each weakness of the table (proving/weaknesses/groups/), one at a time, in a copy of the checkout, and
 * runs the attacks that it names: each must succeed. Before that they must all hold without any weakness. Ends with 1 when an attack
 * does not notice, when an attack has no weakness, or when one does not fit the code any more.
 */
import { type Interruption, onInterrupt } from '../../start/ending.ts';
import { runCommand } from '../../start/options.ts';
import { ATTACKS } from '../attacks/attacks.ts';
import { Copy } from '../world/copy.ts';
import { Attacker, type Ran } from './attacker.ts';
import { gapsOf } from './groups/coverage.ts';
import { WEAKNESSES } from './groups/index.ts';
import { attacksOf, nameOf, type Weakness } from './groups/weakness.ts';
import { chosen, type Options, parseOptions, USAGE } from './options.ts';

const NOT_BEGUN = /^(unprepared|broke): /;
/** Each has a Worker, a provider and the process that attacks. */
const AT_ONCE = 2;

await runCommand(parseOptions, USAGE, main);

async function main(options: Options): Promise<number> {
  const weaknesses = chosen(WEAKNESSES, options);
  if (weaknesses.length === 0) throw new Error(`no weakness has ${JSON.stringify(options.only)} in its name`);
  if (options.list) {
    for (const { name, catches } of weaknesses) console.log([name, ...catches].join('\n    '));
    return 0;
  }
  const gaps = options.only === null ? gapsOf(WEAKNESSES, ATTACKS) : [];
  for (const gap of gaps) console.log(`✘ ${gap}`);
  if (gaps.length > 0) return 1;

  const started = performance.now();
  const copies: Copy[] = [];
  const attackers: Attacker[] = [];
  const interruption = onInterrupt(() => {
    for (const attacker of attackers) attacker.stop();
  });
  try {
    while (copies.length < Math.min(AT_ONCE, weaknesses.length)) {
      const copy = await Copy.ofCheckout('s3-weaknesses-');
      copies.push(copy);
      attackers.push(new Attacker(copy));
    }
    const failed = await runAll(weaknesses, options, attackers, interruption);
    console.log(`${failed === 0 ? '✔' : '✘'} ${failed} failures, in ${seconds(performance.now() - started)}`);
    return interruption.code ?? (failed === 0 ? 0 : 1);
  } finally {
    for (const attacker of attackers) attacker.stop();
    for (const copy of copies) copy.remove();
  }
}

async function runAll(
  weaknesses: readonly Weakness[],
  options: Options,
  attackers: readonly Attacker[],
  interruption: Interruption,
): Promise<number> {
  const meant = new Set(weaknesses.flatMap(({ catches }) => catches.flatMap((one) => attacksOf(one, ATTACKS))));
  const names = [...meant].map(nameOf);
  console.log(
    `${weaknesses.length} weaknesses, for ${names.length} attacks${options.short ? `, seed ${options.seed}` : ''}`,
  );
  let failed = 0;
  let done = 0;
  const tell = (lines: readonly string[], good: boolean) => {
    if (!good) failed++;
    for (const line of lines) console.log(line);
  };
  const control = async (attacker: Attacker) => {
    const ran = await attacker.without(names);
    const won = ran.attacked.filter(({ got }) => got.length > 0);
    const good = ran.trouble === null && won.length === 0;
    tell(
      [
        `${good ? '✔' : '✘'} without a weakness ${ran.attacked.length - won.length} of ${names.length} hold`,
        ...complaints(ran, won),
      ],
      good,
    );
  };
  const tryOut = (weakness: Weakness) => async (attacker: Attacker) => {
    const begun = performance.now();
    const ran = await withPatience(attacker, weakness);
    const missed = ran.attacked.filter(({ caught }) => !caught);
    const good = ran.trouble === null && missed.length === 0;
    const caught = `${ran.attacked.length - missed.length} of ${ran.attacked.length}`;
    const line = `${good ? '✔' : '✘'} ${++done} of ${weaknesses.length}  ${weakness.name}: ${caught}, ${seconds(performance.now() - begun)}`;
    tell([line, ...complaints(ran, missed)], good);
  };
  const explore = (weakness: Weakness) => async (attacker: Attacker) => {
    const all = ATTACKS.map(nameOf).filter((name) =>
      name.toLowerCase().includes((options.explore ?? '').toLowerCase()),
    );
    const ran = await attacker.with(weakness, all);
    const won = ran.attacked.filter(({ got }) => got.length > 0);
    tell([weakness.name, ...complaints(ran, won)], ran.trouble === null);
  };
  const waiting = options.explore === null ? [control, ...weaknesses.map(tryOut)] : weaknesses.map(explore);
  const work = async (attacker: Attacker) => {
    for (let next = waiting.shift(); next !== undefined && interruption.code === null; next = waiting.shift())
      await next(attacker);
  };
  await Promise.all(attackers.map(work));
  return failed;
}

/** What could not even begin on a machine that is busy, such as an upload to a URL of two seconds, is tried once more. */
async function withPatience(attacker: Attacker, weakness: Weakness): Promise<Ran> {
  const first = await attacker.with(weakness);
  const again = first.attacked.filter(({ caught, got }) => !caught && got.some((text) => NOT_BEGUN.test(text)));
  if (first.trouble !== null || again.length === 0) return first;
  const second = await attacker.with(
    weakness,
    again.map(({ attack }) => attack),
  );
  return { ...second, attacked: [...first.attacked.filter((one) => !again.includes(one)), ...second.attacked] };
}

function complaints({ trouble }: Ran, attacked: Ran['attacked']): string[] {
  const of = ({ attack, caught, got }: Ran['attacked'][number]) => [
    `    ${caught ? '+' : '-'} ${attack}`,
    ...(got.length === 0 ? ['        it held'] : got.map((text) => `        ${text.slice(0, 400)}`)),
  ];
  return [...(trouble === null ? [] : [`    ${trouble}`]), ...attacked.flatMap(of)];
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
