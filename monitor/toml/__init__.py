"""Reads TOML files into frozen structs, strictly: every mistake is found and told with its line and its cure."""

from monitor.toml.form import Form
from monitor.toml.leaves import Leaf, Wrong
from monitor.toml.lines import Keys
from monitor.toml.reading import Mistake, Reading
from monitor.toml.words import no_such, quoted

__all__ = ["Form", "Keys", "Leaf", "Mistake", "Reading", "Wrong", "no_such", "quoted"]
