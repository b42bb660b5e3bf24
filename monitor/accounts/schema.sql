CREATE TABLE account (
    name TEXT PRIMARY KEY,
    person TEXT NOT NULL,
    full_name TEXT NOT NULL,
    language TEXT NOT NULL,
    os_user TEXT NOT NULL DEFAULT '',
    is_disabled INTEGER NOT NULL DEFAULT 0,
    grants BLOB NOT NULL,
    password TEXT NOT NULL DEFAULT '', -- argon2; empty: none yet
    pin TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
    id TEXT PRIMARY KEY,
    token BLOB NOT NULL UNIQUE, -- SHA-256, like every token below
    account TEXT NOT NULL REFERENCES account (name) ON DELETE CASCADE,
    device TEXT NOT NULL,
    created_at TEXT NOT NULL,
    last_input_at TEXT NOT NULL,
    ends_at TEXT NOT NULL,
    wrong_pins INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX session_of_account ON session (account);

CREATE TABLE device ( -- signed in before
    token BLOB PRIMARY KEY,
    account TEXT NOT NULL REFERENCES account (name) ON DELETE CASCADE,
    ends_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE link (
    token BLOB PRIMARY KEY,
    account TEXT REFERENCES account (name) ON DELETE CASCADE, -- NULL: makes the first account
    ends_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE api_token (
    id TEXT PRIMARY KEY,
    secret BLOB NOT NULL,
    account TEXT NOT NULL REFERENCES account (name) ON DELETE CASCADE,
    label TEXT NOT NULL,
    rights BLOB NOT NULL,
    site TEXT NOT NULL,
    ends_at TEXT NOT NULL,
    used_at TEXT NOT NULL DEFAULT '',
    used_from TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;

CREATE TABLE calendar ( -- the address of a person's own shifts
    account TEXT PRIMARY KEY REFERENCES account (name) ON DELETE CASCADE,
    token BLOB NOT NULL UNIQUE,
    made_at TEXT NOT NULL,
    read_at TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;

CREATE TABLE authorization_request ( -- a sign-in at the identity provider, until its browser comes back
    state BLOB PRIMARY KEY, -- SHA-256, as that of the browser
    browser BLOB NOT NULL,
    nonce TEXT NOT NULL,
    verifier TEXT NOT NULL,
    onward TEXT NOT NULL,
    language TEXT NOT NULL,
    ends_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE identity ( -- whom an identity provider vouches for
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    account TEXT NOT NULL UNIQUE REFERENCES account (name) ON DELETE CASCADE,
    grants BLOB NOT NULL, -- those that the groups gave at the latest sign-in
    PRIMARY KEY (issuer, subject)
) STRICT, WITHOUT ROWID;

CREATE TABLE signing_key ( -- with which a person's phone signs forms
    id TEXT PRIMARY KEY,
    account TEXT NOT NULL REFERENCES account (name) ON DELETE CASCADE,
    device TEXT NOT NULL, -- what the phone calls itself
    secret BLOB NOT NULL, -- the phone keeps it encrypted by the person's PIN
    ends_at TEXT NOT NULL,
    UNIQUE (account, device)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit ( -- until the monitor has it in the journal
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    body BLOB NOT NULL
) STRICT;
