"""Import each module named on standard input alone; print as JSON what went wrong, by module.

SymPy and NumPy take most of the time of an import and hold no state of ours, so one parent loads
them once and forks a child for each module.  The modules come floor by floor, lowest first: when
all of a floor have been imported alone, the parent loads them, too.  A floor never imports a
higher one (the import contracts see to it), so what is loaded can hide no circle among the modules
above: every child sees its own floor for the first time, at a fraction of the price.
"""

import gc
import importlib
import json
import os
import sys
import traceback
from contextlib import suppress
from typing import NoReturn

PRELOADED = ("numpy", "sympy")
HEAVY = ("jax", "jaxlib")


def import_in_child(module: str) -> tuple[int, int]:
    """Fork a child that imports the module; return its id and the pipe of its complaints."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(write_end, sys.stderr.fileno())
        gc.disable()
        complain(module)
    os.close(write_end)
    return child, read_end


def complain(module: str) -> NoReturn:
    """Import the module in this process and end it, with a word on what went wrong.

    It ends at once: to tear down SymPy would take longer than the import.
    """
    text = ""
    try:
        importlib.import_module(module)
        text = ", ".join(f"loads {name} on import" for name in HEAVY if name in sys.modules)
    except BaseException:  # noqa: BLE001 - whatever it is, the parent tells
        text = traceback.format_exc()
    finally:
        sys.stderr.write(text)
        sys.stderr.flush()
        os._exit(bool(text))


def complaint(child: int, read_end: int) -> str:
    """What the child had to say before it failed; empty where it did not."""
    with os.fdopen(read_end) as pipe:
        text = pipe.read().strip()
    _, status = os.waitpid(child, 0)
    return (text or "the interpreter died") if status else ""


def complaints_of(modules: list[str]) -> dict[str, str]:
    """Import the modules, two children at a time: enough for small machines."""
    found = {}
    for first in range(0, len(modules), 2):
        batch = {module: import_in_child(module) for module in modules[first : first + 2]}
        found.update({module: complaint(*running) for module, running in batch.items()})
    return {module: text for module, text in found.items() if text}


def main() -> None:
    """Import the floors."""
    for name in PRELOADED:
        importlib.import_module(name)
    found: dict[str, str] = {}
    floors = json.load(sys.stdin)
    for place, floor in enumerate(floors):
        gc.freeze()  # or each child would copy all pages to mark what is garbage
        found |= complaints_of(floor)
        if place + 1 < len(floors):
            for module in floor:
                if module not in found:
                    with suppress(Exception):  # the children above will tell
                        importlib.import_module(module)
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
