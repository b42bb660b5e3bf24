"""A real Alertmanager 0.25 is kept as the journal says, whatever dies in between."""

import json
from datetime import timedelta

from msgspec.structs import replace

from monitor.core.alert import Change
from monitor.core.transitions import AlertChanged
from monitor.sinks.alertmanager.labels import ALIVE
from tests.support.alertmanager import AlertmanagerServer, Receiver
from tests.support.outward import Outward, now
from tests.support.servers import HOST, eventually, free_port

NO_WORD = "resolved: NO WORD"


async def test_an_open_alert_is_told_in_its_languages(
    line: Outward, server: AlertmanagerServer
) -> None:
    """With labels to route by, a summary in the congress's first language and in the others, and the procedure."""
    line.tamper()
    alert = line.alert("door-tamper")
    async with line.telling(server.url):
        await eventually(lambda: "door-tamper" in server.alerts())
    told = server.alerts()["door-tamper"]
    assert told["labels"] == {
        "alertname": "door-tamper",
        "monitor": "trial",
        "alert": alert.id,
        "severity": "critical",
        "site": "centre",
        "zone": "hall",
        "point": "d1",
    }
    assert told["annotations"]["summary"] == "Somebody works at the hardware of door d1"
    assert told["annotations"]["summary_vi"] == "Cửa d1 bị phá"
    assert told["annotations"]["description"].startswith("Send a guard and a technician.")
    assert told["startsAt"][:19] == alert.happened_at.isoformat()[:19]


async def test_what_is_over_is_said_with_its_reason(
    line: Outward, server: AlertmanagerServer, heard: Receiver
) -> None:
    """People hear that it is over, from whom and why."""
    line.tamper()
    async with line.telling(server.url):
        await eventually(lambda: heard.said("door-tamper") == ["firing"])
        line.close("door-tamper")
        await eventually(
            lambda: heard.said("door-tamper") == ["firing", "resolved: closed by ann: mended"]
        )


async def test_a_monitor_that_dies_is_never_read_as_over(
    line: Outward, server: AlertmanagerServer, heard: Receiver
) -> None:
    """What Alertmanager resolves by itself lacks the reason, and the alert that says that the monitor lives goes too.

    Back again, the monitor tells what still holds, and what is over is said as always.
    """
    line.tamper()
    async with line.telling(server.url):
        await eventually(lambda: len(heard.told) == 2)
    await eventually(lambda: len(heard.told) == 4)
    assert heard.said("door-tamper") == ["firing", NO_WORD]
    assert heard.said(ALIVE) == ["firing", NO_WORD]
    async with line.telling(server.url):
        await eventually(lambda: heard.said("door-tamper") == ["firing", NO_WORD, "firing"])
        line.close("door-tamper")
        await eventually(lambda: heard.said("door-tamper")[-1] == "resolved: closed by ann: mended")


async def test_a_killed_alertmanager_knows_everything_again(
    line: Outward, server: AlertmanagerServer
) -> None:
    """It keeps nothing over a SIGKILL: alerts and silences are there again after one beat."""
    line.tamper()
    line.happen("door/d2", "door.alarm", point="d2", alarm="forced_open")
    shelve(line, "door-forced")
    async with line.telling(server.url):
        await eventually(lambda: len(server.alerts()) == 3 and len(server.silences()) == 1)
        server.kill()
        server.start()
        await eventually(lambda: len(server.alerts()) == 3 and len(server.silences()) == 1)
    assert server.alerts()["door-forced"]["status"]["state"] == "suppressed"


async def test_what_ended_while_alertmanager_was_away_is_told_when_it_is_back(
    line: Outward, server: AlertmanagerServer, heard: Receiver
) -> None:
    """Stopped and started, it remembers that it told somebody, and not of what: the end is told all the same."""
    line.tamper()
    async with line.telling(server.url) as relays:
        await eventually(lambda: heard.said("door-tamper") == ["firing"])
        server.stop()
        line.close("door-tamper")
        await eventually(lambda: bool(relays[0].trouble))
        server.start()
        await eventually(lambda: not relays[0].trouble)
        await eventually(
            lambda: heard.said("door-tamper") == ["firing", "resolved: closed by ann: mended"]
        )


async def test_what_ended_before_a_crash_is_still_told_after_it(
    line: Outward, server: AlertmanagerServer, heard: Receiver
) -> None:
    """The end is in the journal: a monitor that died before it could tell it tells it at its next start."""
    line.tamper()
    async with line.telling(server.url):
        await eventually(lambda: heard.said("door-tamper") == ["firing"])
    line.close("door-tamper")
    async with line.telling(server.url):
        await eventually(
            lambda: heard.said("door-tamper") == ["firing", "resolved: closed by ann: mended"]
        )


async def test_failed_put_right_and_failed_again_is_told_twice(
    line: Outward, server: AlertmanagerServer, heard: Receiver
) -> None:
    """All of it between two beats: the second failure is another alert to Alertmanager."""
    line.happen("door/d1", "door.alarm", point="d1", alarm="forced_open")
    async with line.telling(server.url):
        await eventually(lambda: heard.said("door-forced") == ["firing"])
        line.happen("door/d1", "door.alarm", point="d1", alarm="normal")
        line.happen("door/d1", "door.alarm", point="d1", alarm="forced_open")
        await eventually(lambda: heard.said("door-forced").count("firing") == 2)


async def test_life_safety_that_comes_back_is_told_again(
    line: Outward, server: AlertmanagerServer, heard: Receiver
) -> None:
    """It had cleared and nobody had closed it: it fires on, and its return is news all the same."""
    line.happen("zone/hall", "zone.count", zone="hall", count=3)
    line.happen("door/e1", "door.locked", point="e1")
    async with line.telling(server.url):
        await eventually(lambda: heard.said("exit-locked-occupied") == ["firing"])
        line.happen("door/e1", "door.unlocked", point="e1")
        line.happen("door/e1", "door.locked", point="e1")
        await eventually(lambda: heard.said("exit-locked-occupied").count("firing") == 2)
        await eventually(lambda: "resolved: replaced" in heard.said("exit-locked-occupied"))
    assert server.alerts()["exit-locked-occupied"]["labels"]["again"] == "1"


async def test_another_severity_takes_the_place_of_the_one_before(
    line: Outward, server: AlertmanagerServer
) -> None:
    """To Alertmanager that is a second alert: the first one is resolved in the same breath, and not left to run out."""
    line.tamper()
    alert = line.alert("door-tamper")
    labels = {"alertname": "was-high", "monitor": "trial", "alert": alert.id, "severity": "high"}
    until = (now() + timedelta(hours=1)).isoformat()
    server.ask(
        "POST", "alerts", [{"labels": labels, "startsAt": now().isoformat(), "endsAt": until}]
    )
    async with line.telling(server.url):
        await eventually(lambda: server.alerts().keys() == {"door-tamper", ALIVE})


async def test_other_peoples_alerts_are_left_alone(
    line: Outward, server: AlertmanagerServer
) -> None:
    """Prometheus and other monitors may tell the same Alertmanager."""
    labels = {"alertname": "DiskFull", "monitor": "another"}
    until = (now() + timedelta(hours=1)).isoformat()
    server.ask(
        "POST", "alerts", [{"labels": labels, "startsAt": now().isoformat(), "endsAt": until}]
    )
    async with line.telling(server.url):
        await eventually(lambda: server.alerts().keys() == {"DiskFull", ALIVE})
        line.tamper()
        await eventually(lambda: server.alerts().keys() == {"DiskFull", ALIVE, "door-tamper"})


async def test_a_silent_alert_goes_only_where_it_may(
    line: Outward, server: AlertmanagerServer
) -> None:
    """Duress stays out of Alertmanager unless the deployment says that all who see it may know."""
    fields = {"point": "d1", "credential": "c1"}
    line.happen("access/d1", "access.duress", **fields)
    line.tamper()
    (rule,) = (alert.rule for alert in line.journal.alerts() if alert.silent)
    async with line.telling(server.url):
        await eventually(lambda: "door-tamper" in server.alerts())
        assert rule not in server.alerts()
    async with line.telling(server.url, silent=True):
        await eventually(lambda: rule in server.alerts())


async def test_one_dead_peer_stops_nobody(line: Outward, server: AlertmanagerServer) -> None:
    """Each peer has a relay of its own: the dead one is in trouble, the other hears everything at once."""
    line.tamper()
    async with line.telling(f"http://{HOST}:{free_port()}", server.url) as (dead, well):
        await eventually(lambda: "door-tamper" in server.alerts() and bool(dead.trouble))
        line.happen("door/d2", "door.tamper", point="d2", active=True)
        await eventually(lambda: well.lag == 0)
        assert not well.trouble
        assert dead.lag


def shelve(line: Outward, rule: str) -> None:
    """Ann shelves an alert for an hour."""
    alert = line.alert(rule).id
    until = (now() + timedelta(hours=1)).isoformat()
    fields = {"who": "ann", "alert": alert, "until": until, "reason": "painters"}
    line.happen("staff/ann", "staff.shelve", **fields)


async def test_a_shelved_alert_is_silenced_with_owner_reason_and_end(
    line: Outward, server: AlertmanagerServer
) -> None:
    """And only that one; unshelved, the silence ends."""
    line.tamper("d1")
    line.happen("door/d2", "door.alarm", point="d2", alarm="forced_open")
    shelve(line, "door-tamper")
    alert = line.alert("door-tamper")
    async with line.telling(server.url):
        await eventually(lambda: len(server.silences()) == 1)
        (silence,) = server.silences()
        assert silence["createdBy"] == "ann"
        assert silence["comment"] == f"painters [venue-monitor trial alert {alert.id}]"
        assert alert.shelved_until is not None
        assert silence["endsAt"][:19] == alert.shelved_until.isoformat()[:19]
        await eventually(lambda: len(server.alerts()) == 3)
        assert server.alerts()["door-tamper"]["status"]["state"] == "suppressed"
        assert server.alerts()["door-forced"]["status"]["state"] == "active"
        line.happen("staff/ann", "staff.unshelve", who="ann", alert=alert.id)
        await eventually(lambda: not server.silences())


async def test_a_shelved_alert_is_told_to_nobody(
    line: Outward, server: AlertmanagerServer, heard: Receiver
) -> None:
    """Not even once: the silence is there before the alert."""
    line.tamper()
    shelve(line, "door-tamper")
    async with line.telling(server.url):
        await eventually(lambda: ALIVE in server.alerts() and heard.said(ALIVE) == ["firing"])
    assert heard.said("door-tamper") == []


async def test_a_mask_is_a_silence_that_spares_life_safety(
    line: Outward, server: AlertmanagerServer
) -> None:
    """Its place and rule decide what it hides; ended, it is gone there too."""
    until = (now() + timedelta(hours=1)).isoformat()
    fields = {"who": "bob", "what": "*", "zone": "hall", "until": until, "reason": "set-up"}
    line.happen("staff/bob", "staff.mask", **fields)
    line.tamper()
    line.happen("zone/hall", "zone.count", zone="hall", count=3)
    line.happen("door/e1", "door.locked", point="e1")
    async with line.telling(server.url):
        await eventually(lambda: len(server.alerts()) >= 3)
        (silence,) = server.silences()
        assert silence["createdBy"] == "bob"
        assert {(row["name"], row["value"], row["isEqual"]) for row in silence["matchers"]} == {
            ("monitor", "trial", True),
            ("zone", "hall", True),
            ("severity", "life_safety", False),
        }
        await eventually(lambda: server.alerts()["door-tamper"]["status"]["state"] == "suppressed")
        assert server.alerts()["exit-locked-occupied"]["status"]["state"] == "active"
        (mask,) = line.journal.masks()
        line.happen("staff/bob", "staff.unmask", who="bob", mask=mask.id)
        await eventually(lambda: not server.silences())


async def test_ours_win(line: Outward, server: AlertmanagerServer) -> None:
    """A silence of ours that somebody ended there is put back; what people made there is left alone."""
    line.tamper()
    shelve(line, "door-tamper")
    theirs = a_silence(("alertname", "DiskFull"))
    async with line.telling(server.url):
        server.ask("POST", "silences", theirs)
        await eventually(lambda: len(server.silences()) == 2)
        (ours,) = (row["id"] for row in server.silences() if row["createdBy"] == "ann")
        server.ask("DELETE", f"silence/{ours}")
        await eventually(lambda: {row["createdBy"] for row in server.silences()} == {"ann", "eve"})
    assert ours not in {row["id"] for row in server.silences()}


def a_silence(*matchers: tuple[str, str]) -> dict[str, object]:
    """Eve silences something there for an hour."""
    return {
        "matchers": [
            {"name": name, "value": value, "isRegex": False, "isEqual": True}
            for name, value in matchers
        ],
        "startsAt": now().isoformat(),
        "endsAt": (now() + timedelta(hours=1)).isoformat(),
        "createdBy": "eve",
        "comment": "too loud",
    }


async def test_life_safety_silenced_there_is_a_trouble_here(
    line: Outward, server: AlertmanagerServer
) -> None:
    """We never silence it; if somebody does so in Alertmanager, the monitor says so until it ends."""
    line.happen("zone/hall", "zone.count", zone="hall", count=3)
    line.happen("door/e1", "door.locked", point="e1")
    async with line.telling(server.url) as (relay,):
        made = json.loads(server.ask("POST", "silences", a_silence(("zone", "hall"))))
        await eventually(lambda: "somebody has silenced life safety" in relay.trouble)
        server.ask("DELETE", f"silence/{made['silenceID']}")
        await eventually(lambda: not relay.trouble)


async def test_only_what_matters_there_is_told_at_once(
    line: Outward, server: AlertmanagerServer
) -> None:
    """One more occurrence waits for the next beat."""
    line.tamper()
    (entry, *_) = (
        row for row in line.journal.transitions(0) if isinstance(row.transition, AlertChanged)
    )
    assert isinstance(entry.transition, AlertChanged)
    again = entry._replace(transition=replace(entry.transition, change=Change.RECURRED))
    async with line.telling(server.url) as (relay,):
        await eventually(lambda: "door-tamper" in server.alerts())
        server.stop()
        await relay.sink.take([again])
