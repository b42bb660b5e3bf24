-- Version 5: the identity of an event with its sender's own id covers the sender.

-- The last input whose identity leaves out the sender (core.decode.identity_in_version_4); one row.
CREATE TABLE identity_in_version_4 (
    seq INTEGER NOT NULL
) STRICT;
INSERT INTO identity_in_version_4 SELECT coalesce(max(seq), 0) FROM input;
