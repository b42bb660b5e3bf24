"""What has to be corrected in a form before it is taken in: each item with the reason and what to write instead."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from monitor.core.venue.checklist import Checklist, ChecklistItem
from monitor.core.venue.model import Venue
from monitor.texts import Language
from monitor.web.api.form import MOST_PHOTOS, Answer, Form, Work
from monitor.web.api.problem import ItemProblem


def objections(
    form: Form, checklist: Checklist | None, venue: Venue, language: Language
) -> list[ItemProblem]:
    """Return what is wrong with a form.

    Args:
        form: the form.
        checklist: the one that it answers, as it was when it was answered; ``None``: nobody knows that any more, and
            the core takes every pass for unknown.
        venue: has the agencies.
        language: of the reasons.

    """
    found: list[ItemProblem] = []
    seen: set[str] = set()
    for answer in form.items:
        if answer.item in seen:
            found.append(
                _problem(
                    answer.item,
                    language.gettext("It is answered twice."),
                    language.gettext("Send one answer to each item."),
                )
            )
        seen.add(answer.item)
        found += objections_to_answer(answer, checklist, language)
        found += _objections_to_evidence(answer, checklist, language)
    if sum(len(answer.photos) for answer in form.items) > MOST_PHOTOS:
        most = language.inset(str(MOST_PHOTOS))
        found.append(
            _problem(
                "",
                language.gettext("The form has too many photos."),
                language.gettext("Send at most {n} photos with a form.").format(n=most),
            )
        )
    for work in form.actions:
        found += _objections_to_work(work, form, venue, language)
    return found


def objections_to_answer(
    answer: Answer, checklist: Checklist | None, language: Language
) -> Iterator[ItemProblem]:
    """Yield what is wrong with one answer; nothing if nobody knows what was asked."""
    if checklist is None:
        return
    item = next((row for row in checklist.items if row.id == answer.item), None)
    if item is None:
        if answer.item not in checklist.earlier_items:
            yield _unknown_item(answer.item, checklist, language)
        return
    if answer.result == "na" and not answer.na_reason.strip():
        yield _problem(
            item.id,
            language.gettext("“Not applicable” needs a reason."),
            language.gettext("Write why it doesn't apply here."),
        )
    if item.unit and answer.result in {"pass", "fail"}:
        yield from _objections_to_value(answer, item, language)
    if item.kind == "choice" and answer.result in {"pass", "fail"}:
        known = [row.id for row in item.choices]
        if answer.choice not in known:
            reason = language.gettext("None of the offered answers was chosen.")
            yield _problem(item.id, reason, _meant(answer.choice, known, language))


def _objections_to_evidence(
    answer: Answer, checklist: Checklist | None, language: Language
) -> Iterator[ItemProblem]:
    """Yield that a failure has to be shown, of a whole form: an answer that is sent at once does not wait for it."""
    items = () if checklist is None else checklist.items
    item = next((row for row in items if row.id == answer.item), None)
    if item is not None and item.evidence_on_fail and answer.result == "fail" and not answer.photos:
        yield _problem(
            item.id,
            language.gettext("A failure of this item needs a photo."),
            language.gettext("Take a photo of what was found."),
        )


def _objections_to_value(
    answer: Answer, item: ChecklistItem, language: Language
) -> Iterator[ItemProblem]:
    unit = language.word(item.unit)
    if answer.value is None:
        if answer.result == "fail":
            return  # What is broken can't always be measured.
        yield _problem(
            item.id,
            language.gettext("The measured value is missing."),
            language.gettext("Write the value in {unit}.").format(unit=unit),
        )
    elif answer.unit != item.unit:
        given = language.word(answer.unit)
        yield _problem(
            item.id,
            language.gettext("The value is in {unit}.").format(unit=given),
            language.gettext("Write the value in {unit}.").format(unit=unit),
        )


def _objections_to_work(
    work: Work, form: Form, venue: Venue, language: Language
) -> Iterator[ItemProblem]:
    if all(answer.item != work.item for answer in form.items):
        yield _problem(
            work.item,
            language.gettext("An action is ordered for an item that the form doesn't answer."),
            language.gettext("Answer the item, or leave the action out."),
        )
    known = [row.id for row in venue.agencies]
    for agency in (work.lead, *work.coordinating):
        if agency and known and agency not in known:
            reason = language.gettext("There is no agency “{agency}”.").format(
                agency=language.inset(agency)
            )
            yield _problem(work.item, reason, _meant(agency, known, language))


def _unknown_item(item: str, checklist: Checklist, language: Language) -> ItemProblem:
    reason = language.gettext("The checklist has no item “{item}”.").format(
        item=language.inset(item)
    )
    return _problem(item, reason, _meant(item, [row.id for row in checklist.items], language))


def _meant(word: str, words: Sequence[str], language: Language) -> str:
    close = get_close_matches(word, words, n=1) or words
    return language.gettext("Write one that exists, such as “{id}”.").format(
        id=language.inset(close[0] if close else "")
    )


def _problem(item: str, reason: str, write: str) -> ItemProblem:
    return ItemProblem(item=item, reason=reason, write=write)
