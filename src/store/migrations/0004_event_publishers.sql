-- Counting an article in with its event asks whether its publisher told of the event before.
CREATE INDEX article_event_publisher ON article (event_id, publisher);
DROP INDEX article_event;
