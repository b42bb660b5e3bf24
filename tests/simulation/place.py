"""Where the monitor lives in the simulated world: its folder, its clock, and what is around it."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple

from argon2 import PasswordHasher

from monitor.accounts import Accounts, accounts_path
from monitor.config import Broker, Config
from monitor.config.settings import Files, JournalTable, StaffTable, Time
from monitor.core.rules.model import RuleSet
from monitor.runtime.clock import Clock
from tests.simulation.broker import SimulatedBroker
from tests.simulation.outside import Archive
from tests.simulation.watcher import Watcher

CONGRESS = "trial"
DESK = "desk"
"""The sender that may act for people over MQTT."""
_FAST = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class Place(NamedTuple):
    """Where a life takes place."""

    folder: Path
    clock: Clock
    broker: SimulatedBroker
    watcher: Watcher
    archives: dict[str, Archive]
    rng: Random
    lateness: timedelta
    snapshot_every: timedelta
    retention: timedelta
    has_accounts: bool
    """Whether people have accounts, and checklists are approved and zones signed off."""
    read: Callable[[], RuleSet]
    """Reads the rules."""

    @property
    def journal(self) -> Path:
        """The journal's file."""
        return self.folder / "journal.db"

    @property
    def config(self) -> Config:
        """The deployment."""
        return Config(
            broker=Broker(host="broker"),
            journal=JournalTable(
                path=self.journal, retention=self.retention, snapshot_every=self.snapshot_every
            ),
            time=Time(lateness=self.lateness),
            files=Files(
                venue=self.folder / "venue.toml",
                rules=self.folder / "rules",
                roster=self.folder / "roster.toml",
            ),
            staff=StaffTable(mqtt=(DESK,)),
        )


def open_accounts(place: Place, is_on_call: Callable[[str], bool] = lambda _: False) -> Accounts:
    """Open the accounts, as `monitor.app.accounts.open_accounts` does with real time."""
    return Accounts(accounts_path(place.journal), place.clock.now, _FAST, is_on_call)
