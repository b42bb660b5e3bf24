"""XLSForms become checklist files, and what can't be expressed is reported."""

from pathlib import Path

import pytest
from openpyxl import Workbook

from monitor.checklists.file import FORM, ChecklistFile
from monitor.checklists.xlsform import Imported, import_form
from monitor.core.venue.checklist import Condition
from monitor.errors import ConfigError

FORM_OF_KITCHEN = """\
| survey |
| | type | name | label::English (en) | label::Vietnamese (vi) | constraint | relevant | appearance | hint |
| | start | start | |  | |  | |  |
| | select_one yes_no | has_gas | Is there gas? | Có gas không? | |  | |  |
| | decimal | cold | Cold food | Thức ăn lạnh | . >= 0 and . <= 5 | |  | Low |
| | begin_group | gas | Gas | |  | ${has_gas}='yes' | |  |
| | select_one yes_no | shut | Shut-off tried | |  | |  | |
| | image | tap | Photo of the tap | |  | |  | |
| | end_group | |  | |  | |  | |
| | barcode | oven | Code of the oven | |  | |  | |
| | image | signed | Signature | |  | | signature | |
| | date | pest | Last pest control | |  | |  | |
| | geopoint | place | Place | |  | |  | |
| | integer | staff | Staff | | . > 0 | ${cold} > 3 | |  |
| choices |
| | list_name | name | label::English (en) | label::Vietnamese (vi) |
| | yes_no | yes | Yes | Có |
| | yes_no | no | No | Không |
| settings |
| | form_title | version |
| | Kitchen    | 7       |
"""
"""A form in the notation that pyxform reads besides spreadsheets."""


def imported(folder: Path, text: str) -> tuple[Imported, ChecklistFile]:
    """Import a form; return what came of it, and the file as it is read back."""
    path = folder / "kitchen.md"
    path.write_text(text)
    found = import_form(path)
    return found, FORM.read(found.text, "kitchen.toml").whole()


def test_questions_become_items_of_their_kind(tmp_path: Path) -> None:
    """Labels by language, choices, limits, photographs, codes, signatures and simple conditions are kept."""
    found, file = imported(tmp_path, FORM_OF_KITCHEN)
    items = {item.id: item for item in file.items}

    assert found.items == len(items)
    assert (file.name, file.version) == ("Kitchen", "7")
    assert {name: item.kind for name, item in items.items()} == {
        "has-gas": "choice",
        "cold": "measurement",
        "shut": "choice",
        "tap": "photo",
        "oven": "asset",
        "signed": "signature",
        "pest": "text",
        "staff": "measurement",
    }
    assert items["has-gas"].texts == {"vi": "Có gas không?"}
    assert [(row.id, row.result) for row in items["has-gas"].choices] == [
        ("yes", "pass"),
        ("no", "fail"),
    ]
    assert (items["cold"].min, items["cold"].max) == (0, 5)
    assert items["tap"].ask_if == Condition(item="has-gas", is_="yes")


@pytest.mark.parametrize(
    "lost",
    [
        "place: geopoint can't be asked",
        "cold: a number has no unit",
        "cold: hint was left out",
        "pest: a date is asked as a text",
        'staff: the constraint ". > 0" can\'t be expressed',
        'staff: the condition "${cold} > 3" can\'t be expressed',
        "has_gas: a form doesn't say which answers are failures; no taken",
        "criticality: a form has none",
    ],
)
def test_what_is_lost_is_reported(tmp_path: Path, lost: str) -> None:
    """Nothing disappears silently, and each line names the question."""
    found, _ = imported(tmp_path, FORM_OF_KITCHEN)

    assert any(line.startswith(lost) for line in found.lost), found.lost


def test_a_repeated_group_is_asked_once(tmp_path: Path) -> None:
    """A checklist has no repetition; its items are kept and the loss is named."""
    found, file = imported(
        tmp_path,
        """\
| survey |
|  | type         | name  | label |
|  | begin_repeat | doors | Doors |
|  | text         | code  | Code  |
|  | end_repeat   |       |       |
""",
    )

    assert [item.id for item in file.items] == ["code"]
    assert "doors: is repeated; a checklist asks it once" in found.lost


def test_a_spreadsheet_is_read_like_its_text(tmp_path: Path) -> None:
    """The same form as `.xlsx` gives the same checklist."""
    found, _ = imported(tmp_path, FORM_OF_KITCHEN)
    workbook, sheet = Workbook(), None
    for line in FORM_OF_KITCHEN.splitlines():
        first, *cells = [cell.strip() for cell in line.strip("|").split("|")]
        if first:
            sheet = workbook.create_sheet(first)
        elif sheet is not None:
            sheet.append(cells)
    workbook.remove(workbook.worksheets[0])
    workbook.save(tmp_path / "kitchen.xlsx")

    assert import_form(tmp_path / "kitchen.xlsx") == found


QUESTIONS = """\
| survey |
| | type                       | name  | label  |
| | TYPE                       | asked | Asked  |
| | text                       | last  | Last   |
| choices |
| | list_name | name | label |
| | l         | a    | A     |
| | l         | b    | B     |
"""


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("text", "text"),
        ("integer", "measurement"),
        ("decimal", "measurement"),
        ("select_one l", "choice"),
        ("select_multiple l", "choice"),
        ("select_one l or_other", "choice"),
        ("rank l", "choice"),
        ("acknowledge", "pass-fail"),
        ("barcode", "asset"),
        ("image", "photo"),
        ("date", "text"),
        ("time", "text"),
        ("dateTime", "text"),
        ("geopoint", None),
        ("geotrace", None),
        ("geoshape", None),
        ("audio", None),
        ("video", None),
        ("file", None),
        ("note", None),
    ],
)
def test_every_type_of_question_is_taken_or_reported(
    tmp_path: Path, question: str, kind: str | None
) -> None:
    """What can't be asked is left out and named; nothing stops the import of the rest."""
    found, file = imported(tmp_path, QUESTIONS.replace("TYPE", question))
    kinds = {item.id: item.kind for item in file.items}

    assert kinds.get("asked") == kind
    assert kinds["last"] == "text"
    assert (kind is None) == any("it was left out" in line for line in found.lost)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("no form at all", "pyxform refuses it: "),
        ("no form at all", ". Correct that in the form"),
        (
            "| survey |\n|  | type | name | label |\n|  | note | n | Hello |\n",
            "n: note can't be asked; it was left out; write its text into the label of a question",
        ),
        (
            "| survey |\n|  | type | name | label |\n|  | gps | n | Where? |\n",
            "label at the place; write at least one select_one, integer, ",
        ),
        (
            "| survey |\n|  | type | name | label |\n|  | begin group | n | Hello |\n",
            "pyxform refuses it: [row : 2] Unmatched 'begin_group'",
        ),
        (
            "| survey |\n|  | type | name | calculation |\n|  | calculate | n | 2+2 |\n",
            "it only calculates and shows",
        ),
    ],
)
def test_what_is_no_form_is_refused(tmp_path: Path, text: str, why: str) -> None:
    """The message names the file and the reason."""
    path = tmp_path / "form.md"
    path.write_text(text)

    with pytest.raises(ConfigError) as raised:
        import_form(path)
    assert why in raised.value.mistakes[0]
    assert str(path) in raised.value.mistakes[0]


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    """A mistyped name is said to be one."""
    with pytest.raises(ConfigError, match="no such file"):
        import_form(tmp_path / "form.xlsx")


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ("name_key,name\nmango,Mango\norange,Orange\n", "pyxform refuses it: "),
        (
            "list_name,name,label\nfruits,mango,Mango\nfruits,fig,Fig\n",
            "not an XLSForm: its columns are not those of a form; write type, name and label",
        ),
    ],
)
def test_a_table_that_is_no_form_is_refused(tmp_path: Path, table: str, why: str) -> None:
    """Such as the list of choices that belongs to a form: with its name and a reason, and no traceback."""
    file = tmp_path / "fruits.csv"
    file.write_text(table)
    with pytest.raises(ConfigError, match=why):
        import_form(file)
