"""``config.toml`` and ``venue.toml`` together: one error for both files."""

from pathlib import Path

import pytest

from monitor.app.deployment import load_all
from monitor.core.oncall.escalation_policy import names_rule
from monitor.core.operators import build
from monitor.errors import ConfigError
from monitor.roster import read_roster
from tests.support.engine import SHIPPED

ROOT = Path(__file__).parents[2]

VENUE = """\
[congress]
id = "congress"
name = "Congress"
[[site]]
id = "hall"
name = "Hall"
kind = "venue"
[[zone]]
id = "foyer"
name = "Foyer"
site = "hall"
capacity = 10
area_m2 = 20
[[device]]
id = "reader"
[[point]]
id = "gate"
name = "Gate"
kind = "gate"
zone = "foyer"
"""
ADAPTER = '[[adapter]]\ntopic = "a"\nformat = "uhppoted"\n[adapter.map]\n'


def mistakes_of(folder: Path, config: str, venue: str | None = VENUE) -> list[str]:
    """Return the mistakes of both files, named from their folder."""
    (folder / "config.toml").write_text(config)
    if venue is not None:
        (folder / "venue.toml").write_text(venue)
    with pytest.raises(ConfigError) as raised:
        load_all(folder / "config.toml", {})
    return [mistake.replace(f"{folder}/", "") for mistake in raised.value.mistakes]


def test_the_examples_fit_together() -> None:
    """The two files that the repository ships can be used as they are."""
    config, venue = load_all(ROOT / "config.toml", {})

    assert config.files.venue == ROOT / "venue.toml"
    assert venue.congress.id == "congress"


def test_the_example_roster_fits_the_example_venue() -> None:
    """The agencies and sites of the example roster exist in the example venue."""
    config, _ = load_all(ROOT / "config.toml", {}, people=True)

    assert config.files.roster == ROOT / "roster.toml"


def test_the_roster_is_looked_at_only_where_it_matters(tmp_path: Path) -> None:
    """A check reports mistakes in the roster too; viewing alerts works despite them."""
    (tmp_path / "config.toml").write_text('[files]\nroster = "people.toml"\n')
    (tmp_path / "venue.toml").write_text(VENUE)
    (tmp_path / "people.toml").write_text('[[person]]\nid = "anna"\nname = "A"\nagency = "x"\n')
    path = tmp_path / "config.toml"
    load_all(path, {})

    with pytest.raises(ConfigError) as raised:
        load_all(path, {}, people=True)
    assert 'people.toml:4: person "anna": agency: unknown agency "x"' in str(raised.value)


def test_the_mistakes_of_both_files_are_told_at_once(tmp_path: Path) -> None:
    """The mistakes of both files are shown at once."""
    found = mistakes_of(
        tmp_path,
        f'[http]\nport = "x"\n{ADAPTER}"1" = "gaet"',
        VENUE.replace("capacity = 10", "capacity = 0").replace('site = "hall"', 'site = "hal"'),
    )

    assert found == [
        'config.toml:2: http: port: "x" is not a whole number; write e.g. 10',
        'config.toml:7: adapter: map: "1": unknown point "gaet"; did you mean "gate"?',
        'venue.toml:11: zone "foyer": site: unknown site "hal"; did you mean "hall"?',
        'venue.toml:12: zone "foyer": capacity: 0 is not allowed; write at least 1',
    ]


@pytest.mark.parametrize(
    ("entry", "mistake"),
    [
        ("gaet", 'adapter: map: "1": unknown point "gaet"; did you mean "gate"?'),
        (
            "gate device:raeder",
            'adapter: map: "1": unknown device "raeder"; did you mean "reader"?',
        ),
        ("zone:foier", 'adapter: map: "1": unknown zone "foier"; did you mean "foyer"?'),
    ],
)
def test_what_an_adapter_names_is_in_the_venue(tmp_path: Path, entry: str, mistake: str) -> None:
    """A map that leads nowhere is reported where it is written, not when the first message arrives."""
    assert mistakes_of(tmp_path, f'{ADAPTER}"1" = "{entry}"') == [f"config.toml:5: {mistake}"]


def test_a_site_at_which_a_group_has_a_role_is_in_the_venue(tmp_path: Path) -> None:
    """Whoever is in such a group would sign in and see nothing."""
    (tmp_path / "secret").write_text("s")
    table = (
        '[http]\npublic_url = "https://m.example.org"\n[http.oidc]\nissuer = "https://id.example.org"\n'
        'client_id = "m"\nclient_secret_file = "secret"\n'
        'groups = { "leads" = ["supervisor", "officer@hal"], "all" = "viewer@hall" }\n'
    )

    (mistake,) = mistakes_of(tmp_path, table)

    what = 'http: oidc: groups: "leads": unknown site "hal"; did you mean "hall"?'
    assert mistake == f"config.toml:7: {what}"


def test_a_map_that_cannot_be_read_is_told_with_its_line(tmp_path: Path) -> None:
    """A mistake that an adapter finds in an entry is reported with the file and the line."""
    (found,) = mistakes_of(tmp_path, f'{ADAPTER}"1" = "gate"\n"2" = "door:gate"')

    assert found.startswith("config.toml:6: ")
    assert '"2" = "door:gate"' in found


@pytest.mark.parametrize("entry", ["gate", "point:gate device:reader zone:foyer", "device:reader"])
def test_a_map_may_name_points_devices_and_zones(tmp_path: Path, entry: str) -> None:
    """Each of the three is found under its own ids."""
    (tmp_path / "venue.toml").write_text(VENUE)
    (tmp_path / "config.toml").write_text(f'{ADAPTER}"1" = "{entry}"')

    config, _ = load_all(tmp_path / "config.toml", {})

    assert config.adapters[0].map == {"1": entry}


def test_a_missing_venue_is_one_mistake(tmp_path: Path) -> None:
    """A missing venue file is reported once, not for every name that would be in it."""
    assert mistakes_of(tmp_path, f'[files]\nvenue = "v.toml"\n{ADAPTER}"1" = "gate"', None) == [
        "v.toml: can't be read: No such file or directory; create it, or name another file"
    ]


def test_the_venue_is_read_although_the_configuration_is_broken(tmp_path: Path) -> None:
    """A configuration that is not valid TOML hides no mistakes in the venue file."""
    found = mistakes_of(tmp_path, "[http\n", VENUE.replace("capacity = 10", "capacity = 0"))

    assert [mistake.split(": ")[0] for mistake in found] == ["config.toml:1", "venue.toml:12"]


FOR_THE_GUARDS = {"on-call-gap"}
"""Whoever makes the plan fills a gap in it."""


def test_the_example_roster_pages_it_about_the_monitor_itself() -> None:
    """What is wrong with the monitor, its channels and its senders is nothing that a guard can repair."""
    policies = read_roster(ROOT / "roster.toml").document.policies
    (policy,) = [row for row in policies if row.id == "monitor"]
    about_the_monitor = {
        row.id
        for row in SHIPPED.rules
        if all(
            kind.startswith(("monitor.", "watcher."))
            for _, part in build(row).selectors()
            for kind in part.on
        )
    }
    assert {
        name
        for name in about_the_monitor
        if not any(names_rule(pattern, name) for pattern in policy.rules)
    } == FOR_THE_GUARDS
