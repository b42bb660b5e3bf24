CREATE TABLE signing_key ( -- with which a person's phone signs forms
    id TEXT PRIMARY KEY,
    account TEXT NOT NULL REFERENCES account (name) ON DELETE CASCADE,
    device TEXT NOT NULL, -- what the phone calls itself
    secret BLOB NOT NULL, -- the phone keeps it encrypted by the person's PIN
    ends_at TEXT NOT NULL,
    UNIQUE (account, device)
) STRICT, WITHOUT ROWID;
