"""What each role may do."""

from collections.abc import Mapping
from typing import Literal, get_args

Role = Literal["viewer", "officer", "engineer", "on_call", "supervisor", "admin"]
Right = Literal[
    "view",
    "silent",
    "act",
    "close",
    "shelve",
    "mask",
    "log",
    "strike",
    "lookup",
    "inspect",
    "approve",
    "sign_off",
    "withdraw",
    "take_shift",
    "give_shift",
    "export",
    "speak_for",
    "metrics",
    "invite",
    "people",
]
"""One thing that an account may do:

* ``view``: read the board, the plan, readiness and the log;
* ``silent``: also see silent alerts, which no role brings: a grant names it;
* ``act``: take an alert, tick the steps of its procedure, write a note;
* ``close``, ``shelve``, ``mask``: close, shelve or mask alerts;
* ``log``: write into the shift log, and strike one's own entry shortly after;
* ``strike``: strike anyone's entry;
* ``lookup``: ask who holds a credential, and use the muster list;
* ``inspect``: submit inspections, and work on actions;
* ``approve``: approve, reject or verify what others have done;
* ``sign_off``: sign a zone off;
* ``withdraw``: withdraw the sign-off of a zone;
* ``take_shift``, ``give_shift``: take a shift, or give one to another person;
* ``export``: export and print;
* ``speak_for``: act in the name of another person at the command line;
* ``metrics``: read the figures of the monitor, and what is wrong with it;
* ``invite``: add accounts at the own site, with no right that one lacks;
* ``people``: accounts, sessions and tokens of others, and the audit.
"""

ROLES: tuple[Role, ...] = get_args(Role)
ALL_RIGHTS: tuple[Right, ...] = get_args(Right)

RIGHTS: Mapping[Role, frozenset[Right]] = {
    "viewer": frozenset({"view"}),
    "officer": frozenset(
        {"view", "act", "close", "shelve", "log", "lookup", "withdraw", "take_shift", "export"}
    ),
    "engineer": frozenset({"view", "act", "log", "inspect", "approve", "take_shift"}),
    "on_call": frozenset({"view", "act", "close", "shelve", "log", "take_shift"}),
    "supervisor": frozenset(ALL_RIGHTS) - {"silent", "people"},
    "admin": frozenset({"people", "metrics", "invite"}),
}
"""The rights of each role. Several roles add up; an admin who also works on alerts has two."""
