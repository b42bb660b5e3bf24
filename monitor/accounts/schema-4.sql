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
