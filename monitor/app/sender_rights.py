"""Whether people may do what senders do in their names over MQTT: as in the console, by their accounts."""

from collections.abc import Callable, Mapping
from typing import get_args

import structlog

from monitor.accounts import Accounts
from monitor.accounts.command_rights import Objection, Situation, objection
from monitor.core.engine.commands import Command
from monitor.core.events import ReceivedEvent
from monitor.core.events.inspection import InspectionApproved
from monitor.core.events.work import ActionVerified, Readiness
from monitor.core.phrase import phrase
from monitor.core.state.state import State
from monitor.errors import AccountsUnusable
from monitor.ingest.command_senders import PersonRefused, person_of
from monitor.ingest.line import Line

log = structlog.get_logger()

Vouching = InspectionApproved | ActionVerified
_IN_A_NAME = (*get_args(Command), *get_args(Readiness), *get_args(Vouching))


class SenderRights:
    """Asks the accounts; while there is none yet, the sender alone counts, as at the command line.

    Args:
        accounts: tells what people may do.
        pipeline: knows what they would act on.
        members: returns the people who take turns in each team, by ids.

    """

    def __init__(
        self,
        accounts: Accounts,
        pipeline: Line,
        members: Callable[[], Mapping[str, frozenset[str]]],
    ) -> None:
        self._accounts = accounts
        self._pipeline = pipeline
        self._members = members

    def may_act(self, event: ReceivedEvent) -> PersonRefused | None:
        """Return why the person of a command may not give it; ``None`` if they may."""
        if not isinstance(event, _IN_A_NAME) or not person_of(event):
            return None
        try:
            refused = self._objection(event)
        except AccountsUnusable as error:
            log.error("accounts_unusable", reason=str(error))  # noqa: TRY400 - the text says all
            return PersonRefused(phrase("accounts-unusable"))
        if refused is not None:
            right = refused.right or "none"
            self._pipeline.metrics.acts_refused.labels(right).inc()
        return refused

    def _objection(self, event: Command | Readiness | Vouching) -> PersonRefused | None:
        if self._accounts.is_empty():
            return None
        who = person_of(event)
        accounts = [row for row in self._accounts.of_person(who) if not row.is_disabled]
        if not accounts:
            return PersonRefused(phrase("person-no-account", who=who))
        pipeline, at = self._pipeline, self._accounts.now()
        if isinstance(event, InspectionApproved | ActionVerified):
            site = _site(event, pipeline.engine.state)
            may = any(row.may("approve", site, at) for row in accounts)
            return (
                None if may else PersonRefused(phrase("right-missing", right="approve"), "approve")
            )
        entry_of = pipeline.journal.shift_log.written
        situation = Situation(pipeline.engine.state, pipeline.clock.now(), entry_of, self._members)
        found = [objection(row, event, situation, at) for row in accounts]
        return None if None in found else _refused(found[0])


def _site(event: Vouching, state: State) -> str:
    """Return the site of what somebody vouches for; empty if nothing is known of it."""
    venue, zone = state.rule_set.venue, ""
    if isinstance(event, InspectionApproved):
        zone = next((row.zone for row in venue.checklists if row.id == event.checklist), "")
    elif (action := state.work.actions.get(event.action)) is not None:
        zone = action.zone
    return next(
        (row.site for row in venue.zones if row.id == (zone or getattr(event, "zone", ""))), ""
    )


def _refused(found: Objection | None) -> PersonRefused | None:
    if found is None:
        return None
    # That somebody has asked for a silent alert would betray that there is one.
    return PersonRefused(found.why, found.right or "", is_noticed=found.right is not None)
