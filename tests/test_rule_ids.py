"""Rule ids are only in rule files: no code depends on the id of a shipped rule."""

import ast
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from monitor.texts.fields import FIELDS
from monitor.texts.values import WORDS

ROOT = Path(__file__).parent.parent
SIMULATION = ROOT / "monitor" / "simulate"
"""The one exception: the simulator's ground truth names the alerts that it expects."""


@cache
def shipped_rules() -> frozenset[str]:
    """The ids of all rules in ``rules/``, except what is also a measured quantity, or a field, such as ``fire``."""
    files = [tomllib.loads(path.read_text()) for path in (ROOT / "rules").glob("*.toml")]
    ids = frozenset(rule["id"] for file in files for rule in file.get("rule", ()))
    return ids - WORDS.keys() - FIELDS.keys()


def rules_named_in(path: Path) -> Iterator[str]:
    """Each string constant of a file that is a shipped rule's id, with its line."""
    rules = shipped_rules()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in rules:
            yield f"{path.relative_to(ROOT)}:{node.lineno}: {node.value}"


def test_no_code_names_a_rule() -> None:
    """A deployment may rename, replace or remove any rule."""
    sources = sorted((ROOT / "monitor").rglob("*.py"))
    outside = [path for path in sources if not path.is_relative_to(SIMULATION)]
    assert len(outside) > 200
    assert [row for path in outside for row in rules_named_in(path)] == []


def test_a_named_rule_is_found() -> None:
    """The check finds the rules that the simulator names."""
    assert list(rules_named_in(SIMULATION / "truth.py"))
