"""Writes the rule book as a page for people: what each rule sees, its figures, their source and the procedure."""

import tomllib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from monitor.core.rules.model import Rule, Selectors, each
from monitor.core.rules.names import one_line
from monitor.errors import ConfigError
from monitor.rules.read import Rules, rule_files

HEAD = """\
# The rule book

Written from the files in `rules/` by `venue-monitor rules book`; don't change it here. Each rule says what it sees, how
grave that is, its figures and where they come from («judgement» where nobody has published one), and what the officer
does. Figures such as `point.held_open_limit` stand in `venue.toml` for each point, zone, device or checklist. All are
starting values: the fire-safety officer and the authorities set yours. `docs/rules.md` says how a rule is changed.
"""
_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60))


def page(rules: Rules, folder: Path) -> str:
    """Return the rule book as Markdown, in the order of the files.

    Raises:
        ConfigError: a file can't be read any more.

    """
    known = {rule.id: rule for rule in rules.rules}
    parts = [HEAD, *_contents(rules)]
    for path in rule_files(folder):
        text = _read(path)
        ids = [row["id"] for row in tomllib.loads(text).get("rule", [])]
        if ids:
            parts.append(f"\n## {path.stem}\n\n{_intro(text)}\n")
            parts.extend(_rule(known[name]) for name in ids)
    return "".join(parts)


def _contents(rules: Rules) -> Iterator[str]:
    """Yield how many rules there are of each severity."""
    order = ("life_safety", "critical", "high", "medium", "low")
    counts = {name: sum(rule.severity == name for rule in rules.rules) for name in order}
    shown = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    yield f"\n{len(rules.rules)} rules: {shown}.\n"


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError([f"{path}: can't be read: {error.strerror}"]) from error


def _intro(text: str) -> str:
    """Return the comment at the top of a file."""
    lines = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.lstrip("# "))
    return " ".join(lines)


def _rule(rule: Rule) -> str:
    by = ", ".join(f"`{name}`" for name in rule.by)
    silent = " · silent: never on a public screen" if rule.silent else ""
    rows = [
        f"\n### {rule.id}",
        f"«{rule.title}»",
        f"**{rule.severity}** · one alert for each {by}{silent}{_phases(rule)}",
        f"*When:* {_when(rule)}{_while(rule)}{_cooldown(rule)}.",
        f"*Why:* {rule.why}",
        f"*Do:* {rule.do}",
    ]
    return "\n\n".join(rows) + "\n"


def _when(rule: Rule) -> str:
    match rule:
        case Rule(match=found) if found is not None:
            kept = ", also from a memory" if found.replays else ""
            ends = "" if found.end is None else f"; it ends with {_of(found.end)}"
            return f"{_of(found.of)}{kept}{ends}"
        case Rule(count=found) if found is not None:
            return f"{found.at_least} times within {_length(found.within)}: {_of(found.of)}"
        case Rule(distinct=found) if found is not None:
            window = f"within {_length(found.within)}"
            return f"{found.at_least} different `{found.field}` {window}: {_of(found.of)}"
        case Rule(sequence=found) if found is not None:
            steps = ", then ".join(_of(step) for step in found.steps)
            ends = "" if found.end is None else f"; it ends with {_of(found.end)}"
            return f"within {_length(found.within)} {steps}{ends}"
        case Rule(hold=found) if found is not None:
            longer = (
                "" if found.longer_than == "0s" else f", longer than {_limit(found.longer_than)}"
            )
            return f"{_of(found.start)}, and not {_of(found.end)}{longer}"
        case Rule(absence=found) if found is not None:
            early = f", told {_length(found.before)} before" if found.before else ""
            grace = f", with {_length(found.grace)} of grace" if found.grace else ""
            time = (
                f"within {_limit(found.within)}"
                if found.within
                else f"by `{found.until}`{early}{grace}"
            )
            return f"after {_of(found.after)}, no {_of(found.of)} {time}"
        case Rule(level=found) if found is not None:
            sources = (("set to", found.set), ("up with", found.up), ("down with", found.down))
            moved = ", ".join(f"{word} {_of(row)}" for word, row in sources if row is not None)
            what = f"`{found.value}`" if found.value else "the balance"
            low = "" if found.clear_at is None else f"; it ends at {_limit(found.clear_at)}"
            return f"{what} above {_limit(found.above)} ({moved}){low}"
        case Rule(sum=found) if found is not None:
            what = (
                f"the sum of `{found.value}` of {_of(found.of)}"
                if found.value
                else f"the time from {_of(found.start)} to {_of(found.end)}"
            )
            return f"{what} above {_limit(found.above)} within {_length(found.within)}"
        case _:
            raise ValueError(rule.id)


def _of(selectors: Selectors | None) -> str:
    """Return what is chosen, in words."""
    return " or ".join(
        " or ".join(f"`{kind}`" for kind in row.on)
        + (f" where `{one_line(row.where)}`" if row.where else "")
        for row in each(selectors)
    )


def _limit(value: object) -> str:
    shown = str(value)
    return f"`{shown}`" if isinstance(value, str) and "." in shown else shown


def _length(length: timedelta) -> str:
    seconds = length.total_seconds()
    for name, size in _UNITS:
        if seconds >= size and seconds % size == 0:
            n = round(seconds / size)
            return f"{n} {name}{'s' if n > 1 else ''}"
    return f"{seconds:g} seconds"


def _while(rule: Rule) -> str:
    if not rule.while_:
        return ""
    unknown = "counts as true" if rule.unknown == "alerts" else "counts as false"
    return f"; while {' and '.join(f'«{name}»' for name in rule.while_)} (not known {unknown})"


def _cooldown(rule: Rule) -> str:
    return f"; once closed, quiet for {_length(rule.cooldown)}" if rule.cooldown else ""


def _phases(rule: Rule) -> str:
    every = ("prepare", "live", "teardown")
    return "" if set(rule.phase) == set(every) else f" · only in the phase {', '.join(rule.phase)}"
