"""Takes one input at a time; what follows from it is decided in the package of its subject."""
