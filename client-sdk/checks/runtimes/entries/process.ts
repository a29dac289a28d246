/** The suite in Node, Bun and Deno: a program whose argument is the target, and which prints a line of JSON for each case. */
import { argv, exit } from 'node:process';
import { runSuite, type Target } from '../suite.ts';

const target: Target = JSON.parse(argv[2] ?? '{}');
await runSuite(target, (told) => console.log(JSON.stringify(told)));
exit(0);
