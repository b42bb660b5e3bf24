"""A warm standby: a second machine that copies the journal, and takes over when the primary is gone."""
