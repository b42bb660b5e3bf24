"""What the monitor serves over HTTP: health, metrics, and web pages about alerts. Their wording belongs to `texts`."""
