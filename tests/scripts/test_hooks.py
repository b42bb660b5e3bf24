"""pre-commit, CI and people run the same checks."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
CHECK = (ROOT / "scripts" / "check").read_text()
PRE_COMMIT = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
WORKFLOW = yaml.safe_load((ROOT / ".github" / "workflows" / "check.yml").read_text())
FORMS = [ROOT / ".github" / "ISSUE_TEMPLATE" / f"{name}.yml" for name in ("bug", "feature", "rule")]


def test_each_check_has_its_hook() -> None:
    """Each check in ``scripts/check`` has a hook, and each hook has a check."""
    checks = [
        line.replace(" $dry", "") for line in re.findall(r"^check (\w.*)$", CHECK, re.MULTILINE)
    ]
    hooks = [
        hook["entry"].removeprefix(".venv/bin/")
        for repo in PRE_COMMIT["repos"]
        for hook in repo["hooks"]
    ]

    assert hooks == checks


def test_no_hook_fetches_anything() -> None:
    """A commit needs no network and runs only locked code."""
    assert {repo["repo"] for repo in PRE_COMMIT["repos"]} == {"local"}
    assert {hook["language"] for repo in PRE_COMMIT["repos"] for hook in repo["hooks"]} == {
        "system"
    }


def test_ci_runs_what_people_run() -> None:
    """CI has read permission only, and uses nothing external except a checkout at a fixed version."""
    steps: list[dict[str, Any]] = WORKFLOW["jobs"]["check"]["steps"]
    actions = [step["uses"] for step in steps if "uses" in step]
    scripts = [step["run"] for step in steps if step.get("run", "").startswith("scripts/")]

    assert scripts == ["scripts/check --dry", "scripts/test"]
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert [action for action in actions if not re.fullmatch(r"\S+@v\d+\.\d+\.\d+", action)] == []


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.stem)
def test_a_form_can_be_filled_in(form: Path) -> None:
    """Each question of a form has its own id and a label, and at least one has to be answered."""
    questions = [
        row for row in yaml.safe_load(form.read_text())["body"] if row["type"] != "markdown"
    ]
    ids = [row["id"] for row in questions]

    assert len(set(ids)) == len(ids)
    assert all(row["attributes"]["label"] for row in questions)
    assert any(row.get("validations", {}).get("required") for row in questions)
