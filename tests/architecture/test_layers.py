"""What the import contracts cannot see: whom they forgot, how long files grow, what loads early."""

import os
import re
import statistics
import subprocess
import sys
import tomllib

from tests.architecture.tree import PACKAGES, ROOT, line_count, sources

CEILING = 500
MEDIAN = 250

# The rooms that run programs; the others are mathematics and know no JAX.
USERS_OF_JAX = {
    *("symflow.api", "symflow.frontend", "symflow.interop", "symflow.lowering"),
    "symflow.strategies",  # through the verbs
}

# Slow or optional, and of no use before the first verb is called.
NOT_ON_IMPORT = [
    *("jax", "jaxlib", "scipy", "opt_einsum", "lark", "rich", "optax", "onnx"),
    *("starlette", "uvicorn", "anywidget", "symflow.frontend", "symflow.lowering"),
]


def contract(kind: str) -> dict[str, list[str]]:
    """The import contract of a kind, from pyproject.toml."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (found,) = (c for c in settings["tool"]["importlinter"]["contracts"] if c["type"] == kind)
    return found


def floors() -> set[str]:
    """The modules named in the contract of the floors."""
    return {name for line in contract("layers")["layers"] for name in re.findall(r"[\w.]+", line)}


def rooms() -> set[str]:
    """The packages and modules that stand directly in symflow, and the catalogue."""
    inside = {path.parts[1].removesuffix(".py") for path in sources("symflow")}
    return {f"symflow.{name}" for name in inside if not name.startswith("_")} | {"rewrites"}


def test_every_room_has_a_floor():
    assert rooms() - floors() == set()


def test_every_room_may_use_jax_or_must_not():
    forbidden = set(contract("forbidden")["source_modules"])
    assert rooms() - forbidden - USERS_OF_JAX == set()
    assert forbidden & USERS_OF_JAX == set()


def test_files_stay_short():
    lengths = {str(path): line_count(path) for path in sources(*PACKAGES, "tests", "examples")}
    assert {path: lines for path, lines in lengths.items() if lines > CEILING} == {}


def test_the_usual_file_is_shorter_still():
    assert statistics.median(map(line_count, sources(*PACKAGES))) < MEDIAN


def test_importing_symflow_loads_nothing_heavy():
    code = f"import sys, symflow; print(*[m for m in {NOT_ON_IMPORT} if m in sys.modules])"
    command = [sys.executable, "-P", "-c", code]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    output = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert output.stdout.split() == []
