"""Bytewax: a stream processor whose rules are written in Python and whose engine in Rust."""

from functools import partial
from pathlib import Path

from bench.peers.environment import install_into, python_of
from bench.peers.peer import Peer, PeerProcess
from monitor.mqtt import BrokerAddress

PACKAGES = ("bytewax==0.21.1", "paho-mqtt==2.1.0", "msgspec==0.19.0")
FLOWS = Path(__file__).parent / "flows" / "python"


def _start(folder: Path, address: BrokerAddress, core: int) -> PeerProcess:
    return PeerProcess(
        [str(python_of("bytewax")), "-m", "bytewax.run", "bytewax_flow:flow"],
        folder,
        core,
        BENCH_PORT=str(address.port),
        PYTHONPATH=str(FLOWS),
    )


BYTEWAX = Peer(
    "Bytewax",
    "4 rules in Python, acknowledges on arrival, does not sync",
    partial(install_into, "bytewax", PACKAGES),
    _start,
    "bytewax",
)
