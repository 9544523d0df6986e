CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE accounts (
  id         INTEGER PRIMARY KEY,
  name       TEXT NOT NULL UNIQUE,
  provider   TEXT NOT NULL,
  region     TEXT NOT NULL DEFAULT '',  -- how its national numbers were read
  area       TEXT NOT NULL DEFAULT '',
  read_floor INTEGER NOT NULL DEFAULT 0, -- what is older came with the first copy and counts as read
  fetch_seq  INTEGER NOT NULL DEFAULT 0, -- the newest answer begun, see conversations.listed_seq
  conversations INTEGER NOT NULL DEFAULT 0, -- rows here, kept by triggers: these three go
  messages   INTEGER NOT NULL DEFAULT 0,    -- with the status line and every answer
  to_read    INTEGER NOT NULL DEFAULT 0,
  state      TEXT NOT NULL DEFAULT 'first_copy',
  as_of      INTEGER NOT NULL DEFAULT 0,
  error      TEXT NOT NULL DEFAULT '',
  error_kind TEXT NOT NULL DEFAULT ''
);
CREATE TABLE workspaces (
  account INTEGER NOT NULL REFERENCES accounts(id),
  remote  TEXT NOT NULL,
  name    TEXT NOT NULL,
  PRIMARY KEY (account, remote)
) WITHOUT ROWID;
CREATE TABLE contacts (
  id        INTEGER PRIMARY KEY,
  account   INTEGER NOT NULL REFERENCES accounts(id),
  remote    TEXT NOT NULL,
  person    TEXT NOT NULL,               -- p_…
  name      TEXT NOT NULL,               -- as its newest conversation has it
  phone     TEXT NOT NULL,               -- as written
  phone_key TEXT NOT NULL,               -- identity key, '' where it is no phone
  e164      TEXT NOT NULL,
  display   TEXT NOT NULL,
  guessed   INTEGER NOT NULL,            -- the country is the account's, not the text's
  UNIQUE (account, remote)
);
CREATE INDEX contacts_person ON contacts (person);
CREATE INDEX contacts_line   ON contacts (phone_key, account) WHERE phone_key <> '';
CREATE TABLE threads (
  id            INTEGER PRIMARY KEY,
  ref           TEXT NOT NULL UNIQUE,    -- t_…
  account       INTEGER NOT NULL REFERENCES accounts(id),
  channel       TEXT NOT NULL,
  contact       INTEGER NOT NULL REFERENCES contacts(id),
  live          INTEGER NOT NULL DEFAULT 0, -- conversations.id of the newest
  sort_at       INTEGER NOT NULL DEFAULT 0,
  status        TEXT NOT NULL DEFAULT 'unknown',
  assigned      INTEGER NOT NULL DEFAULT 0,
  last_at       INTEGER NOT NULL DEFAULT 0,
  last_dir      TEXT NOT NULL DEFAULT '', -- '' : the last message is not known yet
  last_kind     TEXT NOT NULL DEFAULT '',
  last_text     TEXT NOT NULL DEFAULT '',
  last_status   TEXT NOT NULL DEFAULT '',
  window_known  INTEGER NOT NULL DEFAULT 0,
  window_open   INTEGER NOT NULL DEFAULT 0,
  window_until  INTEGER NOT NULL DEFAULT 0,
  sessions      INTEGER NOT NULL DEFAULT 0,
  complete      INTEGER NOT NULL DEFAULT 0,
  gone          INTEGER NOT NULL DEFAULT 0,
  read_at       INTEGER NOT NULL DEFAULT 0,
  snoozed_until INTEGER NOT NULL DEFAULT 0,
  UNIQUE (account, channel, contact)
);
CREATE INDEX threads_contact    ON threads (contact);
CREATE INDEX threads_all        ON threads (account, sort_at, id) WHERE gone = 0;
CREATE INDEX threads_inbox      ON threads (account, sort_at, id) WHERE gone = 0 AND status IN ('open','pending','unknown');
CREATE INDEX threads_reply      ON threads (account, sort_at, id) WHERE gone = 0 AND status IN ('open','pending') AND last_dir = 'in';
CREATE INDEX threads_unassigned ON threads (account, sort_at, id) WHERE gone = 0 AND status IN ('open','pending','unknown') AND assigned = 0;
CREATE INDEX threads_expiring   ON threads (account, window_until, id) WHERE gone = 0 AND status IN ('open','pending','unknown') AND window_until > 0;
CREATE INDEX threads_spam       ON threads (account, sort_at, id) WHERE gone = 0 AND status = 'spam';
CREATE INDEX threads_unread     ON threads (account) WHERE gone = 0 AND last_dir = 'in' AND last_at > read_at;
CREATE TABLE conversations (
  id              INTEGER PRIMARY KEY,
  account         INTEGER NOT NULL REFERENCES accounts(id),
  remote          TEXT NOT NULL,
  thread          INTEGER NOT NULL REFERENCES threads(id),
  public_id       TEXT NOT NULL,
  workspace       TEXT NOT NULL,
  channel         TEXT NOT NULL,
  name            TEXT NOT NULL,
  phone           TEXT NOT NULL,
  status          TEXT NOT NULL,
  status_word     TEXT NOT NULL,
  assignees       TEXT NOT NULL,          -- JSON array
  tags            TEXT NOT NULL,          -- JSON array
  topic           TEXT NOT NULL,
  platform        TEXT NOT NULL,
  operation       TEXT NOT NULL,
  created_at      INTEGER NOT NULL,
  active_at       INTEGER NOT NULL,       -- the provider's own activity stamp
  last_at         INTEGER NOT NULL,       -- as the row says it, 0 where it does not
  last_text       TEXT NOT NULL,
  last_dir        TEXT NOT NULL,
  last_status     TEXT NOT NULL,
  has_last        INTEGER NOT NULL,
  window_known    INTEGER NOT NULL,
  window_open     INTEGER NOT NULL,
  window_until    INTEGER NOT NULL,
  message_count   INTEGER NOT NULL,       -- the provider's, -1 where it gives none
  messages        INTEGER NOT NULL DEFAULT 0, -- rows here
  newest_at       INTEGER NOT NULL DEFAULT 0, -- the latest time among them
  listed_mark     TEXT NOT NULL,          -- the version of the messages that is out there
  read_mark       TEXT NOT NULL DEFAULT '', -- the version last read to its end; unequal marks are the queue
  message_mark    BLOB,                   -- where reading goes on
  short           INTEGER NOT NULL DEFAULT 0, -- the provider itself gave fewer than it counts
  gone            INTEGER NOT NULL DEFAULT 0,
  missing_since   INTEGER NOT NULL DEFAULT 0, -- the first of two 404s
  listed_seq      INTEGER NOT NULL DEFAULT 0, -- which answer the form is from: an older one never overwrites
  read_seq        INTEGER NOT NULL DEFAULT 0,
  listed          BLOB,
  read            BLOB,
  UNIQUE (account, remote)
);
CREATE INDEX conversations_thread ON conversations (thread);
CREATE INDEX conversations_gone  ON conversations (account) WHERE gone = 1;
CREATE INDEX conversations_short ON conversations (account) WHERE short = 1 AND gone = 0 AND listed_mark = read_mark;
CREATE INDEX conversations_toread ON conversations (account, active_at) WHERE listed_mark <> read_mark AND gone = 0;
CREATE TRIGGER conversations_added AFTER INSERT ON conversations BEGIN
  UPDATE accounts SET conversations = conversations + 1, messages = messages + new.messages,
    to_read = to_read + (new.listed_mark <> new.read_mark AND new.gone = 0) WHERE id = new.account;
END;
CREATE TRIGGER conversations_read AFTER UPDATE OF messages, listed_mark, read_mark, gone ON conversations
  WHEN new.messages <> old.messages OR (new.listed_mark <> new.read_mark AND new.gone = 0) <> (old.listed_mark <> old.read_mark AND old.gone = 0) BEGIN
  UPDATE accounts SET messages = messages + new.messages - old.messages,
    to_read = to_read + (new.listed_mark <> new.read_mark AND new.gone = 0) - (old.listed_mark <> old.read_mark AND old.gone = 0) WHERE id = new.account;
END;
CREATE TRIGGER conversations_removed AFTER DELETE ON conversations BEGIN
  UPDATE accounts SET conversations = conversations - 1, messages = messages - old.messages,
    to_read = to_read - (old.listed_mark <> old.read_mark AND old.gone = 0) WHERE id = old.account;
END;
CREATE TABLE messages (
  id           INTEGER PRIMARY KEY,
  conversation INTEGER NOT NULL,
  thread       INTEGER NOT NULL,
  remote       TEXT NOT NULL,
  at           INTEGER NOT NULL,          -- sort time: the message's, or its predecessor's where it has none
  seq          INTEGER NOT NULL,          -- place among those of equal time: the provider's, then 20 bits for those without a time
  at_known     INTEGER NOT NULL,
  direction    TEXT NOT NULL,
  kind         TEXT NOT NULL,
  kind_word    TEXT NOT NULL,
  status       TEXT NOT NULL,
  text         TEXT NOT NULL,
  raw          BLOB NOT NULL
);
CREATE UNIQUE INDEX messages_remote ON messages (conversation, remote);
CREATE INDEX messages_thread ON messages (thread, at, seq, id);
CREATE TABLE index_queue (
  message    INTEGER PRIMARY KEY,
  old_text   TEXT,
  old_facets TEXT
);
CREATE VIEW message_words AS
  SELECT m.id AS id, m.text AS text,
         'a' || c.account || ' t' || m.thread || ' d' || m.direction AS facets
  FROM messages m JOIN conversations c ON c.id = m.conversation;
CREATE VIRTUAL TABLE message_index USING fts5 (
  text, facets, content = 'message_words', content_rowid = 'id',
  tokenize = "unicode61 remove_diacritics 2"
);
CREATE TABLE feeds (
  account     INTEGER NOT NULL REFERENCES accounts(id),
  kind        TEXT NOT NULL,              -- head, sweep
  gen         INTEGER NOT NULL DEFAULT 0, -- which sweep
  running     INTEGER NOT NULL DEFAULT 0, -- begun and not finished
  mark        BLOB,                       -- where it goes on; NULL: from the start
  top         INTEGER NOT NULL DEFAULT 0, -- newest provider stamp at its start (W, W0)
  pages       INTEGER NOT NULL DEFAULT 0,
  seen        INTEGER NOT NULL DEFAULT 0, -- rows of this pass
  back_to     INTEGER NOT NULL DEFAULT 0, -- the oldest of them
  finished_at INTEGER NOT NULL DEFAULT 0, -- of the last complete pass
  PRIMARY KEY (account, kind)
) WITHOUT ROWID;
CREATE TABLE rejects (
  account  INTEGER NOT NULL REFERENCES accounts(id),
  digest   TEXT NOT NULL,
  reason   TEXT NOT NULL,
  raw      BLOB NOT NULL,
  first_at INTEGER NOT NULL,
  PRIMARY KEY (account, digest)
) WITHOUT ROWID;
CREATE TABLE runs (
  id          INTEGER PRIMARY KEY,
  account     INTEGER NOT NULL REFERENCES accounts(id),
  started_at  INTEGER NOT NULL,
  finished_at INTEGER NOT NULL,
  requests    INTEGER NOT NULL,
  retries     INTEGER NOT NULL,
  changed     INTEGER NOT NULL,
  error       TEXT NOT NULL
);
CREATE INDEX runs_account ON runs (account, id);
PRAGMA application_id = 1111576131;
PRAGMA user_version = 1;
