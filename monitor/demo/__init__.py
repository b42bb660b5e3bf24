"""The demonstration: broker, monitor and simulator as processes of their own, a live screen, and the verdict."""

from monitor.demo.play import Options, play
from monitor.demo.verdict import Verdict

__all__ = ["Options", "Verdict", "play"]
