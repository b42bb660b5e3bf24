"""Prints how long a message takes until it is on disk, whether one is lost, and whether memory grows."""

from statistics import median

from bench import steady
from bench.steady import Steady

MINUTE = 60


def live(rate: float, seconds: float) -> bool:
    """Feed the bare reader and then the monitor, print how long messages took; return whether none was lost."""
    print(f"Live: {rate:,.0f} messages of 300 bytes per second for {seconds:g} s, QoS 1, one core.")
    limit, found = steady.run_limit(rate, seconds), steady.run(rate, seconds)
    p50, p99 = (steady.quantile(found.to_durable, share) for share in (0.5, 0.99))
    print(f"  arrived -> durable       p50 {p50:7.2f} ms  p99 {p99:7.2f} ms  oldest of each batch")
    rows = (("sent -> seen in journal", found), ("the same, bare reader", limit))
    for name, row in rows:
        p50, p99 = (_share(row, hundredths) for hundredths in (50, 99))
        print(f"  {name:24} p50 {p50:7.2f} ms  p99 {p99:7.2f} ms  with broker and polling")
    ratios = (_share(found, each) / _share(limit, each) for each in (50, 99))
    print("  times the bare reader    p50 {:7.2f}     p99 {:7.2f}".format(*ratios))
    for name, row in (("monitor", found), ("bare reader", limit)):
        print(f"  {name}:{_sums(row)}", flush=True)
    return not (found.lost or found.left_over)


def _share(found: Steady, hundredths: int) -> float:
    """Return a quantile of how long messages took until they were seen in the journal."""
    return found.to_seen[len(found.to_seen) * hundredths // 100]


def soak(rate: float, seconds: float) -> bool:
    """Feed for a long time and print the memory; return whether no message was lost."""
    print(f"Soak: {rate:,.0f} messages of 300 bytes per second for {seconds:g} s, QoS 1, one core.")
    found = steady.run(rate, seconds)
    memory = found.watched.memory
    minutes = [median(memory[at : at + MINUTE]) for at in range(0, len(memory), MINUTE)]
    print("  MB resident, median of each minute:", *(f"{each:.1f}" for each in minutes))
    first, last = median(memory[:MINUTE]), median(memory[-MINUTE:])
    print(f"  first minute {first:.1f}, last minute {last:.1f}: {last - first:+.1f} MB")
    print(_sums(found), flush=True)
    return not (found.lost or found.left_over)


def _sums(found: Steady) -> str:
    watched = found.watched
    return (
        f"  {found.lost} of {found.messages:,} lost, {found.left_over} left at the broker; "
        f"{watched.cpu:.2f} cores used; waited for the core {watched.waited:.0%} of the time"
    )
