"""The checks of titles and procedures, in all languages."""

from collections.abc import Iterator, Sequence

from monitor.core.compile.mistake import Fault, meant
from monitor.core.events import EVENT_TYPES
from monitor.core.rules.fields import fields
from monitor.core.rules.model import Rule, Selector
from monitor.core.rules.template import TemplateError, names_in, parse

HIDDEN_WHEN_SILENT = ("holder", "credential")
COUNTING = ("count", "distinct", "level", "sum")
"""The operators whose alerts carry a number."""


def title_faults(rule: Rule, operators: Sequence[str]) -> Iterator[Fault]:
    """Check what can be said of the titles, in all languages, without the events.

    Args:
        rule: the rule.
        operators: those that it has, exactly one if it has no mistake.

    """
    yield from _layout("title", rule.title)
    own = names_in(rule.title)
    for name in HIDDEN_WHEN_SILENT if rule.silent else ():
        if name in own:
            yield _at(name, f"silent: the title must not name the {name}", rule.title)
    for language, title in rule.titles.items():
        yield from _layout(f"titles.{language}", title)
        for name in names_in(title):
            if name not in own:
                what = f"titles.{language}: {{{name}}} is not in the title itself"
                yield _at(name, what, title)
    if "n" in own and len(operators) == 1 and operators[0] not in COUNTING:
        only = f"{{n}} is always 1 in a {operators[0]}"
        what = f"title: {only}; leave it out, or use {', '.join(COUNTING)}"
        yield _at("n", what, rule.title)


def placeholder_faults(title: str, selector: Selector) -> Iterator[Fault]:
    """Yield the fields that a title names and the events of a selector don't have."""
    for kind in selector.on:
        if kind not in EVENT_TYPES:
            continue
        for name in names_in(title):
            if name != "n" and name not in fields(kind):
                what = f'title: "{kind}" has no field "{name}"{meant(name, fields(kind))}'
                yield _at(name, what, title)


def procedure_faults(rule: Rule) -> Iterator[Fault]:
    """Check the steps of the procedure, and that each language has the same ones."""
    wanted = len(rule.steps)
    for key, steps in (("do", rule.steps), *((f"dos.{tag}", row) for tag, row in rule.dos.items())):
        if any(not step.strip() for step in steps):
            yield Fault(f"{key}: a step is blank; write what to do, or leave the step out")
        if len(steps) != wanted:
            yield Fault(
                f"{key}: do has {_number(wanted)} and this {_number(len(steps))}; write the same steps in each language"
            )


def _layout(key: str, title: str) -> Iterator[Fault]:
    try:
        parse(title)
    except TemplateError as error:
        yield Fault(f"{key}: {error}", title, error.column)


def _at(name: str, what: str, title: str) -> Fault:
    """Return a mistake at the place of a field in a title."""
    return Fault(what, title, max(title.find(f"{{{name}}}"), 0))


def _number(steps: int) -> str:
    return f"{steps} step" if steps == 1 else f"{steps} steps"
