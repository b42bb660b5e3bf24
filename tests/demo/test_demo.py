"""The demonstration as a newcomer runs it: real processes and a whole day, with nothing lost, missed or false."""

import asyncio
import json
import os
import pty
import re
import signal
import subprocess
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path

from monitor.app.runfile import read_run_file
from monitor.journal import stats
from tests.support.servers import eventually

ROOT = Path(__file__).parents[2]
PATIENCE = 200.0
"""Seconds to wait for what a busy machine delays."""
DEMO = [sys.executable, "-m", "monitor", "demo"]


def test_a_day_passes_without_a_lost_message_or_a_wrong_alert(tmp_path: Path) -> None:
    """Every message is in the journal, and exactly the planted incidents raise alerts."""
    command = [*DEMO, "--seconds", "30", "--json", "--folder", str(tmp_path / "demo")]

    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=250, check=False
    )

    verdict = json.loads(done.stdout or "{}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert verdict["published"] > 1000
    assert verdict["lost"] == 0
    assert verdict["acknowledged"] >= verdict["published"]
    assert verdict["duplicates_absorbed"] > 0
    assert verdict["alerts_expected"] == verdict["alerts_raised"] > 20
    assert (verdict["missed"], verdict["false"]) == ([], [])


def start(command: list[str], out: int) -> subprocess.Popen[bytes]:
    """Start the demonstration, as on a terminal of this size."""
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "200", "LINES": "50"}
    return subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=environment
    )


def inputs(journal: Path) -> int:
    """How many inputs the journal has; 0 if no monitor writes it yet."""
    return int(stats(journal)["last_seq"]) if read_run_file(journal) else 0


def has_more(journal: Path, count: int) -> bool:
    """Whether the journal has more inputs than this."""
    return inputs(journal) > count


def child(process: int, command: str) -> int:
    """The process among the children of another one that runs this command of the monitor."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    (found,) = [
        int(pid)
        for pid in children
        if command in Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    ]
    return found


async def test_a_machine_that_is_too_busy_changes_no_verdict(tmp_path: Path) -> None:
    """Monitor and simulator each stand still for longer than the lateness: the day waits, and nothing goes wrong."""
    journal = tmp_path / "demo" / "journal.db"
    command = [*DEMO, "--seconds", "22", "--json", "--folder", str(tmp_path / "demo")]
    demo = start(command, subprocess.PIPE)
    try:
        await eventually(lambda: inputs(journal) > 500, PATIENCE)
        for process in ("run", "simulate"):
            before, pid = inputs(journal), child(demo.pid, process)
            os.kill(pid, signal.SIGSTOP)
            await asyncio.sleep(4)  # twice the lateness; the standstill itself
            os.kill(pid, signal.SIGCONT)
            await eventually(partial(has_more, journal, before + 200), PATIENCE)
        out, err = await asyncio.to_thread(demo.communicate, timeout=250)
    finally:
        demo.kill()
        demo.wait()

    assert demo.returncode == 0, out + err
    verdict = json.loads(out)
    assert verdict["lost"] == 0
    assert verdict["alerts_expected"] == verdict["alerts_raised"] > 20
    assert (verdict["missed"], verdict["false"]) == ([], [])


async def test_on_a_terminal_it_stays_until_ctrl_c(tmp_path: Path) -> None:
    """After the day the screen says how it went and what to try; the monitor still runs, until Ctrl-C."""
    ours, theirs = pty.openpty()
    command = [*DEMO, "--speed", "250", "--folder", str(tmp_path / "demo")]
    demo = start(command, theirs)
    os.close(theirs)
    shown = bytearray()
    reading = asyncio.to_thread(read_all, ours, shown)
    task = asyncio.create_task(reading)
    try:
        await eventually(lambda: b"The day is over" in shown, PATIENCE)
        shown.clear()
        running = read_run_file(tmp_path / "demo" / "journal.db")
        # It draws on: it was not only about to end.
        await eventually(lambda: shown.count(b"The day is over") > 3, PATIENCE)
        demo.send_signal(signal.SIGINT)
        code = await asyncio.to_thread(demo.wait, 60)
    finally:
        demo.kill()
        demo.wait()
    await task
    os.close(ours)

    assert running is not None
    assert code == 0, shown[-3000:].decode()
    assert re.search(rb"messages? sent, 0 lost", shown)
    assert b"demo/config.toml alerts" in shown
    assert re.search(rb"http://127\.0\.0\.1:\d+/join/[\w-]{43}", shown)


def read_all(terminal: int, into: bytearray) -> None:
    """Read what a terminal shows until its last program has ended."""
    with suppress(OSError):
        while data := os.read(terminal, 65536):
            into += data
