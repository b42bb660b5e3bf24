"""When people are told that a monitor is silent, still silent and back, to the second."""

from datetime import UTC, datetime, timedelta

import pytest

from monitor.deadman.silence_detector import STEADY, Memory, Vigil

START = datetime(2026, 1, 1, 8, 0, tzinfo=UTC)
LIMIT, REPEAT, BEAT = 45, 600, 10


def at(seconds: float) -> datetime:
    """The time so many seconds after the start."""
    return START + timedelta(seconds=seconds)


class Story:
    """A watcher and the people whom it pages."""

    def __init__(self, memory: Memory | None = None, start: float = 0) -> None:
        self.now = start
        self.vigil = Vigil(timedelta(seconds=LIMIT), timedelta(seconds=REPEAT), at(start), memory)
        self.vigil.link_trouble = ""
        self.phone_works = True
        self.pause = 0.0
        """So long nobody looks after a page."""
        self.told: list[tuple[float, str]] = []

    def wait(self, seconds: float, beat: float = 0) -> None:
        """Time goes by, second by second, with a heartbeat every so often."""
        for _ in range(int(seconds)):
            self.now += 1
            if beat and self.now % beat == 0:
                self.vigil.hear(at(self.now))
            page = self.vigil.judge(at(self.now))
            if page is not None and self.phone_works:
                self.told.append((self.now, page.kind))
                self.vigil.delivered(page, at(self.now))
                self.now += self.pause

    def restart(self) -> "Story":
        """The watcher is started again with what it wrote down."""
        return Story(self.vigil.memory, self.now)


def test_a_monitor_that_lives_is_no_news() -> None:
    """An hour of beats: nobody is told anything."""
    story = Story()
    story.wait(3600, BEAT)
    assert story.told == []


def test_silence_is_told_once_and_again_until_it_ends() -> None:
    """After the limit, every ten minutes, and then that it is back, when it is steady."""
    story = Story()
    story.wait(100, BEAT)
    story.wait(1300)
    story.wait(100, BEAT)
    silent = 100 + LIMIT + 1
    back = 1400 + STEADY * BEAT
    assert story.told == [
        (silent, "silent"),
        (silent + REPEAT, "still silent"),
        (silent + 2 * REPEAT, "still silent"),
        (back, "back"),
    ]


def test_three_beats_missed_are_no_silence() -> None:
    """The limit is there for a restart and a busy network."""
    story = Story()
    story.wait(100, BEAT)
    story.wait(LIMIT - BEAT)
    story.wait(100, BEAT)
    assert story.told == []


def test_one_beat_is_not_back() -> None:
    """A monitor that dies again and again, each time after a beat, stays silent for people."""
    story = Story()
    story.wait(60)
    for _ in range(10):
        story.wait(100)
        story.vigil.hear(at(story.now))
    assert {kind for _, kind in story.told} == {"silent", "still silent"}


def test_a_monitor_never_heard_is_silent() -> None:
    """Also one that was dead before the watcher was started."""
    story = Story()
    story.wait(LIMIT + 1)
    assert story.told == [(LIMIT + 1, "silent")]


def test_a_restarted_watcher_says_nothing_twice() -> None:
    """People know that it is silent: they are told again at their time, and not that it is back."""
    story = Story()
    story.wait(100)
    later = story.restart()
    later.wait(REPEAT)
    assert later.told == [(LIMIT + 1 + REPEAT, "still silent")]
    later.wait(60, BEAT)
    assert later.told[-1][1] == "back"


def test_a_restarted_watcher_has_not_forgotten_to_say_back() -> None:
    """The monitor came back while the watcher was away: that is told too."""
    story = Story()
    story.wait(100)
    later = story.restart()
    later.wait(60, BEAT)
    assert [kind for _, kind in later.told] == ["back"]


def test_a_restarted_watcher_trusts_no_monitor_before_it_has_heard_it() -> None:
    """All was well before, and the monitor died meanwhile: the limit counts from the start of the watcher."""
    story = Story()
    story.wait(100, BEAT)
    later = story.restart()
    later.wait(LIMIT)
    assert later.told == []
    later.wait(1)
    assert later.told == [(100 + LIMIT + 1, "silent")]


def test_a_watcher_that_stood_still_blames_nobody() -> None:
    """It was paused for an hour and could hear nothing: the limit counts from when it looks again."""
    story = Story()
    story.wait(100, BEAT)
    story.now += 3600
    story.wait(LIMIT, BEAT)
    assert story.told == []


def test_a_watcher_that_stood_still_hears_nobody_come_back() -> None:
    """Nobody looked for a while after the page: what was heard before the silence is no sign that it is over."""
    story = Story()
    story.pause = 4
    story.wait(100, BEAT)
    story.wait(500)
    assert story.told == [(100 + LIMIT + 1, "silent")]


def test_it_is_back_by_what_was_heard_since_the_watcher_stood_still() -> None:
    """Three beats came before the pause, and none after it: that may have been all."""
    story = Story()
    story.wait(100)
    story.phone_works = False
    story.wait(STEADY * BEAT, BEAT)
    story.phone_works = True
    story.now += 3600
    story.wait(LIMIT)
    assert [kind for _, kind in story.told] == ["silent"]
    story.wait(STEADY * BEAT, BEAT)
    assert [kind for _, kind in story.told] == ["silent", "still silent", "back"]


def test_a_page_that_nobody_took_is_owed() -> None:
    """The way to the people is broken: they are told as soon as it is mended."""
    story = Story()
    story.phone_works = False
    story.wait(300)
    story.phone_works = True
    story.wait(1)
    assert story.told == [(301, "silent")]


def test_what_is_over_before_anybody_was_told_is_told_to_nobody() -> None:
    """Silent and back while the way to the people was broken."""
    story = Story()
    story.phone_works = False
    story.wait(300)
    story.wait(BEAT, BEAT)
    story.phone_works = True
    story.wait(100, BEAT)
    assert story.told == []


@pytest.mark.parametrize(
    ("trouble", "standing", "heard", "said"),
    [
        ("refused", "online", True, "The broker can't be reached: refused"),
        ("", "offline", True, "The monitor is offline."),
        ("", "stopped: the disk is full", True, "The monitor is stopped: the disk is full."),
        ("", "online", True, "it hangs, or its network does"),
        ("", "", False, "has said nothing since the watcher was started"),
    ],
)
def test_the_page_says_what_is_known(trouble: str, standing: str, heard: bool, said: str) -> None:
    """Whoever is paged looks in the right place first."""
    story = Story()
    if heard:
        story.vigil.hear(at(0))
    story.vigil.link_trouble, story.vigil.standing = trouble, standing
    for second in range(LIMIT + 1):
        assert story.vigil.judge(at(second)) is None
    page = story.vigil.judge(at(LIMIT + 1))
    assert page is not None
    assert said in page.reason
