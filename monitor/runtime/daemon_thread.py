"""Runs what blocks on a thread of its own, which holds up nobody: not the loop, not another call, not the end."""

import asyncio
from collections.abc import Callable
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


async def aside(call: Callable[[], T]) -> T:
    """Return what a call returns.

    A pool would do for less, but calls that hang fill it, and then wait for each other; and Python doesn't end before
    the threads of a pool do. Whoever is cancelled here leaves the call to itself.

    Raises:
        RuntimeError: the call raised something.

    """
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[T] = loop.create_future()

    def tell(found: list[T]) -> None:
        if ended.done():
            return  # nobody waits any more
        if found:
            ended.set_result(found[0])
        else:
            ended.set_exception(
                RuntimeError(
                    "a call beside the loop has failed; its own words are on standard error"
                )
            )

    def work() -> None:
        found: list[T] = []
        try:
            found.append(call())
        finally:
            if not loop.is_closed():
                loop.call_soon_threadsafe(tell, found)

    Thread(target=work, daemon=True, name="aside").start()
    return await ended
