"""Drains in turn with the monitor and Node-RED, and prints what each took."""

from collections.abc import Sequence
from statistics import median

from bench import drain, node_red
from bench.drain import Drained

HEADER = "            events/s         min-max  µs CPU  + rules  waited  alerts  lost  left"


def compare(messages: int, rounds: int, before: int, *, alone: bool) -> bool:
    """Drain so many in each round, into a journal that holds `before` events; tell whether the monitor lost none."""
    print(f"Drain: {messages:,} messages of 300 bytes, QoS 1, one core, {before:,} events before.")
    if not alone:
        node_red.install()
    ours: list[Drained] = []
    theirs: list[Drained] = []
    for n in range(1, rounds + 1):
        ours.append(drain.monitor(messages, before))
        told = f"  round {n}: monitor {messages / ours[-1].seconds:,.0f}/s"
        if not alone:
            theirs.append(drain.nodered(messages))
            told += f", Node-RED {messages / theirs[-1].seconds:,.0f}/s"
        print(told, flush=True)
    print(HEADER)
    print("  monitor  ", _row(messages, ours))
    if theirs:
        print("  Node-RED ", _row(messages, theirs))
        _ratio(ours, theirs)
    return not any(run.lost or run.left_over for run in ours)


def _row(messages: int, runs: Sequence[Drained]) -> str:
    rates = [messages / run.seconds for run in runs]
    cpu, rules = (median(column) / messages * 1e6 for column in _columns(runs))
    waited = median(run.waited / run.seconds for run in runs)
    lost, left = sum(run.lost for run in runs), sum(run.left_over for run in runs)
    return (
        f"{median(rates):9,.0f} {f'{min(rates):,.0f}-{max(rates):,.0f}':>15} {cpu:7.1f} {rules:8.1f} "
        f"{waited:7.0%} {runs[-1].raised:7} {lost:5} {left:5}"
    )


def _columns(runs: Sequence[Drained]) -> tuple[list[float], list[float]]:
    return [run.cpu for run in runs], [run.cpu_of_rules for run in runs]


def _ratio(ours: Sequence[Drained], theirs: Sequence[Drained]) -> None:
    ratios = [row.seconds / own.seconds for own, row in zip(ours, theirs, strict=True)]
    cpu = median(row.cpu for row in theirs) / median(row.cpu + row.cpu_of_rules for row in ours)
    print(
        f"  monitor : Node-RED = {median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f}) by the clock, "
        f"{cpu:.2f} by CPU with all rules"
    )
    print(
        "  The monitor acknowledges what is on the disk. Node-RED acknowledges on arrival and leaves its lines to"
    )
    print("  the operating system: killed, it has lost what it had acknowledged and not written.")
