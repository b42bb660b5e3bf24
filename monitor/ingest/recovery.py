"""Recovery: the engine as it was after the last input in the journal, from a snapshot and the inputs after it."""

from collections.abc import Mapping
from datetime import timedelta

import msgspec
import structlog
from msgspec.structs import replace

from monitor.core.alert import Alert
from monitor.core.engine.engine import Engine
from monitor.core.state import snapshot
from monitor.core.state.state import State
from monitor.journal import Journal
from monitor.texts import ENGLISH

log = structlog.get_logger()


def recover(journal: Journal, *, lateness: timedelta, tolerance: timedelta) -> tuple[Engine, int]:
    """Return the engine as it was after the last input in the journal, and how many inputs had to be replayed.

    It is built from the latest sound snapshot that this version can read and the inputs after it. Their transitions
    are in the journal already and are not written again.

    Raises:
        JournalError: an input can't be read.

    """
    after, state = 0, State()
    for seq, body in journal.snapshots():
        try:
            after, state = seq, snapshot.decode(body, journal.inputs_at)
            break
        except msgspec.MsgspecError as error:
            log.warning("snapshot_of_another_version", seq=seq, reason=str(error))
    engine = Engine(state, lateness=lateness, tolerance=tolerance, wording=ENGLISH)
    replayed = 0
    for seq, given in journal.inputs(after):
        engine.step(given, seq)
        replayed += 1
    written = {alert.id: alert for alert in journal.alerts()}
    if written != state.alerts.open:
        kept, replayed_alerts = _without_words(written), _without_words(state.alerts.open)
        ids = kept.keys() | replayed_alerts.keys()
        if differing := sorted(id_ for id_ in ids if kept.get(id_) != replayed_alerts.get(id_)):
            log.error("replay_differs", alerts=differing)
        # Keep what has been reported, even if this version would decide differently.
        state.alerts.open = written
        engine = Engine(state, lateness=lateness, tolerance=tolerance, wording=ENGLISH)
    return engine, replayed


def _without_words(alerts: Mapping[str, Alert]) -> dict[str, Alert]:
    """Return alerts without the texts that another version, or another venue file, words differently."""
    return {
        id_: replace(alert, title="", do="", values={}, note="") for id_, alert in alerts.items()
    }
