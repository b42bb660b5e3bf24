"""The checks of operators: what each needs, what excludes what, and which fields fit."""

from collections.abc import Iterator

from monitor.core.compile.mistake import Fault, known_kinds, meant
from monitor.core.rules.fields import fields, subjects
from monitor.core.rules.model import Absence, Distinct, Fact, Level, Rule, Selector, Sum, fact_query
from monitor.core.timing import parse_duration
from monitor.core.venue.parameters import SUBJECTS


def operator_faults(rule: Rule) -> Iterator[Fault]:
    """Yield what is wrong with the operator of a rule by itself."""
    yield from _windows(rule)
    yield from _distinct(rule.distinct)
    yield from _sum(rule.sum)
    yield from _absence(rule.absence)
    yield from _level(rule.level)


def parameter_faults(rule: Rule, selector: Selector) -> Iterator[Fault]:
    """Check that the rule's parameters exist for the subjects of such events."""
    hold, absence, level = rule.hold, rule.absence, rule.level
    limits: list[object] = [] if hold is None else [hold.longer_than]
    limits += [] if absence is None else [absence.within]
    limits += [] if level is None else [level.above, level.clear_at]
    limits += [] if rule.sum is None else [rule.sum.above]
    for limit in limits:
        subject = limit.partition(".")[0] if isinstance(limit, str) else ""
        for kind in known_kinds(selector):
            if subject in SUBJECTS and subject not in subjects(kind):
                yield Fault(f'"{limit}": "{kind}" has no {subject}; write a constant')


def hold_faults(rule: Rule, facts: dict[str, Fact]) -> Iterator[Fault]:
    """Yield the facts that a `hold` can't follow."""
    for name in rule.while_:
        fact = facts.get(fact_query(name).fact)
        if fact is not None and fact.lasts is not None:
            yield Fault(
                f'while: fact "{fact.id}" has lasts, which hold can\'t follow; write clear instead'
            )


def _windows(rule: Rule) -> Iterator[Fault]:
    for name in ("count", "distinct", "sequence", "sum"):
        operator = getattr(rule, name)
        if operator is not None and not operator.within:
            yield Fault(f'{name}.within: must be more than 0; write e.g. "5m"')


def _distinct(distinct: Distinct | None) -> Iterator[Fault]:
    for kind in known_kinds(None if distinct is None else distinct.of):
        usable = [name for name, row in fields(kind).items() if row.type in ("text", "number")]
        if distinct is not None and distinct.field not in usable:
            hint = meant(distinct.field, usable)
            yield Fault(
                f'distinct.field: "{kind}" has no text or number field "{distinct.field}"{hint}'
            )


def _sum(row: Sum | None) -> Iterator[Fault]:
    if row is None:
        return
    quantity = (row.of is not None, row.value is not None)
    time = (row.start is not None, row.end is not None)
    if (quantity, time) not in (((True, True), (False, False)), ((False, False), (True, True))):
        yield Fault(
            "sum: write either of and value (adds up a number of each event), "
            "or start and end (adds up the time between them)"
        )
        return
    for kind in known_kinds(row.of):
        found = fields(kind).get(row.value or "")
        if found is None or found.type != "number":
            yield Fault(_no_number("sum.value", row.value, kind))
    is_number = isinstance(row.above, float)
    is_duration = isinstance(row.above, str) and parse_duration(row.above) is not None
    if row.of is not None and is_duration:
        yield Fault(f'sum.above: "{row.above}" is a duration; write a number, e.g. 10')
    if row.start is not None and is_number:
        yield Fault(f'sum.above: {row.above:.10g} is a number; write a duration, e.g. "10h"')
    above = parse_duration(row.above) if isinstance(row.above, str) else None
    if row.start is not None and above is not None and above > row.within:
        yield Fault(f'sum.above: "{row.above}" is longer than within; write a shorter one')


def _absence(absence: Absence | None) -> Iterator[Fault]:
    if absence is None:
        return
    if (absence.within is None) == (absence.until is None):
        yield Fault('absence: write either within = "2m" or until = "<field with a time>"')
    if absence.before and absence.until is None:
        yield Fault("absence.before: applies only with until; leave it out, or write until")
    if absence.grace and absence.until is None:
        yield Fault("absence.grace: applies only with until; leave it out, or write until")
    if absence.before and absence.grace:
        yield Fault("absence: before and grace exclude each other; leave one of them out")
    of_schedule, _, which = (absence.until or "").partition(".")
    if which and (which not in ("opens", "closes") or not of_schedule):
        yield Fault(
            f'absence.until: "{absence.until}" is not a time; write "<schedule>.opens" or "<schedule>.closes"'
        )
    for kind in known_kinds(absence.after) if absence.until is not None and not which else ():
        times = [name for name, row in fields(kind).items() if row.type == "time"]
        if absence.until not in times:
            what = f'"{absence.until}" is not a time field of "{kind}"'
            yield Fault(f"absence.until: {what}; write one of {', '.join(times)}")


def _level(level: Level | None) -> Iterator[Fault]:
    if level is None:
        return
    if level.up is None and level.set is None:
        yield Fault("level: write up (adds 1 per event), or set and value (sets the balance)")
    above, clear_at = level.above, level.clear_at
    if isinstance(above, float) and isinstance(clear_at, float) and clear_at > above:
        yield Fault(
            f"level.clear_at: {clear_at:.10g} is more than above; write at most {above:.10g}"
        )
    if (level.set is None) != (level.value is None):
        yield Fault(
            'level: set and value go together; write e.g. set = { on = "zone.count" }, value = "count"'
        )
    elif level.value is not None:
        for kind in known_kinds(level.set):
            field = fields(kind).get(level.value)
            if field is None or field.type != "number":
                yield Fault(_no_number("level.value", level.value, kind))


def _no_number(key: str, name: str | None, kind: str) -> str:
    """Return the message for a field that is not a number of an event type."""
    numbers = [row for row, field in fields(kind).items() if field.type == "number"]
    usable = f"write e.g. {numbers[-1]}" if numbers else "it has none"
    return f'{key}: "{name}" is not a number field of "{kind}"; {usable}'
