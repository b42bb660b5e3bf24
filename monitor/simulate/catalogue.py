"""The programme: all planted incidents, those that are bound to an hour first."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from monitor.simulate.incident import Story
from monitor.simulate.incidents import (
    credentials,
    devices,
    doors,
    inspections,
    people,
    senders,
    traps,
    zones,
)


class Act(NamedTuple):
    """One incident of the programme."""

    tell: Callable[[Story], None]
    at: float | None = None
    """The fraction of the day at which it begins; without one, some time around midday."""

    @property
    def name(self) -> str:
        """The incident's name, as the ground truth has it."""
        return self.tell.__name__.replace("_", "-")


PROGRAMME: Sequence[Act] = (
    # Bound to an hour: these choose first.
    Act(inspections.pass_expires, 0.2),
    Act(zones.exit_locked_since_night, 0.06),
    Act(zones.admitted_before_inspection, 0.012),
    Act(traps.staff_before_inspection, 0.014),
    Act(inspections.failed_and_passed_again, 0.03),
    Act(zones.opened_before_inspection, 0.10),
    # The others at times that chance decides; those that ask most of the venue choose first.
    Act(zones.admitted_without_pass),
    Act(inspections.minor_finding),
    Act(senders.vendor_feeds),
    Act(zones.exit_locked),
    Act(zones.pass_lost),
    Act(zones.over_capacity),
    Act(zones.value_out_of_range),
    Act(inspections.overdue),
    Act(doors.forced),
    Act(doors.opened_unreleased),
    Act(doors.held_open),
    Act(doors.tampered),
    Act(devices.silent),
    Act(devices.last_will),
    Act(devices.case_opened),
    Act(devices.clock_ahead),
    Act(devices.lost_message),
    Act(credentials.denied_burst),
    Act(credentials.denied_badge),
    Act(credentials.revoked_and_granted),
    Act(credentials.stolen_and_refused),
    Act(credentials.refused_by_controller),
    Act(credentials.duress),
    Act(people.badge_in_two_hands),
    Act(people.reports_in_a_series),
    Act(people.order_not_carried_out),
    Act(people.round_cut_short),
    Act(senders.garbage),
    Act(senders.unknown_topic),
    Act(senders.forged_conclusion),
    Act(senders.unknown_point),
    Act(traps.closed_in_time),
    Act(traps.grant_overtaken),
    Act(traps.held_open_in_free_mode),
    Act(traps.old_alarm),
    Act(traps.nine_refusals),
    Act(traps.found_again),
    Act(traps.short_reconnection),
)
