"""Colours and words: grey for what is normal, a colour only for what isn't, and never a colour without code and word."""

from collections.abc import Mapping, Sequence

from grafana_foundation_sdk.builders.dashboard import FieldColor, ThresholdsConfig
from grafana_foundation_sdk.models.dashboard import (
    DashboardRangeMapOptions,
    DashboardRegexMapOptions,
    DashboardSpecialValueMapOptions,
    FieldColorModeId,
    RangeMap,
    RegexMap,
    SpecialValueMap,
    SpecialValueMatch,
    Threshold,
    ThresholdsMode,
    ValueMap,
    ValueMapping,
    ValueMappingResult,
)

GREY = "#8e8e8e"
"""Normal: nothing to do."""
DARK = "#5f5f5f"
"""Normal, and nothing that could be measured."""
LIGHT = "#c7c7c7"
"""Normal, and another state than the darker grey."""
WHITE = "text"
PLAIN = "transparent"
"""Behind what is normal: the panel shows through."""
P0, P1, P2, P3, P4 = "#8f3bb8", "#c62828", "#d95f00", "#f9b800", "#1565c0"
"""By priority: the chips of the console and of the terminal. Violet is the worst, because the eye has got used to red.

They stand behind the text, which is then black or white, whichever is easier to read on them, in both themes.
"""
NO_DATA = "NO DATA"
DURATION = "dtdhms"
"""Days, hours, minutes and seconds: the same in every language, and exact."""

TIME = "time:YYYY-MM-DD HH:mm:ss"
"""A time in the dashboard's time zone, which nobody misreads."""

Labels = Mapping[int, tuple[str, str]]
"""Text and colour for each number."""

SEVERITY: Labels = {
    0: ("P0 life safety", P0),
    1: ("P1 critical", P1),
    2: ("P2 high", P2),
    3: ("P3 medium", P3),
    4: ("P4 low", P4),
}
PRIORITY = {color: word for word, color in SEVERITY.values()}
"""Code and word by colour."""
READY: Labels = {
    0: ("GO", GREY),
    1: ("P3 GO WITH CONDITIONS", P3),
    2: ("P2 UNKNOWN", P2),
    3: ("P1 NO GO", P1),
}
PASSED: Labels = {
    0: ("passed", GREY),
    1: ("P3 passed with conditions", P3),
    2: ("P2 unknown or expired", P2),
    3: ("P1 failed", P1),
}
VALID: Labels = {
    0: ("valid", GREY),
    1: ("P3 expires too early", P3),
    3: ("P1 expired or revoked", P1),
}
DOOR: Labels = {
    0: ("no contact", DARK),
    1: ("closed", GREY),
    2: ("open", LIGHT),
    3: ("P3 unknown", P3),
    4: ("P2 HELD OPEN", P2),
    5: ("P1 FORCED", P1),
}
"""By `door.rank`: the greatest is the worst, so that the worst state of an interval is shown."""
ADMISSION: Labels = {
    0: ("closed", GREY),
    1: ("open", LIGHT),
    2: ("P1 OPEN, NOT READY", P1),
}
UP: Labels = {0: ("P2 SILENT", P2), 1: ("online", GREY)}
YES_NO: Labels = {0: ("no", GREY), 1: ("yes", WHITE)}
WRONG: Labels = {0: ("no", GREY), 1: ("P2 YES", P2)}
ALIVE: Labels = {1: ("ALIVE", GREY)}
CONNECTED: Labels = {0: ("P1 DISCONNECTED", P1), 1: ("connected", GREY)}


def behind(labels: Labels) -> Labels:
    """Return labels for colours that stand behind the text: nothing stands behind what is normal."""
    return {
        number: (text, PLAIN if color in (GREY, DARK, LIGHT, WHITE) else color)
        for number, (text, color) in labels.items()
    }


def words(labels: Labels) -> list[ValueMapping]:
    """Return the mapping of numbers to words."""
    shown = {
        str(number): ValueMappingResult(text=text, color=color, index=index)
        for index, (number, (text, color)) in enumerate(labels.items())
    }
    return [ValueMap(options=shown)]


def missing() -> SpecialValueMap:
    """Return the mapping of a missing value to NO DATA; only where one means that the monitor is silent."""
    result = ValueMappingResult(text=NO_DATA, color=P1, index=99)
    options = DashboardSpecialValueMapOptions(match=SpecialValueMatch.NULL_AND_NAN, result=result)
    return SpecialValueMap(options=options)


def steps(*bounds: tuple[float, str], base: str = PLAIN) -> ThresholdsConfig:
    """Return thresholds: the base colour, and from each bound on its colour."""
    rows = [
        Threshold(value=None, color=base),
        *(Threshold(bound, color) for bound, color in bounds),
    ]
    return ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(rows)


def by_threshold() -> FieldColor:
    """Return the scheme that colours values by their thresholds."""
    return FieldColor().mode(FieldColorModeId.THRESHOLDS)


def fixed(color: str = GREY) -> FieldColor:
    """Return the scheme with one fixed colour."""
    return FieldColor().mode(FieldColorModeId.FIXED).fixed_color(color)


def shades() -> FieldColor:
    """Return the scheme that distinguishes lines by shades of a grey that is seen in both themes: none of them is an alarm."""
    return FieldColor().mode(FieldColorModeId.SHADES).fixed_color("#808794")


def codes() -> list[ValueMapping]:
    """Return the mapping that gives a line of text the colour of the priority with which it begins."""
    return [
        RegexMap(
            options=DashboardRegexMapOptions(
                pattern=rf"^\u2067?{word.partition(' ')[0]} .*",
                result=ValueMappingResult(color=color),
            )
        )
        for word, color in SEVERITY.values()
    ]


def at_least_one(upto: str) -> list[ValueMapping]:
    """Return the mapping of zero and less to a text."""
    result = ValueMappingResult(text=upto, color=PLAIN)
    return [RangeMap(options=DashboardRangeMapOptions(from_val=-1e9, to=0, result=result))]


def texts(rows: Sequence[tuple[str, str, str]]) -> list[ValueMapping]:
    """Return the mapping of words to words, from rows of value, text and the colour behind it."""
    shown = {
        value: ValueMappingResult(text=text, color=color, index=index)
        for index, (value, text, color) in enumerate(rows)
    }
    return [ValueMap(options=shown)]


SEVERITY_WORDS = texts(
    [
        ("life_safety", "P0 life safety", P0),
        ("critical", "P1 critical", P1),
        ("high", "P2 high", P2),
        ("medium", "P3 medium", P3),
        ("low", "P4 low", P4),
    ]
)
HANDLING_WORDS = texts(
    [
        ("new", "▲ UNACKNOWLEDGED", PLAIN),
        ("acknowledged", "✓ acknowledged", PLAIN),
        ("shelved", "‖ shelved", PLAIN),
    ]
)
STILL_WORDS = texts([("active", "NOW", PLAIN), ("cleared", "over", PLAIN)])
"""Whether an alert's condition still holds."""
INSPECTED_WORDS = texts(
    [
        ("passed", "passed", PLAIN),
        ("failed", "P1 FAILED", P1),
        ("expired", "P2 EXPIRED", P2),
        ("unknown", "P2 UNKNOWN", P2),
        ("no_checklist", "none required", PLAIN),
    ]
)
