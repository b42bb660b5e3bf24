"""Rules and facts that can't be read, without the keys that are wrong, so that the rest of them is checked too."""

from copy import deepcopy
from typing import Any, NamedTuple

from msgspec.structs import replace

from monitor.core.compile.mistake import Fault
from monitor.core.rules.model import Fact, Rule
from monitor.toml import Form, Keys, Mistake, ParseResult

_STAND_INS: dict[str, object] = {
    "id": "unreadable",
    "title": "-",
    "severity": "low",
    "by": ["id"],
    "why": "-",
    "do": "-",
    "key": "id",
    "set": {"on": []},
    "longer_than": "1s",
    "within": "1m",
    "at_least": 2,
    "above": 1,
}
"""Values for required keys that are missing or wrong; faults with them are not reported."""
SEVERAL = "has several operators"
"""Stands for the key of a rule that has more than one operator."""
_DEPENDENT = {"title": ("titles",), "do": ("dos",), "titles": (), "dos": ()}
"""Keys that are compared with another one."""


class Repaired(NamedTuple):
    """A rule or fact that can be checked, except for some of its keys."""

    part: Rule | Fact
    lost: frozenset[str]
    """Its keys that are wrong, missing, or compared with one that is, such as ``hold.longer_than``."""

    def has(self, fault: Fault, key: str) -> bool:
        """Return whether a fault would be there without the wrong keys; ``key`` is the one it begins with."""
        if any(f"{key}.".startswith(f"{row}.") for row in self.lost):
            return False
        if fault.text:
            return True
        if self.lost & {"by", "key"}:
            return False
        return key.partition(".")[0] in (*type(self.part).__struct_encode_fields__, SEVERAL)


def repair(parsed: ParseResult[Any], path: Keys, form: Form[Any]) -> Repaired | None:
    """Return what can be checked of the table at a path; ``None`` if too little is left."""
    table = deepcopy(_at(parsed.tables, path))
    if not isinstance(table, dict):
        return None
    wrong = [row for row in parsed.mistakes if row.keys[: len(path)] == path]
    lost = _without(table, [row.keys[len(path) :] for row in wrong])
    # Without a nested key, its table may be incomplete; then the table goes too.
    for _ in range(3):
        again = form.read_tables(table, parsed.file, dict)
        if not again.mistakes:
            part = again.parts[()]
            if isinstance(part, Rule) and "by" in lost:
                part = replace(part, by=())
            lost |= {name for key in lost for name in _DEPENDENT.get(key, ())}
            return Repaired(part, frozenset(lost)) if isinstance(part, Rule | Fact) else None
        lost |= _without(table, [_nearer(row, lost) for row in again.mistakes])
    return None


def _nearer(mistake: Mistake, lost: set[str]) -> Keys:
    """Return which key to leave out for a mistake: the enclosing one if its own is gone already."""
    keys = mistake.keys
    return keys[:1] if _dotted(keys) in lost else keys


def _without(table: dict[str, Any], wrong: list[Keys]) -> set[str]:
    """Replace wrong keys by stand-ins or leave them out; return them."""
    for keys in wrong:
        within, last = _at(table, keys[:-1]), keys[-1] if keys else ""
        if not isinstance(within, dict) or not isinstance(last, str):
            last, within = str(keys[0]) if keys else "", table  # an element of a list
        within.pop(last, None)
        if last in _STAND_INS:
            within[last] = deepcopy(_STAND_INS[last])
    return {_dotted(keys) for keys in wrong}


def _at(tables: Any, path: Keys) -> Any:  # noqa: ANN401 - TOML
    for key in path:
        match tables:
            case dict():
                tables = tables.get(key)
            case list() if isinstance(key, int) and key < len(tables):
                tables = tables[key]
            case _:
                return None
    return tables


def _dotted(keys: Keys) -> str:
    return ".".join(key for key in keys if isinstance(key, str))
