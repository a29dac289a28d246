/**
 * `npm run attack`: named attacks on the production bundle, run locally in bare workerd. Each says what has to come back and what
 * must not have changed in the ledger, D1 and R2. Ends with 1 when one of them got something.
 */
import { endInOrderWhenInterrupted } from '../../start/ending.ts';
import { runCommand } from '../../start/options.ts';
import { ATTACKS } from './attacks.ts';
import { chosen, type Options, parseOptions, USAGE } from './run/options.ts';
import { runAttacks } from './run/runner.ts';
import { failure, outcomeTable, seconds } from './run/table.ts';

endInOrderWhenInterrupted();
await runCommand(parseOptions, USAGE, main);

async function main(options: Options): Promise<number> {
  const attacks = chosen(ATTACKS, options);
  if (attacks.length === 0) throw new Error(`no attack has ${JSON.stringify(options.only)} in its group or name`);
  if (options.list) {
    for (const { group, name } of attacks) console.log(`${group}: ${name}`);
    return 0;
  }
  const started = performance.now();
  let done = 0;
  console.log(`${attacks.length} attacks on the production bundle`);
  const outcomes = await runAttacks(attacks, (outcome) => {
    done++;
    if (outcome.breaches.length > 0) console.log(failure(outcome));
    else if (process.stdout.isTTY) process.stdout.write(`\r  ${done} of ${attacks.length}`);
    else if (done % 25 === 0) console.log(`  ${done} of ${attacks.length}`);
  });
  const won = outcomes.filter(({ breaches }) => breaches.length > 0).length;
  console.log(`\n${outcomeTable(outcomes)}`);
  console.log(`${won === 0 ? '✔' : '✘'} ${won} attacks succeeded, in ${seconds(performance.now() - started)}`);
  return won === 0 ? 0 : 1;
}
