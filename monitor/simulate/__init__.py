"""A congress day as MQTT messages, with its ground truth.

No rule is evaluated here: each incident states what must be raised for it, independently of the rule files.
"""

from monitor.simulate.day import day, skipped, truth
from monitor.simulate.message import Planned
from monitor.simulate.publish import Published, play
from monitor.simulate.run import Summary, simulate
from monitor.simulate.truth import Expected
from monitor.simulate.venue import DUTY_OFFICER, SAFETY_OFFICER

__all__ = [
    "DUTY_OFFICER",
    "SAFETY_OFFICER",
    "Expected",
    "Planned",
    "Published",
    "Summary",
    "day",
    "play",
    "simulate",
    "skipped",
    "truth",
]
