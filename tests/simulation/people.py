"""People with accounts, on the days that have them: who may do what, what they decide, and what is done to accounts."""

import json
from random import Random
from typing import TYPE_CHECKING

from monitor.accounts.account import Account, Grant
from monitor.accounts.audit import Actor
from monitor.accounts.rights import Right, Role
from monitor.core.events import ReceivedEvent
from monitor.core.events.inspection import InspectionApproved
from monitor.core.events.work import ReadinessSigned, ReadinessWithdrawn
from monitor.core.transitions import Transition
from monitor.errors import AccountsUnusable, MonitorError
from monitor.ingest.pipeline import Pipeline
from tests.simulation.place import open_accounts
from tests.simulation.traffic import CHECKLIST
from tests.simulation.world import World

if TYPE_CHECKING:
    from monitor.core.events.vocabulary import AccountAct

ROLES: dict[str, tuple[Role, ...]] = {
    "anna": ("engineer",),
    "bao": ("supervisor",),
    "chi": ("officer", "admin"),
    "dung": ("viewer",),
}
"""Everyone's roles. Accounts are disabled and enabled again in the course of a day."""
APPROVERS = frozenset({"anna", "bao"})
SIGNED = "hall"
"""The zone that is signed off."""
ADMIN = Actor("chi", "a session")


def add_everyone(world: World) -> None:
    """Add the accounts with which the day begins."""
    with open_accounts(world.place) as accounts:
        for who, roles in ROLES.items():
            grants = tuple(Grant(role=role) for role in roles)
            accounts.add(Account(name=who, person=who, grants=grants), ADMIN)
            world.noted.account_acts.append(("added", who))


def record(
    world: World, pipeline: Pipeline, act: ReceivedEvent, who: str, key: str
) -> list[Transition] | None:
    """Let a person act in the console; return what they see, ``None`` if it says that it failed."""
    source = f"console/{who}"
    try:
        found = pipeline.record(act, source, key)
    except MonitorError as error:
        world.note(f"the console says: {error}")
        return None
    world.noted.confirmed[source, key] = None
    return found


def someone_decides(world: World, pipeline: Pipeline, rng: Random) -> None:
    """Approve an inspection, sign the zone off or withdraw that, or disable or enable an account."""
    choice = rng.random()
    if choice < 0.5:
        _approve(world, pipeline, rng)
    elif choice < 0.85:
        who = rng.choice(("anna", "bao", "bao", "bao", "dung"))
        if _may(world, who, "sign_off"):
            act = ReadinessSigned(at=pipeline.clock.now(), zone=SIGNED, who=who)
            record(world, pipeline, act, who, str(rng.random()))
    elif choice < 0.87:
        if _may(world, "chi", "withdraw"):
            withdrawn = ReadinessWithdrawn(at=pipeline.clock.now(), zone=SIGNED, who="chi")
            record(world, pipeline, withdrawn, "chi", str(rng.random()))
    else:
        _change_account(world, rng)


def _approve(world: World, pipeline: Pipeline, rng: Random) -> None:
    checklist = pipeline.engine.state.work.checklists.get(CHECKLIST)
    visits = {row.inspection for row in checklist.answers.values()} if checklist else set()
    if not visits:
        return
    visit, who = rng.choice(sorted(visits)), rng.choice(sorted(ROLES))
    if rng.random() < 0.5:
        if _may(world, who, "approve"):
            now = pipeline.clock.now()
            act = InspectionApproved(at=now, checklist=CHECKLIST, inspection=visit, approver=who)
            record(world, pipeline, act, who, str(rng.random()))
        return
    body = {
        "type": "inspection.approved",
        "at": world.machine.true_time().isoformat(),
        "id": str(rng.random()),
        "checklist": CHECKLIST,
        "inspection": visit,
        "approver": who,
    }
    topic = f"venue/centre/inspection/{CHECKLIST}"
    world.broker.publish(topic, json.dumps(body).encode())


def _may(world: World, who: str, right: Right) -> bool:
    """Return whether a person has a right, as `monitor.web.guard` asks before each act."""
    accounts = None if world.life is None else world.life.accounts
    try:
        account = None if accounts is None else accounts.find(who)
    except AccountsUnusable as error:
        world.note(f"the console says: {error}")
        return False
    return account is not None and account.may(right, "centre", world.clock.now())


def _change_account(world: World, rng: Random) -> None:
    accounts = None if world.life is None else world.life.accounts
    who = rng.choice(("anna", "bao", "dung"))
    if accounts is None:
        return
    try:
        account = accounts.find(who)
        if account is None:
            return
        act: AccountAct = "enabled" if account.is_disabled else "disabled"
        if account.is_disabled:
            accounts.enable(who, ADMIN)
        elif rng.random() < 0.5:
            accounts.disable(who, ADMIN)
        else:
            accounts.set_grants(who, account.grants, ADMIN)
            act = "grants_set"
    except MonitorError as error:
        world.note(f"the console says: {error}")
        return
    world.noted.account_acts.append((act, who))
