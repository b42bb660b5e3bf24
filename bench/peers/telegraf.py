"""Telegraf: InfluxData's agent, built with only the plugins that are used here; its rules are a Starlark script."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from bench.peers.peer import PLACE, Peer, PeerProcess, Unavailable
from monitor.mqtt import BrokerAddress

VERSION = "v1.37.2"
MODULE = "github.com/influxdata/telegraf/cmd/telegraf"
TAGS = "custom,inputs.mqtt_consumer,outputs.file,parsers.json,processors.starlark,serializers.json"
FLOWS = Path(__file__).parent / "flows" / "telegraf"
PROGRAM = PLACE / f"telegraf-{VERSION}" / "telegraf"


def _install() -> None:
    if PROGRAM.exists():
        return
    go = shutil.which("go")
    if go is None:
        raise Unavailable("Go, which builds Telegraf, is missing")
    print("Building Telegraf into bench/.peers, some minutes ...", file=sys.stderr)
    command = [go, "install", "-tags", TAGS, f"{MODULE}@{VERSION}"]
    into = os.environ | {"GOBIN": str(PROGRAM.parent)}
    ran = subprocess.run(command, check=False, capture_output=True, text=True, env=into)  # noqa: S603 - our own command
    if ran.returncode:
        last = (ran.stderr.strip().splitlines() or ["it failed"])[-1]
        raise Unavailable(f"Go can't build Telegraf {VERSION}: {last}")


def _start(folder: Path, address: BrokerAddress, core: int) -> PeerProcess:
    return PeerProcess(
        [str(PROGRAM), "--config", str(FLOWS / "telegraf.conf")],
        folder,
        core,
        BENCH_PORT=str(address.port),
        BENCH_SCRIPT=str(FLOWS / "telegraf.star"),
        GOMAXPROCS="1",
    )


TELEGRAF = Peer(
    "Telegraf",
    "4 rules in Starlark, acknowledges once written, does not sync",
    _install,
    _start,
    "telegraf",
)
