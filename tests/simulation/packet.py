"""A message on its way from the simulated broker to the monitor."""

from dataclasses import dataclass


@dataclass(eq=False, slots=True)
class Packet:
    """A message on its way to the monitor."""

    n: int
    topic: str
    payload: bytes
    retained: bool
    kept_at: float
    """When the broker took it in; a kill loses what it has not written since."""
    acknowledged_at: float | None = None
    is_repeated: bool = False
    """It was sent before."""
