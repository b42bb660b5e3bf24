"""Grafana's transformation of an InfluxQL query before it reaches InfluxDB, for both versions of its frontend.

It follows the sources of Grafana's template service, its InfluxDB plugin (`interpolateQueryExpr`) and the backend's
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
    """The selection in a variable's list."""

    values: tuple[str, ...]
    multi: bool = True
    everything: str = ""
    """The value of "All", if it is selected."""


class Window(NamedTuple):
    """The time range of a dashboard and its resolution."""

    start: datetime
    end: datetime
    points: int = 1000
    """Points that a panel requests; by default, one per pixel."""
    every: timedelta = timedelta(seconds=10)
    """The smallest interval; by default, the data source's ten seconds."""

    @property
    def interval(self) -> timedelta:
        """The interval between points, rounded to one of Grafana's steps; there may be more points than requested."""
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
"""`roundInterval` of Grafana's `rangeutil`, from ten seconds on: below the first value, the interval is the second."""


def sent(query: str, chosen: Mapping[str, Choice], generation: Generation, window: Window) -> str:
    """Return the query that reaches InfluxDB, with the window's end as its present."""
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
    """Return an interval in the largest unit that fits, rounded down: ninety seconds are ``1m``."""
    for unit, name in ((86400, "d"), (3600, "h"), (60, "m"), (1, "s")):
        if span >= timedelta(seconds=unit):
            return f"{span // timedelta(seconds=unit)}{name}"
    return f"{max(1, span // timedelta(milliseconds=1))}ms"
