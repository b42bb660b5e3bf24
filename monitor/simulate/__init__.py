"""A congress day as MQTT messages, with its ground truth."""

from monitor.simulate.day import day, left_out, truth
from monitor.simulate.message import Planned
from monitor.simulate.publish import Published, play
from monitor.simulate.run import Summary, simulate
from monitor.simulate.truth import Expected

__all__ = [
    "Expected",
    "Planned",
    "Published",
    "Summary",
    "day",
    "left_out",
    "play",
    "simulate",
    "truth",
]
