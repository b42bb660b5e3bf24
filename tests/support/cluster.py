"""What tests of the cluster share: settings, and contents by digest without a topic."""

from hashlib import sha256

import msgspec

from monitor.cluster.site import Settings
from monitor.core.roster import Roster
from monitor.core.rules.model import RuleSet
from monitor.texts import ENGLISH
from tests.support.engine import LATENESS, TOLERANCE

SETTINGS = Settings(LATENESS, TOLERANCE, ENGLISH)


class Contents:
    """Rule sets and rosters by their digest, in memory."""

    def __init__(self) -> None:
        self._rows: dict[str, RuleSet | Roster | bytes] = {}

    def put(self, content: RuleSet | Roster | bytes) -> str:
        """Keep a content; return its digest."""
        body = content if isinstance(content, bytes) else msgspec.json.encode(content)
        digest = sha256(body).hexdigest()
        self._rows[digest] = content
        return digest

    def rule_set(self, digest: str) -> RuleSet:
        """Return a rule set."""
        found = self._rows[digest]
        assert isinstance(found, RuleSet)
        return found

    def roster(self, digest: str) -> Roster:
        """Return a roster."""
        found = self._rows[digest]
        assert isinstance(found, Roster)
        return found

    def snapshot(self, digest: str) -> bytes:
        """Return the snapshot of a site."""
        found = self._rows[digest]
        assert isinstance(found, bytes)
        return found
