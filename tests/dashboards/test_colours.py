"""A priority has one colour, on the dashboards, in the console and on a terminal."""

import re
from typing import get_args

from dashboards.build import look
from dashboards.build.words import Words
from monitor.core.rules.model import Severity
from monitor.runtime.severity import COLOURS
from monitor.texts.language import languages
from monitor.texts.words import severity_in_words
from tests.support.morning import ROOT

CSS = (ROOT / "monitor/web/static/console.css").read_text()
HERE = dict(zip(get_args(Severity), (look.P0, look.P1, look.P2, look.P3, look.P4), strict=True))
BLACK, WHITE, BRIGHT = "#202226", "#f7f8fa", 180
"""What Grafana writes on a bright ground, and on any other; from which brightness on one is bright (W3C's, to 255)."""
LARGE = 3
"""WCAG 2.2, 1.4.3: the least contrast of a large text."""


def test_the_console_has_the_same() -> None:
    """The chips of the console, and the page behind a link in a page, have the colours of the dashboards."""
    chips = re.findall(r"^\.(\w+) { --chip: ([^;]+);", CSS, re.MULTILINE)
    assert dict(chips) == HERE
    page = (ROOT / "monitor/web/view.py").read_text()
    assert dict(re.findall(r"\.(\w+){--bad:(#\w+)}", page)) == HERE


def test_a_terminal_has_the_same() -> None:
    """The ground of a severity on a terminal has the colour of the dashboards."""
    assert {row: style.rpartition(" on ")[2] for row, style in COLOURS.items()} == HERE


def test_the_documents_have_the_same() -> None:
    """The table in docs/dashboards.md has them by code."""
    page = (ROOT / "docs/dashboards.md").read_text()
    written = re.findall(r"^  \| P(\d) \|.*\| `(#\w+)` \|$", page, re.MULTILINE)
    assert written == [(str(n), colour) for n, colour in enumerate(HERE.values())]


def test_a_priority_has_the_words_of_the_console() -> None:
    """In each language it is called what it is called in the console and in an alert's line on the wall."""
    for tag, language in languages().items():
        texts = {} if tag == "en" else Words.read(tag).texts
        for code, severity in enumerate(get_args(Severity)):
            english, _ = look.SEVERITY[code]
            said = f"P{code} {severity_in_words(severity, language)}"
            assert texts.get(english, english) == said, tag


def test_a_text_on_them_is_readable() -> None:
    """What Grafana writes on them has enough contrast for the tiles."""
    for severity, colour in HERE.items():
        red, green, blue = (int(colour[n : n + 2], 16) for n in (1, 3, 5))
        is_bright = (299 * red + 587 * green + 114 * blue) / 1000 > BRIGHT
        assert _contrast(colour, BLACK if is_bright else WHITE) >= LARGE, severity


def _contrast(one: str, other: str) -> float:
    low, high = sorted(map(_luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    shares = (int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))
    linear = [row / 12.92 if row <= 0.04045 else ((row + 0.055) / 1.055) ** 2.4 for row in shares]
    return sum(weight * row for weight, row in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
