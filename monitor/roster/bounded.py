"""Checking a calendar in a process of its own, which can be killed: a few lines may take forever to expand."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from datetime import datetime

import msgspec

from monitor.core.phrase import Phrase, phrase
from monitor.roster.calendar import CalendarError, check

PATIENCE = 30.0
"""Seconds; 5 MB of single events take eight."""


async def check_in_process(text: str, now: datetime) -> None:
    """Check that a text is a usable calendar.

    Raises:
        CalendarError: it is not, or expanding it takes too long.

    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", __name__, now.isoformat(), stdin=PIPE, stdout=PIPE
    )
    try:
        async with asyncio.timeout(PATIENCE):
            output, _ = await process.communicate(text.encode())
    except TimeoutError as error:
        raise CalendarError(phrase("calendar-takes-long", within=round(PATIENCE))) from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        why = msgspec.json.decode(output, type=Phrase) if output else None
        raise CalendarError(why or phrase("calendar-check-failed"))


if __name__ == "__main__":
    try:
        check(sys.stdin.buffer.read().decode(), datetime.fromisoformat(sys.argv[1]))
    except CalendarError as error:
        sys.stdout.buffer.write(msgspec.json.encode(error.why))
        sys.exit(1)
