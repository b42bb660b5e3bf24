"""Mistakes in rule files: each is reported with file, line, what is wrong and what to write instead."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from monitor.core.venue.model import AccreditationClass
from monitor.errors import ConfigError
from monitor.rules.read import TEST_VENUE, load
from monitor.venue import load as load_venue

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent / "bad"
TRIAL = Path(__file__).parents[2] / "rules" / TEST_VENUE


def messages_of(folder: Path) -> str:
    """The messages of the loader about a folder."""
    with pytest.raises(ConfigError) as caught:
        load(folder)
    return "\n".join(caught.value.mistakes).replace(f"{folder}/", "rules/") + "\n"


@pytest.mark.parametrize("name", sorted(path.stem for path in HERE.glob("*.toml")))
def test_every_mistake_of_a_file_is_reported(name: str, tmp_path: Path) -> None:
    """The messages are exactly those in the text file beside it."""
    (tmp_path / TEST_VENUE).write_bytes(TRIAL.read_bytes())
    (tmp_path / f"{name}.toml").write_bytes((HERE / f"{name}.toml").read_bytes())

    assert messages_of(tmp_path) == (HERE / f"{name}.txt").read_text(encoding="utf-8")


def test_the_mistakes_of_all_files_are_reported_together(tmp_path: Path) -> None:
    """All mistakes are reported at once, with the files in the order of their names."""
    (tmp_path / TEST_VENUE).write_bytes(TRIAL.read_bytes())
    for path in HERE.glob("*.toml"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    lines = [line for line in messages_of(tmp_path).splitlines() if line.startswith("rules/")]

    files = [line.split(":")[0] for line in lines]
    assert files == sorted(files)
    assert set(files) == {f"rules/{path.name}" for path in HERE.glob("*.toml")}


PLACES = """\
[lists]
honoured = ["gold", "guest"]

[[rule]]
id = "crew-in-hall"
title = "Crew at {point}"
severity = "low"
by = ["point"]
match = { of = { on = "access.granted", where = 'zone == "hal" and holder_class == "crw"' } }
why = "Judgement."
do = "Look."

[[rule]]
id = "honoured"
title = "Honoured guest at {point}"
severity = "low"
by = ["point"]
match = { of = { on = "access.granted", where = 'direction == "in" and holder_class in honoured' } }
why = "Judgement."
do = "Look."
"""


def test_conditions_are_checked_against_the_venue(tmp_path: Path) -> None:
    """A condition that asks for a place or class that the venue doesn't name could never be true."""
    (tmp_path / TEST_VENUE).write_bytes(TRIAL.read_bytes())
    (tmp_path / "places.toml").write_text(PLACES)
    classes = [AccreditationClass(id=name, name=name, zones=()) for name in ("gold", "crew")]
    venue = replace(load_venue(TRIAL), classes=tuple(classes))

    load(tmp_path)
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, venue)

    assert (
        "\n".join(caught.value.mistakes).replace(f"{tmp_path}/", "")
        == """\
places.toml:9: rule "crew-in-hall": match.of: "holder_class" is never "crw"; did you mean "crew"?
      zone == "hal" and holder_class == "crw"
                                        ^
places.toml:9: rule "crew-in-hall": match.of: "zone" is never "hal"; did you mean "hall"?
      zone == "hal" and holder_class == "crw"
              ^
places.toml:18: rule "honoured": match.of: "holder_class" is never "guest"; write one of gold, crew, unknown
      direction == "in" and holder_class in honoured
                                            ^"""
    )


def test_the_shipped_rules_fit_the_shipped_venue() -> None:
    """No shipped rule asks for a class or place that the example venue lacks."""
    assert load(ROOT / "rules", load_venue(ROOT / "venue.toml")).rules


def test_the_shipped_rules_fit_a_venue_without_classes() -> None:
    """The classes that they ask for are among the default ones."""
    venue = replace(load_venue(ROOT / "venue.toml"), classes=())

    assert load(ROOT / "rules", venue).rules
