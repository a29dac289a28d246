/** The outcome of a run, in at most 100 columns: a row for each group, and what failed in full. */
import { GROUPS } from '../attack.ts';
import type { Outcome } from './runner.ts';

const row = (group: string, attacks: number, held: number, seconds: string): string =>
  `  ${group.padEnd(16)}${String(attacks).padStart(8)}${String(held).padStart(8)}${seconds.padStart(10)}`;

export function outcomeTable(outcomes: readonly Outcome[]): string {
  const rows = GROUPS.flatMap((group) => {
    const mine = outcomes.filter(({ attack }) => attack.group === group);
    return mine.length === 0 ? [] : [rowOf(group, mine)];
  });
  const line = `  ${'─'.repeat(42)}`;
  return [
    `  ${'group'.padEnd(16)}${'attacks'.padStart(8)}${'held'.padStart(8)}${'time'.padStart(10)}`,
    line,
    ...rows,
    line,
    rowOf('all', outcomes),
  ].join('\n');
}

function rowOf(name: string, outcomes: readonly Outcome[]): string {
  const ms = outcomes.reduce((sum, outcome) => sum + outcome.ms, 0);
  return row(name, outcomes.length, outcomes.filter(({ breaches }) => breaches.length === 0).length, seconds(ms));
}

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** Breaches beyond these are one flaw seen many times. */
const MOST_BREACHES = 5;

export function failure({ attack, breaches }: Outcome): string {
  const { status, code } = attack.answer;
  const expected = [status, code ?? []].flat(2).join(' ');
  const texts = breaches.slice(0, MOST_BREACHES).map(({ text }) => text);
  if (breaches.length > MOST_BREACHES) texts.push(`and ${breaches.length - MOST_BREACHES} more`);
  return [`✘ ${attack.group}: ${attack.name}`, `    must answer ${expected}`, ...texts.map((one) => `    ${one}`)].join(
    '\n',
  );
}
