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
