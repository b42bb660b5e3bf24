"""The command that prints a script with which a shell completes the other commands: completion."""

import argparse
from collections.abc import Iterator
from pathlib import Path

import shtab

from monitor.cli.commands import Commands, parser_of

SHELLS = ("bash", "zsh", "fish")


def add(commands: Commands) -> None:
    """Add the command of this module."""
    parser = commands.add_parser(
        "completion",
        description='For this session: eval "$(venue-monitor completion bash)". For all: write it into a file '
        "in ~/.local/share/bash-completion/completions, ~/.config/fish/completions, or the fpath of zsh.",
    )
    parser.add_argument("shell", choices=SHELLS)
    parser.set_defaults(run=_completion)


def _completion(given: argparse.Namespace) -> None:
    parser = parser_of()
    for action in _actions(parser):
        if action.type is Path:
            action.complete = shtab.FILE  # type: ignore[attr-defined] # shtab's own way
    print(shtab.complete(parser, given.shell))


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Yield the arguments of a parser and of its commands."""
    for action in parser._actions:  # noqa: SLF001 - argparse has no public list of them
        yield action
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            for command in action.choices.values():
                yield from _actions(command)
