"""The rule reference, a document for people: what each rule detects, its figures, their sources and the procedure."""

import tomllib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from monitor.core.rules.model import Rule, Selectors, each
from monitor.core.rules.names import one_line
from monitor.errors import ConfigError
from monitor.rules.file import RuleFiles
from monitor.rules.read import rule_files

HEAD = """\
# Rule reference

For officers who handle alerts and for those who decide on rules. With this page you can look up why an alert was raised
and what to do.

Generated from the files in `rules/` by `venue-monitor rules reference`; edit those files, not this one. For each rule
it gives the title of the alert, its severity, the condition, the figures with their source (“judgement” where no source
has been published), and the procedure. Values such as `point.held_open_limit` are set in `venue.toml` for each point,
zone, device or checklist. All figures are starting values: your fire-safety officer and the authorities set yours.
[Rules](rules.md) explains how to change a rule.

In a title, `{field}` shows a field of the event, and a part in brackets is left out where a field in it has no value.
"""
_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60))


def document(rules: RuleFiles, folder: Path) -> str:
    """Return the rule reference as Markdown, in the order of the files.

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


def _contents(rules: RuleFiles) -> Iterator[str]:
    """Yield how many rules there are of each severity."""
    order = ("life_safety", "critical", "high", "medium", "low")
    counts = {name: sum(rule.severity == name for rule in rules.rules) for name in order}
    shown = ", ".join(
        f"{count} {name.replace('_', ' ')}" for name, count in counts.items() if count
    )
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
    silent = " · silent: never shown on a public screen" if rule.silent else ""
    rows = [
        f"\n### {rule.id}",
        f"“{rule.title}”",
        f"**{rule.severity.replace('_', ' ')}** · one alert per {by}{silent}{_phases(rule)}",
        f"*When:* {_when(rule)}{_while(rule)}{_cooldown(rule)}.",
        f"*Why:* {rule.why}",
        *_silence(rule),
        _procedure(rule),
    ]
    return "\n\n".join(rows) + "\n"


def _silence(rule: Rule) -> Iterator[str]:
    """Yield what follows when the messages stop that the rule needs."""
    if rule.silence_rules:
        names = ", ".join(f"`{name}`" for name in rule.silence_rules)
        yield f"*If the messages stop:* {names}"
    elif rule.silence_why:
        yield f"*If the messages stop:* {rule.silence_why}"


def _procedure(rule: Rule) -> str:
    """Return the steps, numbered if there are several."""
    if len(rule.steps) == 1:
        return f"*Do:* {rule.steps[0]}"
    return "\n".join(["*Do:*", "", *(f"{n}. {step}" for n, step in enumerate(rule.steps, 1))])


def _when(rule: Rule) -> str:
    match rule:
        case Rule(match=found) if found is not None:
            kept = ", also as a retained or replayed message" if found.replays else ""
            ends = "" if found.end is None else f"; cleared by {_of(found.end)}"
            return f"{_of(found.of)}{kept}{ends}"
        case Rule(count=found) if found is not None:
            return (
                f"at least {found.at_least} times within {_length(found.within)}: {_of(found.of)}"
            )
        case Rule(distinct=found) if found is not None:
            window = f"within {_length(found.within)}"
            return f"at least {found.at_least} different values of `{found.field}` {window}: {_of(found.of)}"
        case Rule(sequence=found) if found is not None:
            steps = ", then ".join(_of(step) for step in found.steps)
            ends = "" if found.end is None else f"; cleared by {_of(found.end)}"
            return f"within {_length(found.within)} {steps}{ends}"
        case Rule(hold=found) if found is not None:
            longer = "" if found.longer_than == "0s" else f" within {_limit(found.longer_than)}"
            return f"{_of(found.start)}, not followed by {_of(found.end)}{longer}"
        case Rule(absence=found) if found is not None:
            early = f", raised {_length(found.before)} earlier" if found.before else ""
            grace = f", with {_length(found.grace)} of grace" if found.grace else ""
            time = (
                f"within {_limit(found.within)}"
                if found.within
                else f"by `{found.until}`{early}{grace}"
            )
            return f"after {_of(found.after)}, no {_of(found.of)} {time}"
        case Rule(level=found) if found is not None:
            sources = (("set by", found.set), ("up on", found.up), ("down on", found.down))
            moved = ", ".join(f"{word} {_of(row)}" for word, row in sources if row is not None)
            what = f"`{found.value}`" if found.value else "the balance"
            low = "" if found.clear_at is None else f"; cleared at {_limit(found.clear_at)}"
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
    """Return the chosen events in words."""
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
    unknown = "holds" if rule.unknown == "alerts" else "does not hold"
    facts = " and ".join(f"`{name}`" for name in rule.while_)
    return f"; while {facts} (an unknown fact {unknown})"


def _cooldown(rule: Rule) -> str:
    return (
        f"; no new alert for {_length(rule.cooldown)} after one is closed" if rule.cooldown else ""
    )


def _phases(rule: Rule) -> str:
    every = ("prepare", "live", "teardown")
    return "" if set(rule.phase) == set(every) else f" · only in phase {', '.join(rule.phase)}"
