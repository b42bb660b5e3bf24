CREATE TABLE calendar ( -- the address of a person's own shifts
    account TEXT PRIMARY KEY REFERENCES account (name) ON DELETE CASCADE,
    token BLOB NOT NULL UNIQUE,
    made_at TEXT NOT NULL,
    read_at TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;
