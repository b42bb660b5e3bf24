"""What ten walls ask of InfluxDB: each dashboard refreshed every ten seconds, and the time of each refresh."""

import argparse
import asyncio
import json
import os
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from statistics import median, quantiles

from dashboards.preview.scene import Scene, answers
from tests.support.influxd import Influx
from tests.support.morning import NOW, opened, played, store
from tests.support.wall import boards, panels

REFRESH = 10
"""Seconds, as in the dashboards."""


def main() -> None:
    """Fill a database from the simulated morning; let ten walls refresh each dashboard; print a row for each."""
    parser = argparse.ArgumentParser(prog="bench/wall", description=__doc__)
    parser.add_argument("--walls", type=int, default=10, help="screens (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="refreshes (default: %(default)s)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary, opened(Path(temporary)) as server:
        asyncio.run(store(server, played()))
        _measure(server, given.walls, given.rounds)


def _measure(server: Influx, walls: int, rounds: int) -> None:
    print(
        f"| dashboard | queries | one wall alone | {walls} at once, median | 95 % | influxd's CPU a refresh |"
    )
    print("|---|---|---|---|---|---|")
    scene = Scene("now", NOW, length=timedelta(hours=6))
    for uid, board in boards().items():
        alone = _refresh(server, board, scene)
        before, took = _cpu(server), []
        with ThreadPoolExecutor(walls) as screens:
            for _ in range(rounds):
                jobs = [screens.submit(_refresh, server, board, scene) for _ in range(walls)]
                took += [job.result() for job in jobs]
        spent = (_cpu(server) - before) / (walls * rounds)
        asked = sum(len(panel["targets"]) for panel in panels(board))
        print(
            f"| {uid} | {asked} | {alone:.2f} s | {median(took):.2f} s | {quantiles(took, n=20)[-1]:.2f} s "
            f"| {1000 * spent:.0f} ms, {100 * walls * spent / REFRESH:.0f} % of a core for {walls} |"
        )


def _refresh(server: Influx, board: dict[str, object], scene: Scene) -> float:
    begin = time.perf_counter()
    json.dumps(answers(server, board, scene))
    return time.perf_counter() - begin


def _cpu(server: Influx) -> float:
    """Return the seconds of CPU that the server has used."""
    fields = Path(f"/proc/{server.process_id}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
