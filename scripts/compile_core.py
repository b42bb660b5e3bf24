"""Compiles what a message passes through in the core with mypyc, while hatchling builds a wheel.

Why: docs/adr/0031-a-compiled-core-as-a-wheel-of-its-own.md. Off unless HATCH_BUILD_HOOK_ENABLE_CUSTOM=true, which
scripts/compiled-core sets. The sources stay in the wheel, for tracebacks; Python prefers the modules beside them.
"""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from mypyc.build import mypycify
from setuptools import Distribution

CORE = "monitor/core"
COMPILED = (
    *("alerts/*.py", "derive/*.py", "engine/*.py", "engine/stages/*.py", "meaning/*.py"),
    *("operators/*.py", "compile/compiled_rule.py", "compile/event_places.py", "compile/key.py"),
    *("oncall/digest_queue.py", "oncall/escalation.py", "oncall/pager.py", "oncall/pages.py"),
    *("rules/computed.py", "rules/fields.py", "effects.py", "identity.py", "utc.py"),
)
"""What a message passes through, below `monitor/core`."""
INTERPRETED = frozenset(
    (
        *("engine/clock_step.py", "engine/context.py", "meaning/passage.py"),
        "operators/protocol.py",
    )
)
"""Modules with msgspec structs: their classes have a layout of their own, which mypyc can't compile."""
PLACE = Path("build/compiled")


def modules() -> list[str]:
    """Return the files to compile, seen from the root of the project."""
    found = {path for pattern in COMPILED for path in Path(CORE).glob(pattern)}
    return sorted(
        path.as_posix()
        for path in found
        if path.name != "__init__.py" and path.relative_to(CORE).as_posix() not in INTERPRETED
    )


class CompileCore(BuildHookInterface[Any]):
    """Adds extension modules to a wheel, and the tag of the interpreter and platform that they are for."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile; a checkout that is installed to be edited stays as it is."""
        if version != "standard":
            return
        extensions = mypycify(
            ["--config-file=pyproject.toml", *modules()],
            opt_level="3",
            debug_level="0",
            target_dir=str(PLACE / "c"),
        )
        command = Distribution({"ext_modules": extensions}).get_command_obj("build_ext")
        library = PLACE / "extensions"
        command.build_lib, command.build_temp = str(library), str(PLACE / "objects")
        command.ensure_finalized()
        command.run()
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
        for path in library.rglob("*.so"):
            build_data["force_include"][str(path)] = path.relative_to(library).as_posix()
