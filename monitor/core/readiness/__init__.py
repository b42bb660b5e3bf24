"""The verdict on a zone, from checklists, actions, certificates and sign-offs. Alerts and doors do not belong here."""
