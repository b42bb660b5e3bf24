"""The life cycle of alerts, and maintenance masks. Whom to page is decided in `oncall`, not here."""
