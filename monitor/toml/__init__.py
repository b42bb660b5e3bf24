"""Reads TOML files into frozen structs, strictly: every mistake is found and told with its line and its cure."""

from monitor.toml.positions import Keys
from monitor.toml.reader import Form
from monitor.toml.result import Mistake, Reading
from monitor.toml.scalars import Leaf, Wrong
from monitor.toml.words import no_such, quoted

__all__ = ["Form", "Keys", "Leaf", "Mistake", "Reading", "Wrong", "no_such", "quoted"]
