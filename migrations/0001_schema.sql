-- The original tables and indexes, as they exist on the deployed database.
CREATE TABLE IF NOT EXISTS users (
  id            TEXT PRIMARY KEY,
  plan          TEXT NOT NULL DEFAULT 'free',
  credits       INTEGER NOT NULL DEFAULT 0,
  auth_provider TEXT,
  email         TEXT,
  device_hash   TEXT,
  created_at    INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS rules (
  id            TEXT PRIMARY KEY,
  user_id       TEXT NOT NULL,
  name          TEXT NOT NULL,
  preset_id     TEXT NOT NULL,
  concepts_json TEXT NOT NULL,
  protect_json  TEXT,
  created_at    INTEGER NOT NULL,
  updated_at    INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS jobs_log (
  job_id        TEXT PRIMARY KEY,
  user_id       TEXT NOT NULL,
  status        TEXT NOT NULL,
  preset        TEXT,
  rule_id       TEXT,
  concepts_json TEXT,
  protect_json  TEXT,
  params_json   TEXT,
  cost_estimate INTEGER,
  error         TEXT,
  created_at    INTEGER NOT NULL,
  finished_at   INTEGER
);

CREATE TABLE IF NOT EXISTS job_items_log (
  job_id      TEXT NOT NULL,
  idx         INTEGER NOT NULL,
  status      TEXT NOT NULL,
  input_key   TEXT,
  output_key  TEXT,
  preview_key TEXT,
  error       TEXT,
  PRIMARY KEY (job_id, idx)
);

CREATE TABLE IF NOT EXISTS billing_events (
  id         TEXT PRIMARY KEY,
  user_id    TEXT NOT NULL,
  type       TEXT NOT NULL,
  amount     INTEGER NOT NULL,
  ref        TEXT,
  created_at INTEGER NOT NULL
);

CREATE INDEX IF NOT EXISTS idx_rules_user_id ON rules (user_id);
CREATE INDEX IF NOT EXISTS idx_jobs_log_user_id ON jobs_log (user_id);
CREATE INDEX IF NOT EXISTS idx_job_items_log_job_id ON job_items_log (job_id);
CREATE INDEX IF NOT EXISTS idx_billing_events_user_id ON billing_events (user_id);
