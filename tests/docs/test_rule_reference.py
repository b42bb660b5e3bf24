"""docs/rule-book.md is what the rule files say."""

from pathlib import Path

import pytest

from monitor.cli import main
from monitor.rules.read import load
from monitor.rules.reference import page

ROOT = Path(__file__).parents[2]
RULES = load(ROOT / "rules")


def test_the_page_is_written_from_the_files() -> None:
    """Whoever changes a rule writes the page anew: `venue-monitor rules book > docs/rule-book.md`."""
    assert (ROOT / "docs" / "rule-book.md").read_text() == page(RULES, ROOT / "rules")


def test_the_command_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    """So that a deployment has the page of its own rules."""
    assert main(["--config", str(ROOT / "config.toml"), "rules", "book"]) == 0

    assert capsys.readouterr().out == page(RULES, ROOT / "rules")


def test_every_rule_is_on_the_page() -> None:
    """With its procedure and the source of its figures."""
    text = page(RULES, ROOT / "rules")

    for rule in RULES.rules:
        assert f"### {rule.id}\n" in text
        assert f"*Do:* {rule.do}\n" in text
        assert f"*Why:* {rule.why}\n" in text
