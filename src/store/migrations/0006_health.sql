-- What `status` and the metrics ask, however large the database is.

-- One JSON object a line for each of a feed's last polls, newest first; the last line may be cut.
ALTER TABLE feed ADD COLUMN history TEXT NOT NULL DEFAULT '';
CREATE INDEX feed_due ON feed (configured, state, next_poll_at);
CREATE INDEX entry_rejected ON entry (done_at) WHERE state = 'rejected';
