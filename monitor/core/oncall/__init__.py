"""Who is on call, escalation policies, and the pager. Alerts are raised and closed in `alerts`, not here."""
