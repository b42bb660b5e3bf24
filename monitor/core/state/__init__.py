"""The state of the core between two inputs; all of it is in the snapshot."""
