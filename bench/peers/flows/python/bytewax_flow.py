"""The dataflow that Bytewax runs, in an environment of its own: MQTT in, four rules by subject, two files out.

It acknowledges on arrival, as paho does by itself; the files are not synced.
"""

import os
import time
from datetime import datetime
from pathlib import Path
from queue import Empty, SimpleQueue

import bytewax.operators as op
import msgspec
import paho.mqtt.client as mqtt
from alert_rules import Subject, subject_of
from bytewax.dataflow import Dataflow
from bytewax.inputs import DynamicSource, StatelessSourcePartition
from bytewax.outputs import DynamicSink, StatelessSinkPartition

BATCH = 500


class Messages(StatelessSourcePartition):
    """The messages of a persistent session."""

    def __init__(self):
        self._queue = SimpleQueue()
        self._client = mqtt.Client(
            mqtt.CallbackAPIVersion.VERSION2, client_id="bytewax", clean_session=False
        )
        self._client.on_message = lambda _client, _data, message: self._queue.put(message.payload)
        self._client.connect("127.0.0.1", int(os.environ["BENCH_PORT"]))
        self._client.subscribe("venue/#", 1)
        self._client.loop_start()

    def next_batch(self):
        """Return what has arrived, at most a batch of it."""
        found = []
        try:
            while len(found) < BATCH:
                found.append(self._queue.get_nowait())
        except Empty:
            if not found:
                time.sleep(0.001)
        return found


class Broker(DynamicSource):
    """The broker."""

    def build(self, _step_id, _worker_index, _worker_count):
        """Connect."""
        return Messages()


class Lines(StatelessSinkPartition):
    """Appends lines to a file."""

    def __init__(self, path):
        self._file = Path(path).open("ab", buffering=0)  # noqa: SIM115 - as long as the process runs

    def write_batch(self, items):
        """Write them at once."""
        self._file.write(b"".join(items))


class File(DynamicSink):
    """A file."""

    def __init__(self, path):
        self._path = path

    def build(self, _step_id, _worker_index, _worker_count):
        """Open it."""
        return Lines(self._path)


def by_subject(payload):
    """Return an event with its subject."""
    event = DECODE(payload)
    return subject_of(event), (payload, event)


def judge(subject, pair):
    """Return what is remembered, and the alerts."""
    _, event = pair
    subject = subject or Subject()
    at = datetime.fromisoformat(event["at"]).timestamp()
    return subject, subject.take(event, at)


DECODE = msgspec.json.Decoder().decode
flow = Dataflow("venue")
raw = op.input("in", flow, Broker())
op.output("events", op.map("line", raw, lambda row: row + b"\n"), File(os.environ["BENCH_EVENTS"]))
judged = op.stateful_map("rules", op.map("decode", raw, by_subject), judge)
alerts = op.flat_map("each", judged, lambda pair: [f"{text}\n".encode() for text in pair[1]])
op.output("alerts", alerts, File(os.environ["BENCH_ALERTS"]))
