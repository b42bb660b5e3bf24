"""The checklists commands on a small deployment."""

import json
from pathlib import Path

import pytest

from monitor.cli import MISTAKES, OK, main
from monitor.texts.language import languages
from tests.cli.test_readiness import VENUE

DOORS = """\
name = "Doors <all>"
names.vi = "Cửa"
[[item]]
id = "latch"
text = "Doors latch"
texts.vi = "Cửa chốt"
criticality = "critical"
reference = "NFPA 80, 5.2.3"
[[item]]
id = "gap"
text = "Gap"
unit = "percent"
max = 3
ask_if = { item = "latch", is = "pass" }
reference = "judgement"
"""
ASSIGNMENT = """
[[assignment]]
checklist = "doors"
id = "hall-doors"
name = "Doors of the hall"
zone = "{zone}"
lead = "{lead}"
"""


class Author:
    """Somebody who writes checklists."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.doors = folder / "checklists" / "doors.toml"
        self.doors.parent.mkdir()
        self.doors.write_text(DOORS)
        (folder / "config.toml").write_text("")
        (folder / "venue.toml").write_text(VENUE)
        self._capsys = capsys

    def assigns(self, zone: str, lead: str) -> None:
        """Assign the checklist to a zone."""
        text = VENUE + ASSIGNMENT.format(zone=zone, lead=lead)
        (self.folder / "venue.toml").write_text(text)

    def types(self, *arguments: str) -> tuple[int, str, str]:
        """Run a command; return exit code, standard output and standard error."""
        self._capsys.readouterr()
        code = main(["--config", str(self.folder / "config.toml"), "checklists", *arguments])
        return code, *self._capsys.readouterr()


@pytest.fixture
def author(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Author:
    """An author with one checklist that no zone requires."""
    return Author(tmp_path, capsys)


def test_check_counts_and_names_what_is_left_out(author: Author) -> None:
    """A missing translation is no mistake, but it is named; so are sources that nobody has read."""
    code, out, _ = author.types("check")

    assert code == OK
    assert "1 checklist with 2 items: no mistakes" in out
    assert 'doors: no text in "vi": gap' in out
    assert "1 of 1 sources were not read" in out


def test_check_names_file_line_and_what_to_write(author: Author) -> None:
    """Each mistake has its place and its cure."""
    author.doors.write_text(
        DOORS.replace("percent", "percents").replace('"latch", is', '"lach", is')
    )
    code, _, err = author.types("check", str(author.doors))

    assert code == MISTAKES
    assert (
        f'{author.doors}:12: item "gap": unit: unknown unit "percents"; did you mean "percent"?'
        in err
    )
    assert (
        f'{author.doors}:14: item "gap": ask_if: unknown item "lach"; did you mean "latch"?' in err
    )


def test_list_tells_where_each_is_required(author: Author) -> None:
    """A checklist that nothing assigns is required nowhere."""
    _, out, _ = author.types("list")
    assert "(nowhere)" in out

    author.assigns("hall", "fire")
    _, out, err = author.types("list", "--json")
    rows = [json.loads(line) for line in out.splitlines()]
    row = next(row for row in rows if row["id"] == "hall-doors")
    assert (row["zone"], row["lead"], len(row["digest"])) == ("hall", "fire", 64), err


def test_an_assignment_to_nothing_is_refused_with_a_suggestion(author: Author) -> None:
    """Zone and agency are those of the venue file, the checklist one of the folder."""
    author.assigns("hal", "fire")
    (author.folder / "venue.toml").write_text(
        (author.folder / "venue.toml").read_text().replace('"doors"', '"dors"')
    )
    code, _, err = author.types("show", "doors")

    assert code == MISTAKES
    assert 'zone: unknown zone "hal"; did you mean "hall"?' in err
    assert 'checklist: unknown checklist "dors"; did you mean "doors"?' in err


def test_show_has_items_limits_conditions_and_sources(author: Author) -> None:
    """In the language asked for, as far as there is a text."""
    _, out, _ = author.types("show", "doors", "--language", "vi")

    assert "Cửa (doors)" in out
    assert "1. Cửa chốt" in out
    assert "gap: measurement, noncritical, at most 3 percent" in out
    assert 'only if "latch" is "pass"' in out
    assert "source: NFPA 80, 5.2.3 (not read)" in out
    assert json.loads(author.types("show", "doors", "--json")[1])["items"][0]["id"] == "latch"


def test_print_writes_a_page_that_escapes_what_people_wrote(author: Author) -> None:
    """A name can't smuggle markup into the page, and Arabic runs from right to left."""
    page = author.folder / "doors.html"
    code, _, _ = author.types("print", "doors", "--language", "ar", "--html", str(page))
    text = page.read_text()

    assert code == OK
    assert "Doors &lt;all&gt;" in text
    assert "<all>" not in text
    assert '<html lang="ar" dir="rtl">' in text
    assert f"≤ {languages()['ar'].number(3)}" in text
    assert "NFPA 80, 5.2.3" in text


def test_an_unknown_checklist_gets_a_suggestion(author: Author) -> None:
    """A misspelled id is corrected."""
    code, _, err = author.types("show", "dors")

    assert code == MISTAKES
    assert 'did you mean "doors"?' in err


def test_import_writes_a_file_and_reports_what_is_lost(author: Author) -> None:
    """The file that was written is valid, and what has to be completed is listed."""
    form = author.folder / "form.md"
    form.write_text("| survey |\n|  | type | name | label |\n|  | integer | n | Number |\n")
    target = author.doors.with_name("form.toml")
    code, _, err = author.types("import", str(form), "--to", str(target))

    assert code == OK
    assert "n: a number has no unit in a form; write one" in err
    assert "1 item; 2 not expressed" in err
    assert author.types("check", str(target))[0] == OK
