/** What is told of a database, of an adoption and of an import, as text for a terminal. */
import { clip, columns, RULE } from '../table.ts';
import type { Looked } from './adopt.ts';
import type { Imported } from './import.ts';
import { type Found, SHOWN } from './survey.ts';
import { TABLES } from './target.ts';

const BECOMES = { aside: 'set aside', changed: 'carried, changed', kept: 'carried as it is' } as const;

/** @param width of the terminal */
export function reportOf(looked: Looked, width: number): string {
  const { survey, which } = looked;
  const fit = { margin: '  ', most: width };
  const others = Object.entries(survey.rowsOfOthers);
  return [
    `This database: ${which.words}`,
    ...which.differences.map((difference) => clip(`  ${difference}`, width)),
    ...(which.kind === 'older' ? ofOlder(looked, width) : ['', columns(countRows(survey), [-14, 8], fit)]),
    ...(others.length === 0
      ? []
      : [
          '',
          'Other tables, which stay:',
          columns(
            others.map(([name, rows]) => [name, `${rows}`]),
            [-14, 8],
            fit,
          ),
        ]),
    '',
    ...stepLines(looked, width),
  ].join('\n');
}

function ofOlder({ shape, survey }: Looked, width: number): string[] {
  const made = shape.others.filter(({ type }) => type !== 'index').map(({ name }) => name);
  const odd = TABLES.flatMap((name) => survey.tables[name].odd);
  return [
    '',
    columns(tableRows(survey), [-14, 6, 7, 9, 9, -22], { margin: '  ', most: width }),
    ...(made.length === 0 ? [] : ['', clip(`Views and triggers, which are kept as text: ${made.join(', ')}`, width)]),
    ...oddLines(odd, width),
  ];
}

const stepLines = ({ steps }: Looked, width: number): string[] =>
  steps.length === 0
    ? ['Nothing is to do to its tables.']
    : ['To do:', ...steps.map(({ what }, at) => clip(`  ${at + 1}. ${what}`, width))];

const countRows = ({ tables }: Looked['survey']): (readonly string[])[] => [
  ['table', 'rows'],
  RULE,
  ...TABLES.map((name) => [name, tables[name].source === null ? 'none' : `${tables[name].rows}`]),
];

function tableRows({ tables }: Looked['survey']): (readonly string[])[] {
  const rows = TABLES.map((name) => {
    const { source, rows, aside, converted, asItIs } = tables[name];
    if (source === null) return [name, '-', '-', '-', '-', 'is made'];
    const whole = asItIs ? 'itself' : keptAs(source.name);
    return [name, `${rows}`, `${rows - aside}`, `${aside}`, `${converted}`, whole];
  });
  return [['table', 'rows', 'carried', 'set aside', 'new times', 'the old one is'], RULE, ...rows];
}

const keptAs = (name: string): string => (name.startsWith('adopted_') ? name : `adopted_${name}`);

function oddLines(odd: readonly Found[], width: number): string[] {
  if (odd.length === 0) return ['', 'No row is odd.'];
  return [
    '',
    'Odd rows:',
    ...odd.flatMap(({ table, why, becomes, rows, labels }) => [
      clip(`  ${rows} of ${table}: ${why} → ${BECOMES[becomes]}`, width),
      clip(`      ${labels.join(', ')}${labels.length === SHOWN ? ' …' : ''}`, width),
    ]),
  ];
}

export function importReport({ users, credits, rules, left, untold }: Imported, width: number): string {
  return [
    `${users} users with ${credits} credits and ${rules} rules are in their objects.`,
    ...(untold > 0 ? [`${untold} users are not in D1 as their objects have them yet: run it again.`] : []),
    ...(left.length === 0 ? [] : ['Odd among them (all of it in adopted_odd):']),
    ...left.map(({ table, id, why, becomes }) =>
      clip(`  ${table} ${id}: ${why} → ${becomes === 'aside' ? 'in no object' : 'kept'}`, width),
    ),
  ].join('\n');
}
