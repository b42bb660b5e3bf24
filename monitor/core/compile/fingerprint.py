"""The fingerprint of a rule: a digest of everything that its state depends on."""

from collections.abc import Iterable, Iterator, Mapping

import msgspec
from msgspec.structs import replace

from monitor.core.ids import content_id
from monitor.core.operators import build
from monitor.core.rules.model import OPERATORS, Fact, Rule, each, fact_query
from monitor.core.rules.names import NO_NAMES, Names, written_out


def fingerprint(rule: Rule, facts: Mapping[str, Fact], names: Names = NO_NAMES) -> str:
    """Return the fingerprint of a rule; if it changes, the state is reset."""
    used = [facts[fact_query(name).fact] for name in rule.while_]
    parts = (
        rule.by,
        rule.schedule,
        *(getattr(rule, name) for name in OPERATORS),
        rule.while_,
        rule.unknown,
        used,
        [written_out(where, names) for where in _wheres(rule, used)],
    )
    return content_id(msgspec.json.encode(parts))


def without_limit(rule: Rule) -> Rule:
    """Return the rule without its limit, which changes nothing about the state that the rule keeps."""
    if rule.hold is not None:
        return replace(rule, hold=replace(rule.hold, longer_than="0s"))
    if rule.absence is not None and rule.absence.within is not None:
        return replace(rule, absence=replace(rule.absence, within="0s"))
    if rule.level is not None:
        return replace(rule, level=replace(rule.level, above=0.0, clear_at=None))
    return rule


def _wheres(rule: Rule, facts: Iterable[Fact]) -> Iterator[str]:
    """Yield every expression that the rule's state depends on."""
    for _, selector in build(rule).selectors():
        yield selector.where
    for fact in facts:
        for selector in (*each(fact.set), *each(fact.clear)):
            yield selector.where
