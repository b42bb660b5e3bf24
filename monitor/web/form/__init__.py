"""The inspection form for phones: a page with its scripts that works without a network, and needs no sign-in to open."""
