"""The catalogue of planted incidents; those at a fixed hour come first, because they choose their places first."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from monitor.simulate.incident import Incident
from monitor.simulate.incidents import (
    assets,
    credentials,
    devices,
    doors,
    inspections,
    people,
    senders,
    traps,
    zones,
)


class CatalogueEntry(NamedTuple):
    """One incident of the catalogue."""

    plant: Callable[[Incident], None]
    """Writes its messages and its truth."""
    at: float | None = None
    """The fraction of the day at which it begins; ``None``: at a random time around midday."""

    @property
    def name(self) -> str:
        """The incident's name in the ground truth."""
        return self.plant.__name__.replace("_", "-")


CATALOGUE: Sequence[CatalogueEntry] = (
    # At a fixed hour.
    CatalogueEntry(inspections.pass_expires, 0.2),
    CatalogueEntry(zones.exit_locked_since_night, 0.06),
    CatalogueEntry(zones.admitted_before_inspection, 0.012),
    CatalogueEntry(traps.staff_before_inspection, 0.014),
    CatalogueEntry(inspections.failed_and_passed_again, 0.03),
    CatalogueEntry(zones.opened_before_inspection, 0.10),
    CatalogueEntry(assets.certificate_lapses_early, 0.15),
    CatalogueEntry(assets.readings_stop, 0.35),
    # At a random time; those with the most requirements choose first.
    CatalogueEntry(zones.admitted_without_pass),
    CatalogueEntry(inspections.minor_finding),
    CatalogueEntry(senders.vendor_feeds),
    CatalogueEntry(zones.exit_locked),
    CatalogueEntry(zones.pass_lost),
    CatalogueEntry(zones.over_capacity),
    CatalogueEntry(zones.value_out_of_range),
    CatalogueEntry(inspections.overdue),
    CatalogueEntry(doors.forced),
    CatalogueEntry(doors.opened_unreleased),
    CatalogueEntry(doors.held_open),
    CatalogueEntry(doors.tampered),
    CatalogueEntry(devices.silent),
    CatalogueEntry(devices.last_will),
    CatalogueEntry(devices.case_opened),
    CatalogueEntry(devices.clock_ahead),
    CatalogueEntry(devices.lost_message),
    CatalogueEntry(credentials.denied_burst),
    CatalogueEntry(credentials.denied_badge),
    CatalogueEntry(credentials.revoked_and_granted),
    CatalogueEntry(credentials.stolen_and_refused),
    CatalogueEntry(credentials.refused_by_controller),
    CatalogueEntry(credentials.duress),
    CatalogueEntry(people.badge_in_two_hands),
    CatalogueEntry(people.reports_in_a_series),
    CatalogueEntry(people.order_not_carried_out),
    CatalogueEntry(people.round_cut_short),
    CatalogueEntry(senders.garbage),
    CatalogueEntry(senders.unknown_topic),
    CatalogueEntry(senders.forged_conclusion),
    CatalogueEntry(senders.unknown_point),
    CatalogueEntry(traps.closed_in_time),
    CatalogueEntry(traps.grant_overtaken),
    CatalogueEntry(traps.held_open_in_free_mode),
    CatalogueEntry(traps.old_alarm),
    CatalogueEntry(traps.nine_refusals),
    CatalogueEntry(traps.found_again),
    CatalogueEntry(traps.short_reconnection),
)
