"""The facts of the shipped rules in words."""

from collections.abc import Mapping

from monitor.texts.marked import msgid

FACTS: Mapping[str, str] = {
    "contact-heard": msgid("the door contact reports"),
    "credential-barred": msgid("the badge is barred"),
    "credential-out-of-date": msgid("the badge is out of date"),
    "device-down": msgid("the device is down"),
    "door-held-free": msgid("the door is held open on purpose"),
    "door-locked": msgid("the door is locked"),
    "door-open": msgid("the door is open"),
    "door-released": msgid("the door is released"),
    "door-unlocked": msgid("the door is unlocked"),
    "emergency-active": msgid("an emergency is on"),
    "just-passed": msgid("someone has just passed"),
    "passback-forgiven": msgid("anti-passback is forgiven"),
    "reading-moved": msgid("the reading has moved lately"),
    "zone-blind": msgid("the zone is not monitored"),
    "zone-closed": msgid("the zone is closed"),
    "zone-empty": msgid("the zone is empty"),
    "zone-no-go": msgid("the zone is no go"),
    "zone-occupied": msgid("people are in the zone"),
    "zone-open": msgid("the zone is open"),
    "zone-passed": msgid("the checklists of the zone have passed"),
    "zone-ready": msgid("the zone is ready"),
    "zone-signed": msgid("the zone is signed off"),
    "zone-unsafe": msgid("the zone endangers life"),
}
"""By id; facts that a venue adds are named by their ids."""
