"""docs/rule-reference.md is generated from the rule files."""

from pathlib import Path

import pytest

from monitor.cli import main
from monitor.rules.read import load
from monitor.rules.reference import document

ROOT = Path(__file__).parents[2]
RULES = load(ROOT / "rules")


def test_the_page_is_up_to_date() -> None:
    """To update it, run `venue-monitor rules reference > docs/rule-reference.md`."""
    assert (ROOT / "docs" / "rule-reference.md").read_text() == document(RULES, ROOT / "rules")


def test_the_command_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    """A deployment can print the page for its own rules."""
    assert main(["--config", str(ROOT / "config.toml"), "rules", "reference"]) == 0

    assert capsys.readouterr().out == document(RULES, ROOT / "rules")


def test_every_rule_is_on_the_page() -> None:
    """Every rule is on the page, with its procedure and the source of its figures."""
    text = document(RULES, ROOT / "rules")

    for rule in RULES.rules:
        assert f"### {rule.id}\n" in text
        for n, step in enumerate(rule.steps, 1):
            assert f"{n}. {step}\n" in text or f"*Do:* {step}\n" in text
        assert f"*Why:* {rule.why}\n" in text
