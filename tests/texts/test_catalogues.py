"""The catalogues have all texts of the sources, and no others."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
CATALOGUES = sorted((ROOT / "monitor/texts/locale").glob("*.po"))


@pytest.fixture(scope="module")
def sources() -> set[str | tuple[str, ...]]:
    """Every text in the sources and templates that is looked up in a catalogue."""
    found = extract_from_dir(
        ROOT / "monitor",
        [
            ("**.py", "python"),
            ("web/form/static/**.js", "javascript"),
            ("**/templates/**.html", "jinja2"),
        ],
        keywords={"gettext": None, "ngettext": (1, 2), "msgid": None},
    )
    return {
        tuple(message) if isinstance(message, tuple) else message for _, _, message, *_ in found
    }


def read(file: Path) -> Catalog:
    """The catalogue in a file."""
    with file.open("rb") as opened:
        return read_po(opened, locale=file.stem)


def messages(file: Path) -> list[Message]:
    """The messages of a catalogue, without the header."""
    return [message for message in read(file) if message.id]


def forms(message: Message) -> list[str]:
    """The translations of a message, one for each plural."""
    found = message.string
    return [str(form) for form in found] if isinstance(found, tuple | list) else [str(found)]


def test_there_are_vietnamese_and_arabic() -> None:
    """The example venue has Vietnamese and Arabic besides English, in which the sources are written."""
    assert [file.stem for file in CATALOGUES] == ["ar", "vi"]


@pytest.mark.parametrize("file", CATALOGUES, ids=lambda file: file.stem)
def test_a_catalogue_has_exactly_the_texts_of_the_sources(
    file: Path, sources: set[str | tuple[str, ...]]
) -> None:
    """If a catalogue differs from the sources, run scripts/texts and translate what is new."""
    assert {tuple(m.id) if m.pluralizable else m.id for m in messages(file)} == sources


@pytest.mark.parametrize("file", CATALOGUES, ids=lambda file: file.stem)
def test_every_text_is_translated_in_all_its_plurals(file: Path) -> None:
    """Every plural of a text is translated; Arabic has six."""
    plurals = read(file).num_plurals
    for message in messages(file):
        assert all(forms(message)), message.id
        assert len(forms(message)) == (plurals if message.pluralizable else 1), message.id
        assert not message.fuzzy, message.id


@pytest.mark.parametrize("file", CATALOGUES, ids=lambda file: file.stem)
def test_a_translation_has_the_arguments_of_its_source(file: Path) -> None:
    """A plural form may leave out the number where a word expresses it, but nothing else."""
    for message in messages(file):
        wanted = set(re.findall(r"{\w+}", "".join(message.id)))
        for event in forms(message):
            found = set(re.findall(r"{\w+}", event))
            assert found <= wanted, message.id
            assert found == wanted or message.pluralizable, message.id
