-- Version 3: readers that have to be brought every input, and what a reader has to remember of what it has read.

ALTER TABLE cursor ADD COLUMN thorough INTEGER NOT NULL DEFAULT 0;  -- 1: it reads inputs, not only what followed
ALTER TABLE cursor ADD COLUMN memory BLOB;                          -- its own, as it was at this place
