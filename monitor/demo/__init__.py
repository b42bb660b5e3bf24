"""The demonstration: monitor and simulator as processes, a live screen, and a verdict. The monitor must not need it."""

from monitor.demo.play import Options, play
from monitor.demo.verdict import Verdict

__all__ = ["Options", "Verdict", "play"]
