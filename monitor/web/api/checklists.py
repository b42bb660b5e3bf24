"""Where the API has checklists from, and who may answer them."""

from monitor.core.state.state import State
from monitor.core.venue.checklist import Checklist, digest_of
from monitor.web.viewer import Viewer


def all_checklists(state: State) -> tuple[Checklist, ...]:
    """Return the checklists in force."""
    return state.rule_set.venue.checklists


def checklist_of(state: State, own: str) -> Checklist | None:
    """Return a checklist by its id."""
    return next((row for row in all_checklists(state) if row.id == own), None)


def as_answered(state: State, checklist: Checklist, digest: str) -> Checklist | None:
    """Return a checklist as it was when it had a digest, or as it is for none; ``None`` if it never had that one."""
    if digest in {"", digest_of(checklist)}:
        return checklist
    return state.work.versions.get(checklist.id, {}).get(digest)


def site_of(state: State, checklist: Checklist) -> str:
    """Return the site of a checklist's zone; empty if the venue has no such zone."""
    return next((row.site for row in state.rule_set.venue.zones if row.id == checklist.zone), "")


def may_inspect(viewer: Viewer, checklist: Checklist, state: State) -> bool:
    """Return whether a viewer may answer a checklist: at its site, and engineers what their own agency has part in.

    Where the checklist names the agencies that sign it, those count instead. Of an engineer for whom the roster names
    no agency, it asks none.
    """
    site = site_of(state, checklist)
    if not viewer.may("inspect", site):
        return False
    grants = [
        grant for grant in viewer.account.granting("inspect", viewer.at) if grant.site in {"", site}
    ]
    if any(grant.role != "engineer" for grant in grants):
        return True
    roster = state.paging.roster
    person = None if roster is None else roster.by_id.get(viewer.who)
    agency = "" if person is None else person.agency
    wanted = checklist.signers or (checklist.lead, *checklist.coordinating)
    return not agency or agency in wanted
