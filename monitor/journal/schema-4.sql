-- Version 4: the outbox of pages, and the record of every attempt to deliver one.

-- What has to be told to whom; one row a page, however often it was ordered.
CREATE TABLE page (
    id     TEXT PRIMARY KEY,               -- core.transition.PageOrdered.id
    seq    INTEGER NOT NULL,               -- of the input from which it followed
    person TEXT NOT NULL,
    state  TEXT NOT NULL,                  -- journal.outbox.PageState
    body   BLOB NOT NULL                   -- JSON of core.transition.PageOrdered
) STRICT;
CREATE INDEX page_waiting ON page (state) WHERE state IN ('waiting', 'late');

-- One row for each time that a page was handed to a channel: opened before, closed after. One that was never closed
-- may have arrived.
CREATE TABLE attempt (
    page      TEXT NOT NULL,
    n         INTEGER NOT NULL,            -- from 1
    channel   TEXT NOT NULL,
    opened_at INTEGER NOT NULL,            -- microseconds since 1970, UTC
    closed_at INTEGER,
    is_repeat INTEGER NOT NULL,            -- 1: the text said that it may have arrived before
    result    TEXT NOT NULL DEFAULT 'open', -- journal.outbox.Result
    reason    TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (page, n)
) STRICT, WITHOUT ROWID;
