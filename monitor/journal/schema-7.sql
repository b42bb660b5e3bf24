-- Version 7: the shift log, and which input changed which alert.

-- The entries that people wrote; retention keeps them.
CREATE TABLE log_entry (
    id     TEXT PRIMARY KEY,               -- a number, counted from 1
    seq    INTEGER NOT NULL,               -- of the input by which it was written
    n      INTEGER NOT NULL,               -- of the transition
    at     INTEGER NOT NULL,               -- when it was written, in microseconds since 1970, UTC
    site   TEXT NOT NULL,
    zone   TEXT NOT NULL,
    alert  TEXT NOT NULL,
    body   BLOB NOT NULL,                  -- JSON of core.transitions.LogEntry
    strike BLOB                            -- JSON of core.transitions.LogEntryStruck; NULL: not struck
) STRICT;
CREATE INDEX log_entry_seq ON log_entry (seq, n);

-- The changes of alerts, but for recurrences: where they are in table transition.
CREATE TABLE alert_change (
    seq   INTEGER NOT NULL,
    n     INTEGER NOT NULL,
    at    INTEGER NOT NULL,                -- microseconds since 1970, UTC
    site  TEXT NOT NULL,
    zone  TEXT NOT NULL,
    alert TEXT NOT NULL,
    PRIMARY KEY (seq, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX alert_change_site ON alert_change (site);
CREATE INDEX alert_change_alert ON alert_change (alert);
INSERT INTO alert_change
    SELECT t.seq, t.n, input.received_at, json_extract(t.json, '$.alert.site'), json_extract(t.json, '$.alert.zone'),
           json_extract(t.json, '$.alert.id')
    FROM (SELECT seq, n, CAST(body AS TEXT) AS json FROM transition) AS t JOIN input ON input.seq = t.seq
    WHERE t.json LIKE '{"type":"alert"%' AND json_extract(t.json, '$.change') != 'recurred';
