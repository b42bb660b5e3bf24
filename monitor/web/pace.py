"""Long work in the event loop in small steps, so that the line has its turn in between."""

import asyncio
from time import thread_time
from typing import ClassVar


class Pace:
    """Lets other work go first whenever some time was used."""

    STEP: ClassVar[float] = 0.0003
    """CPU seconds."""

    def __init__(self) -> None:
        self._began = thread_time()
        self._spent = 0.0

    def begin(self) -> None:
        """Begin a step: other work has just had its turn."""
        self._began = thread_time()

    async def step(self) -> None:
        """Let other work go first if this step has taken long enough."""
        if thread_time() - self._began > self.STEP:
            await self.rest()

    async def rest(self) -> None:
        """Let other work go first."""
        self.end()
        await asyncio.sleep(0)
        self.begin()

    def end(self) -> None:
        """End a step: other work has its turn."""
        self._spent += thread_time() - self._began

    def take_spent(self) -> float:
        """Return the CPU seconds of all steps that have ended since the last call."""
        spent, self._spent = self._spent, 0.0
        return spent
