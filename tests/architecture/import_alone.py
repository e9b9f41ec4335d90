"""Import each module named on the command line alone; print as JSON what went wrong, by module.

SymPy and NumPy take most of the time of an import and hold no state of ours, so one parent loads
them once and forks a child for each module: the child has not seen a single file of symflow,
which is what a fresh interpreter is wanted for, at a tenth of the price.
"""

import importlib
import json
import os
import sys
import traceback

import numpy  # noqa: F401
import sympy  # noqa: F401

HEAVY = ("jax", "jaxlib")


def complaint(module: str) -> str:
    """What importing the module alone does wrong; empty where nothing."""
    try:
        importlib.import_module(module)
    except BaseException:  # noqa: BLE001  (whatever it raises is the finding)
        return traceback.format_exc(limit=-6)
    return ", ".join(f"loads {name} on import" for name in HEAVY if name in sys.modules)


def start(module: str) -> tuple[int, int]:
    """Fork a child that imports the module; return its id and where its complaint is read."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        with os.fdopen(write_end, "w") as pipe:
            pipe.write(complaint(module))
        os._exit(0)
    os.close(write_end)
    return child, read_end


def main() -> None:
    """Import the modules, two children at a time, so that small machines keep up."""
    modules = sys.argv[1:]
    complaints = {}
    for first in range(0, len(modules), 2):
        batch = modules[first : first + 2]
        for module, (child, read_end) in [(module, start(module)) for module in batch]:
            with os.fdopen(read_end) as pipe:
                text = pipe.read()
            _, status = os.waitpid(child, 0)
            if text or status:
                complaints[module] = text or "the interpreter died"
    sys.stdout.write(json.dumps(complaints))


if __name__ == "__main__":
    main()
