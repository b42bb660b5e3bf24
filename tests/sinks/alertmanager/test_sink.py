"""A real Alertmanager 0.25 has what the journal has, whatever dies in between."""

import json
from datetime import timedelta

from msgspec.structs import replace

from monitor.core.alert import Change
from monitor.core.transitions import AlertChanged
from monitor.sinks.alertmanager.labels import ALIVE
from monitor.texts import plain
from tests.support.alertmanager import AlertmanagerServer, Receiver
from tests.support.outward import Outward, now
from tests.support.servers import HOST, eventually, free_port

NO_WORD = "resolved: NO WORD"


async def test_an_open_alert_has_labels_and_texts(
    line: Outward, server: AlertmanagerServer
) -> None:
    """An open alert has labels for routing, a summary in the congress's languages, and the procedure."""
    line.tamper()
    alert = line.alert("door-tamper")
    async with line.relaying(server.url):
        await eventually(lambda: "door-tamper" in server.alerts())
    found = server.alerts()["door-tamper"]
    assert found["labels"] == {
        "alertname": "door-tamper",
        "monitor": "trial",
        "alert": alert.id,
        "severity": "critical",
        "site": "centre",
        "zone": "hall",
        "point": "d1",
    }
    assert found["annotations"]["summary"] == alert.title
    assert found["annotations"]["summary_vi"].startswith("Cửa ")
    assert found["annotations"]["description"].startswith("Send a guard")
    assert found["startsAt"][:19] == alert.happened_at.isoformat()[:19]


async def test_an_end_has_its_reason(
    line: Outward, server: AlertmanagerServer, received: Receiver
) -> None:
    """The notification says that the alert is over, who closed it and why."""
    line.tamper()
    async with line.relaying(server.url):
        await eventually(lambda: received.statuses("door-tamper") == ["firing"])
        line.close("door-tamper")
        await eventually(
            lambda: (
                received.statuses("door-tamper") == ["firing", "resolved: closed by ann: mended"]
            )
        )


async def test_a_dead_monitor_is_never_read_as_resolved(
    line: Outward, server: AlertmanagerServer, received: Receiver
) -> None:
    """An alert that Alertmanager resolves by itself has no reason, and the heartbeat alert is resolved too.

    After a restart the monitor sends what is still active, and what is over with its reason.
    """
    line.tamper()
    async with line.relaying(server.url):
        await eventually(lambda: len(received.alerts) == 2)
    await eventually(lambda: len(received.alerts) == 4)
    assert received.statuses("door-tamper") == ["firing", NO_WORD]
    assert received.statuses(ALIVE) == ["firing", NO_WORD]
    async with line.relaying(server.url):
        await eventually(lambda: received.statuses("door-tamper") == ["firing", NO_WORD, "firing"])
        line.close("door-tamper")
        await eventually(
            lambda: received.statuses("door-tamper")[-1] == "resolved: closed by ann: mended"
        )


async def test_a_killed_alertmanager_gets_everything_again(
    line: Outward, server: AlertmanagerServer
) -> None:
    """Alertmanager keeps nothing over a SIGKILL: alerts and silences are back after one heartbeat."""
    line.tamper()
    line.happen("door/d2", "door.alarm", point="d2", alarm="forced_open")
    shelve(line, "door-forced")
    async with line.relaying(server.url):
        await eventually(lambda: len(server.alerts()) == 3 and len(server.silences()) == 1)
        server.kill()
        server.start()
        await eventually(lambda: len(server.alerts()) == 3 and len(server.silences()) == 1)
    assert server.alerts()["door-forced"]["status"]["state"] == "suppressed"


async def test_an_end_while_alertmanager_was_away_is_sent_later(
    line: Outward, server: AlertmanagerServer, received: Receiver
) -> None:
    """After a restart Alertmanager knows that it notified, but not of what: the end is still sent."""
    line.tamper()
    async with line.relaying(server.url) as relays:
        await eventually(lambda: received.statuses("door-tamper") == ["firing"])
        server.stop()
        line.close("door-tamper")
        await eventually(lambda: bool(relays[0].trouble))
        server.start()
        await eventually(lambda: not relays[0].trouble)
        await eventually(
            lambda: (
                received.statuses("door-tamper") == ["firing", "resolved: closed by ann: mended"]
            )
        )


async def test_an_end_before_a_crash_is_sent_after_it(
    line: Outward, server: AlertmanagerServer, received: Receiver
) -> None:
    """The end is in the journal, so it is sent at the next start."""
    line.tamper()
    async with line.relaying(server.url):
        await eventually(lambda: received.statuses("door-tamper") == ["firing"])
    line.close("door-tamper")
    async with line.relaying(server.url):
        await eventually(
            lambda: (
                received.statuses("door-tamper") == ["firing", "resolved: closed by ann: mended"]
            )
        )


async def test_failed_repaired_and_failed_again_is_two_alerts(
    line: Outward, server: AlertmanagerServer, received: Receiver
) -> None:
    """Even if repair and new failure fall between two heartbeats, Alertmanager gets the failure as another alert."""
    line.happen("door/d1", "door.alarm", point="d1", alarm="forced_open")
    async with line.relaying(server.url):
        await eventually(lambda: received.statuses("door-forced") == ["firing"])
        line.happen("door/d1", "door.alarm", point="d1", alarm="normal")
        line.happen("door/d1", "door.alarm", point="d1", alarm="forced_open")
        await eventually(lambda: received.statuses("door-forced").count("firing") == 2)


async def test_life_safety_that_recurs_notifies_again(
    line: Outward, server: AlertmanagerServer, received: Receiver
) -> None:
    """An alert that was cleared but not closed keeps firing, and its recurrence is sent all the same."""
    line.happen("zone/hall", "zone.count", zone="hall", count=3)
    line.happen("door/e1", "door.locked", point="e1")
    async with line.relaying(server.url):
        await eventually(lambda: received.statuses("exit-locked-occupied") == ["firing"])
        line.happen("door/e1", "door.unlocked", point="e1")
        line.happen("door/e1", "door.locked", point="e1")
        await eventually(lambda: received.statuses("exit-locked-occupied").count("firing") == 2)
        await eventually(lambda: "resolved: replaced" in received.statuses("exit-locked-occupied"))
    assert server.alerts()["exit-locked-occupied"]["labels"]["again"] == "1"


async def test_another_severity_replaces_the_alert(
    line: Outward, server: AlertmanagerServer
) -> None:
    """Another severity is a second alert to Alertmanager; the first is resolved at once and does not wait to expire."""
    line.tamper()
    alert = line.alert("door-tamper")
    labels = {"alertname": "was-high", "monitor": "trial", "alert": alert.id, "severity": "high"}
    until = (now() + timedelta(hours=1)).isoformat()
    server.ask(
        "POST", "alerts", [{"labels": labels, "startsAt": now().isoformat(), "endsAt": until}]
    )
    async with line.relaying(server.url):
        await eventually(lambda: server.alerts().keys() == {"door-tamper", ALIVE})


async def test_alerts_of_others_are_left_alone(line: Outward, server: AlertmanagerServer) -> None:
    """Prometheus and other monitors may send to the same Alertmanager."""
    labels = {"alertname": "DiskFull", "monitor": "another"}
    until = (now() + timedelta(hours=1)).isoformat()
    server.ask(
        "POST", "alerts", [{"labels": labels, "startsAt": now().isoformat(), "endsAt": until}]
    )
    async with line.relaying(server.url):
        await eventually(lambda: server.alerts().keys() == {"DiskFull", ALIVE})
        line.tamper()
        await eventually(lambda: server.alerts().keys() == {"DiskFull", ALIVE, "door-tamper"})


async def test_a_silent_alert_is_sent_only_if_allowed(
    line: Outward, server: AlertmanagerServer
) -> None:
    """Duress stays out of Alertmanager unless the deployment allows it."""
    fields = {"point": "d1", "credential": "c1"}
    line.happen("access/d1", "access.duress", **fields)
    line.tamper()
    (rule,) = (alert.rule for alert in line.journal.alerts() if alert.silent)
    async with line.relaying(server.url):
        await eventually(lambda: "door-tamper" in server.alerts())
        assert rule not in server.alerts()
    async with line.relaying(server.url, silent=True):
        await eventually(lambda: rule in server.alerts())


async def test_a_dead_peer_delays_no_other(line: Outward, server: AlertmanagerServer) -> None:
    """Each peer has its own relay: the dead one is in trouble, the other receives everything at once."""
    line.tamper()
    async with line.relaying(f"http://{HOST}:{free_port()}", server.url) as (dead, well):
        await eventually(lambda: "door-tamper" in server.alerts() and bool(dead.trouble))
        line.happen("door/d2", "door.tamper", point="d2", active=True)
        await eventually(lambda: well.lag == 0)
        assert not well.trouble
        assert dead.lag


def shelve(line: Outward, rule: str) -> None:
    """Shelve an alert for an hour, as Ann."""
    alert = line.alert(rule).id
    until = (now() + timedelta(hours=1)).isoformat()
    fields = {"who": "ann", "alert": alert, "until": until, "reason": "painters"}
    line.happen("staff/ann", "staff.shelve", **fields)


async def test_a_shelved_alert_is_silenced_with_owner_reason_and_end(
    line: Outward, server: AlertmanagerServer
) -> None:
    """Shelving silences only that alert; when it is unshelved, the silence ends."""
    line.tamper("d1")
    line.happen("door/d2", "door.alarm", point="d2", alarm="forced_open")
    shelve(line, "door-tamper")
    alert = line.alert("door-tamper")
    async with line.relaying(server.url):
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


async def test_a_shelved_alert_notifies_no_one(
    line: Outward, server: AlertmanagerServer, received: Receiver
) -> None:
    """A shelved alert notifies no one, not even once: the silence is created before the alert."""
    line.tamper()
    shelve(line, "door-tamper")
    async with line.relaying(server.url):
        await eventually(
            lambda: ALIVE in server.alerts() and received.statuses(ALIVE) == ["firing"]
        )
    assert received.statuses("door-tamper") == []


async def test_a_mask_is_a_silence_that_spares_life_safety(
    line: Outward, server: AlertmanagerServer
) -> None:
    """The place and the rule of a mask decide what it hides; when the mask ends, the silence ends too."""
    until = (now() + timedelta(hours=1)).isoformat()
    fields = {"who": "bob", "what": "*", "zone": "hall", "until": until, "reason": "set-up"}
    line.happen("staff/bob", "staff.mask", **fields)
    line.tamper()
    line.happen("zone/hall", "zone.count", zone="hall", count=3)
    line.happen("door/e1", "door.locked", point="e1")
    async with line.relaying(server.url):
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


async def test_our_silences_are_restored(line: Outward, server: AlertmanagerServer) -> None:
    """A silence of ours that was ended in Alertmanager is restored; people's own silences are left alone."""
    line.tamper()
    shelve(line, "door-tamper")
    theirs = a_silence(("alertname", "DiskFull"))
    async with line.relaying(server.url):
        server.ask("POST", "silences", theirs)
        await eventually(lambda: len(server.silences()) == 2)
        (ours,) = (row["id"] for row in server.silences() if row["createdBy"] == "ann")
        server.ask("DELETE", f"silence/{ours}")
        await eventually(lambda: {row["createdBy"] for row in server.silences()} == {"ann", "eve"})
    assert ours not in {row["id"] for row in server.silences()}


def a_silence(*matchers: tuple[str, str]) -> dict[str, object]:
    """Silence alerts in Alertmanager for an hour, as Eve."""
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


async def test_life_safety_silenced_there_is_reported_here(
    line: Outward, server: AlertmanagerServer
) -> None:
    """We never silence life safety; if it is silenced in Alertmanager, the monitor reports that until it ends."""
    line.happen("zone/hall", "zone.count", zone="hall", count=3)
    line.happen("door/e1", "door.locked", point="e1")
    async with line.relaying(server.url) as (relay,):
        made = json.loads(server.ask("POST", "silences", a_silence(("zone", "hall"))))
        await eventually(lambda: "life safety is silenced in Alertmanager" in plain(relay.trouble))
        server.ask("DELETE", f"silence/{made['silenceID']}")
        await eventually(lambda: not relay.trouble)


async def test_only_relevant_changes_are_sent_at_once(
    line: Outward, server: AlertmanagerServer
) -> None:
    """A recurrence alone waits for the next heartbeat."""
    line.tamper()
    (entry, *_) = (
        row for row in line.journal.transitions(0) if isinstance(row.transition, AlertChanged)
    )
    assert isinstance(entry.transition, AlertChanged)
    again = entry._replace(transition=replace(entry.transition, change=Change.RECURRED))
    async with line.relaying(server.url) as (relay,):
        await eventually(lambda: "door-tamper" in server.alerts())
        server.stop()
        await relay.sink.take([again])
