"""The stages of the engine, one a file. No stage imports another; their order is in engine.py."""
