"""Starts the processes of the demonstration, watches them, ends them, and judges."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import msgspec
from rich.live import Live

from monitor.app.deployment import load_all, translator
from monitor.app.runfile import Running, read_running
from monitor.demo.screen import Screen
from monitor.demo.verdict import Verdict, judge
from monitor.errors import MonitorError
from monitor.runtime.clock import ScaledClock
from monitor.simulate import day, truth
from monitor.simulate.hours import SHORTEST
from monitor.web.health import Health

PATIENCE = 30.0
"""Seconds until a process that was started has to answer, or one that was told to end has to be gone."""
AROUND = 12.0
"""Seconds of a demonstration that are not the day: starting, the last messages' turn, the verdict."""
LEAD = 2.0
"""Seconds between the start of the simulator and its first message."""
AFTER = 4.0
"""Seconds after the last message in which the last alerts have to come; rules wait 2 for slow messages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How the demonstration runs."""

    config: Path
    folder: Path
    """Where its journal and broker keep their files."""
    seed: int
    rate: float
    """Messages a second, on the wall clock, at the day's mean."""
    speed: float
    """Seconds of the day in one second."""
    seconds: float | None
    """How long it lasts; ``None``: as long as the shortest day takes at this speed."""
    screen: bool


class DemoFailed(MonitorError):
    """A process of the demonstration didn't do its part."""


def play(options: Options) -> Verdict:
    """Play the day and return the verdict.

    Raises:
        DemoFailed: a process didn't start, or ended too early.

    """
    config, venue = load_all(options.config)
    length, speed = SHORTEST, options.speed
    if options.seconds is not None:
        speed = max(speed, SHORTEST.total_seconds() / max(1.0, options.seconds - AROUND))
        length = max(SHORTEST, timedelta(seconds=(options.seconds - AROUND) * speed))
    clock = ScaledClock(speed, datetime.now(UTC))
    given = f"{speed}@{clock.origin.isoformat()}"
    path = _deployment(options, config.files.venue, config.files.rules)
    journal = options.folder / "journal.db"
    log = options.folder / "monitor.log"
    with ExitStack() as stack:
        monitor = stack.enter_context(_process(log, path, "run", "--clock", given))
        running = _wait_until_up(monitor, journal, log)
        start = clock.now() + timedelta(seconds=LEAD * speed)
        start = start.replace(microsecond=0)
        rate = options.rate / speed
        simulator = stack.enter_context(
            _process(
                options.folder / "simulator.log",
                path,
                "simulate",
                *(
                    "--clock",
                    given,
                    "--start",
                    start.isoformat(),
                    "--minutes",
                    str(length / timedelta(minutes=1)),
                ),
                *(
                    "--seed",
                    str(options.seed),
                    "--rate",
                    str(rate),
                    "--truth",
                    str(options.folder / "truth.jsonl"),
                ),
            )
        )
        _watch(monitor, simulator, running, Screen(journal), clock, show=options.screen)
        metrics = _fetch(f"http://127.0.0.1:{running.http_port}/metrics")
    adapters = config.adapters
    plan = list(day(venue, options.seed, start, length, rate, adapters=adapters))
    expected = truth(venue, options.seed, start, length, adapters=adapters)
    return judge(
        journal,
        plan=plan,
        expected=expected,
        day=(start, start + length),
        translator=translator(load_all(path)[0]),
        metrics=metrics,
        speed=speed,
    )


def _deployment(options: Options, venue: Path, rules: Path) -> Path:
    """Write the demonstration's own config.toml: the given venue, rules and adapters, files of its own."""
    path = options.folder / "config.toml"
    adapters = options.config.read_text(encoding="utf-8")
    start = adapters.find("\n[[adapter]]")
    lines = [
        f"files = {{ venue = '{venue.absolute()}', rules = '{rules.absolute()}' }}",
        "journal = { path = 'journal.db', snapshot_every = '5m' }",
        "embedded_broker = { data = 'broker' }",
        "privacy = { key_file = 'pseudonym.key' }",
        "http = { port = 0 }",
        "",
    ]
    path.write_text("\n".join(lines) + (adapters[start:] if start >= 0 else ""), encoding="utf-8")
    return path


@contextmanager
def _process(log: Path, config: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command of ours; at the end it is told to stop, and if need be killed."""
    command = [sys.executable, "-m", "monitor", "--config", str(config), *arguments]
    with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out) as process:  # noqa: S603 - ourselves
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait_until_up(monitor: subprocess.Popen[bytes], journal: Path, log: Path) -> Running:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        running = read_running(journal)
        if running is not None:
            health = _health(running)
            if health is not None and health.ok and not health.catching_up:
                return running
        if monitor.poll() is not None:
            raise DemoFailed(f"the monitor ended at once:\n{log.read_text(errors='replace')}")
        time.sleep(0.1)
    raise DemoFailed(
        f"the monitor did not come up within {PATIENCE:.0f} s:\n{log.read_text(errors='replace')}"
    )


def _watch(  # noqa: PLR0913 - everything that can be looked at
    monitor: subprocess.Popen[bytes],
    simulator: subprocess.Popen[bytes],
    running: Running,
    screen: Screen,
    clock: ScaledClock,
    *,
    show: bool,
) -> None:
    """Show how it goes until the simulator is done and the last alerts have had their time."""
    before, at, done_at = 0, time.monotonic(), None
    with Live(screen=True, auto_refresh=False) if show else nullcontext() as live:
        while done_at is None or time.monotonic() < done_at + AFTER:
            time.sleep(0.25)
            if monitor.poll() is not None:
                raise DemoFailed(
                    "the monitor ended too early; see monitor.log in the demonstration's folder"
                )
            if simulator.poll() is not None and done_at is None:
                if simulator.returncode:
                    raise DemoFailed(
                        "the simulator failed; see simulator.log in the demonstration's folder"
                    )
                done_at = time.monotonic()
            if live is not None:
                health = _health(running)
                trouble = (
                    "the monitor doesn't answer" if health is None else "; ".join(health.troubles)
                )
                rate = (screen.inputs - before) / max(0.01, time.monotonic() - at)
                before, at = screen.inputs, time.monotonic()
                live.update(screen.draw(clock.now(), rate, trouble), refresh=True)


def _health(running: Running) -> Health | None:
    url = f"http://127.0.0.1:{running.http_port}/healthz"
    try:
        return msgspec.json.decode(_fetch(url), type=Health)
    except (DemoFailed, msgspec.MsgspecError):
        return None


def _fetch(url: str) -> str:
    try:
        with urlopen(url, timeout=2) as answer:  # noqa: S310 - our own address
            return str(answer.read().decode())
    except HTTPError as error:
        return error.read().decode()
    except (URLError, OSError) as error:
        raise DemoFailed(f"{url}: {error}") from error
