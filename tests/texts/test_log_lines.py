"""What enters the shift log by itself, in words: who did what, where and until when."""

import pytest

from monitor.core.phrase import phrase
from monitor.core.transitions import LogNoted, Mask, MaskChanged, Override, OverrideChanged
from monitor.core.venue.display_names import DisplayNames
from monitor.texts.language import ENGLISH, languages
from monitor.texts.log_lines import line_in_words
from tests.support.paging import AT, rule_set

NAMES = DisplayNames(rule_set().venue, {"ann": "Ann Lee", "bob": "Bob Fox"}, {"it": "IT"})
MASK = Mask(
    id="m",
    what="*",
    kind="maintenance",
    site="centre",
    owner="ann",
    reason="repair",
    since=AT,
    until=AT,
)
SHIFT = Override(team="it", person="bob", since=AT, until=AT, who="ann")
OWN = Override(team="it", person="bob", since=AT, until=AT, who="bob")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (
            MaskChanged(at=AT, mask=MASK, who="ann"),
            "Ann Lee masked all alerts, Congress centre, until ",
        ),
        (MaskChanged(at=AT, mask=MASK, ended=True, who="bob"), "Bob Fox ended the mask of all"),
        (
            MaskChanged(at=AT, mask=MASK, ended=True),
            "the mask of all alerts, Congress centre, has ended",
        ),
        (OverrideChanged(at=AT, override=SHIFT), "Ann Lee gave Bob Fox the shift of IT until "),
        (OverrideChanged(at=AT, override=OWN), "Bob Fox took the shift of IT until "),
        (
            OverrideChanged(at=AT, override=OWN, ended=True),
            "Bob Fox no longer has the shift of IT",
        ),
        (
            LogNoted(at=AT, happened_at=AT, what=phrase("log-phase-live")),
            "phase of the congress: live",
        ),
    ],
)
def test_a_line_says_who_did_what(
    row: MaskChanged | OverrideChanged | LogNoted, words: str
) -> None:
    """With names for ids, in English as in every other language."""
    assert line_in_words(row, NAMES, ENGLISH).startswith(words)
    for language in languages().values():
        text = line_in_words(row, NAMES, language)
        assert "{" not in text
        assert (text == line_in_words(row, NAMES, ENGLISH)) == (language is ENGLISH)
