"""An officer who changed a rule sees until when its window is not full, also after a restart."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from monitor.cli import main
from monitor.core.inputs import RulesChanged
from tests.support.pipeline import ROOT, Line, trial_book


def test_a_changed_rule_says_that_it_is_warming_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the list of rules, until when; no other rule does."""
    monkeypatch.setenv("COLUMNS", "200")
    for name in ("venue.toml", "roster.toml"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "rules", tmp_path / "rules")
    config = tmp_path / "config.toml"
    config.write_text('[journal]\npath = "journal.db"\n')
    now = datetime.now(UTC)
    changed = tuple(
        replace(row, count=replace(row.count, within=timedelta(hours=1)))
        if row.id == "denied-burst" and row.count
        else row
        for row in trial_book().rules
    )
    with Line(tmp_path / "journal.db", now=now) as line:
        book = replace(trial_book(), rules=changed)
        line.pipeline.submit(RulesChanged(received_at=now, who="ann", book=book))
    with Line(tmp_path / "journal.db", now=now + timedelta(seconds=1), book=book) as again:
        assert set(again.engine.state.warming) == {"denied-burst"}

    assert main(["--config", str(config), "rules", "list"]) == 0
    said = capsys.readouterr().out
    assert said.count("warming up until") == 1
