"""Pathway: a stream processor whose engine, and whose MQTT source, are written in Rust."""

from functools import partial
from pathlib import Path

from bench.peers.environment import install_into, python_of
from bench.peers.peer import Peer, PeerProcess
from monitor.mqtt import BrokerAddress

PACKAGES = ("pathway==0.33.0",)
FLOWS = Path(__file__).parent / "flows" / "python"


def _start(folder: Path, address: BrokerAddress, core: int) -> PeerProcess:
    return PeerProcess(
        [str(python_of("pathway")), str(FLOWS / "pathway_flow.py")],
        folder,
        core,
        BENCH_PORT=str(address.port),
        PATHWAY_THREADS="1",
    )


PATHWAY = Peer(
    "Pathway",
    "4 rules in Python, acknowledges on arrival, does not sync",
    partial(install_into, "pathway", PACKAGES),
    _start,
    "pathway",
)
