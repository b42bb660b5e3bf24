"""Runs the demonstration: starts its processes, shows their progress, stops them, and returns the verdict."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from monitor.app.deployment import load_all, translator
from monitor.app.runfile import RunFile, read_run_file, since_sign_of_life
from monitor.core.venue.display_names import DisplayNames
from monitor.demo.account import DemoAccount
from monitor.demo.clock import ClockDrive
from monitor.demo.deployment import write_deployment
from monitor.demo.health import fetch, health_of
from monitor.demo.line import Line
from monitor.demo.live_screen import LiveScreen
from monitor.demo.pages import open_phones
from monitor.demo.screen import Screen
from monitor.demo.verdict import Verdict, judge
from monitor.errors import DemoFailed
from monitor.runtime.shared_clock import SharedClock
from monitor.simulate import day, truth
from monitor.simulate.hours import SHORTEST

START = 120.0
"""Seconds within which the monitor must be ready, also on a busy machine; usually about 2."""
STOP = 30.0
"""Seconds within which a stopped process must exit."""
PAUSE = 0.01
"""Seconds between two steps of the clock."""
ASK_EVERY = 0.1
"""Seconds between two questions whether the monitor is up."""
SETTLED = 3
"""Signs of life in a row, with nothing written in between, after which nothing more follows."""
AROUND = 12.0
"""Seconds of a demonstration besides the day: starting, the last alerts, the verdict."""
LEAD = timedelta(seconds=5)
"""Between the start of the simulator and its first message, by its clock, which waits for a later one. Short, since
devices count as silent some minutes after the start of the monitor."""
AFTER = 4.0
"""Seconds for which the clock goes on after the day, for the last alerts; rules wait 2 for delayed messages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of a demonstration."""

    config: Path
    folder: Path
    """The folder for the files of its journal and broker."""
    seed: int
    rate: float
    """Messages per real second, on average over the day."""
    speed: float
    """Simulated seconds per real second."""
    seconds: float | None
    """How long it lasts; ``None``: as long as the shortest day takes at this speed."""
    screen: bool
    stays: bool
    """Whether it goes on after the day, until Ctrl-C."""


def play(options: Options) -> Verdict:
    """Play the day and return the verdict.

    Raises:
        DemoFailed: a process didn't start, or exited too early.

    """
    config, venue = load_all(options.config)
    length, speed = SHORTEST, options.speed
    if options.seconds is not None:
        speed = max(speed, SHORTEST.total_seconds() / max(1.0, options.seconds - AROUND))
        length = max(SHORTEST, timedelta(seconds=(options.seconds - AROUND) * speed))
    clock = SharedClock.create(options.folder / "clock", speed, datetime.now(UTC))
    journal = options.folder / "journal.db"
    drive = ClockDrive(clock, journal)
    with ExitStack() as stack:
        phones = stack.enter_context(open_phones())
        path, people = write_deployment(options.folder, config, options.config, phones)
        account = DemoAccount(journal, people[0] if people else None, stack)
        log = options.folder / "monitor.log"
        monitor = stack.enter_context(_process(log, path, "run", "--clock", str(clock)))
        running = _wait_until_up(monitor, journal, log, drive)
        start = (clock.now() + LEAD).replace(microsecond=0)
        rate = options.rate / speed
        of_day = {
            "--clock": clock,
            "--start": start.isoformat(),
            "--minutes": length / timedelta(minutes=1),
            "--seed": options.seed,
            "--rate": rate,
            "--truth": options.folder / "truth.jsonl",
        }
        arguments = [str(part) for pair in of_day.items() for part in pair]
        log = options.folder / "simulator.log"
        simulator = stack.enter_context(_process(log, path, "simulate", *arguments))
        adapters = config.adapters
        decoder = translator(load_all(path)[0])
        planned = day(venue, options.seed, start, length, rate, adapters=adapters)
        drive.follow(
            Line(journal, iter(planned), decoder), start + length + timedelta(seconds=AFTER * speed)
        )
        view = LiveScreen(
            Screen(journal, DisplayNames(venue)),
            running,
            clock,
            path,
            account,
            is_shown=options.screen,
        )
        with view:
            _watch(monitor, simulator, drive, view)
            _settle(journal, running)
            verdict = judge(
                journal,
                plan=list(day(venue, options.seed, start, length, rate, adapters=adapters)),
                expected=truth(venue, options.seed, start, length, adapters=adapters),
                day=(start, start + length),
                translator=decoder,
                metrics=fetch(running, "metrics"),
                speed=speed,
            )
            if options.stays:
                view.stay(partial(_refuse_end, monitor), verdict)
    return verdict


@contextmanager
def _process(log: Path, config: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command of the monitor; at the end stop it, and kill it if it doesn't stop."""
    command = [sys.executable, "-m", "monitor", "--config", str(config), *arguments]
    with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out) as process:  # noqa: S603 - ourselves
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(STOP)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait_until_up(
    monitor: subprocess.Popen[bytes], journal: Path, log: Path, drive: ClockDrive
) -> RunFile:
    end, asked_at = time.monotonic() + START, 0.0
    while time.monotonic() < end:
        if monitor.poll() is not None:
            raise DemoFailed(f"the monitor exited at once:\n{log.read_text(errors='replace')}")
        drive.step()
        time.sleep(PAUSE)
        if time.monotonic() - asked_at < ASK_EVERY:
            continue
        running, asked_at = read_run_file(journal), time.monotonic()
        health = None if running is None else health_of(running)
        if running is not None and health is not None and health.ok and not health.catching_up:
            return running
    raise DemoFailed(
        f"the monitor was not ready within {START:.0f} s:\n{log.read_text(errors='replace')}"
    )


def _watch(
    monitor: subprocess.Popen[bytes],
    simulator: subprocess.Popen[bytes],
    drive: ClockDrive,
    view: LiveScreen,
) -> None:
    """Drive the clock and show the progress until the end of the day."""
    while not drive.is_done or simulator.poll() is None:
        drive.step()
        time.sleep(PAUSE)
        _refuse_end(monitor)
        if simulator.poll():
            raise DemoFailed(
                "the simulator failed; see simulator.log in the demonstration's folder"
            )
        view.draw()


def _settle(journal: Path, running: RunFile) -> None:
    """Wait until the monitor has taken in the time at which the clock stands.

    Its loop fires the timers that are due between one sign of life and the next, so once several have come and
    nothing was written, nothing more follows.
    """
    end = time.monotonic() + START
    signs, before, seq = 0, since_sign_of_life(journal), -1
    while signs < SETTLED and time.monotonic() < end:
        time.sleep(PAUSE)
        silence = since_sign_of_life(journal)
        if silence is None or before is None or silence >= before:
            before = silence
            continue
        before, health = silence, health_of(running)
        if health is not None:
            signs = signs + 1 if health.seq == seq else 0
            seq = health.seq


def _refuse_end(monitor: subprocess.Popen[bytes]) -> None:
    if monitor.poll() is not None:
        raise DemoFailed(
            "the monitor exited too early; see monitor.log in the demonstration's folder"
        )
