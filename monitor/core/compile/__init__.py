"""The compiler of rules: validation, index, compiled rules. No event is processed here."""
