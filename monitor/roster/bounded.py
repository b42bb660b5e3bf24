"""Looks a calendar over in a process of its own, which can be ended: a few lines may be worked out for ever."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from datetime import datetime

from monitor.roster.calendar import CalendarError, check

PATIENCE = 30.0
"""Seconds; 5 MB of single events take eight."""


async def check_beside(text: str, now: datetime) -> None:
    """Look whether a text is a calendar that can be used.

    Raises:
        CalendarError: it is not, or working it out takes too long.

    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", __name__, now.isoformat(), stdin=PIPE, stdout=PIPE
    )
    try:
        async with asyncio.timeout(PATIENCE):
            told, _ = await process.communicate(text.encode())
    except TimeoutError as error:
        what = f"its repeated events take more than {PATIENCE:g} s to work out: write simpler ones"
        raise CalendarError(what) from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise CalendarError(told.decode() or "looking it over has failed; the log may say more")


if __name__ == "__main__":
    try:
        check(sys.stdin.buffer.read().decode(), datetime.fromisoformat(sys.argv[1]))
    except CalendarError as error:
        sys.stdout.buffer.write(str(error).encode())
        sys.exit(1)
