"""The wording of what accounts may not do, and of passwords and PINs that are refused."""

from collections.abc import Mapping

from monitor.core.phrase_ids import AccountPhrase
from monitor.texts.marked import msgid

ACCOUNTS: Mapping[AccountPhrase, str] = {
    "right-missing": msgid("your account may not do this here: it needs the right to {right}"),
    "right-own-agency": msgid("engineers act on alerts that their own agency leads"),
    "right-own-shift": msgid(
        "you may give a shift that is yours now to somebody of the team; any other, only a supervisor may"
    ),
    "right-own-team": msgid("you take no turns in this team; ask a supervisor to put you on call"),
    "right-paged": msgid("on-call staff close and shelve alerts about which they were notified"),
    "right-two-hours": msgid("shelve it for two hours at most; a supervisor may for longer"),
    "right-strike-late": msgid(
        "you can strike your own entries for 15 minutes; after that ask a supervisor"
    ),
    "invite-exceeds": msgid(
        "you can't give the role “{role}”: it allows more than you may, or longer"
    ),
    "sender-not-named": msgid(
        "config.toml does not name this sender under [staff], so it can't act for people; use the console"
    ),
    "person-no-account": msgid(
        "{who} has no account that is enabled, so nobody can act for them over MQTT"
    ),
    "accounts-unusable": msgid("accounts can't be read, so what a person may do is not known"),
    "password-short": msgid(
        "the password is too short; write at least {least} characters, such as five words"
    ),
    "password-long": msgid("the password is too long; write at most {most} characters"),
    "password-obvious": msgid("the password is easy to guess; write e.g. five unrelated words"),
    "pin-form": msgid("a PIN has 6 to 12 digits"),
    "pin-obvious": msgid("the PIN is easy to guess; choose other digits"),
}
