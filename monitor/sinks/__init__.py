"""Where transitions go: one file a sink."""
