"""Takes one input through all stages, in the order of engine.py. What each decides is in the package of its subject."""
