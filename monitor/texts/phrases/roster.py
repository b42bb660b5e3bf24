"""The wording of problems of the roster and its calendars."""

from collections.abc import Mapping

from monitor.core.phrase_ids import RosterPhrase
from monitor.texts.marked import msgid

ROSTER: Mapping[RosterPhrase, str] = {
    "no-one-on-call": msgid("no one is on call[ from {since}][ until {until}]"),
    "person-no-channel": msgid("no channel is entered; add one to this person in roster.toml"),
    "unknown-in-calendar": msgid("{names} (not in roster.toml)"),
    "calendar-copy-not-written": msgid(
        "its copy can't be written into {folder}/, beside the journal: {error}"
    ),
    "calendar-no-answer": msgid("it did not answer within {within}"),
    "calendar-not-fetched": msgid("it can't be fetched: {error}"),
    "calendar-not-read": msgid("it can't be read: {error}"),
    "calendar-not-utf8": msgid("it is not UTF-8 text"),
    "calendar-status": msgid("its server answers with status {status}"),
    "calendar-too-large": msgid("it is larger than {most} bytes"),
    "calendar-not-icalendar": msgid("it is not a readable iCalendar: {error}"),
    "calendar-too-many-events": msgid("it has more than {most} events within ten days"),
    "calendar-repeats-often": msgid(
        "“{name}” repeats hourly or more often; write FREQ=DAILY or WEEKLY, if necessary with BYHOUR, without lists of "
        "minutes or seconds"
    ),
    "calendar-zone-unknown": msgid(
        "“{name}” has the unknown time zone “{zone_name}”; write an IANA name such as Asia/Ho_Chi_Minh, or include its "
        "VTIMEZONE"
    ),
    "calendar-event-unnamed": msgid("an event without a name"),
    "calendar-takes-long": msgid(
        "its repeating events take more than {within} to expand; write simpler ones"
    ),
    "calendar-check-failed": msgid("the check failed; see the log"),
    "calendar-never-read": msgid("it has never been read"),
    "calendar-last-read": msgid("it was last read at {read_at}"),
}
