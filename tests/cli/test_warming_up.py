"""The list of rules shows until when the window of a changed rule is incomplete, even after a restart."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from monitor.cli import main
from monitor.cli.live_status import STALE
from monitor.core.inputs import RulesChanged, Tick
from tests.support.pipeline import ROOT, PipelineHarness, trial_rule_set


def test_a_changed_rule_is_shown_as_warming_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the changed rule is shown as warming up, with the time when this ends."""
    monkeypatch.setenv("COLUMNS", "200")
    for name in ("venue.toml", "roster.toml"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "rules", tmp_path / "rules")
    shutil.copytree(ROOT / "checklists", tmp_path / "checklists")
    config = tmp_path / "config.toml"
    config.write_text('[journal]\npath = "journal.db"\n')
    now = datetime.now(UTC)
    changed = tuple(
        replace(row, count=replace(row.count, within=timedelta(hours=1)))
        if row.id == "denied-burst" and row.count
        else row
        for row in trial_rule_set().rules
    )
    with PipelineHarness(tmp_path / "journal.db", now=now) as line:
        rule_set = replace(trial_rule_set(), rules=changed)
        line.pipeline.submit(RulesChanged(received_at=now, who="ann", rule_set=rule_set))
        line.pipeline.tick(Tick(received_at=now))
    with PipelineHarness(
        tmp_path / "journal.db", now=now + timedelta(seconds=1), rule_set=rule_set
    ) as again:
        assert set(again.engine.state.rules.warming) == {"denied-burst"}

    assert main(["--config", str(config), "rules", "list"]) == STALE
    out, err = capsys.readouterr()
    assert out.count("warming up until") == 1
    assert "NOT THE PRESENT: the monitor has not been running" in err
