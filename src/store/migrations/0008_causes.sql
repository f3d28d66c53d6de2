-- Why an entry was rejected in a word, not in the wording of its reason; days whose articles are to be grouped once more.

ALTER TABLE entry ADD COLUMN cause TEXT; -- of a rejected one: 'fetch' its page could not be had, 'page' it is no article, 'range' no backfill wants its date
UPDATE entry SET cause = CASE
    WHEN EXISTS (SELECT 1 FROM outside WHERE entry_id = entry.id) THEN 'range'
    -- Reasons of that time: failures named what was asked, verdicts on a page never did.
    WHEN instr(reason, '`http') OR reason LIKE 'given up after%' OR reason LIKE 'robots.txt of%' THEN 'fetch'
    ELSE 'page' END
  WHERE state = 'rejected';

-- Days on or soon after which a backfill stored articles, which came in another order than they appeared in: grouped once more, in order of publication.
CREATE TABLE owed (day INTEGER PRIMARY KEY) STRICT; -- since 1970-01-01, as in `signature`
