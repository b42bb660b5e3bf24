"""The loops of the running monitor over a pipeline: what `monitor.app.run` opens, without the process."""

from math import inf
from random import Random
from typing import Self

from monitor.app.parts import Parts
from monitor.app.sink_health import SinkHealth
from monitor.app.status import Status
from monitor.ingest.clock_loop import ClockLoop
from monitor.ingest.connection_status import ConnectionStatus
from monitor.ingest.inbox import Inbox
from monitor.ingest.intake_loop import IntakeLoop
from monitor.mqtt import BrokerAddress
from monitor.sinks.relay import Relay
from tests.support.pipeline import PipelineHarness
from tests.support.servers import HOST

NOWHERE = BrokerAddress(HOST, 1)


class Monitor:
    """The parts of a monitor; it connects only when its inbox is entered."""

    def __init__(
        self, line: PipelineHarness, *relays: Relay, broker: BrokerAddress = NOWHERE
    ) -> None:
        self.inbox = Inbox(
            broker,
            client_id="monitor",
            filters=["venue/#"],
            clock=line.clock.now,
            rng=Random(1),
            on_session_lost=lambda: None,
            expect_session=False,
        )
        self.parts = Parts(relays=list(relays))
        self.connection = ConnectionStatus(self.inbox, line.pipeline, str(broker))
        self.intake_loop = IntakeLoop(
            self.inbox, line.pipeline, self.connection, self.parts.is_paging
        )
        self.clock_loop = ClockLoop(line.pipeline, self.connection)
        self.sink_health = SinkHealth(self.parts, line.pipeline)
        self.status = Status(
            line.pipeline, self.inbox, self.connection, self.clock_loop, self.sink_health
        )

    def without_clock(self) -> Self:
        """Return it with a clock that no one runs, and that is never taken for stuck, however long the test takes."""
        self.clock_loop.ticked_at = inf
        return self
