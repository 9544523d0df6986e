-- The outbox at work, and what no provider would give again.

ALTER TABLE outbox ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN done_at  INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN touched  TEXT NOT NULL DEFAULT '[]'; -- ids that the provider says it changed
ALTER TABLE outbox ADD COLUMN undoes   TEXT NOT NULL DEFAULT '';   -- op_id of the entry this one takes back
ALTER TABLE outbox ADD COLUMN now_at   INTEGER NOT NULL DEFAULT 0; -- when now was seen
CREATE INDEX outbox_undoes ON outbox (undoes) WHERE undoes <> '';
CREATE INDEX outbox_done   ON outbox (done_at) WHERE state = 'done';

-- Conversations gone at the provider, whole, so that a rebuilt cache has them
-- again: what is known of each and of its messages, as JSON.
CREATE TABLE gone (
  account      TEXT NOT NULL,
  conversation TEXT NOT NULL,
  object       BLOB NOT NULL,
  gone_at      INTEGER NOT NULL,
  PRIMARY KEY (account, conversation)
) WITHOUT ROWID;
CREATE TABLE gone_messages (
  account      TEXT NOT NULL,
  conversation TEXT NOT NULL,
  message      TEXT NOT NULL,
  place        INTEGER NOT NULL,          -- among the conversation's
  object       BLOB NOT NULL,
  PRIMARY KEY (account, conversation, message)
) WITHOUT ROWID;

-- What one hand did at once is one decision, op_id, which is undone as a whole;
-- a later one wins over an earlier, by seq.
ALTER TABLE joins RENAME TO joins_by_pair;
CREATE TABLE joins (
  seq     INTEGER NOT NULL,
  op_id   TEXT NOT NULL,
  a       TEXT NOT NULL,                  -- of a split: who goes
  b       TEXT NOT NULL,                  -- of a split: from whom
  joined  INTEGER NOT NULL,               -- 0: a split, 1: joined, 2: kept apart, 3: a sits off line b, 4: a sits on a guess of line b
  made_at INTEGER NOT NULL,
  PRIMARY KEY (seq, a, b)
) WITHOUT ROWID;
INSERT INTO joins (seq, op_id, a, b, joined, made_at)
  SELECT row_number() OVER (ORDER BY made_at, a, b), 'j_' || lower(hex(randomblob(6))), a, b, joined, made_at FROM joins_by_pair;
DROP TABLE joins_by_pair;
CREATE INDEX joins_op ON joins (op_id);

-- A saved view is a query within a view of the list.
ALTER TABLE views ADD COLUMN view TEXT NOT NULL DEFAULT 'all';
CREATE UNIQUE INDEX views_name ON views (name);

-- What had been said when it was snoozed: what the customer writes after ends it.
ALTER TABLE thread_marks ADD COLUMN snoozed_over INTEGER NOT NULL DEFAULT 0;

-- Changes of status by when they were seen, for the figures of a period.
CREATE INDEX changes_status ON changes (until) WHERE field = 'status';

-- A forgetting under way (forgetting.go): what is still to be looked for in the
-- files, by keyed hashes alone, and what was erased so far, as JSON. Whom it is
-- about is known from forgotten's digests of the same made_at.
CREATE TABLE forgetting (
  made_at INTEGER PRIMARY KEY,
  needles BLOB NOT NULL,
  done    TEXT NOT NULL
);

-- Who asked for a note names the asking, so that asking again makes no second one.
ALTER TABLE notes ADD COLUMN op_id TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX notes_op ON notes (op_id) WHERE op_id <> '';

-- What a person asked for at once, by the name that who asked gave the asking,
-- so that asking again does it no second time (acts.go).
CREATE TABLE acts (
  id         INTEGER PRIMARY KEY,
  op_id      TEXT NOT NULL UNIQUE,
  want       TEXT NOT NULL,              -- JSON of who asked: what each conversation is to be
  state      TEXT NOT NULL,              -- listing, doing, done, undoing, undone
  made_at    INTEGER NOT NULL,
  total      INTEGER NOT NULL DEFAULT 0, -- conversations
  changed    INTEGER NOT NULL DEFAULT 0,
  same       INTEGER NOT NULL DEFAULT 0,
  lacking    INTEGER NOT NULL DEFAULT 0,
  asking     INTEGER NOT NULL DEFAULT 0,
  undone     INTEGER NOT NULL DEFAULT 0,
  moved_on   INTEGER NOT NULL DEFAULT 0,
  final      INTEGER NOT NULL DEFAULT 0
);
-- The conversations that an act has not come to yet.
CREATE TABLE act_todo (
  act          INTEGER NOT NULL,
  place        INTEGER NOT NULL,
  account      TEXT NOT NULL,
  conversation TEXT NOT NULL,
  PRIMARY KEY (act, place)
) WITHOUT ROWID;
-- What an act did and what was shown before, until it is taken back.
CREATE TABLE act_steps (
  act          INTEGER NOT NULL,
  place        INTEGER NOT NULL,
  account      TEXT NOT NULL,
  conversation TEXT NOT NULL,
  field        TEXT NOT NULL,
  before       TEXT NOT NULL,
  after        TEXT NOT NULL,
  entry        TEXT NOT NULL,            -- op_id of the outbox
  PRIMARY KEY (act, place, field)
) WITHOUT ROWID;
