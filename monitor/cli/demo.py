"""The command that shows the monitor at work: demo."""

import argparse
import sys
import tempfile
from collections import Counter
from pathlib import Path

import msgspec

from monitor.cli.commands import Commands
from monitor.cli.screen import EscapingConsole
from monitor.cli.words import counted
from monitor.demo import Options, Verdict, play
from monitor.errors import ConfigError


def add(commands: Commands) -> None:
    """Add the command of this module."""
    parser = commands.add_parser("demo")
    parser.add_argument(
        "--seconds",
        type=float,
        help="play a day that takes about this long, and stop (default: 25 simulated minutes; "
        "on a terminal, stay until Ctrl-C)",
    )
    parser.add_argument(
        "--speed",
        type=float,
        default=60.0,
        help="simulated seconds per real second, at least (default: %(default)s)",
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=1,
        help="selects the day; the same number gives the same day (default: %(default)s)",
    )
    parser.add_argument(
        "--rate", type=float, default=200.0, help="messages per real second (default: %(default)s)"
    )
    parser.add_argument(
        "--json", action="store_true", help="no screen; print the verdict as one JSON object"
    )
    parser.add_argument(
        "--folder",
        type=Path,
        help="keep journal and logs here (default: a temporary folder)",
    )
    parser.set_defaults(run=_demo)


def _demo(given: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory(prefix="venue-monitor-") as temporary:
        folder = given.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        if (folder / "journal.db").exists():
            raise ConfigError([f"--folder: {folder} already has a journal; name a new folder"])
        watched = not given.json and sys.stdout.isatty()
        options = Options(
            config=given.config,
            folder=folder.absolute(),
            seed=given.seed,
            rate=given.rate,
            speed=given.speed,
            seconds=given.seconds,
            screen=watched,
            stays=watched and given.seconds is None,
        )
        verdict = play(options)
    if given.json:
        print(msgspec.json.encode(verdict).decode())
    else:
        _print(verdict)
    return 0 if verdict.is_good else 1


def _print(verdict: Verdict) -> None:
    console = EscapingConsole(highlight=False, soft_wrap=True)
    console.print(
        f"{counted(verdict.published, 'message')} sent, {verdict.lost} lost, "
        f"{counted(verdict.duplicates_absorbed, 'duplicate')} absorbed; "
        f"{verdict.acknowledged} acknowledged, including the monitor's own.\n"
        f"{counted(verdict.alerts_expected, 'alert')} expected, {verdict.alerts_raised} raised: "
        f"{verdict.alerts_missed} missed, {verdict.alerts_false} false.\n"
        f"From arrival to disk: {verdict.durable_p50_ms:.1f} ms in the median, "
        f"{verdict.durable_p99_ms:.1f} ms at the 99th percentile.\n"
        f"From event to alert: {verdict.alert_p50_ms:.0f} ms in the median, "
        f"{verdict.alert_p99_ms:.0f} ms at the 99th percentile; rules that depend on the order of events "
        "wait for delayed messages."
    )
    for title, rows in (("missed", verdict.missed), ("false", verdict.false)):
        for row, count in Counter(rows).items():
            times = f" ({count} times)" if count > 1 else ""
            console.print(f"{title}: {row}{times}", markup=False)
