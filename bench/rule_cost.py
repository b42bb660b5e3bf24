"""Measures the cost of an event as the number of rules grows: with and without the index, in interleaved rounds.

Then the shipped rules on a simulated day, one event at a time; and rules that track 100,000 credentials at 10,000
access points: how much memory they use, and how much is left when every window has passed.

Either 90 % of the rules name one of 200 zones, or none does; they subscribe to 16 event types. Read the ratios first:
other work on the same computer slows all variants alike.
"""

import argparse
import gc
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from math import inf
from pathlib import Path
from random import Random
from statistics import mean, median
from time import perf_counter

from monitor.app.deployment import load_all
from monitor.core.compile.compiled_rules import CompiledRules
from monitor.core.decode import decode
from monitor.core.engine.engine import Engine
from monitor.core.engine.plan import Plan
from monitor.core.events.access import AccessDenied
from monitor.core.inputs import Arrival, RulesChanged, Tick
from monitor.core.rules.model import Count, Rule, RuleSet, Selector
from monitor.core.state.state import State
from monitor.core.venue.model import Congress, Point, Site, Venue, Zone
from monitor.rules.read import load
from monitor.simulate import day
from monitor.texts import ENGLISH

ROOT = Path(__file__).parents[1]
LATENESS = timedelta(seconds=2)
MANY_KEYS, MANY_POINTS = 100_000, 10_000
START = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
ZONES = 200
KINDS = {
    **dict.fromkeys(
        (
            *("access.granted", "access.taken", "access.not_taken", "access.denied"),
            *("access.duress", "access.muster", "access.rex", "access.read"),
            *("door.opened", "door.closed", "door.locked", "door.unlocked"),
        ),
        "",
    ),
    "door.mode": ',"mode":"locked"',
    "door.alarm": ',"alarm":"normal"',
    "door.tamper": ',"active":true',
    "door.fault": ',"active":true',
}
"""Event types, each with its required fields."""
VENUE = Venue(
    congress=Congress(id="bench", name="Bench", phase="live"),
    sites=(Site(id="s", name="S", kind="venue"),),
    zones=tuple(
        Zone(id=f"z{row}", name="Z", site="s", capacity=100, area_m2=100.0) for row in range(ZONES)
    ),
    points=tuple(
        Point(id=f"p{row}", name="P", kind="door", zone=f"z{row}") for row in range(ZONES)
    ),
)


def rules(many: int, *, scoped: bool) -> RuleSet:
    """Return a number of rules; with `scoped`, nine in ten of them name a zone."""

    def where(row: int) -> str:
        if scoped and row % 10:
            return f'zone == "z{row * 7 % ZONES}" and not replay'
        return f'starts_with(point, "p{row % ZONES}") and not replay'

    kinds = tuple(KINDS)
    return RuleSet(
        rules=tuple(
            Rule(
                id=f"r{row}",
                title="{point}",
                severity="low",
                by=("point",),
                count=Count(
                    of=Selector(on=(kinds[row % len(kinds)],), where=where(row)),
                    at_least=1000,
                    within=timedelta(minutes=1),
                ),
                why="bench",
                do="nothing",
            )
            for row in range(many)
        ),
        venue=VENUE,
    )


def messages() -> Iterator[tuple[str, bytes, datetime]]:
    """Yield messages, a tenth of a second apart."""
    for row, kind in enumerate(cycle(KINDS)):
        at, point = START + timedelta(milliseconds=100 * row), f"p{row * 13 % ZONES}"
        payload = f'{{"type":"{kind}","at":"{at.isoformat()}","point":"{point}","id":"{row}"{KINDS[kind]}}}'
        yield f"venue/s/{kind.split('.')[0]}/{point}", payload.encode(), at


class Variant:
    """One rule set, with or without the index."""

    def __init__(self, rule_set: RuleSet, *, indexed: bool) -> None:
        gc.collect()
        tracemalloc.start()
        self.engine = Engine(
            State(), lateness=timedelta(seconds=2), tolerance=timedelta(seconds=2), wording=ENGLISH
        )
        self.engine.step(RulesChanged(received_at=START, who="bench", rule_set=rule_set))
        if not indexed:
            context = self.engine._context  # noqa: SLF001 - the engine itself always uses the index
            context.rules = CompiledRules(rule_set, indexed=False)
            context.plan = Plan(context.rules, self.engine.state.rules, context.alerts.open)
        self.megabytes = tracemalloc.get_traced_memory()[0] / 1e6
        tracemalloc.stop()
        self.rounds: list[float] = []

    def run(self, given: list[tuple[str, bytes, datetime]]) -> None:
        """Decode and step; record the microseconds per event."""
        began = perf_counter()
        for topic, payload, at in given:
            decoded = decode(topic, payload, at)
            if not isinstance(decoded, Arrival):
                raise SystemExit(f"{payload!r}: {decoded.reason}")
            self.engine.step(decoded)
        self.rounds.append((perf_counter() - began) / len(given) * 1e6)


def shipped(rounds: int) -> None:
    """Decode and step a simulated day with the shipped rules; print the cost per event.

    Of each message the least of all rounds counts: other work on the computer never makes one cheaper.
    """
    config, venue = load_all(ROOT / "config.toml", {})
    rule_set = load(config.files.rules).rule_set(venue)
    chance = Random(1)  # noqa: S311 - the network's
    plan = day(venue, 1, START, timedelta(minutes=40), rate=4.0)
    rows = sorted(
        (row.at + timedelta(seconds=chance.uniform(0, 0.3)), row.topic, row.payload) for row in plan
    )
    least = [inf] * len(rows)
    for _ in range(rounds):
        engine = Engine(State(), lateness=LATENESS, tolerance=LATENESS, wording=ENGLISH)
        engine.step(RulesChanged(received_at=START, who="bench", rule_set=rule_set))
        gc.collect()
        gc.freeze()
        costs = []
        for at, topic, payload in rows:
            began = perf_counter()
            engine.step(decode(topic, payload, at))
            costs.append((perf_counter() - began) * 1e6)
        gc.unfreeze()
        least = list(map(min, least, costs))
    print(
        f"the {len(rule_set.rules)} shipped rules, {len(rows)} messages of a day: "
        f"{median(least):.1f} µs per event in the median, {mean(least):.1f} on average"
    )


def many_keys() -> None:
    """Let rules track many credentials at many points; print the memory used, then and when all windows have passed."""
    points = tuple(
        Point(id=f"p{row}", name="P", kind="door", zone="z0") for row in range(MANY_POINTS)
    )
    venue = Venue(congress=VENUE.congress, sites=VENUE.sites, zones=VENUE.zones[:1], points=points)
    burst = Count(of=Selector(on=("access.denied",)), at_least=3, within=timedelta(minutes=5))
    parts = ("by_credential", "credential"), ("by_point", "point"), ("by_both", "credential point")
    tracking = tuple(
        Rule(
            id=name.replace("_", "-"),
            title="{point}",
            severity="low",
            by=tuple(by.split()),
            count=burst,
            why="bench",
            do="nothing",
        )
        for name, by in parts
    )
    gc.collect()
    tracemalloc.start()
    engine = Engine(State(), lateness=LATENESS, tolerance=LATENESS, wording=ENGLISH)
    rule_set = RuleSet(rules=tracking, venue=venue)
    engine.step(RulesChanged(received_at=START, who="bench", rule_set=rule_set))
    empty = tracemalloc.get_traced_memory()[0] / 1e6
    at = START
    for row in range(MANY_KEYS):
        at = START + timedelta(milliseconds=2 * row)
        denied = AccessDenied(
            at=at,
            point=f"p{row % MANY_POINTS}",
            credential=f"c{row}",
            reason="passback",
            id=str(row),
        )
        engine.step(Arrival(received_at=at, source="bench", events=(denied,)))
    full = tracemalloc.get_traced_memory()[0] / 1e6
    followed = sum(map(len, engine.state.rules.keys.values()))
    while (due := engine.deadline) is not None and due < at + timedelta(minutes=11):
        engine.step(Tick(received_at=max(due, engine.state.time.now)))
    gc.collect()
    left = tracemalloc.get_traced_memory()[0] / 1e6
    tracemalloc.stop()
    print(
        f"{MANY_KEYS} credentials at {MANY_POINTS} points, {followed} keys of 3 rules: {full - empty:.0f} MB, "
        f"{left - empty:.0f} MB after 11 minutes without events"
    )


def main() -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(
        prog="bench/rules",
        description="Measures what an event costs as the rules grow in number.",
    )
    option = parser.add_argument
    option("--events", type=int, default=1_000, help="events per round (%(default)s)")
    option("--rounds", type=int, default=3, help="rounds (%(default)s)")
    option("--most", type=int, default=5_000, help="largest number of rules (%(default)s)")
    given = parser.parse_args()
    everything = list(islice(messages(), given.events * given.rounds))
    sizes = [row for row in (10, 100, 1_000, 5_000) if row <= given.most]
    shipped(given.rounds)
    many_keys()
    for scoped in (True, False) if sizes else ():
        variants = {
            (size, indexed): Variant(rules(size, scoped=scoped), indexed=indexed)
            for size in sizes
            for indexed in (True, False)
        }
        for row in range(given.rounds):
            for variant in variants.values():
                variant.run(everything[row * given.events : (row + 1) * given.events])
        print("90 % of the rules name a zone" if scoped else "No rule names a zone")
        print("  rules  cost : 10 rules  without : with index  µs/event  without  MB")
        base = median(variants[sizes[0], True].rounds)
        for size in sizes:
            fast, slow = (median(variants[size, indexed].rounds) for indexed in (True, False))
            print(
                f"  {size:5}  {fast / base:15.1f}  {slow / fast:20.1f}  {fast:8.1f}  {slow:7.1f}"
                f"  {variants[size, True].megabytes:2.0f}"
            )


if __name__ == "__main__":
    main()
