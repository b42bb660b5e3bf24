"""Compiled rule sets, shared: engines of one process that have the same rules in force compile them once."""

from weakref import WeakValueDictionary

import msgspec

from monitor.core.compile.compiled_rules import CompiledRules
from monitor.core.ids import digest
from monitor.core.rules.model import RuleSet

_IN_FORCE = WeakValueDictionary[bytes, CompiledRules]()
"""By the digest of the rule set; an entry goes with the last engine that has it in force."""


def compiled_rules(rule_set: RuleSet, before: CompiledRules | None = None) -> CompiledRules:
    """Return a rule set, ready to run. Nothing in it changes, and it has no clock: any number of engines can share it.

    Its own `rule_set` is the first that was compiled, equal to the one given.

    Args:
        rule_set: the rules and the venue.
        before: rules that these follow; the places of a venue that stays as it is are not looked up again.

    """
    own = digest(msgspec.json.encode(rule_set), size=16)
    found = _IN_FORCE.get(own)
    if found is None:
        is_same = before is not None and before.rule_set.venue == rule_set.venue
        places = before.event_places if before is not None and is_same else None
        found = _IN_FORCE[own] = CompiledRules(rule_set, event_places=places)
    return found
