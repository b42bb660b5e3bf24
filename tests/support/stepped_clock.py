"""The wall clock of a real process, which a test can step: libfaketime, loaded before the C library."""

from pathlib import Path


class SteppedClock:
    """The clock of the processes that run in its environment.

    Their wall clock is ahead of the machine's by as much as a file says; the clocks that no one can set go on as they
    are, as after a step by a person or a time server.

    Args:
        folder: for the file.

    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock"
        library = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
        assert library is not None, "as root: apt-get install --no-install-recommends libfaketime"
        self.step(0)
        self.environment = {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_DONT_RESET": "1",
        }

    def step(self, seconds: int) -> None:
        """Put it ahead of the machine's clock by this much; it takes effect within a second."""
        new = self._file.with_suffix(".new")
        new.write_text(f"{seconds:+d}\n")
        new.replace(self._file)
