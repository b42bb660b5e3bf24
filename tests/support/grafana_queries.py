"""What Grafana does to an InfluxQL query before InfluxDB sees it, in both forms that its frontend has had.

Written after the sources of Grafana's template service, its InfluxDB plugin (`interpolateQueryExpr`) and the backend's
`models/query.go`; see docs/adr/0010.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

Generation = Literal["older", "newer"]
_NAMES = re.compile(r"\$\{(\w+)(?::(\w+))?\}|\[\[(\w+)(?::(\w+))?\]\]|\$(\w+)")
_BACKEND = ("timeFilter", "interval", "__interval", "__interval_ms")


class Choice(NamedTuple):
    """What somebody has chosen in a variable's list."""

    values: tuple[str, ...]
    multi: bool = True
    everything: str = ""
    """What stands for «All», if that was chosen."""


class Window(NamedTuple):
    """The times that a dashboard shows, and how finely."""

    start: datetime
    end: datetime
    points: int = 1000
    """A panel asks for so many, if it says nothing else: a pixel each."""
    every: timedelta = timedelta(seconds=10)
    """No finer than this; if a panel says nothing, the ten seconds of the data source."""

    @property
    def interval(self) -> timedelta:
        """The time of one point: in the nearest of Grafana's steps, so there may be more than were asked for."""
        step = (self.end - self.start) / self.points
        rounded = next(row for below, row in _STEPS if step < below)
        return max(rounded, self.every)


_STEPS = [
    (timedelta(seconds=below), timedelta(seconds=step))
    for below, step in (
        (12.5, 10),
        (17.5, 15),
        (25, 20),
        (45, 30),
        (90, 60),
        (210, 120),
        (450, 300),
        (750, 600),
        (1_050, 900),
        (1_500, 1_200),
        (2_700, 1_800),
        (5_400, 3_600),
        (9_000, 7_200),
        (16_200, 10_800),
        (32_400, 21_600),
        (86_400, 43_200),
    )
]
"""`roundInterval` of Grafana's `rangeutil`: below the first what is in the second; from ten seconds on."""


def sent(query: str, chosen: Mapping[str, Choice], generation: Generation, window: Window) -> str:
    """The query that reaches InfluxDB. Its clock is the window's end."""
    text = _frontend(query, chosen, generation)
    text = _backend(text, window)
    return text.replace("now()", f"'{window.end:%Y-%m-%dT%H:%M:%S.%fZ}'")


def _frontend(query: str, chosen: Mapping[str, Choice], generation: Generation) -> str:
    def replaced(found: re.Match[str]) -> str:
        braced, form, bracketed, other, bare = found.groups()
        name = braced or bracketed or bare
        if name in _BACKEND or name not in chosen:
            return found[0]
        choice = chosen[name]
        if choice.everything:
            return choice.everything
        form = form or other
        if form == "raw":
            return ",".join(choice.values)
        if form == "regex" or generation == "older":
            return _older(choice)
        return _newer(name, choice, query)

    return _NAMES.sub(replaced, query)


def _older(choice: Choice) -> str:
    escaped = [re.sub(r"[-/\\^$*+?.()|\[\]{}]", r"\\\g<0>", row) for row in choice.values]
    return escaped[0] if len(escaped) == 1 else f"({'|'.join(escaped)})"


def _newer(name: str, choice: Choice, query: str) -> str:
    inside = re.search(rf"/[^/]*\${name}[^/]*/", query) is not None
    if not choice.multi:
        (value,) = choice.values
        starts_as_number = re.match(r"\s*[-+]?(\d|\.\d)", value) is not None
        return value if starts_as_number or not inside else _escaped(value)
    return f"({'|'.join(map(_escaped, choice.values))})"


def _escaped(value: str) -> str:
    return re.sub(r"[\\^$*+?.()|\[\]{}/]", r"\\\g<0>", value)


def _backend(text: str, window: Window) -> str:
    start, end = (int(row.timestamp() * 1000) for row in (window.start, window.end))
    milliseconds = window.interval // timedelta(milliseconds=1)
    for name, value in (
        ("$timeFilter", f"time >= {start}ms and time <= {end}ms"),
        ("$interval", _spelt(window.interval)),
        ("$__interval_ms", str(milliseconds)),
        ("$__interval", _spelt(window.interval)),
    ):
        text = text.replace(name, value)
    return text


def _spelt(span: timedelta) -> str:
    """The largest unit that fits, rounded down: ninety seconds are ``1m``."""
    for unit, name in ((86400, "d"), (3600, "h"), (60, "m"), (1, "s")):
        if span >= timedelta(seconds=unit):
            return f"{span // timedelta(seconds=unit)}{name}"
    return f"{max(1, span // timedelta(milliseconds=1))}ms"
