-- local.db: what no provider can give again. It refers to provider things only
-- by (account name, kind, remote id), by a thread's or person's stable id, or
-- by identity key; never by a row number of the cache.

CREATE TABLE accounts (
  name       TEXT PRIMARY KEY,
  provider   TEXT NOT NULL,
  base_url   TEXT NOT NULL,
  region     TEXT NOT NULL,
  area       TEXT NOT NULL,
  zone       TEXT NOT NULL,
  rate       REAL NOT NULL,
  key_store  TEXT NOT NULL,
  tls_pin    TEXT NOT NULL DEFAULT '',
  insecure   INTEGER NOT NULL DEFAULT 0,
  can_write  INTEGER,                     -- NULL: not tried yet
  removed    INTEGER NOT NULL DEFAULT 0,  -- removed with --keep-history
  created_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE settings (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE channels (
  account TEXT NOT NULL,
  channel TEXT NOT NULL,
  name    TEXT NOT NULL,
  PRIMARY KEY (account, channel)
) WITHOUT ROWID;

-- What is mirrored into a thread's row. seq orders the changes, so that a
-- cache that was away can catch up from where it stood.
CREATE TABLE thread_marks (
  account       TEXT NOT NULL,
  thread        TEXT NOT NULL,            -- t_…
  read_at       INTEGER NOT NULL DEFAULT 0,
  snoozed_until INTEGER NOT NULL DEFAULT 0,
  seq           INTEGER NOT NULL,
  PRIMARY KEY (thread)
) WITHOUT ROWID;
CREATE INDEX thread_marks_seq ON thread_marks (seq);

-- A wish for a conversation (SYNC §4): absolute values, durable before the
-- click returns, checked by crc before it is sent.
CREATE TABLE outbox (
  id           INTEGER PRIMARY KEY,
  op_id        TEXT NOT NULL UNIQUE,
  account      TEXT NOT NULL,
  conversation TEXT NOT NULL,
  field        TEXT NOT NULL,
  base         TEXT NOT NULL,
  want         TEXT NOT NULL,
  now          TEXT,
  state        TEXT NOT NULL,
  reason       TEXT NOT NULL DEFAULT '',
  actor        TEXT NOT NULL DEFAULT '',
  made_at      INTEGER NOT NULL,
  tried_at     INTEGER NOT NULL DEFAULT 0,
  crc          INTEGER NOT NULL
);
CREATE INDEX outbox_conversation ON outbox (account, conversation, id);
CREATE INDEX outbox_waiting ON outbox (id) WHERE state <> 'done';

CREATE TABLE notes (
  id         INTEGER PRIMARY KEY,
  account    TEXT NOT NULL,
  thread     TEXT NOT NULL,
  text       TEXT NOT NULL,
  actor      TEXT NOT NULL DEFAULT '',
  made_at    INTEGER NOT NULL,
  changed_at INTEGER NOT NULL
);
CREATE INDEX notes_thread ON notes (thread, id);

CREATE TABLE drafts (
  thread     TEXT PRIMARY KEY,
  account    TEXT NOT NULL,
  text       TEXT NOT NULL,
  changed_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE views (
  id       INTEGER PRIMARY KEY,
  name     TEXT NOT NULL,
  query    TEXT NOT NULL,
  position INTEGER NOT NULL
);

CREATE TABLE agents (
  id   INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  me   INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE agent_refs (
  account TEXT NOT NULL,
  ref     TEXT NOT NULL,
  agent   INTEGER NOT NULL REFERENCES agents(id) ON DELETE CASCADE,
  PRIMARY KEY (account, ref)
) WITHOUT ROWID;

-- Joins and splits made by hand, for ever (SEARCH §1). A side is an identity
-- key ("key:…") or a contact ("contact:ACCOUNT:REMOTE").
CREATE TABLE joins (
  a       TEXT NOT NULL,
  b       TEXT NOT NULL,
  joined  INTEGER NOT NULL,               -- 0: a split
  made_at INTEGER NOT NULL,
  PRIMARY KEY (a, b)
) WITHOUT ROWID;

CREATE TABLE forgotten (
  digest  TEXT PRIMARY KEY,               -- keyed hash of the identity key, never the number
  made_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE tokens (
  name       TEXT PRIMARY KEY,
  hash       BLOB NOT NULL,
  scopes     TEXT NOT NULL,
  accounts   TEXT NOT NULL,
  made_at    INTEGER NOT NULL,
  expires_at INTEGER NOT NULL DEFAULT 0,
  used_at    INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

-- Copied from the cache, idempotently, since no provider would give it again.
CREATE TABLE changes (
  account      TEXT NOT NULL,
  conversation TEXT NOT NULL,
  field        TEXT NOT NULL,
  before       TEXT NOT NULL,
  after        TEXT NOT NULL,
  since        INTEGER NOT NULL,
  until        INTEGER NOT NULL,
  PRIMARY KEY (account, conversation, field, until, after)
) WITHOUT ROWID;

CREATE TABLE audit (
  id    INTEGER PRIMARY KEY,
  at    INTEGER NOT NULL,
  what  TEXT NOT NULL,
  about TEXT NOT NULL
);
