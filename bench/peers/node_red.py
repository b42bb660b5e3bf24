"""Node-RED: the rules in rules.js, and files to which it appends."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

from bench.peers.peer import PLACE, Peer, PeerProcess, Unavailable
from monitor.mqtt import BrokerAddress

HERE = Path(__file__).parent / "flows" / "node_red"
INSTALLED = PLACE / "node-red"


def _install() -> None:
    wanted = (HERE / "package.json").read_text()
    copy = INSTALLED / "package.json"
    if copy.exists() and copy.read_text() == wanted and (INSTALLED / "node_modules").exists():
        return
    npm = shutil.which("npm")
    if npm is None:
        raise Unavailable("npm, which installs Node-RED, is missing")
    print("Installing Node-RED into bench/.peers/node-red ...", file=sys.stderr)
    shutil.rmtree(INSTALLED, ignore_errors=True)
    INSTALLED.mkdir(parents=True)
    copy.write_text(wanted)
    command = [npm, "install", "--prefix", str(INSTALLED)]
    quietly = ["--no-audit", "--no-fund", "--no-package-lock", "--loglevel", "error"]
    if subprocess.run([*command, *quietly], check=False).returncode:  # noqa: S603 - our own command
        copy.unlink()
        raise Unavailable("npm can't install Node-RED")


def _start(folder: Path, address: BrokerAddress, core: int) -> PeerProcess:
    flow = json.loads((HERE / "flow.json").read_text())
    for node in flow:
        if node["type"] == "function":
            node["func"] = (HERE / "rules.js").read_text()
            node["initialize"] = (HERE / "rules-start.js").read_text()
    (folder / "flows.json").write_text(json.dumps(flow))
    shutil.copy(HERE / "settings.js", folder)
    modules = INSTALLED / "node_modules"
    command = [str(modules / ".bin" / "node"), str(modules / "node-red" / "red.js")]
    return PeerProcess(
        [*command, "--userDir", str(folder), "--port", "0", str(folder / "flows.json")],
        folder,
        core,
        BENCH_PORT=str(address.port),
    )


NODE_RED = Peer(
    "Node-RED",
    "the rules about these events in JavaScript, acknowledges on arrival, does not sync",
    _install,
    _start,
    "node-red",
)
