"""Being on call, with a monitor process: who is, who takes a shift, who is paged, and how it survives a kill."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.cli import MISTAKES, OK, WRONG, main
from monitor.core.transitions import PageOrdered
from tests.support.monitor_process import MonitorProcess
from tests.system.test_cli import alert_at

PERSON = """
[[person]]
id = "{0}"
name = "{0}"
channel = [{{ name = "phone", url = "json://127.0.0.1:9/{0}" }}]
"""
ROSTER = f"""{"".join(PERSON.format(name) for name in ("anna", "bao", "chi"))}
[[team]]
id = "guards"

[[rotation]]
team = "guards"
people = "anna"
starts = 2026-01-01T00:00:00
shift = "7d"

[[escalation]]
id = "duress"
silent = true
step = [{{ notify = "chi" }}]

[[escalation]]
id = "all"
step = [{{ notify = "@guards", wait = "10s" }}, {{ notify = "bao", wait = "1h" }}]

[fallback]
notify = "chi"
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MonitorProcess]:
    """A running monitor with people on call."""
    with MonitorProcess(tmp_path_factory.mktemp("oncall"), roster=ROSTER) as running:
        running.until(lambda: not running.health()["catching_up"])
        yield running


@pytest.fixture
def patient(tmp_path: Path) -> Iterator[MonitorProcess]:
    """A running monitor whose first step waits longer than any test."""
    roster = ROSTER.replace('wait = "10s"', 'wait = "1h"')
    with MonitorProcess(tmp_path, roster=roster) as running:
        running.until(lambda: not running.health()["catching_up"])
        yield running


def types(
    program: MonitorProcess, capsys: pytest.CaptureFixture[str], *arguments: str
) -> tuple[int, str, str]:
    """Run a command; return exit code, standard output and standard error."""
    capsys.readouterr()
    code = main(["--config", str(program.config), "oncall", *arguments])
    return code, *capsys.readouterr()


def pages(program: MonitorProcess, alert: str) -> list[tuple[str, str, int]]:
    """Return who was paged about an alert: person, kind and step, in order."""
    with program.read() as journal:
        rows = [row.transition for row in journal.transitions(0, limit=10_000)]
    return [
        (row.person, row.kind, row.step)
        for row in rows
        if isinstance(row, PageOrdered) and any(one.id == alert for one in row.alerts)
    ]


def test_a_shift_is_taken_and_given_back(
    program: MonitorProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    """The person who takes it is on call at once, and the plan applies again when it is given back."""
    assert "rotation" in types(program, capsys)[1]
    code, out, _ = types(program, capsys, "take", "guards", "--until", "2h", "--who", "bao")
    assert code == OK
    assert "guards: bao is on call until" in out
    assert "took over the shift (bao)" in types(program, capsys, "--team", "guards")[1]
    assert types(program, capsys, "release", "guards", "--who", "bao")[1] == (
        "guards: the plan applies again\n"
    )
    assert "rotation" in types(program, capsys)[1]
    code, out, _ = types(program, capsys, "take", "guards", "--until", "06:00", "--who", "bao")
    assert code == OK
    assert "06:00" in types(program, capsys, "--team", "guards")[1]
    assert types(program, capsys, "release", "guards", "--who", "bao")[0] == OK


def test_an_alert_is_handed_over_and_escalated(
    patient: MonitorProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    """The new owner is paged; from there, the next step can be called until none is left."""
    program = patient

    def act(*arguments: str) -> tuple[int, str]:
        capsys.readouterr()
        code = main(["--config", str(program.config), *arguments, "--who", "anna"])
        seen = capsys.readouterr()
        return code, seen.out or seen.err

    alert = alert_at(program, "hall-gate-north-4", "door.tamper", active=True)
    assert act("hand-over", alert.id, "chi") == (
        OK,
        f"{alert.id} handed over to chi: {alert.title}\n",
    )
    assert act("escalate", alert.id) == (OK, f"{alert.id} escalated: {alert.title}\n")
    assert pages(program, alert.id) == [
        ("anna", "raised", 1),
        ("chi", "handed_over", 1),
        ("bao", "escalated", 2),
    ]
    assert act("escalate", alert.id)[0] == OK
    code, text = act("escalate", alert.id)
    assert code == WRONG
    assert "notified so far: anna, chi, bao" in text


@pytest.mark.parametrize(
    ("arguments", "code", "why"),
    [
        (("take", "gards", "--until", "2h"), WRONG, "no team “gards” in roster.toml"),
        (("take", "guards", "--until", "25:00"), MISTAKES, '"25:00" is not a time'),
        (("take", "guards", "--until", "9d", "--who", "bao"), WRONG, "for 7 days at most"),
        (
            ("take", "guards", "--until", "2h", "--who", "eve"),
            WRONG,
            "no person “eve” in roster.toml",
        ),
        (("release", "guards"), WRONG, "no one has taken over a shift"),
        (("--team", "gards"), MISTAKES, 'did you mean "guards"?'),
        (("explain", "--rule", "door-forcd"), MISTAKES, 'unknown rule "door-forcd"'),
        (("explain", "--rule", "door-forced", "--zone", "x"), MISTAKES, 'unknown zone "x"'),
    ],
)
def test_an_impossible_request_is_refused_with_the_reason(
    program: MonitorProcess,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    code: int,
    why: str,
) -> None:
    """No one believes they have a shift that they don't have."""
    given, _, err = types(program, capsys, *arguments)

    assert given == code
    assert why in err


def test_paging_is_explained(program: MonitorProcess, capsys: pytest.CaptureFixture[str]) -> None:
    """The command says who would be paged when, and why, without paging anyone."""
    code, out, _ = types(
        program,
        capsys,
        *("explain", "--rule", "door-forced", "--zone", "hall-vip"),
        *("--at", "2026-06-01T03:00:00Z"),
    )

    assert code == OK
    assert out.splitlines() == [
        'critical door-forced in hall-vip: [[escalation]] "all", the first that matches',
        "  Mon 01 Jun 2026 03:00:00 UTC  +0 s       anna (anna): step 1: on call in guards",
        (
            "  Mon 01 Jun 2026 03:00:10 UTC  +10 s      bao (bao): step 2: named in the escalation policy; "
            "not acknowledged for 10 s"
        ),
        (
            "  Mon 01 Jun 2026 04:00:10 UTC  +1 h 10 s  chi (chi): step 3: named in the escalation policy; "
            "not acknowledged for 1 h"
        ),
        "  and again every 15 min, until someone acknowledges the alert",
        "An acknowledgement holds for 15 min; if the alert is still active then, it escalates again",
    ]


def test_an_escalation_survives_a_kill(program: MonitorProcess) -> None:
    """No one is paged twice, and the next person is paged although the monitor was killed meanwhile."""
    alert = alert_at(program, "hall-vip-door", "door.alarm", alarm="forced_open").id
    program.until(lambda: bool(pages(program, alert)))
    program.kill()
    program.start()
    program.until(lambda: any(person == "bao" for person, _, _ in pages(program, alert)))

    assert [row for row in pages(program, alert) if row[0] == "anna"] == [("anna", "raised", 1)]


def test_a_missing_roster_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The error says that no one is paged, and what to write."""
    code, _, err = types(MonitorProcess(tmp_path), capsys)

    assert code == MISTAKES
    assert "no one is paged" in err
