"""What the memory of a rule depends on: with another signature it begins anew."""

from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b

import msgspec
from msgspec.structs import replace

from monitor.core.operators import build
from monitor.core.rules.model import OPERATORS, Fact, Rule, asked, each
from monitor.core.rules.names import NO_NAMES, Names, written_out
from monitor.core.state.state import LONG_AGO


def signature(rule: Rule, facts: Mapping[str, Fact], names: Names = NO_NAMES) -> str:
    """Return what the rule's memory depends on: with another signature it starts anew."""
    used = [facts[asked(name).fact] for name in rule.while_]
    told = (
        rule.by,
        rule.schedule,
        *(getattr(rule, name) for name in OPERATORS),
        rule.while_,
        rule.unknown,
        used,
        [written_out(where, names) for where in _wheres(rule, used)],
    )
    return blake2b(msgspec.json.encode(told), digest_size=8).hexdigest()


def without_limit(rule: Rule) -> Rule:
    """Return the rule as far as it decides what is remembered: how long or how much is too much makes no difference."""
    if rule.hold is not None:
        return replace(rule, hold=replace(rule.hold, longer_than="0s"))
    if rule.absence is not None and rule.absence.within is not None:
        return replace(rule, absence=replace(rule.absence, within="0s"))
    if rule.level is not None:
        return replace(rule, level=replace(rule.level, above=0.0, clear_at=None))
    return rule


def _wheres(rule: Rule, facts: Iterable[Fact]) -> Iterator[str]:
    """Yield every expression that the rule's memory depends on."""
    for _, selector in build(rule, lambda: LONG_AGO).selectors():
        yield selector.where
    for fact in facts:
        for selector in (*each(fact.set), *each(fact.clear)):
            yield selector.where
