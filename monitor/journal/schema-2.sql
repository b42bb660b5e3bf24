-- Version 2: readiness and masks.

-- How ready each zone and site is: the latest transition about it.
CREATE TABLE readiness (
    id   TEXT PRIMARY KEY,                 -- site/zone; a site itself has no zone
    seq  INTEGER NOT NULL,
    body BLOB NOT NULL                     -- JSON of core.transition.ReadinessChanged
) STRICT;

-- The masks in force.
CREATE TABLE mask (
    id   TEXT PRIMARY KEY,
    seq  INTEGER NOT NULL,
    body BLOB NOT NULL                     -- JSON of core.transition.Mask
) STRICT;
