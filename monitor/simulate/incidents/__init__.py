"""The incidents: one function each writes the messages and states the expected alerts. No rule file is read here."""
