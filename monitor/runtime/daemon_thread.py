"""Runs a blocking call on a daemon thread, where it blocks neither the event loop, nor other calls, nor the exit."""

import asyncio
from collections.abc import Callable
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


async def in_daemon_thread(call: Callable[[], T]) -> T:
    """Run a call on a daemon thread and return its result. If the caller is cancelled, the call continues alone.

    A thread pool would fill up with calls that hang, and Python does not exit before the threads of a pool end.

    Raises:
        RuntimeError: the call raised an exception.

    """
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[T] = loop.create_future()

    def finish(found: list[T]) -> None:
        if ended.done():
            return  # the caller was cancelled
        if found:
            ended.set_result(found[0])
        else:
            ended.set_exception(
                RuntimeError("a call on a daemon thread failed; its traceback is on standard error")
            )

    def work() -> None:
        found: list[T] = []
        try:
            found.append(call())
        finally:
            if not loop.is_closed():
                loop.call_soon_threadsafe(finish, found)

    Thread(target=work, daemon=True, name="daemon").start()
    return await ended
