-- Version 1. Later versions are scripts of their own: schema-2.sql brings 1 to 2, and so on.

-- What came in, in order. Nothing here is ever changed; retention removes from the old end.
CREATE TABLE input (
    seq         INTEGER PRIMARY KEY,
    id          BLOB UNIQUE,               -- the message's identity (core.decode.identity); NULL for our own inputs
    received_at INTEGER NOT NULL,          -- microseconds since 1970, UTC
    kind        TEXT NOT NULL,             -- arrival, rejected, tick, notice, rules, roster
    topic       TEXT,
    retained    INTEGER NOT NULL DEFAULT 0,
    payload     BLOB,                      -- our own language as it came, NULL for a vendor's; of a rejected one 64 KiB
    body        BLOB,                      -- the input as JSON; NULL where decoding topic and payload gives it again
    checksum    INTEGER NOT NULL           -- CRC-32 of this row and of the transitions that followed
) STRICT;

-- What followed, written in the same transaction as its input.
CREATE TABLE transition (
    seq  INTEGER NOT NULL,                 -- of the input that caused it
    n    INTEGER NOT NULL,                 -- its place among the consequences of that input
    body BLOB NOT NULL,                    -- JSON of core.transition
    PRIMARY KEY (seq, n)
) STRICT, WITHOUT ROWID;

-- How things stand now: the latest transition about each alert and zone.
CREATE TABLE alert (
    id      TEXT PRIMARY KEY,
    is_open INTEGER NOT NULL,
    seq     INTEGER NOT NULL,
    body    BLOB NOT NULL                  -- JSON of core.alert.Alert
) STRICT;
CREATE INDEX alert_open ON alert (is_open) WHERE is_open = 1;

CREATE TABLE zone (
    id   TEXT PRIMARY KEY,
    seq  INTEGER NOT NULL,
    body BLOB NOT NULL                     -- JSON of core.transition.ZoneStanding
) STRICT;

-- The engine's state after an input; the latest two are kept.
CREATE TABLE snapshot (
    seq    INTEGER PRIMARY KEY,
    digest BLOB NOT NULL,                  -- BLAKE2b of the body
    body   BLOB NOT NULL
) STRICT;

-- How far each reader has come: it has dealt with every transition up to this input.
CREATE TABLE cursor (
    reader TEXT PRIMARY KEY,
    seq    INTEGER NOT NULL
) STRICT;

-- Who did what: each row's hash covers the one before, so that nothing can be changed unseen.
CREATE TABLE audit (
    n    INTEGER PRIMARY KEY,
    body BLOB NOT NULL,
    hash BLOB NOT NULL                     -- SHA-256 of the hash before and the body
) STRICT;
