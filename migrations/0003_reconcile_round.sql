-- How far the comparison of D1 with the users' objects is: one row. It is here because users are listed here: what reads the list moves the
-- place on in the same database, and an operator can look. Times are milliseconds since the Unix epoch.
CREATE TABLE reconcile_round (
  id       INTEGER PRIMARY KEY CHECK (id = 1),
  -- users up to this one were visited; NULL: the round is over
  user_id  TEXT,
  -- not NULL: that user has jobs beyond this one that were not compared yet
  job_id   TEXT,
  begun_at INTEGER NOT NULL,
  -- grows with every page, so that two runs at the same time notice each other
  page     INTEGER NOT NULL,
  -- runs that began at this place and did not get beyond it
  tries    INTEGER NOT NULL
);
INSERT INTO reconcile_round (id, user_id, job_id, begun_at, page, tries) VALUES (1, NULL, NULL, 0, 0, 0);
