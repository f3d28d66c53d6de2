-- Merging and deleting look these up; without an index each walks over all events.
CREATE INDEX event_merged ON event (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX event_lead ON event (lead_article_id);

-- How far a long work over what is stored got, so that it goes on there.
CREATE TABLE task (
  name  TEXT PRIMARY KEY,
  state TEXT NOT NULL                       -- JSON
) STRICT, WITHOUT ROWID;
