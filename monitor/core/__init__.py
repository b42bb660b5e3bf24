"""The pure core: what happened, and what follows from it by the rules. No clock, no I/O, no await."""
