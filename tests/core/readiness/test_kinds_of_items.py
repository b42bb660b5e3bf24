"""What an answer is worth by the kind of its item, and by the version of the checklist that was asked."""

import pytest
from msgspec.structs import replace

from monitor.core.events.inspection import Evidence, InspectionItem
from monitor.core.events.vocabulary import Result
from monitor.core.readiness.answers import judged
from monitor.core.venue.checklist import Checklist, ChecklistItem, Choice, digest_of
from monitor.core.venue.places import Place
from tests.support.engine import at

PHOTO = Evidence(sha256="0" * 64, media_type="image/jpeg")
CHOICES = (
    Choice(id="new", text="New"),
    Choice(id="worn", text="Worn", result="fail"),
    Choice(id="none", text="There is none", result="na"),
)
ITEMS = (
    ChecklistItem(id="pass-fail", text=""),
    ChecklistItem(id="measurement", text="", unit="lux", min=10.8),
    ChecklistItem(id="any-value", text="", unit="lux"),
    ChecklistItem(id="choice", text="", kind="choice", choices=CHOICES),
    ChecklistItem(id="text", text="", kind="text"),
    ChecklistItem(id="photo", text="", kind="photo"),
    ChecklistItem(id="asset", text="", kind="asset"),
    ChecklistItem(id="signature", text="", kind="signature"),
)
CHECKLIST = Checklist(id="c", name="", zone="z", lead="l", items=ITEMS)
PLACE = Place(of_checklist=CHECKLIST, digest=digest_of(CHECKLIST))


def answer(item: str, result: Result = "pass", **given: object) -> InspectionItem:
    """Return an answer to an item."""
    blank = InspectionItem(at=at(0), checklist="c", inspection="i", item=item, result=result)
    return replace(blank, **given)


@pytest.mark.parametrize(
    ("given", "result"),
    [
        (answer("pass-fail"), "pass"),
        (answer("measurement", value=10.8, unit="lux"), "pass"),
        (answer("measurement", value=10.7, unit="lux"), "fail"),
        (answer("measurement", value=11.0, unit="volt"), "unknown"),
        (answer("measurement"), "unknown"),
        (answer("any-value", value=1.0, unit="lux"), "pass"),
        (answer("choice", choice="new"), "pass"),
        (answer("choice", choice="worn"), "fail"),
        (answer("choice", "unknown", choice="worn"), "fail"),
        (answer("choice", choice="none"), "na"),
        (answer("choice", choice="old"), "unknown"),
        (answer("choice"), "unknown"),
        (answer("choice", "fail", choice="new"), "fail"),
        (answer("text", text="4.2.1"), "pass"),
        (answer("text", text=" "), "unknown"),
        (answer("photo", evidence=(PHOTO,)), "pass"),
        (answer("photo"), "unknown"),
        (answer("asset", asset="lift-2"), "pass"),
        (answer("asset"), "unknown"),
        (answer("signature", inspector="ann"), "pass"),
        (answer("signature", inspector=" "), "unknown"),
        (answer("text", "fail"), "fail"),
        (answer("photo", "na"), "na"),
        (answer("asset", "not_done"), "not_done"),
        (answer("no-such-item"), "pass"),
    ],
)
def test_a_pass_needs_what_the_kind_asks_for(given: InspectionItem, result: str) -> None:
    """Without a value, a choice, a text, a photograph, a code or a name, a pass is unknown; a fail stays a fail."""
    assert judged(given, PLACE, {}) == replace(given, result=result)


def test_an_answer_is_judged_by_the_version_that_was_asked() -> None:
    """Its limits were others; a pass of them is not a pass of today's, and a fail is a fail."""
    before = replace(CHECKLIST, items=(replace(ITEMS[1], min=5.0), ITEMS[0]))
    earlier = {digest_of(before): before}
    given = answer("measurement", value=7.0, unit="lux", version=digest_of(before))

    assert judged(given, PLACE, earlier).result == "unknown"
    assert judged(replace(given, value=4.0), PLACE, earlier).result == "fail"
    assert judged(replace(given, value=7.0, version=""), PLACE, earlier).result == "fail"


def test_a_pass_of_an_item_that_is_still_the_same_counts() -> None:
    """Of an earlier version, translations, criticality and references may differ."""
    was = replace(ITEMS[0], texts={"vi": "x"}, criticality="critical", reference="judgement")
    before = replace(CHECKLIST, items=(was,))
    given = answer("pass-fail", version=digest_of(before))

    assert judged(given, PLACE, {digest_of(before): before}).result == "pass"


def test_a_version_is_found_by_its_name_too() -> None:
    """Systems that know no digests send the name of a version; the latest of that name counts."""
    first = replace(CHECKLIST, version="1", items=(replace(ITEMS[1], min=5.0),))
    second = replace(CHECKLIST, version="2", items=ITEMS)
    place = Place(of_checklist=second, digest=digest_of(second))
    given = answer("measurement", value=4.0, unit="lux", version="1")

    assert judged(given, place, {digest_of(first): first}).result == "fail"
    assert judged(replace(given, value=12.0), place, {digest_of(first): first}).result == "unknown"
    assert judged(replace(given, value=12.0), place, {}).result == "pass"


def test_a_digest_that_nobody_knows_is_no_pass() -> None:
    """What was asked is not known, so a pass is unknown; a fail stays a fail."""
    given = answer("pass-fail", version="f" * 64)

    assert judged(given, PLACE, {}).result == "unknown"
    assert judged(replace(given, result="fail"), PLACE, {}).result == "fail"
