"""Reads TOML files strictly into frozen structs: each mistake is reported with its line and what to write instead.

Nothing here knows a particular file: the keys of each file and the checks across its tables live beside its types.
"""

from monitor.toml.positions import Keys
from monitor.toml.reader import Form
from monitor.toml.result import KeyMistakes, Mistake, ParseResult
from monitor.toml.scalars import Leaf, Wrong
from monitor.toml.words import no_file, no_such, pointed_at, quoted

__all__ = [
    "Form",
    "KeyMistakes",
    "Keys",
    "Leaf",
    "Mistake",
    "ParseResult",
    "Wrong",
    "no_file",
    "no_such",
    "pointed_at",
    "quoted",
]
