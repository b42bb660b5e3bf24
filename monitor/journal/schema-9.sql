-- Version 9: inspections and actions can be found by their ids, and photos by who named them.

CREATE TABLE work_event (
    seq       INTEGER NOT NULL,  -- of the input
    n         INTEGER NOT NULL,  -- its place among the events of that input
    kind      TEXT NOT NULL,     -- type of the event
    subject   TEXT NOT NULL,     -- id of the inspection or action
    checklist TEXT NOT NULL,     -- empty for an action
    PRIMARY KEY (seq, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX work_event_subject ON work_event (subject, seq, n);
CREATE INDEX work_event_checklist ON work_event (checklist, seq, n);

CREATE TABLE evidence (
    sha256     TEXT NOT NULL,    -- of the file, in hexadecimal digits
    seq        INTEGER NOT NULL, -- of the input that names it
    item       TEXT NOT NULL,
    checklist  TEXT NOT NULL,
    inspection TEXT NOT NULL,
    PRIMARY KEY (sha256, seq, item)
) STRICT, WITHOUT ROWID;
CREATE INDEX evidence_seq ON evidence (seq);
CREATE INDEX evidence_item ON evidence (checklist, item, seq);

INSERT INTO work_event
    SELECT seq, 0, json_extract(message, '$.type'),
           coalesce(json_extract(message, '$.inspection'), json_extract(message, '$.action')),
           coalesce(json_extract(message, '$.checklist'), '')
    FROM (SELECT seq, CASE WHEN json_valid(CAST(payload AS TEXT)) THEN CAST(payload AS TEXT) ELSE '{}' END AS message
          FROM input
          WHERE kind = 'arrival' AND id IS NOT NULL AND (topic LIKE 'venue/%/inspection/%' OR topic LIKE 'venue/%/action/%'))
    WHERE coalesce(json_extract(message, '$.inspection'), json_extract(message, '$.action')) IS NOT NULL;
INSERT OR IGNORE INTO evidence
    SELECT json_extract(file.value, '$.sha256'), seq, json_extract(message, '$.item'),
           json_extract(message, '$.checklist'), json_extract(message, '$.inspection')
    FROM (SELECT seq, CASE WHEN json_valid(CAST(payload AS TEXT)) THEN CAST(payload AS TEXT) ELSE '{}' END AS message
          FROM input WHERE kind = 'arrival' AND id IS NOT NULL AND topic LIKE 'venue/%/inspection/%') AS answer,
         json_each(answer.message, '$.evidence') AS file
    WHERE json_extract(message, '$.type') = 'inspection.item';
INSERT OR IGNORE INTO evidence
    SELECT json_extract(file.value, '$.sha256'), seq, json_extract(item.value, '$.item'),
           json_extract(message, '$.checklist'), json_extract(message, '$.inspection')
    FROM (SELECT seq, CASE WHEN json_valid(CAST(payload AS TEXT)) THEN CAST(payload AS TEXT) ELSE '{}' END AS message
          FROM input WHERE kind = 'arrival' AND id IS NOT NULL AND topic LIKE 'venue/%/inspection/%') AS form,
         json_each(form.message, '$.items') AS item, json_each(item.value, '$.evidence') AS file
    WHERE json_extract(message, '$.type') IN ('inspection.submitted', 'inspection.amended');
