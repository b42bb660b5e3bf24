"""When people are notified that a monitor is silent, still silent and back, to the second."""

from datetime import UTC, datetime, timedelta

import pytest

from monitor.deadman.silence_detector import STEADY, DetectorState, SilenceDetector
from monitor.texts import plain

START = datetime(2026, 1, 1, 8, 0, tzinfo=UTC)
LIMIT, REPEAT, BEAT = 45, 600, 10


def at(seconds: float) -> datetime:
    """Return the time this many seconds after the start."""
    return START + timedelta(seconds=seconds)


class Story:
    """A watcher and the people it pages."""

    def __init__(self, state: DetectorState | None = None, start: float = 0) -> None:
        self.now = start
        self.detector = SilenceDetector(
            timedelta(seconds=LIMIT), timedelta(seconds=REPEAT), at(start), state
        )
        self.detector.link_trouble = ""
        self.phone_works = True
        self.pause = 0.0
        """Seconds without a check after a page."""
        self.delivered: list[tuple[float, str]] = []

    def wait(self, seconds: float, beat: float = 0) -> None:
        """Advance the time second by second, with a heartbeat at each multiple of ``beat``."""
        for _ in range(int(seconds)):
            self.now += 1
            if beat and self.now % beat == 0:
                self.detector.receive(at(self.now))
            page = self.detector.check(at(self.now))
            if page is not None and self.phone_works:
                self.delivered.append((self.now, page.kind))
                self.detector.delivered(page, at(self.now))
                self.now += self.pause

    def restart(self) -> "Story":
        """Restart the watcher with its saved state."""
        return Story(self.detector.state, self.now)


def test_a_monitor_that_sends_heartbeats_causes_no_notification() -> None:
    """An hour of heartbeats causes no notification."""
    story = Story()
    story.wait(3600, BEAT)
    assert story.delivered == []


def test_silence_is_reported_at_once_and_repeatedly_until_it_ends() -> None:
    """People are notified after the limit, then every ten minutes, and finally when the monitor is steadily back."""
    story = Story()
    story.wait(100, BEAT)
    story.wait(1300)
    story.wait(100, BEAT)
    silent = 100 + LIMIT + 1
    back = 1400 + STEADY * BEAT
    assert story.delivered == [
        (silent, "silent"),
        (silent + REPEAT, "still silent"),
        (silent + 2 * REPEAT, "still silent"),
        (back, "back"),
    ]


def test_three_beats_missed_are_no_silence() -> None:
    """The limit leaves room for a restart and a busy network."""
    story = Story()
    story.wait(100, BEAT)
    story.wait(LIMIT - BEAT)
    story.wait(100, BEAT)
    assert story.delivered == []


def test_one_beat_is_not_back() -> None:
    """A monitor that dies again and again, each time after a heartbeat, still counts as silent."""
    story = Story()
    story.wait(60)
    for _ in range(10):
        story.wait(100)
        story.detector.receive(at(story.now))
    assert {kind for _, kind in story.delivered} == {"silent", "still silent"}


def test_a_monitor_never_heard_is_silent() -> None:
    """A monitor that was dead before the watcher was started is reported as silent, too."""
    story = Story()
    story.wait(LIMIT + 1)
    assert story.delivered == [(LIMIT + 1, "silent")]


def test_a_restarted_watcher_pages_nothing_twice() -> None:
    """The reminder comes when it is due, and there is no false report that the monitor is back."""
    story = Story()
    story.wait(100)
    later = story.restart()
    later.wait(REPEAT)
    assert later.delivered == [(LIMIT + 1 + REPEAT, "still silent")]
    later.wait(60, BEAT)
    assert later.delivered[-1][1] == "back"


def test_a_restarted_watcher_still_reports_back() -> None:
    """If the monitor came back while the watcher was down, that is reported too."""
    story = Story()
    story.wait(100)
    later = story.restart()
    later.wait(60, BEAT)
    assert [kind for _, kind in later.delivered] == ["back"]


def test_a_restarted_watcher_waits_for_a_heartbeat() -> None:
    """If the monitor died while the watcher was down, the limit counts from the start of the watcher."""
    story = Story()
    story.wait(100, BEAT)
    later = story.restart()
    later.wait(LIMIT)
    assert later.delivered == []
    later.wait(1)
    assert later.delivered == [(100 + LIMIT + 1, "silent")]


def test_a_paused_watcher_reports_no_silence() -> None:
    """If the watcher was paused for an hour and received nothing, the limit counts from when it runs again."""
    story = Story()
    story.wait(100, BEAT)
    story.now += 3600
    story.wait(LIMIT, BEAT)
    assert story.delivered == []


def test_a_paused_watcher_ignores_older_heartbeats() -> None:
    """If the watcher paused after the page, heartbeats from before the silence do not end it."""
    story = Story()
    story.pause = 4
    story.wait(100, BEAT)
    story.wait(500)
    assert story.delivered == [(100 + LIMIT + 1, "silent")]


def test_back_needs_heartbeats_after_a_pause() -> None:
    """Three heartbeats before the pause and none after it are not enough: those may have been the last."""
    story = Story()
    story.wait(100)
    story.phone_works = False
    story.wait(STEADY * BEAT, BEAT)
    story.phone_works = True
    story.now += 3600
    story.wait(LIMIT)
    assert [kind for _, kind in story.delivered] == ["silent"]
    story.wait(STEADY * BEAT, BEAT)
    assert [kind for _, kind in story.delivered] == ["silent", "still silent", "back"]


def test_a_page_that_was_not_accepted_is_still_due() -> None:
    """If no address accepts pages, people are notified as soon as one does."""
    story = Story()
    story.phone_works = False
    story.wait(300)
    story.phone_works = True
    story.wait(1)
    assert story.delivered == [(301, "silent")]


def test_what_is_over_before_it_was_reported_is_not_reported() -> None:
    """A silence that began and ended while no address accepted pages is not reported."""
    story = Story()
    story.phone_works = False
    story.wait(300)
    story.wait(BEAT, BEAT)
    story.phone_works = True
    story.wait(100, BEAT)
    assert story.delivered == []


@pytest.mark.parametrize(
    ("trouble", "status", "is_received", "text"),
    [
        ("refused", "online", True, "The broker can't be reached: refused"),
        ("", "offline", True, "The monitor is offline."),
        ("", "stopped: the disk is full", True, "The monitor is stopped: the disk is full."),
        ("", "online", True, "it hangs, or its network does"),
        ("", "", False, "No heartbeat has been received since the watcher started"),
    ],
)
def test_the_page_says_what_is_known(
    trouble: str, status: str, is_received: bool, text: str
) -> None:
    """The page says what is known, so that the person paged looks in the right place first."""
    story = Story()
    if is_received:
        story.detector.receive(at(0))
    story.detector.link_trouble, story.detector.status = trouble, status
    for second in range(LIMIT + 1):
        assert story.detector.check(at(second)) is None
    page = story.detector.check(at(LIMIT + 1))
    assert page is not None
    assert text in plain(page.reason)
