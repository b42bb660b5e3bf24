"""The line from the broker to the journal: inbox, pipeline and the loops that drive them. Rules belong to the core."""
