"""What the programs of the cluster have in common: where Kafka is, and the names of the topics."""

from datetime import timedelta

from msgspec import Struct

JOB_NAME = "venue-monitor"
"""As Flink shows it."""


class Topics(Struct, frozen=True):
    """The names of the topics; the prefix keeps two clusters on the same brokers apart."""

    prefix: str = "venue"

    @property
    def log(self) -> str:
        """What goes into the sites, by site."""
        return f"{self.prefix}.in"

    @property
    def out(self) -> str:
        """What comes out of the sites, by site."""
        return f"{self.prefix}.out"

    @property
    def configuration(self) -> str:
        """Rule sets and rosters, by digest; compacted."""
        return f"{self.prefix}.configuration"

    @property
    def inboxes(self) -> str:
        """When the inbox and the reader of each site were last alive, and what its board shows; compacted."""
        return f"{self.prefix}.inboxes"

    @property
    def readers(self) -> str:
        """How far the sinks of each site's reader are, and which pages are settled; compacted."""
        return f"{self.prefix}.readers"

    @property
    def dead_letters(self) -> str:
        """Records that could not be taken in, by site."""
        return f"{self.prefix}.dead-letters"


class JobSettings(Struct, frozen=True, kw_only=True):
    """What the Flink job has to know."""

    brokers: str
    topics: Topics = Topics()
    lateness: timedelta = timedelta(seconds=2)
    tolerance: timedelta = timedelta(seconds=2)
    disorder: timedelta = timedelta(milliseconds=500)
    """How far the clocks of two inboxes, or two tickers, may be apart; timers fire by as much later."""
    snapshot_after: timedelta = timedelta(minutes=5)
    """The time between two snapshots of a site; its records in between are read again after a failure."""
    snapshot_records: int = 2000
    """The most of these records, by which a busy site has its snapshots earlier."""
    transaction_timeout: timedelta = timedelta(minutes=10)
    """Below the brokers' own limit of 15 minutes."""
