/**
 * `npm run simulate`: the server's own decisions about jobs, before a model of a GPU provider and with a clock that waits for nobody: who gets
 * his photos when, with how many machines, and how a job is best cut into runs.
 *
 *     npm run simulate                all tables, a few seconds
 *     npm run simulate -- --check     only what has to be so; ends with 1 where it is not
 *     npm run simulate -- --write     puts the tables into docs/SCALE.md
 */
import { flag, optionsGiven } from '../../start/options.ts';
import { publish } from '../bench/tables.ts';
import { checks } from './checks.ts';
import { cuts, etas, fairness, isMet, limits } from './tables.ts';

const { check, write } = optionsGiven({ check: flag(), write: flag() });
const found = checks();
const tables = check ? [] : [fairness(), ...cuts(), etas()];
publish([...tables, limits(found)], write && !check ? ['SCALE.md', 'simulation'] : null, 'npm run simulate --');
const broken = found.filter((one) => !isMet(one)).length;
console.log(`\n${found.length - broken} of ${found.length} limits are kept`);
process.exitCode = broken > 0 ? 1 : 0;
