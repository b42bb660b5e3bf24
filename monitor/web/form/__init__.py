"""The inspection form for phones: a page with its scripts that works without a network, and opens without a sign-in."""
