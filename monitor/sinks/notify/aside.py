"""Runs what blocks on a thread of its own, which holds up nobody: not the loop, not another call, not the end."""

import asyncio
from collections.abc import Callable
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


async def aside(call: Callable[[], T]) -> T:
    """Return what a call returns, or raise what it raises.

    A pool would do for less, but calls that hang fill it, and then wait for each other; and Python doesn't end before
    the threads of a pool do. Whoever is cancelled here leaves the call to itself.
    """
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[T] = loop.create_future()

    def tell(settle: Callable[[], None]) -> None:
        if not ended.done():
            settle()

    def work() -> None:
        try:
            found = call()
        except BaseException as error:  # noqa: BLE001 - it is raised where it is awaited
            told = error
            settle = lambda: ended.set_exception(told)  # noqa: E731
        else:
            settle = lambda: ended.set_result(found)  # noqa: E731
        if not loop.is_closed():
            loop.call_soon_threadsafe(tell, settle)

    Thread(target=work, daemon=True, name="aside").start()
    return await ended
