"""The state of the core between two inputs, one struct for each subject; all of it is in the snapshot. No logic."""
