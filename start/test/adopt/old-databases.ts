/** Databases of earlier services: the three schemas that may be deployed, and rows as they may stand there, odd ones among them. */

export type OldDatabase = { name: string; words: RegExp; sql: string[] };

const MS = 1_700_000_000_123;

const SAME = `
  CREATE TABLE users (id TEXT PRIMARY KEY, plan TEXT NOT NULL DEFAULT 'free', credits INTEGER NOT NULL DEFAULT 0, auth_provider TEXT, email TEXT,
    device_hash TEXT, created_at INTEGER NOT NULL);
  CREATE TABLE rules (id TEXT PRIMARY KEY, user_id TEXT NOT NULL, name TEXT NOT NULL, preset_id TEXT NOT NULL, concepts_json TEXT NOT NULL,
    protect_json TEXT, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
  CREATE TABLE jobs_log (job_id TEXT PRIMARY KEY, user_id TEXT NOT NULL, status TEXT NOT NULL, preset TEXT, rule_id TEXT, concepts_json TEXT,
    protect_json TEXT, params_json TEXT, cost_estimate INTEGER, error TEXT, created_at INTEGER NOT NULL, finished_at INTEGER);
  CREATE TABLE job_items_log (job_id TEXT NOT NULL, idx INTEGER NOT NULL, status TEXT NOT NULL, input_key TEXT, output_key TEXT, preview_key TEXT,
    error TEXT, PRIMARY KEY (job_id, idx));
  CREATE TABLE billing_events (id TEXT PRIMARY KEY, user_id TEXT NOT NULL, type TEXT NOT NULL, amount INTEGER NOT NULL, ref TEXT,
    created_at INTEGER NOT NULL)`;
const [USERS = '', RULES = '', JOBS = '', ITEMS = '', BILLING = ''] = SAME.split(';\n');

const CONCEPTS = '{"Floor":{"action":"recolor","value":"#C8A27A"}}';

const HISTORY = [
  `INSERT INTO jobs_log VALUES ('j1', 'u1', 'done', 'interior', 'r1', '${CONCEPTS}', '["Grout"]', '{}', 2, NULL, ${MS}, ${MS + 5}),
    ('j2', 'u2', 'running', 'seller', NULL, NULL, NULL, 'no json', 1, NULL, ${MS}, NULL),
    ('j3', 'gone', 'exploded', NULL, NULL, NULL, NULL, NULL, NULL, 'boom', ${MS}, NULL)`,
  `INSERT INTO job_items_log VALUES ('j1', 0, 'completed', 'in/0', 'out/0', 'pre/0', NULL), ('j1', 1, 'failed', 'in/1', NULL, NULL, 'dark'),
    ('j9', 0, 'done', NULL, NULL, NULL, NULL)`,
  `INSERT INTO billing_events VALUES ('b1', 'u1', 'purchase', 500, 'stripe', ${MS}), ('b2', 'u1', 'charge', -79, 'j1', ${MS + 6}),
    ('b3', 'gone', 'grant', 10, NULL, ${MS})`,
];

export const OLD: OldDatabase[] = [
  {
    name: 'as 0001 has it',
    words: /^the five tables as our 0001 makes them$/,
    sql: [
      ...SAME.split(';\n'),
      `INSERT INTO users VALUES ('u1', 'pro', 421, 'anonymous', 'a@b.c', 'device', ${MS}), ('u2', 'free', 0, NULL, NULL, 'device', 1000),
        ('u3', 'enterprise', -5, 'google', NULL, NULL, ${MS + 1}), ('usr_AAAAAAAAAAAAAAAAAAAAAA', 'free', 7, NULL, NULL, NULL, ${MS + 2})`,
      `INSERT INTO rules VALUES ('r1', 'u1', 'Oak', 'interior', '${CONCEPTS}', NULL, ${MS}, ${MS + 9}),
        ('r2', 'gone', 'Ash', 'interior', '${CONCEPTS}', '[]', ${MS}, ${MS}), ('r3', 'u2', 'Elm', 'interior', '{broken', '[]', ${MS}, ${MS}),
        ('r4', 'u2', 'Fir', 'interior', '{"Sofa":{"action":"remove"}}', '["Grout"]', ${MS}, ${MS})`,
      ...HISTORY,
    ],
  },
  {
    name: 'without email and auth_provider, times in seconds',
    words: /^an older schema: users without email and auth_provider/,
    sql: [
      `CREATE TABLE users (created_at INTEGER, id TEXT PRIMARY KEY, credits INTEGER, plan TEXT, device_hash TEXT UNIQUE, tier TEXT)`,
      ...[RULES, JOBS, ITEMS, BILLING],
      'CREATE TABLE presets (id TEXT PRIMARY KEY, json TEXT)',
      'CREATE TABLE sessions (id INTEGER PRIMARY KEY, user_id TEXT REFERENCES users (id) ON DELETE CASCADE)',
      'CREATE INDEX users_by_tier ON users (tier)',
      'CREATE VIEW paying AS SELECT * FROM users WHERE credits > 0',
      'CREATE TRIGGER note_user AFTER INSERT ON users BEGIN INSERT INTO presets (id) VALUES (new.id); END',
      `INSERT INTO users VALUES (1700000000, 'u1', 421, 'pro', 'device', 'gold'), (1700000001, 'u2', NULL, NULL, NULL, NULL),
        (NULL, 'u3', 12.7, 'free', 'other', 'x'), (1700000000123, NULL, 3, 'free', NULL, NULL), (1700000002, 'u4', -4, 'team', NULL, NULL)`,
      "INSERT INTO sessions VALUES (1, 'u1'), (2, 'u2')",
      `INSERT INTO rules VALUES ('r1', 'u1', 'Oak', 'interior', '${CONCEPTS}', '["Grout"]', 1700000000, 1700000009)`,
      ...HISTORY,
    ],
  },
  {
    name: 'rules without updated_at, with a protect_json that may not be NULL, times as text',
    words: /^an older schema: rules without updated_at; rules whose protect_json may not be NULL$/,
    sql: [
      USERS.replace('created_at INTEGER', 'created_at TEXT'),
      `CREATE TABLE rules (id TEXT PRIMARY KEY, user_id TEXT NOT NULL, preset_id TEXT NOT NULL, name TEXT NOT NULL, concepts_json TEXT NOT NULL,
        protect_json TEXT NOT NULL, created_at TEXT DEFAULT CURRENT_TIMESTAMP)`,
      ...[
        JOBS.replace('created_at INTEGER', 'created_at TEXT').replace('finished_at INTEGER', 'finished_at TEXT'),
        ITEMS,
        BILLING,
      ],
      `INSERT INTO users VALUES ('u1', 'pro', 421, NULL, NULL, NULL, '2023-11-14 22:13:20'), ('u2', 'free', 3, NULL, NULL, NULL, '2023-11-14T22:13:20.123Z'),
        ('u3', 'free', 3, NULL, NULL, NULL, 'last week'), ('u4', 'free', 3, NULL, NULL, NULL, '1700000000')`,
      `INSERT INTO rules VALUES ('r1', 'u1', 'interior', 'Oak', '${CONCEPTS}', '["Grout"]', '2023-11-14 22:13:20'),
        ('r2', 'u1', 'garden', 'Oak', '{}', '[]', '2023-11-14T22:13:20+09:00'), ('r3', 'u2', 'interior', 'Oak', '[1]', '', NULL)`,
      ...HISTORY.slice(1),
      `INSERT INTO jobs_log VALUES ('j1', 'u1', 'done', 'interior', NULL, NULL, NULL, NULL, 2, NULL, '2023-11-14 22:13:20', '2023-11-14T22:14:00.5Z'),
        ('j2', 'u2', 'queued', 'interior', NULL, NULL, NULL, NULL, NULL, NULL, '2023-11-14', NULL)`,
    ],
  },
  {
    name: 'rules with no updated_at in some rows, and tables missing',
    words: /^an older schema: rules with no updated_at in some rows$/,
    sql: [
      USERS,
      RULES.replace('updated_at INTEGER NOT NULL', 'updated_at INTEGER'),
      `INSERT INTO users VALUES ('u1', 'pro', 421, NULL, NULL, NULL, ${MS})`,
      `INSERT INTO rules VALUES ('r1', 'u1', 'Oak', 'interior', '${CONCEPTS}', NULL, ${MS}, NULL), ('r2', 'u1', 'Ash', 'interior', '${CONCEPTS}', NULL, ${MS}, ${MS + 1})`,
    ],
  },
];
