-- Version 8: the shift log has masks, shifts and what the monitor notes beside the changes of alerts; hand-overs are
-- confirmed; each site has an index of its own.

ALTER TABLE alert_change RENAME TO log_change;
DROP INDEX alert_change_site;
DROP INDEX alert_change_alert;
CREATE INDEX log_change_site ON log_change (site);
CREATE INDEX log_change_alert ON log_change (alert);
INSERT INTO log_change
    SELECT t.seq, t.n, input.received_at, coalesce(json_extract(t.json, '$.mask.site'), ''),
           coalesce(json_extract(t.json, '$.mask.zone'), ''), ''
    FROM (SELECT seq, n, CAST(body AS TEXT) AS json FROM transition) AS t JOIN input ON input.seq = t.seq
    WHERE t.json LIKE '{"type":"mask"%' OR t.json LIKE '{"type":"override"%';

ALTER TABLE log_entry ADD COLUMN confirmation BLOB;  -- JSON of core.transitions.LogEntryConfirmed; NULL: not confirmed
CREATE INDEX log_entry_site ON log_entry (site, seq, n);
