-- Version 6: one hash chain over all inputs with their transitions, and the losses that a person has accepted.

ALTER TABLE input ADD COLUMN hash BLOB;    -- SHA-256 of the hash before, this row and its transitions; NULL before version 6

-- Tells this journal from every other; a backup has the id of its original. One row.
CREATE TABLE journal (
    id BLOB NOT NULL
) STRICT;
INSERT INTO journal VALUES (randomblob(16));

-- Where the chain begins: after the latest input of an earlier version, or after the latest that retention has removed.
CREATE TABLE chain_start (
    seq  INTEGER NOT NULL,
    hash BLOB NOT NULL                     -- the hash before the first input that follows
) STRICT;
INSERT INTO chain_start
    SELECT coalesce(max(seq), 0), coalesce((SELECT hash FROM audit ORDER BY n DESC LIMIT 1), randomblob(32)) FROM input;

-- Inputs that were lost, and without which a person had the monitor go on.
CREATE TABLE loss (
    first INTEGER PRIMARY KEY,
    last  INTEGER NOT NULL
) STRICT;
