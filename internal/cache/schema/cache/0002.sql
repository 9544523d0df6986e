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
-- What the last sweep that ended found on the list: how many, and the XOR of
-- the hashes of their ids (digest.go).
ALTER TABLE feeds ADD COLUMN listed_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE feeds ADD COLUMN listed_sum   INTEGER NOT NULL DEFAULT 0;
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

-- What the rules for numbers call otherwise than before, on its way to
-- local.db, which refers to it by its name (renames.go).
CREATE TABLE renames (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  kind    TEXT NOT NULL,                   -- line, line to contact, contact, thread
  account TEXT NOT NULL,                   -- its name, '' for a line
  before  TEXT NOT NULL,
  after   TEXT NOT NULL,
  UNIQUE (kind, account, before, after)
);

ALTER TABLE runs ADD COLUMN error_kind TEXT NOT NULL DEFAULT '';

-- How many rows could ever not be read; the newest of them are kept raw.
ALTER TABLE accounts ADD COLUMN rejected INTEGER NOT NULL DEFAULT 0;
UPDATE accounts SET rejected = (SELECT count(*) FROM rejects WHERE account = accounts.id);
CREATE INDEX rejects_first ON rejects (account, first_at);

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

-- Messages are added at the end of their table, in the order in which they come:
-- a row that goes to the place of its time writes a page of its own, and the
-- index takes what is new from the rows' numbers alone, with no queue.
DROP TABLE message_index;
DROP VIEW message_words;
DROP TABLE index_queue;
ALTER TABLE messages RENAME TO messages_by_time;
CREATE TABLE messages (
  id           INTEGER PRIMARY KEY,       -- never given twice: what is above meta's indexed_to is to be indexed
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
INSERT INTO messages (conversation, thread, remote, at, seq, at_known, direction, kind, kind_word, status, text, raw)
  SELECT conversation, thread, remote, at, seq, at_known, direction, kind, kind_word, status, text, raw FROM messages_by_time ORDER BY id;
DROP TABLE messages_by_time;
CREATE UNIQUE INDEX messages_remote ON messages (conversation, remote);
-- What is behind the id is for a walk that asks no row (courses.go).
CREATE INDEX messages_thread ON messages (thread, at, seq, id, direction, at_known, conversation);

-- Which kinds of message a thread has, a bit each (kindBits): a list of those
-- with a file asks no message.
ALTER TABLE threads ADD COLUMN kinds INTEGER NOT NULL DEFAULT 0;
UPDATE threads SET kinds = coalesce((SELECT sum(DISTINCT CASE m.kind WHEN 'text' THEN 1 WHEN 'image' THEN 2 WHEN 'audio' THEN 4 WHEN 'video' THEN 8
  WHEN 'document' THEN 16 WHEN 'sticker' THEN 32 WHEN 'location' THEN 64 WHEN 'contact' THEN 128 WHEN 'template' THEN 256 WHEN 'interactive' THEN 512
  WHEN 'reaction' THEN 1024 WHEN 'email' THEN 2048 WHEN 'unknown' THEN 4096 END) FROM messages m WHERE m.thread = threads.id), 0);

-- The messages that the index knows, by its row numbers, which are time-ordered:
-- milliseconds, then the low 20 bits of the message's number, or the next that
-- is free. So newest-first over a common word is a walk of them (PLATFORM §4).
CREATE TABLE indexed (
  place   INTEGER PRIMARY KEY,
  message INTEGER NOT NULL,
  thread  INTEGER NOT NULL
);
-- Indexed are the messages whose numbers are above indexed_from, up to
-- indexed_to: those below are on their way, the newest first.
INSERT INTO meta (key, value) SELECT key, (SELECT coalesce(max(id), 0) FROM messages) FROM (SELECT 'indexed_from' AS key UNION SELECT 'indexed_to');
INSERT INTO meta (key, value) VALUES ('index_form', '1'); -- of the facets: see indexForm

-- What the index holds and is no longer so: it wants the exact old words to
-- take them out. Committed with the rows it is about.
CREATE TABLE index_queue (
  place      INTEGER PRIMARY KEY,
  old_text   TEXT NOT NULL,
  old_facets TEXT NOT NULL
);

-- facets are tokens (account, thread, direction, kind) that a search is
-- narrowed by without a join (SEARCH §3). Nobody ranks by length.
CREATE VIEW message_words AS
  SELECT i.place AS id, m.text AS text,
         'a' || c.account || ' t' || m.thread || ' d' || m.direction || ' k' || m.kind AS facets
  FROM indexed i JOIN messages m ON m.id = i.message JOIN conversations c ON c.id = m.conversation;
CREATE VIRTUAL TABLE message_index USING fts5 (
  text, facets, content = 'message_words', content_rowid = 'id',
  tokenize = "unicode61 remove_diacritics 2",
  columnsize = 0
);

-- Its words, to be looked up by how they begin.
CREATE VIRTUAL TABLE message_vocabulary USING fts5vocab (message_index, instance);

-- Larger merges, fewer of them: 0.7 x the CPU of indexing.
INSERT INTO message_index (message_index, rank) VALUES ('automerge', 8);

-- Names by their beginning, while the people index is being made.
CREATE INDEX contacts_name ON contacts (name COLLATE NOCASE) WHERE name <> '';

-- Joins and splits made by hand, as local.db has them, so that who is who is
-- known while rows come in (ties.go).
CREATE TABLE joins (
  seq    INTEGER NOT NULL,
  op_id  TEXT NOT NULL,
  a      TEXT NOT NULL,
  b      TEXT NOT NULL,
  joined INTEGER NOT NULL,               -- as in local.db
  PRIMARY KEY (seq, a, b)
) WITHOUT ROWID;

-- A snooze, as local.db has it: the time of what had been said by then, and
-- whether the customer has written since, which ends it (mirror.go).
ALTER TABLE threads ADD COLUMN snoozed_over INTEGER NOT NULL DEFAULT 0;
ALTER TABLE threads ADD COLUMN woken        INTEGER NOT NULL DEFAULT 0;
-- Few are: what a view's own index counts too many is counted here.
CREATE INDEX threads_snoozed ON threads (account, snoozed_until, id) WHERE gone = 0 AND snoozed_until > 0 AND woken = 0;

-- A session by the name that its customers know it by.
CREATE INDEX conversations_public ON conversations (account, public_id) WHERE public_id <> '';
