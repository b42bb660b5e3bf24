"""The content of one checklist file as types, and how it is read."""

from datetime import timedelta
from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import asdict

from monitor.core.venue.checklist import Checklist, ChecklistItem, Texts
from monitor.core.venue.model import Assignment
from monitor.core.venue.words import Phase, Slug
from monitor.toml import Form


class ChecklistFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One checklist file. Its id is the file's name without ``.toml``."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    names: Texts = {}
    """The name in other languages, by BCP 47 tag."""
    about: str = ""
    """What it is for, for those who choose among checklists."""
    abouts: Texts = {}
    version: str = ""
    """A name for this version; without one, only its digest names it."""
    interval: timedelta = timedelta(hours=24)
    """How long a passed inspection stays valid."""
    phases: tuple[Phase, ...] = ("prepare", "live")
    """The phases in which a zone passes only if this checklist does."""
    freezes: tuple[Slug, ...] = ()
    """The assets that must not change once it has passed: a change makes it open again."""
    earlier_items: tuple[Slug, ...] = ()
    """The ids of items of earlier versions: a form that still has them is not mistyped."""
    items: Annotated[tuple[ChecklistItem, ...], Meta(min_length=1)]


TABLES = {"items": "item", "choices": "choice"}
"""The names of the lists in a checklist file."""
FORM = Form(ChecklistFile, tables=TABLES)


def assigned(file: ChecklistFile, to: Assignment) -> Checklist:
    """Return a checklist as it is assigned to a zone."""
    own = {name: value for name, value in asdict(file).items() if name in _OF_FILE}
    given = {name: getattr(to, name) for name in _OF_BOTH if getattr(to, name) is not None}
    if to.name:
        own |= {"name": to.name, "names": to.names}
    return Checklist(
        **{**own, **given},
        id=to.id or to.checklist,
        zone=to.zone,
        lead=to.lead,
        coordinating=to.coordinating,
        signers=to.signers,
    )


_OF_BOTH = ("interval", "phases", "freezes")
"""What an assignment may set otherwise than the file."""
_OF_FILE = frozenset(Checklist.__struct_fields__) & frozenset(ChecklistFile.__struct_fields__)
