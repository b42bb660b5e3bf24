"""Drains the queue with the monitor and Node-RED in turn, and prints what each took."""

from collections.abc import Sequence
from statistics import median

from bench import drain, node_red
from bench.drain import Drained

HEADER = "            events/s         min-max  µs CPU  + rules  waited  alerts  lost  left"


def compare(messages: int, rounds: int, before: int, *, alone: bool) -> bool:
    """Drain `messages` per round into a journal of `before` events; return whether the monitor lost none."""
    print(
        f"Drain: {messages:,} messages of 300 bytes, QoS 1, one core, {before:,} existing events."
    )
    if not alone:
        node_red.install()
    ours: list[Drained] = []
    theirs: list[Drained] = []
    for n in range(1, rounds + 1):
        ours.append(drain.monitor(messages, before))
        line = f"  round {n}: monitor {messages / ours[-1].seconds:,.0f}/s"
        if not alone:
            theirs.append(drain.nodered(messages))
            line += f", Node-RED {messages / theirs[-1].seconds:,.0f}/s"
        print(line, flush=True)
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
        f"  monitor : Node-RED = {median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f}) by elapsed time, "
        f"{cpu:.2f} by CPU with all rules"
    )
    print(
        "  The monitor acknowledges messages once they are on disk. Node-RED acknowledges on arrival and does not\n"
        "  sync its file: a crash loses messages that it has acknowledged but not written."
    )
