"""Other programs that take the same stream from the same broker, each installed into a folder of its own."""

from bench.peers.bytewax import BYTEWAX
from bench.peers.limit import LIMIT
from bench.peers.node_red import NODE_RED
from bench.peers.pathway import PATHWAY
from bench.peers.telegraf import TELEGRAF

PEERS = (LIMIT, PATHWAY, TELEGRAF, BYTEWAX, NODE_RED)
"""All of them, the fastest first."""
