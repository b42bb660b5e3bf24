"""Drains the queue with the monitor and with other programs in turn, and prints what each took."""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from statistics import median

from bench import drain, ours
from bench.drain import Drained
from bench.peers import PEERS
from bench.peers.peer import Peer, Unavailable

OURS = "the monitor"
COMPILED = "compiled core"
HEADER = (
    "                 events/s         min-max  µs CPU  + rules     all  waited  alerts  lost  left"
)
Contestants = Mapping[str, Callable[[], Drained]]


def compare(
    messages: int,
    rounds: int,
    before: int,
    *,
    names: Sequence[str],
    raw: Path | None = None,
) -> bool:
    """Drain `messages` per round into a journal of `before` events; return whether the monitor lost none.

    Args:
        messages: in each drain.
        rounds: in each of which every program has its turn.
        before: events that are in the monitor's journal already.
        names: the other programs.
        raw: where every round's figures are written as JSON.

    """
    print(
        f"Drain: {messages:,} messages of 300 bytes, QoS 1, one core, {before:,} existing events."
    )
    peers = [peer for peer in PEERS if peer.name in names and _is_there(peer)]
    is_compiled = ours.is_compiled()
    if not is_compiled:
        print("  THE COMPILED CORE IS LEFT OUT: scripts/compiled-core builds it", file=sys.stderr)
    compiled = partial(drain.monitor, messages, before, compiled=True)
    contestants: Contestants = {
        OURS: partial(drain.monitor, messages, before),
        **({COMPILED: compiled} if is_compiled else {}),
        **{peer.name: partial(drain.peer, peer, messages) for peer in peers},
    }
    runs: dict[str, list[Drained]] = {name: [] for name in contestants}
    for n in range(1, rounds + 1):
        for name, take in contestants.items():
            runs[name].append(take())
        rates = (f"{name} {messages / own[-1].seconds:,.0f}/s" for name, own in runs.items())
        print(f"  round {n}: {', '.join(rates)}", flush=True)
    print(HEADER)
    for name, own in runs.items():
        print(f"  {name:13}", _row(messages, own))
    own_names = (OURS, COMPILED) if is_compiled else (OURS,)
    for peer in peers:
        for name in own_names:
            print(_ratio(runs[name], runs[peer.name], f"{name} : {peer.name}"))
    if is_compiled:
        print(_gain(runs[COMPILED], runs[OURS]))
    for peer in peers:
        print(f"  {peer.name}: {peer.does}.")
    print(f"  {OURS}: all rules, acknowledges once it is on disk and synced.")
    if raw is not None:
        rows = {name: [run._asdict() for run in own] for name, own in runs.items()}
        raw.write_text(json.dumps({"messages": messages, "history": before, "runs": rows}) + "\n")
    return not any(run.lost or run.left_over for name in own_names for run in runs[name])


def _is_there(peer: Peer) -> bool:
    try:
        peer.install()
    except Unavailable as error:
        print(f"  {peer.name.upper()} IS LEFT OUT: {error}", file=sys.stderr)
        return False
    return True


def _row(messages: int, runs: Sequence[Drained]) -> str:
    rates = [messages / run.seconds for run in runs]
    cpu, rules, both = (
        median(column) / messages * 1e6
        for column in zip(
            *((r.cpu, r.cpu_of_rules, r.cpu + r.cpu_of_rules) for r in runs), strict=True
        )
    )
    waited = median(run.waited / run.seconds for run in runs)
    lost, left = sum(run.lost for run in runs), sum(run.left_over for run in runs)
    return (
        f"{median(rates):11,.0f} {f'{min(rates):,.0f}-{max(rates):,.0f}':>15} {cpu:7.1f} {rules:8.1f} "
        f"{both:7.1f} {waited:7.0%} {runs[-1].raised:7} {lost:5} {left:5}"
    )


def _ratio(mine: Sequence[Drained], theirs: Sequence[Drained], names: str) -> str:
    """Return our CPU time as a multiple of theirs, in the median of the rounds."""
    pairs = list(zip(mine, theirs, strict=True))
    taken = median(own.cpu / (row.cpu + row.cpu_of_rules) for own, row in pairs)
    whole = median(
        (own.cpu + own.cpu_of_rules) / (row.cpu + row.cpu_of_rules) for own, row in pairs
    )
    speed = median(row.seconds / own.seconds for own, row in pairs)
    return (
        f"  {names} = {taken:.2f} in CPU until it is durable, {whole:.2f} with all rules; "
        f"{speed:.2f} times as fast by elapsed time"
    )


def _gain(compiled: Sequence[Drained], pure: Sequence[Drained]) -> str:
    """Return the CPU time of the compiled core as a multiple of the pure one's, in the median of the rounds."""
    pairs = list(zip(compiled, pure, strict=True))
    taken = median(own.cpu / row.cpu for own, row in pairs)
    whole = median(
        (own.cpu + own.cpu_of_rules) / (row.cpu + row.cpu_of_rules) for own, row in pairs
    )
    return f"  {COMPILED} : {OURS} = {taken:.2f} in CPU until it is durable, {whole:.2f} with all rules"
