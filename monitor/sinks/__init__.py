"""The sinks: each delivers the journal to one external system. No sink decides what an event means."""
