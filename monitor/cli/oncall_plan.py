"""What the commands about people on call read: the plan in the files, and the shifts in the journal."""

from datetime import UTC, datetime

from monitor.cli.arguments import parse_time
from monitor.cli.live_status import warn_if_stale
from monitor.config import Config
from monitor.core.roster import Roster
from monitor.core.state import snapshot
from monitor.core.transitions import Override, OverrideChanged
from monitor.core.venue.model import Venue
from monitor.errors import ConfigError
from monitor.journal import Journal
from monitor.roster import read_roster
from monitor.roster.feeds import Feeds
from monitor.roster.plan import plan

NO_ROSTER = (
    'config.toml: [files] roster: missing, so no one is paged; write e.g. roster = "roster.toml"'
)


def roster_at(config: Config, venue: Venue, at: datetime, overrides: dict[str, Override]) -> Roster:
    """Return the roster of the files, planned around a time."""
    if config.files.roster is None:
        raise ConfigError([NO_ROSTER])
    read = read_roster(config.files.roster, venue)
    calendars = read.document.calendars
    feeds = Feeds.beside(config.journal.path)
    return plan(read, venue, at, feeds.texts(calendars), overrides)


def overrides_of(config: Config) -> dict[str, Override]:
    """Return the shifts that were taken, by team, from the journal."""
    if not config.journal.path.exists():
        return {}
    with Journal(config.journal.path, read_only=True) as journal:
        after, found = 0, dict[str, Override]()
        for seq, body in journal.snapshots():
            after, found = seq, dict(snapshot.decode(body).paging.overrides)
            break
        while rows := journal.transitions(after):
            after = rows[-1].seq
            for row in rows:
                if isinstance(row.transition, OverrideChanged):
                    override = row.transition.override
                    found.pop(override.team, None)
                    if not row.transition.ended:
                        found[override.team] = override
    return found


def time_of(text: str | None) -> datetime:
    """Return the time that an option gives; now if it gives none."""
    now = datetime.now(UTC)
    return now if text is None else parse_time(text, now, "--at").astimezone(UTC)


def warn_of_shifts(config: Config) -> None:
    """Say that shifts taken lately may be missing; who is on call by the plan is known without the monitor."""
    if warn_if_stale(config):
        print("The plan applies without the monitor; shifts taken since then are missing.")
