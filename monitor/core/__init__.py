"""The pure core: what happened, what the rules make of it; no clock, no input or output, no await."""
