"""Checks of one item of a checklist, and of the items of a checklist together."""

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from typing import Final, get_args

from monitor.core.events.vocabulary import Unit
from monitor.core.venue.checklist import ChecklistItem, Choice, Condition
from monitor.toml import KeyMistakes, no_such, quoted

UNITS: tuple[str, ...] = get_args(Unit)
"""The units of measurements; a limit in any other unit could never be compared with one."""
RESULTS: Final = ("pass", "fail", "na")
"""The answers that a condition may name, besides the ids of choices."""
FEWEST_CHOICES: Final = 2


def check_item(item: ChecklistItem) -> KeyMistakes:
    """Yield what is wrong within one item: the key, and what to write instead."""
    yield from _limits(item)
    if item.kind == "choice" and len(item.choices) < FEWEST_CHOICES:
        yield (
            "kind",
            "a choice needs at least two; add [[item.choice]] with id and text for each",
        )
    if item.kind != "choice" and item.choices:
        yield "kind", 'has choices; write kind = "choice", or leave the choices out'
    if item.other_than and item.kind != "signature":
        yield "other_than", 'only a signature can be of another person; write kind = "signature"'


def check_items(items: Sequence[ChecklistItem]) -> Iterator[tuple[int, str, str]]:
    """Yield what is wrong between items: the position from 0 of the item, the key, and what to write instead."""
    known = {item.id: item for item in items}
    for place, item in enumerate(items):
        if item.ask_if is not None:
            for what in _condition(item, item.ask_if, known):
                yield place, "ask_if", what
        if item.other_than:
            signature = known.get(item.other_than)
            signatures = [row.id for row in items if row.kind == "signature" and row.id != item.id]
            if signature is None or item.other_than not in signatures:
                yield place, "other_than", no_such("signature", item.other_than, signatures)
        seen: set[str] = set()
        for choice in item.choices:
            if choice.id in seen:
                yield place, "choice", f"{quoted(choice.id)} is used twice; choose another id"
            seen.add(choice.id)
            if choice.id in RESULTS:
                yield (
                    place,
                    "choice",
                    f"{quoted(choice.id)} is the word for a result; choose another",
                )


def _limits(item: ChecklistItem) -> KeyMistakes:
    if item.unit and item.unit not in UNITS:
        yield "unit", no_such("unit", item.unit, UNITS)
    if not item.unit and (item.min is not None or item.max is not None):
        yield "unit", f'missing; write e.g. unit = "{UNITS[0]}"'
    elif item.kind == "measurement" and not item.unit:
        yield "unit", f'a measurement needs one; write e.g. unit = "{UNITS[0]}"'
    if item.unit and item.kind != "measurement":
        yield (
            "unit",
            f'{quoted(item.kind)} has no unit; leave it out, or write kind = "measurement"',
        )
    for key, limit in (("min", item.min), ("max", item.max)):
        if limit is not None and not isfinite(limit):
            yield key, "must be a number; leave it out for no limit"
    if item.min is not None and item.max is not None and item.min > item.max:
        yield "min", f"{item.min:g} is more than max ({item.max:g}); change one of them"


def _condition(
    item: ChecklistItem, condition: Condition, known: Mapping[str, ChecklistItem]
) -> Iterator[str]:
    others = [name for name in known if name != item.id]
    asked = known.get(condition.item)
    if asked is None or asked.id == item.id:
        yield no_such("item", condition.item, others)
        return
    answers = [*RESULTS, *_ids(asked.choices)]
    if condition.is_ not in answers:
        yield f"item {quoted(asked.id)}: {no_such('answer', condition.is_, answers)}"
    if _is_circular(item, known):
        yield "depends on itself by way of others; ask one of them always"


def _ids(choices: Sequence[Choice]) -> list[str]:
    return [choice.id for choice in choices]


def _is_circular(item: ChecklistItem, known: Mapping[str, ChecklistItem]) -> bool:
    at: ChecklistItem | None = item
    for _ in known:
        at = None if at is None or at.ask_if is None else known.get(at.ask_if.item)
        if at is item:
            return True
    return False
