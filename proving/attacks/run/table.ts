/** The outcome of a run, in at most 100 columns: a row for each group, and what failed in full. */
import { columns, RULE } from '../../../start/table.ts';
import { GROUPS } from '../attack.ts';
import type { Outcome } from './runner.ts';

export function outcomeTable(outcomes: readonly Outcome[]): string {
  const groups = GROUPS.map((group) => ({ group, mine: outcomes.filter(({ attack }) => attack.group === group) }));
  const rows = groups.filter(({ mine }) => mine.length > 0).map(({ group, mine }) => rowOf(group, mine));
  const all = [['group', 'attacks', 'held', 'time'], RULE, ...rows, RULE, rowOf('all', outcomes)];
  return columns(all, [-16, 8, 8, 10], { margin: '  ', gap: '' });
}

function rowOf(name: string, outcomes: readonly Outcome[]): string[] {
  const ms = outcomes.reduce((sum, outcome) => sum + outcome.ms, 0);
  const held = outcomes.filter(({ breaches }) => breaches.length === 0);
  return [name, String(outcomes.length), String(held.length), seconds(ms)];
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
