"""Every module can be the first that a program imports, and none of them loads JAX.

A lazy façade hides circular imports from the import contracts: they show only where a module is
imported before the others, so each is imported in a process that has seen none of them.
"""

import json
import os
import subprocess
import sys

from tests.architecture.tree import PACKAGES, ROOT, module_name, sources


def import_each(*modules: str, path: str = str(ROOT)) -> dict[str, str]:
    """What importing each module alone does wrong, by module."""
    helper = ROOT / "tests" / "architecture" / "import_alone.py"
    # One thread: a process that forks should have no other.
    environment = os.environ | {"PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-P", "-W", "error", str(helper), *modules]
    output = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert output.returncode == 0, output.stderr
    complaints: dict[str, str] = json.loads(output.stdout)
    return complaints


def test_every_module_imports_alone():
    modules = [module_name(path) for path in sources(*PACKAGES)]
    complaints = import_each(*modules)
    assert not complaints, "\n\n".join(f"{name}: {text}" for name, text in complaints.items())


def test_what_it_must_find(tmp_path):
    (tmp_path / "first.py").write_text("from second import b\na = b\n")
    (tmp_path / "second.py").write_text("from first import a\nb = a\n")
    (tmp_path / "heavy.py").write_text("import jax\n")
    (tmp_path / "fatal.py").write_text("import os\nos._exit(3)\n")
    (tmp_path / "fine.py").write_text("import sympy\n")
    modules = ("first", "second", "heavy", "fine", "fatal")
    complaints = import_each(*modules, path=str(tmp_path))
    assert complaints.keys() == {"first", "second", "heavy", "fatal"}
    assert "circular import" in complaints["first"]
    assert "jax" in complaints["heavy"]
