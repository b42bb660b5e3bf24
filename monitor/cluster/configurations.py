"""The topic `configuration`: rule sets and rosters under their digests, and which of them each site has."""

from hashlib import sha256

import msgspec
from confluent_kafka import Producer
from msgspec import Struct

from monitor.cluster.compacted_topic import CompactedTopic
from monitor.core.roster import Roster
from monitor.core.rules.model import RuleSet


class Published(Struct, frozen=True):
    """What was last published for a site."""

    rules: str = ""
    """The digest of its rule set; empty: none yet."""


class ConfigurationTopic:
    """Rule sets and rosters by their digest, read from the topic when one is asked for that is not known yet.

    A content is written, and acknowledged, before a record of the log names it. So whoever reads that record finds the
    content, whichever machine they are on. Sites with the same rules share one rule set in memory.

    Args:
        brokers: addresses of Kafka brokers, with commas in between.
        topic: the name of the topic.

    """

    def __init__(self, brokers: str, topic: str) -> None:
        self._table = CompactedTopic(brokers, topic)
        self._rule_sets: dict[str, RuleSet] = {}
        self._rosters: dict[str, Roster] = {}

    def rule_set(self, digest: str) -> RuleSet:
        """Return a rule set.

        Raises:
            KeyError: the topic has none with this digest.
            ClusterUnavailable: the topic can't be read.

        """
        if digest not in self._rule_sets:
            self._rule_sets[digest] = msgspec.json.decode(self._body(digest), type=RuleSet)
        return self._rule_sets[digest]

    def roster(self, digest: str) -> Roster:
        """Return a roster.

        Raises:
            KeyError: the topic has none with this digest.
            ClusterUnavailable: the topic can't be read.

        """
        if digest not in self._rosters:
            self._rosters[digest] = msgspec.json.decode(self._body(digest), type=Roster)
        return self._rosters[digest]

    def snapshot(self, digest: str) -> bytes:
        """Return the snapshot of a site that is brought over from one machine.

        Raises:
            KeyError: the topic has none with this digest.
            ClusterUnavailable: the topic can't be read.

        """
        return self._body(digest)

    def put(self, content: RuleSet | Roster | bytes, producer: Producer) -> str:
        """Write a content, or the snapshot of a site, and wait until all replicas have it; return its digest.

        Raises:
            ClusterUnavailable: the brokers have not acknowledged it.

        """
        body = content if isinstance(content, bytes) else msgspec.json.encode(content)
        digest = sha256(body).hexdigest()
        self._table.put(digest, body, producer)
        return digest

    def published(self, site: str) -> Published:
        """Return what was last published for a site.

        Raises:
            ClusterUnavailable: the topic can't be read.

        """
        self._table.read()
        body = self._table.rows.get(_key_of(site))
        return Published() if body is None else msgspec.json.decode(body, type=Published)

    def publish(self, site: str, published: Published, producer: Producer) -> None:
        """Note what has been published for a site, after the log has it.

        Raises:
            ClusterUnavailable: the brokers have not acknowledged it.

        """
        self._table.put(_key_of(site), msgspec.json.encode(published), producer)

    def _body(self, digest: str) -> bytes:
        if digest not in self._table.rows:
            self._table.read()
        return self._table.rows[digest]


def _key_of(site: str) -> str:
    return f"site {site}"
