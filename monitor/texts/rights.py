"""Rights in words, as the end of the sentence “You may not ...”."""

from collections.abc import Mapping

from monitor.texts.marked import msgid

RIGHTS: Mapping[str, str] = {
    "view": msgid("see the board, the plan, readiness and the log"),
    "silent": msgid("see silent alerts"),
    "act": msgid("take alerts, tick steps and write notes"),
    "close": msgid("close alerts"),
    "shelve": msgid("shelve alerts"),
    "mask": msgid("mask alerts"),
    "log": msgid("write into the shift log"),
    "strike": msgid("strike entries of others"),
    "lookup": msgid("look up who holds a badge"),
    "inspect": msgid("submit inspections"),
    "approve": msgid("approve inspections"),
    "sign_off": msgid("sign zones off"),
    "withdraw": msgid("withdraw sign-offs of zones"),
    "take_shift": msgid("take a shift"),
    "give_shift": msgid("give a shift to another person"),
    "export": msgid("export and print"),
    "speak_for": msgid("act in the name of another person"),
    "metrics": msgid("read the monitor's metrics"),
    "invite": msgid("invite people"),
    "people": msgid("manage accounts"),
}
