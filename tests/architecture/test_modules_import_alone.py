"""Every module can be the first that a program imports, and none of them loads JAX.

A lazy façade hides circular imports from the import contracts: they show only where a module is
imported before the others, so each is imported in a process that has seen none of its floor.
"""

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Sequence

from tests.architecture.tree import PACKAGES, ROOT, module_name, sources


def import_each(*floors: Sequence[str], path: str = str(ROOT)) -> dict[str, str]:
    """What importing each module alone does wrong, by module; lower floors come first."""
    helper = ROOT / "tests" / "architecture" / "import_alone.py"
    # One thread: a process that forks should have no other.
    environment = os.environ | {"PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-P", "-W", "error", str(helper)]
    output = subprocess.run(
        command,
        input=json.dumps([list(floor) for floor in floors]),
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert output.returncode == 0, output.stderr
    complaints: dict[str, str] = json.loads(output.stdout)
    return complaints


def floors() -> list[list[str]]:
    """All modules, floor by floor as the import contract names them, lowest first."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (layers,) = [
        contract["layers"]
        for contract in settings["tool"]["importlinter"]["contracts"]
        if contract["type"] == "layers"
    ]
    rest = [module_name(path) for path in sources(*PACKAGES)]
    found = []
    for layer in reversed(layers):
        roots = [name.strip() for name in layer.split("|")]
        here = [m for m in rest if any(m == r or m.startswith(f"{r}.") for r in roots)]
        rest = [module for module in rest if module not in here]
        found.append(here)
    return [*found, rest]


def test_every_module_imports_alone():
    houses = floors()
    assert houses[0] == ["symflow.errors"]
    complaints = import_each(*houses)
    assert not complaints, "\n\n".join(f"{name}: {text}" for name, text in complaints.items())


def test_what_it_must_find(tmp_path):
    (tmp_path / "first.py").write_text("from second import b\na = b\n")
    (tmp_path / "second.py").write_text("from first import a\nb = a\n")
    (tmp_path / "heavy.py").write_text("import jax\n")
    (tmp_path / "fatal.py").write_text("import os\nos._exit(3)\n")
    (tmp_path / "fine.py").write_text("import sympy\n")
    modules = ("first", "second", "heavy", "fine", "fatal")
    complaints = import_each(modules, path=str(tmp_path))
    assert complaints.keys() == {"first", "second", "heavy", "fatal"}
    assert "circular import" in complaints["first"]
    assert "jax" in complaints["heavy"]


def test_floors_are_loaded_for_those_above(tmp_path):
    (tmp_path / "below.py").write_text("import sys\nassert 'above' not in sys.modules\n")
    (tmp_path / "above.py").write_text("import sys\nassert 'below' in sys.modules\n")
    assert not import_each(["below"], ["above"], path=str(tmp_path))
