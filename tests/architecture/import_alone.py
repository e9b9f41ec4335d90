"""Import each module named on the command line alone; print as JSON what went wrong, by module.

SymPy and NumPy take most of the time of an import and hold no state of ours, so one parent loads
them once and forks a child for each module: the child has not seen a single file of symflow,
which is what a fresh interpreter is wanted for, at a tenth of the price.
"""

import importlib
import json
import os
import sys

PRELOADED = ("numpy", "sympy")
HEAVY = ("jax", "jaxlib")


def import_in_child(module: str) -> tuple[int, int]:
    """Fork a child that imports the module; return its id and the pipe of its complaints."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(write_end, sys.stderr.fileno())
        importlib.import_module(module)  # an exception ends the child, its traceback in the pipe
        loaded = [f"loads {name} on import" for name in HEAVY if name in sys.modules]
        sys.exit(", ".join(loaded) or 0)
    os.close(write_end)
    return child, read_end


def complaint(child: int, read_end: int) -> str:
    """What the child had to say before it failed; empty where it did not."""
    with os.fdopen(read_end) as pipe:
        text = pipe.read().strip()
    _, status = os.waitpid(child, 0)
    return (text or "the interpreter died") if status else ""


def main() -> None:
    """Import the modules, two children at a time: enough for small machines."""
    for name in PRELOADED:
        importlib.import_module(name)
    modules = sys.argv[1:]
    complaints = {}
    for first in range(0, len(modules), 2):
        batch = {module: import_in_child(module) for module in modules[first : first + 2]}
        complaints.update({module: complaint(*running) for module, running in batch.items()})
    sys.stdout.write(json.dumps({module: text for module, text in complaints.items() if text}))


if __name__ == "__main__":
    main()
