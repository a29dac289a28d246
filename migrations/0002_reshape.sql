-- Reshapes the original tables for fewer written rows and ordered pages. All rows are kept.
--
-- A TEXT primary key on a rowid table costs one more written row for its own index; WITHOUT ROWID has none.
-- The user indexes carry the creation time, so that a page of history, newest first, is a range of the index.
-- Times are milliseconds since the Unix epoch, amounts whole credits, counts photos.

CREATE TABLE users_new (
  id            TEXT PRIMARY KEY,
  plan          TEXT NOT NULL DEFAULT 'free',
  -- granted - spent, as of `version` of the user's object
  credits       INTEGER NOT NULL DEFAULT 0,
  auth_provider TEXT,
  email         TEXT,
  device_hash   TEXT,
  created_at    INTEGER NOT NULL,
  version       INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
INSERT INTO users_new (id, plan, credits, auth_provider, email, device_hash, created_at)
  SELECT id, plan, credits, auth_provider, email, device_hash, created_at FROM users;
DROP TABLE users;
ALTER TABLE users_new RENAME TO users;

CREATE TABLE rules_new (
  id            TEXT PRIMARY KEY,
  user_id       TEXT NOT NULL,
  name          TEXT NOT NULL,
  preset_id     TEXT NOT NULL,
  concepts_json TEXT NOT NULL,
  protect_json  TEXT,
  created_at    INTEGER NOT NULL,
  updated_at    INTEGER NOT NULL,
  -- A deleted rule stays as a marker, so that a write that comes late cannot bring it back.
  deleted_at    INTEGER,
  version       INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
INSERT INTO rules_new (id, user_id, name, preset_id, concepts_json, protect_json, created_at, updated_at)
  SELECT id, user_id, name, preset_id, concepts_json, protect_json, created_at, updated_at FROM rules;
DROP TABLE rules;
ALTER TABLE rules_new RENAME TO rules;
CREATE INDEX idx_rules_user_id ON rules (user_id);

CREATE TABLE jobs_log_new (
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
  finished_at   INTEGER,
  done          INTEGER NOT NULL DEFAULT 0,
  failed        INTEGER NOT NULL DEFAULT 0,
  total         INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
INSERT INTO jobs_log_new
  (job_id, user_id, status, preset, rule_id, concepts_json, protect_json, params_json, cost_estimate, error, created_at,
   finished_at, done, failed, total)
  SELECT job_id, user_id, status, preset, rule_id, concepts_json, protect_json, params_json, cost_estimate, error, created_at,
   finished_at,
   (SELECT count(*) FROM job_items_log i WHERE i.job_id = j.job_id AND i.status IN ('done', 'completed')),
   (SELECT count(*) FROM job_items_log i WHERE i.job_id = j.job_id AND i.status = 'failed'),
   (SELECT count(*) FROM job_items_log i WHERE i.job_id = j.job_id)
  FROM jobs_log j;
DROP TABLE jobs_log;
ALTER TABLE jobs_log_new RENAME TO jobs_log;
CREATE INDEX idx_jobs_log_user_id ON jobs_log (user_id, created_at);
-- Only jobs that the queue gave up on: other rows do not touch it.
CREATE INDEX idx_jobs_log_dead_letters ON jobs_log (finished_at) WHERE error GLOB 'dead letter:*';

CREATE TABLE job_items_log_new (
  job_id      TEXT NOT NULL,
  idx         INTEGER NOT NULL,
  status      TEXT NOT NULL,
  input_key   TEXT,
  output_key  TEXT,
  preview_key TEXT,
  error       TEXT,
  PRIMARY KEY (job_id, idx)
) WITHOUT ROWID;
INSERT INTO job_items_log_new SELECT job_id, idx, status, input_key, output_key, preview_key, error FROM job_items_log;
DROP TABLE job_items_log;
ALTER TABLE job_items_log_new RENAME TO job_items_log;
-- The primary key finds a job's photos; this one only those that went wrong.
CREATE INDEX idx_job_items_log_job_id ON job_items_log (job_id) WHERE status = 'failed';

CREATE TABLE billing_events_new (
  id         TEXT PRIMARY KEY,
  user_id    TEXT NOT NULL,
  type       TEXT NOT NULL,
  amount     INTEGER NOT NULL,
  ref        TEXT,
  created_at INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO billing_events_new SELECT id, user_id, type, amount, ref, created_at FROM billing_events;
DROP TABLE billing_events;
ALTER TABLE billing_events_new RENAME TO billing_events;
CREATE INDEX idx_billing_events_user_id ON billing_events (user_id, created_at);
