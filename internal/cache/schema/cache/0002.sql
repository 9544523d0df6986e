-- What sync needs to be complete, and what a wish shows before it is done.

-- What a person wished and no provider has confirmed: laid over what is read.
-- local.db's outbox is the truth, this its mirror. The conversation may not be
-- here yet.
CREATE TABLE wishes (
  account      INTEGER NOT NULL REFERENCES accounts(id),
  conversation TEXT NOT NULL,
  field        TEXT NOT NULL,              -- status, assignees
  want         TEXT,                       -- the provider's own word, or a JSON array of refs; NULL: refused, not laid over
  attention    INTEGER NOT NULL DEFAULT 0, -- it waits for a person, not for the provider
  PRIMARY KEY (account, conversation, field)
) WITHOUT ROWID;
ALTER TABLE threads ADD COLUMN pending INTEGER NOT NULL DEFAULT 0; -- 1: a wish waits, 2: for a person

ALTER TABLE conversations ADD COLUMN saved_at INTEGER NOT NULL DEFAULT 0; -- when the answer that last differed was asked for, 0 where nobody knows
-- Who is assigned, without reading who is not (agents.go).
CREATE INDEX conversations_assigned ON conversations (account, assignees, active_at) WHERE assignees <> '[]';
CREATE INDEX conversations_live ON conversations (account, active_at) WHERE status IN ('open','pending') AND gone = 0;

-- A sweep has read every page when walked is 1; what it did not see is then
-- still to be queued. One that was under way before rows were noted as seen
-- begins again, or it would ask for each of them.
ALTER TABLE feeds ADD COLUMN walked INTEGER NOT NULL DEFAULT 0;
UPDATE feeds SET mark = NULL, pages = 0, seen = 0 WHERE kind = 'sweep' AND running = 1;

-- Which rows the running sweep has seen: bit n of a chunk is conversation
-- chunk * 4096 + n. A page costs a blob, and no write to a row that is as it was.
CREATE TABLE sweep_seen (
  account INTEGER NOT NULL REFERENCES accounts(id),
  chunk   INTEGER NOT NULL,
  bits    BLOB NOT NULL,
  PRIMARY KEY (account, chunk)
) WITHOUT ROWID;

-- Conversations that a pass should have seen and did not: each is asked for by
-- its id, when due. One that was not found keeps its row until it answers or
-- is gone.
CREATE TABLE lookups (
  account      INTEGER NOT NULL REFERENCES accounts(id),
  conversation TEXT NOT NULL,
  due          INTEGER NOT NULL,           -- the provider's time
  PRIMARY KEY (account, conversation)
) WITHOUT ROWID;
CREATE INDEX lookups_due ON lookups (account, due);

ALTER TABLE feeds ADD COLUMN begun_at  INTEGER NOT NULL DEFAULT 0; -- when the pass asked for its first page
ALTER TABLE feeds ADD COLUMN everything INTEGER NOT NULL DEFAULT 0; -- this sweep trusts no row that is here
ALTER TABLE feeds ADD COLUMN sure_from INTEGER NOT NULL DEFAULT 0; -- begun_at of the last complete pass

-- Conversations whose messages are read again from the start: what came late,
-- or changed, far from their end. Not a column of theirs: marking thousands of
-- wide rows would write them all.
CREATE TABLE rechecks (
  conversation INTEGER PRIMARY KEY,        -- conversations.id
  account      INTEGER NOT NULL REFERENCES accounts(id),
  active_at    INTEGER NOT NULL,
  begun        INTEGER NOT NULL DEFAULT 0  -- message_mark is where this reading goes on
);
CREATE INDEX rechecks_newest ON rechecks (account, active_at);

-- The history of changes on its way to local.db, which keeps it.
CREATE TABLE changes (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  account      INTEGER NOT NULL REFERENCES accounts(id),
  conversation TEXT NOT NULL,
  field        TEXT NOT NULL,              -- status, assignees, tags, operation, name
  before       TEXT NOT NULL,
  after        TEXT NOT NULL,
  since        INTEGER NOT NULL,           -- it was surely still so then
  until        INTEGER NOT NULL            -- it was seen to be otherwise then
);

ALTER TABLE runs ADD COLUMN error_kind TEXT NOT NULL DEFAULT '';

-- Calls used, by the hour of the local clock.
CREATE TABLE calls (
  account  INTEGER NOT NULL REFERENCES accounts(id),
  hour     INTEGER NOT NULL,               -- milliseconds UTC
  requests INTEGER NOT NULL,
  retries  INTEGER NOT NULL,
  limited  INTEGER NOT NULL,
  PRIMARY KEY (account, hour)
) WITHOUT ROWID;

-- Rows are added a page at a time: the page counts them once.
DROP TRIGGER conversations_added;

-- Larger merges, fewer of them: 0.7 x the CPU of indexing.
INSERT INTO message_index (message_index, rank) VALUES ('automerge', 8);
