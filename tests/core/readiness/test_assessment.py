"""Assessing zones and sites: what rules learn about a zone, when it is assessed again, and what a site is made of."""

from collections.abc import Iterable, Mapping

import msgspec
from msgspec.structs import replace

from monitor.core.effects import Effects
from monitor.core.events import AnyEvent
from monitor.core.events.derived import ZoneReady
from monitor.core.phrase import Phrase, phrase
from monitor.core.readiness import verdict
from monitor.core.rules.model import RuleSet
from monitor.core.state.state import State
from monitor.core.state.work import ActionState, CertificateState, SignOffState
from monitor.core.transitions import ReadinessChanged, ReadinessStatus, Reason
from monitor.core.venue.model import Needs, Venue
from tests.support.engine import at

DAY = 86_400
HALL = {"id": "hall", "name": "Hall", "site": "centre", "capacity": 9, "area_m2": 9.0}
PLAN = {
    "congress": {"id": "c", "name": "C", "phase": "live", "ends_at": at(3 * DAY)},
    "sites": [
        {"id": "centre", "name": "Centre", "kind": "venue"},
        {"id": "hotel", "name": "Hotel", "kind": "hotel"},
    ],
    "zones": [
        HALL | {"opens_at": [at(100), at(DAY)], "lead": "fire"},
        HALL | {"id": "lobby", "name": "Lobby", "site": "hotel"},
    ],
}
VENUE: Venue = msgspec.convert(PLAN, Venue)
SIGNED = SignOffState("eve", at(0))
SIGNED_OFF = phrase("sign-off-valid", who="eve", at=at(0))


def worded(row: Phrase | str) -> str:
    """A sentence in words: here its id."""
    return row if isinstance(row, str) else row.id


class Board:
    """The state of zones after the given work, assessed when a test says so."""

    def __init__(
        self,
        *,
        venue: Venue = VENUE,
        sign_offs: Mapping[str, SignOffState] = {"hall": SIGNED},
        actions: Mapping[str, ActionState] = {},
        certificates: Mapping[str, CertificateState] = {},
    ) -> None:
        self.venue = venue
        self.state = State(rule_set=RuleSet(venue=venue))
        self.state.time.now = at(0)
        self.state.work.sign_offs = dict(sign_offs)
        self.state.work.actions = dict(actions)
        self.state.work.certificates = dict(certificates)
        self.effects = Effects(self.state.time)

    def assess(self, seconds: float, zones: Iterable[str] = ("hall", "lobby")) -> list[AnyEvent]:
        """Assess zones; return what rules learn."""
        verdict.assess(self.state, self.venue, zones, at(seconds), self.effects, worded)
        return list(self.effects.take_derived())

    def status(self, name: str) -> ReadinessStatus:
        """The readiness of a zone or a site."""
        return self.state.readiness.statuses[name]


def hall_ready(seconds: float, **parts: object) -> ZoneReady:
    """What rules learn about the hall, which is ready unless the parts say otherwise."""
    fields = {"state": "go", "reason": "sign-off-valid", "signed": True, "opens_at": at(100)}
    return ZoneReady(at=at(seconds), zone="hall", **{**fields, **parts})  # type: ignore[arg-type]


UNSIGNED = ZoneReady(at=at(10), zone="lobby", state="unknown", reason="not-signed-off")
BROKEN = ActionState(at=at(5), kind="repair", severity="impairment", zone="hall")


# What rules learn --------------------------------------------------------------------------------------------


def test_rules_learn_of_a_change_once() -> None:
    """Rules learn the gravest reason, the sign-off and the next opening; the same verdict again is no change."""
    board = Board()

    assert board.assess(10) == [hall_ready(10), UNSIGNED]
    assert board.assess(20) == []
    assert verdict.current(board.state, VENUE, at(30), worded) == [
        hall_ready(30),
        replace(UNSIGNED, at=at(30)),
    ]


def test_rules_learn_of_an_impairment() -> None:
    """Rules learn that something that protects lives does not work, whatever else is true of the zone."""
    board = Board(sign_offs={}, actions={"a1": BROKEN})

    assert board.assess(10, ["hall"]) == [
        hall_ready(10, state="no_go", reason="action-open", signed=False, life_safety=True)
    ]


def test_no_sign_off_is_missed_where_none_is_required() -> None:
    """Where no sign-off is required, it counts as given."""
    board = Board(venue=replace(VENUE, readiness=Needs(sign_off=False)), sign_offs={})

    assert board.assess(10, ["hall"]) == [hall_ready(10, state="unknown", reason="nothing-known")]


def test_at_its_opening_rules_learn_of_the_next_one() -> None:
    """Rules learn of the next opening although nothing has changed; after the last opening there is none."""
    board = Board()
    board.assess(10)

    assert board.assess(99, ["hall"]) == []
    assert board.assess(100, ["hall"]) == [hall_ready(100, opens_at=at(DAY))]
    assert board.assess(DAY, ["hall"]) == [hall_ready(DAY, opens_at=None)]


def test_a_zone_that_is_not_in_the_venue_is_not_assessed() -> None:
    """A zone that is not in the venue does not affect any site."""
    board = Board()

    assert board.assess(10, ["unheard-of"]) == []
    assert board.state.readiness.statuses == {}


# When it is assessed again --------------------------------------------------------------------------------------


def timers(board: Board) -> list[tuple[float, str]]:
    """Take the timers that are set: the seconds, and the zone that is then assessed."""
    heap, found = board.state.time.timers, []
    while len(heap):
        due, _, zone, _ = heap.pop().order
        found.append(((due - at(0)).total_seconds(), zone))
    return found


def test_a_timer_is_set_for_the_next_change_once() -> None:
    """Another timer is set only if something ends earlier, or when the time has come."""
    board = Board()
    board.assess(10)
    board.assess(20)
    assert timers(board) == [(100, "hall")]
    assert board.state.readiness.rechecks == {"hall": at(100)}

    early = CertificateState(at(30), "lift", "brakes", "hall", "tuev", at(60))
    board.state.work.certificates["lift brakes"] = early
    board.assess(30)
    board.assess(40)
    assert timers(board) == [(60, "hall")]

    board.assess(60)
    board.assess(61)
    assert timers(board) == [(100, "hall")]


# What is published ----------------------------------------------------------------------------------------------


def test_only_changes_are_published() -> None:
    """Each change is published once; a status that has returned to the published one is no change."""
    board = Board()
    board.assess(10)
    assert verdict.publish(board.state, board.effects)
    published = [
        row for row in board.effects.take_transitions() if isinstance(row, ReadinessChanged)
    ]
    assert [(row.site, row.zone) for row in published] == [
        ("centre", ""),
        ("centre", "hall"),
        ("hotel", ""),
        ("hotel", "lobby"),
    ]

    board.state.work.actions["a1"] = BROKEN
    board.assess(20, ["hall"])
    del board.state.work.actions["a1"]
    board.assess(20, ["hall"])
    assert not verdict.publish(board.state, board.effects)
    assert board.effects.take_transitions() == []


def test_what_is_still_in_the_venue_keeps_its_status() -> None:
    """Zones and sites that are no longer there are unknown, and the reason says so."""
    board = Board()
    board.assess(10)
    before = dict(board.state.readiness.statuses)
    verdict.forget_gone(board.state, VENUE)
    assert board.state.readiness.statuses == before

    verdict.forget_gone(board.state, replace(VENUE, sites=VENUE.sites[:1], zones=VENUE.zones[:1]))
    gone = (Reason(state="unknown", what=phrase("not-in-venue")),)
    assert board.state.readiness.statuses == before | {
        "hotel/": ReadinessStatus(site="hotel", reasons=gone),
        "hotel/lobby": ReadinessStatus(site="hotel", zone="lobby", reasons=gone),
    }


# Sites ----------------------------------------------------------------------------------------------------------


def test_a_site_is_made_of_its_own_zones() -> None:
    """Zones of another site do not count, nor do zones that have not been assessed."""
    board = Board()
    board.assess(10, ["", "hall"])

    assert board.status("centre/") == ReadinessStatus(
        site="centre",
        state="go",
        reasons=(Reason(state="go", what=phrase("zones-ready", zones="Hall")),),
    )
    assert board.status("hotel/").reasons == (
        Reason(state="unknown", what=phrase("site-no-zones")),
    )

    board.assess(20, ["lobby"])
    what = phrase("zone-not-ready", zone="Lobby", what=phrase("not-signed-off"))
    assert board.status("hotel/").reasons == (Reason(state="unknown", what=what, zone="lobby"),)


def test_a_site_changes_although_only_the_first_of_two_zones_has() -> None:
    """The site changes although the last of its zones has not."""
    board = Board()
    board.assess(10)
    board.state.work.actions["a1"] = BROKEN
    board.assess(20)

    assert board.status("centre/").state == "no_go"


def test_what_belongs_to_no_zone_counts_for_every_site() -> None:
    """Work without a zone, and a certificate as it is at the time of the assessment, count for every site."""
    lift = CertificateState(at(0), "lift", "brakes", "", "tuev", at(60))
    work_nowhere = ActionState(at=at(5), kind="repair", severity="impairment")
    board = Board(certificates={"lift brakes": lift}, actions={"a1": work_nowhere})
    board.assess(10)
    early = Reason(
        state="go_with_conditions",
        what=phrase("certificate-expires-early", asset="lift", kind="brakes", expires_at=at(60)),
        certificate="lift brakes",
        until=at(60),
    )
    work = phrase("action-open", kind="repair", action="a1", severity="impairment")

    for site in ("centre/", "hotel/"):
        assert early in board.status(site).reasons
        assert Reason(state="no_go", what=work, action="a1", life_safety=True) in (
            board.status(site).reasons
        )

    board.assess(60, [""])
    expired = phrase("asset-certificate-expired", asset="lift", kind="brakes", expires_at=at(60))
    assert [row.what for row in board.status("hotel/").reasons if row.certificate] == [expired]
