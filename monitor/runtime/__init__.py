"""What a process needs from its host: clock, files, HTTP, logs, metrics, systemd. Nothing about venues belongs here."""
