/**
 * From what a database is made of to the steps that make it 0001's, keeping every row. A pure function of what is there: a run that was
 * stopped after any statement is gone on with by planning anew. Whole old tables stay under other names, so nothing is ever dropped but
 * views, triggers and indexes, whose statements are kept.
 */
import { asideOf, numbered, type Odd, oddOf } from './odd.ts';
import { isMigrated, type Shape, type Table } from './shape.ts';
import { listOf, nameOf, textOf } from './sql.ts';
import { noteOf, oddRows, type Survey } from './survey.ts';
import {
  columnsOf,
  createTable,
  INDEXES,
  LATER_INDEXES,
  LATER_TABLES,
  TABLES,
  TARGET,
  type TableName,
} from './target.ts';
import { carriedOf } from './values.ts';

export type Step = { what: string; statements: string[] };

const ODD =
  'CREATE TABLE IF NOT EXISTS adopted_odd (table_name TEXT, label TEXT, why TEXT, becomes TEXT, row_count INTEGER)';
const MADE = 'CREATE TABLE IF NOT EXISTS adopted_schema (type TEXT, name TEXT, tbl_name TEXT, sql TEXT)';
const TOLD = 'CREATE TABLE IF NOT EXISTS adopted_migrations (name TEXT)';
/** As wrangler makes it. */
const D1_MIGRATIONS = `CREATE TABLE IF NOT EXISTS d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE,
  applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)`;
/** The migrations whose work {@link isMigrated} sees, and the table of the last. */
const RESHAPED = ['0001_schema.sql', '0002_reshape.sql'];
const LATER = { name: '0003_reconcile_round.sql', table: 'reconcile_round' };

export function planOf(shape: Shape, survey: Survey): Step[] {
  if (isMigrated(shape)) return ours(shape);
  const plan = new Plan(shape);
  return [
    ...plan.setAsideMade(survey),
    ...plan.setAsideTables(survey),
    ...TABLES.flatMap((name) => plan.table(name, survey)),
    ...plan.indexes(survey),
    ...plan.forgetMigrations(),
  ];
}

/** Migrated, and perhaps nobody wrote it down: the migration that ran and was not noted must not run again. */
function ours({ tables, applied }: Shape): Step[] {
  const ran = [...RESHAPED, ...(tables.has(LATER.table) ? [LATER.name] : [])];
  const missing = ran.filter((name) => applied?.includes(name) !== true);
  if (missing.length === 0) return [];
  const note = missing.map((name) => `INSERT OR IGNORE INTO d1_migrations (name) VALUES (${textOf(name)})`);
  return [{ what: `note that ${missing.join(', ')} went over it`, statements: [D1_MIGRATIONS, ...note] }];
}

class Plan {
  readonly #shape: Shape;
  /** Names in use, in lower case, those that the plan gives included. */
  readonly #names: Set<string>;

  constructor(shape: Shape) {
    this.#shape = shape;
    this.#names = new Set([...shape.tables.keys(), ...shape.others.map(({ name }) => name.toLowerCase())]);
  }

  #freeName(wanted: string): string {
    let name = wanted;
    for (let number = 2; this.#names.has(name); number++) name = `${wanted}_${number}`;
    this.#names.add(name);
    return name;
  }

  /** Views and triggers, which would break or fire, and indexes that would keep their names from ours, or go with a table. */
  setAsideMade(survey: Survey): Step[] {
    const leaves = (table: string) => TABLES.some((name) => name === table && !survey.tables[name].asItIs);
    const goes = this.#shape.others.filter(({ type, name, table }) => {
      if (type !== 'index') return true;
      const ours = INDEXES[name.toLowerCase()];
      const isOurs = ours !== undefined && ours.table === table && !leaves(table);
      const taken = ours !== undefined || LATER_INDEXES.includes(name.toLowerCase());
      return !isOurs && (taken || TABLES.some((one) => one === table));
    });
    // A trigger may belong to a view, and goes with it.
    const triggersFirst = [
      ...goes.filter(({ type }) => type === 'trigger'),
      ...goes.filter(({ type }) => type !== 'trigger'),
    ];
    return triggersFirst.map(({ type, name }) => ({
      what: `set ${type} ${name} aside`,
      statements: [
        MADE,
        `INSERT INTO adopted_schema SELECT type, name, tbl_name, sql FROM sqlite_master
           WHERE type = ${textOf(type)} AND name = ${textOf(name)} EXCEPT SELECT type, name, tbl_name, sql FROM adopted_schema`,
        `DROP ${type.toUpperCase()} IF EXISTS ${nameOf(name)}`,
      ],
    }));
  }

  /** Tables under names that the migrations give to theirs, and a list of migrations that is not wrangler's. */
  setAsideTables(survey: Survey): Step[] {
    const sources = new Set(TABLES.map((name) => survey.tables[name].source));
    const { tables, applied } = this.#shape;
    const taken = LATER_TABLES.flatMap((name) => tables.get(name) ?? []).filter((table) => !sources.has(table));
    const list = applied === null ? (tables.get('d1_migrations') ?? null) : null;
    return [...taken, ...(list === null ? [] : [list])].map(
      ({ name }) => this.#rename(name, `adopted_${name.toLowerCase()}`).step,
    );
  }

  #rename(name: string, wanted: string): { step: Step; to: string } {
    const to = this.#freeName(wanted);
    return {
      to,
      step: { what: `keep ${name} as ${to}`, statements: [`ALTER TABLE ${nameOf(name)} RENAME TO ${nameOf(to)}`] },
    };
  }

  table(name: TableName, survey: Survey): Step[] {
    const { source, asItIs } = survey.tables[name];
    if (source === null) return [{ what: `make ${name}`, statements: [createTable(name, name)] }];
    if (asItIs) return this.#note(name, survey);
    const isKept = source.name.toLowerCase().startsWith('adopted_');
    const { step, to } = isKept ? { step: null, to: source.name } : this.#rename(source.name, `adopted_${name}`);
    return [...(step === null ? [] : [step]), carry(name, { ...source, name: to })];
  }

  /** The odd rows of a table that stays where it is, once; of one that was carried over they are noted already. */
  #note(name: TableName, { tables, noted }: Survey): Step[] {
    if (this.#shape.tables.has(`adopted_${name}`)) return [];
    // A row that another table gives up may leave others here without it.
    const all = TABLES.some((one) => !tables[one].asItIs);
    const found = new Set(tables[name].odd.map(({ why }) => why));
    const odd = oddOf(name, asIn0001(name), asIn0001).filter(
      ({ why }) => (all || found.has(why)) && !noted.has(noteOf(name, why)),
    );
    return odd.length === 0 ? [] : [{ what: `note the odd rows of ${name}`, statements: noting(odd, asIn0001(name)) }];
  }

  /** Those that a table takes along when it goes are made again with the others. */
  indexes({ tables }: Survey): Step[] {
    const has = (name: string, table: TableName) =>
      this.#shape.others.some((one) => one.type === 'index' && one.name === name && one.table === table);
    const all = Object.entries(INDEXES);
    if (all.every(([name, { table }]) => tables[table].asItIs && has(name, table))) return [];
    const statements = all.map(
      ([name, { table, column }]) => `CREATE INDEX IF NOT EXISTS ${name} ON ${table} (${column})`,
    );
    return [{ what: 'make the indexes', statements }];
  }

  /** A list that says that our migrations ran over tables that are older: they have to run. */
  forgetMigrations(): Step[] {
    const wrong = (this.#shape.applied ?? []).filter((name) => [...RESHAPED.slice(1), LATER.name].includes(name));
    if (wrong.length === 0) return [];
    const which = `name IN ${listOf(wrong)}`;
    const keep = `INSERT INTO adopted_migrations SELECT name FROM d1_migrations WHERE ${which} EXCEPT SELECT name FROM adopted_migrations`;
    return [
      {
        what: `let ${wrong.join(', ')} run again`,
        statements: [TOLD, keep, `DELETE FROM d1_migrations WHERE ${which}`],
      },
    ];
  }
}

/** The rows of `source` into a new table, which takes the name when it is whole. */
function carry(name: TableName, source: Table): Step {
  // By now those that come before it have their names.
  const odd = oddOf(name, source, asIn0001);
  const target = TARGET[name];
  const draft = nameOf(`adopting_${name}`);
  const columns = target.columns.map((column) => column.name).join(', ');
  const values = target.columns.map((column) => carriedOf(source, target, column)).join(',\n  ');
  return {
    what: `make ${name} of ${source.name}`,
    statements: [
      createTable(name, `adopting_${name}`),
      `DELETE FROM ${draft}`,
      `INSERT INTO ${draft} (${columns}) SELECT ${values} FROM ${numbered(name, source)} WHERE NOT (${asideOf(odd)})`,
      ...noting(odd, source),
      `ALTER TABLE ${draft} RENAME TO ${name}`,
    ],
  };
}

/** One of the five as it is once it was carried over. */
function asIn0001(name: TableName): Table {
  const columns = columnsOf(name).map(([column, type, notNull, pk]) => ({
    name: column,
    type,
    notNull,
    pk,
    generated: false,
  }));
  return { name, columns, references: [], hasRowid: true };
}

const noting = (odd: readonly Odd[], source: Table): string[] => [
  ODD,
  ...odd.map(
    (one) => `INSERT INTO adopted_odd SELECT ${textOf(one.table)}, label, ${textOf(one.why)}, ${textOf(one.becomes)}, n
      FROM (${oddRows(one, source)}) EXCEPT SELECT * FROM adopted_odd`,
  ),
];
