"""Checklists: what an inspector is asked in a zone, and what counts as a pass."""

from datetime import timedelta
from hashlib import sha256
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct, field
from msgspec.structs import force_setattr, replace

from monitor.core.venue.words import Criticality, Phase, Slug

ItemKind = Literal["pass-fail", "measurement", "choice", "text", "photo", "asset", "signature"]
"""How an item is answered. Whatever its kind, the answer has a result, too."""
Texts = dict[str, str]
"""A text in other languages, by BCP 47 tag."""
JUDGEMENT = "judgement"
"""The reference of an item that rests on no document."""


class Choice(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One of the answers that an item of kind ``choice`` offers."""

    id: Slug
    text: str
    texts: Texts = {}
    result: Literal["pass", "fail", "na"] = "pass"
    """What choosing it means."""

    def __hash__(self) -> int:
        """Return a hash in spite of the texts, which have none: results about a venue are cached."""
        return hash(self.id)


class Condition(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The answer to another item on which it depends whether an item is asked."""

    item: Slug
    is_: Annotated[str, Meta(min_length=1, max_length=63)] = field(name="is")
    """``pass``, ``fail``, ``na``, or the id of a choice."""


class ChecklistItem(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """One line of a checklist."""

    id: Slug
    text: str
    texts: Texts = {}
    criticality: Criticality = "noncritical"
    """The severity of a failure, in NFPA 25's classes."""
    kind: ItemKind = "pass-fail"
    """How it is answered; with a unit, ``measurement``."""
    exits: bool = False
    """A failure means that an escape route is locked or blocked."""
    unit: str = ""
    min: float | None = None
    max: float | None = None
    choices: tuple[Choice, ...] = ()
    ask_if: Condition | None = None
    """The item is asked only if another was answered so; ``None``: always."""
    evidence_on_fail: bool = False
    """A failure needs a photograph or document."""
    other_than: str = ""
    """For a signature: the signature that must be of another person."""
    reference: Annotated[str, Meta(max_length=200)] = ""
    """Document and clause from which it is taken, or ``judgement``."""
    reference_read: bool = False
    """Whether its author has read that clause in the original."""

    def __post_init__(self) -> None:
        """Take an item with a unit as a measurement: files need not say so twice."""
        if self.unit and self.kind == "pass-fail":
            force_setattr(self, "kind", "measurement")

    def __hash__(self) -> int:
        """Return a hash in spite of the texts, which have none: results about a venue are cached."""
        return hash(self.id)


class Checklist(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The list of items that an inspector checks in one zone."""

    id: Slug
    name: str
    names: Texts = {}
    zone: Slug
    version: str = ""
    """The version in use; forms of another version are retired. Empty for any."""
    interval: timedelta = timedelta(hours=24)
    """How long a passed inspection stays valid."""
    phases: tuple[Phase, ...] = ("prepare", "live")
    """The phases in which the zone passes only if this checklist does."""
    lead: Slug
    """The lead agency."""
    coordinating: tuple[Slug, ...] = ()
    signers: tuple[Slug, ...] = ()
    """The agencies whose people may sign it; empty: anyone with the right to."""
    freezes: tuple[Slug, ...] = ()
    """The assets that must not change once it has passed: a change makes it open again."""
    earlier_items: tuple[Slug, ...] = ()
    """The ids of items of earlier versions: a form that still has them is not mistyped."""
    items: Annotated[tuple[ChecklistItem, ...], Meta(min_length=1)]

    def __hash__(self) -> int:
        """Return a hash in spite of the texts, which have none: results about a venue are cached."""
        return hash(self.id)


class _Asked(Struct, frozen=True, omit_defaults=True):
    """What makes two versions of a checklist the same: the version's name and all that an inspector is asked."""

    items: tuple[ChecklistItem, ...]
    version: str = ""


def digest_of(checklist: Checklist) -> str:
    """Return the 64 hexadecimal digits of the SHA-256 of all that a checklist asks.

    Zone, agencies and interval are not part of it: they don't change what an answer means. Fields at their defaults
    are left out, so that a definition keeps its digest when a later version of the monitor adds fields.
    """
    asked = _Asked(checklist.items, checklist.version)
    return sha256(msgspec.json.encode(asked, order="sorted")).hexdigest()


def is_digest(version: str) -> bool:
    """Tell whether a version is given as a digest, not as a name."""
    return len(version) == sha256().digest_size * 2 and not set(version) - set("0123456789abcdef")


def is_asked_alike(item: ChecklistItem, other: ChecklistItem) -> bool:
    """Tell whether two versions of an item ask the same: a pass of one is a pass of the other.

    Translations, criticality and references may differ.
    """
    return _meaning(item) == _meaning(other)


def _meaning(item: ChecklistItem) -> ChecklistItem:
    choices = tuple(replace(row, texts={}) for row in item.choices)
    return replace(
        item,
        texts={},
        choices=choices,
        criticality="noncritical",
        exits=False,
        evidence_on_fail=False,
        reference="",
        reference_read=False,
    )


def is_cited(item: ChecklistItem) -> bool:
    """Tell whether an item is taken from a document, which somebody can read."""
    return item.reference not in ("", JUDGEMENT)
