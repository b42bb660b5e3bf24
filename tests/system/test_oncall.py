"""On call, against a monitor process: who is, who takes a shift, who is paged, and a ladder that outlives a kill."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.cli import MISTAKES, OK, WRONG, main
from monitor.core.transitions import PageOrdered
from tests.support.monitor_process import Program
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
step = [{{ tell = "chi" }}]

[[escalation]]
id = "all"
step = [{{ tell = "@guards", wait = "10s" }}, {{ tell = "bao", wait = "1h" }}]

[fallback]
tell = "chi"
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A monitor with people on call."""
    with Program(tmp_path_factory.mktemp("oncall"), roster=ROSTER) as running:
        running.until(lambda: not running.health()["catching_up"])
        yield running


def types(
    program: Program, capsys: pytest.CaptureFixture[str], *arguments: str
) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a command."""
    capsys.readouterr()
    code = main(["--config", str(program.config), "oncall", *arguments])
    return code, *capsys.readouterr()


def pages(program: Program, alert: str) -> list[tuple[str, str, int]]:
    """Who was paged about an alert: person, kind and step, in order."""
    with program.read() as journal:
        rows = [row.transition for row in journal.transitions(0, limit=10_000)]
    return [
        (row.person, row.kind, row.step)
        for row in rows
        if isinstance(row, PageOrdered) and any(one.id == alert for one in row.alerts)
    ]


def test_a_shift_is_taken_and_given_back(
    program: Program, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever takes it is on call at once, by name and until a time; the plan holds again when it is given back."""
    assert "rotation" in types(program, capsys)[1]
    code, out, _ = types(program, capsys, "take", "guards", "--until", "2h", "--who", "bao")
    assert code == OK
    assert "guards: bao is on call until" in out
    assert "took the shift (bao)" in types(program, capsys, "--team", "guards")[1]
    assert types(program, capsys, "release", "guards", "--who", "bao")[1] == (
        "guards: the plan holds again\n"
    )
    assert "rotation" in types(program, capsys)[1]
    code, out, _ = types(program, capsys, "take", "guards", "--until", "06:00", "--who", "bao")
    assert code == OK
    assert "06:00" in types(program, capsys, "--team", "guards")[1]
    assert types(program, capsys, "release", "guards", "--who", "bao")[0] == OK


@pytest.mark.parametrize(
    ("arguments", "code", "why"),
    [
        (("take", "gards", "--until", "2h"), WRONG, "roster.toml has no such team"),
        (("take", "guards", "--until", "25:00"), MISTAKES, '"25:00" is no time'),
        (("take", "guards", "--until", "9d", "--who", "bao"), WRONG, "for more than 7 days"),
        (("take", "guards", "--until", "2h", "--who", "eve"), WRONG, 'has no person "eve"'),
        (("release", "guards"), WRONG, "nobody has taken a shift"),
        (("--team", "gards"), MISTAKES, "it has guards"),
        (("explain", "--rule", "door-forcd"), MISTAKES, 'no rule is called "door-forcd"'),
        (("explain", "--rule", "door-forced", "--zone", "x"), MISTAKES, 'no zone "x"'),
    ],
)
def test_what_cant_be_is_refused_with_the_reason(
    program: Program,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    code: int,
    why: str,
) -> None:
    """Nobody believes to have a shift that they don't have."""
    given, _, err = types(program, capsys, *arguments)

    assert given == code
    assert why in err


def test_an_alert_is_rehearsed(program: Program, capsys: pytest.CaptureFixture[str]) -> None:
    """Who would be told when, and why, without telling anybody."""
    code, out, _ = types(
        program,
        capsys,
        *("explain", "--rule", "door-forced", "--zone", "hall-vip"),
        *("--at", "2026-06-01T03:00:00Z"),
    )

    assert code == OK
    assert out.splitlines() == [
        'critical door-forced in hall-vip: "all" takes it, the first [[escalation]] that fits',
        "  Mon 03:00:00  +0 s       anna         step 1: on call in guards",
        "  Mon 03:00:10  +10 s      bao          step 2: named; nobody took it for 10 s",
        "  Mon 04:00:10  +1 h 10 s  chi          step 3: named; nobody took it for 1 h",
        "  and so on every 15 min, until somebody says «mine»",
        "«Mine» stops it for 15 min; if it is still so then, it climbs on",
    ]


def test_a_ladder_outlives_a_kill(program: Program) -> None:
    """Nobody is told again of what they were told, and the next one is told although the monitor died meanwhile."""
    alert = alert_at(program, "hall-vip-door", "door.alarm", alarm="forced_open").id
    program.until(lambda: bool(pages(program, alert)))
    program.kill()
    program.start()
    program.until(lambda: any(person == "bao" for person, _, _ in pages(program, alert)))

    assert [row for row in pages(program, alert) if row[0] == "anna"] == [("anna", "raised", 1)]


def test_without_a_roster_that_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody is paged then, and whoever asks is told what to write."""
    code, _, err = types(Program(tmp_path), capsys)

    assert code == MISTAKES
    assert "nobody is paged" in err
