"""Every module has a test where one looks for it.

The tests mirror the packages: what stands in `symflow/a/b/m.py` is tested in `tests/a/b/`, what
stands in `rewrites/a/m.py` in `tests/rewrites/a/`. A module of more than 30 lines is covered by

- a file of its own there, `test_m.py`,
- or one for its package: `tests/a/b/test_b.py` or `tests/a/test_b.py`,
- or one that walks a whole table: `test_every_*.py` in that folder or one above it (in
  `tests/` itself such a file is about something else).

An `__init__.py` holds names only and is exempt, as is `__main__.py`.
"""

from pathlib import Path

import pytest

from tests.architecture.tree import PACKAGES, ROOT, line_count, module_name, sources

SMALL = 30


def mirror_of(path: Path) -> Path:
    """The folder of tests that mirrors the folder of a module."""
    return Path("tests", *path.parent.parts[path.parts[0] == "symflow" :])


def is_covered(path: Path, root: Path = ROOT) -> bool:
    """Whether a module has one of the test files named above."""
    folder = mirror_of(path)
    package = path.parent.name
    places = [
        folder / f"test_{path.stem.lstrip('_')}.py",
        folder / f"test_{package}.py",
        folder.parent / f"test_{package}.py",
    ]
    if any((root / place).is_file() for place in places):
        return True
    above = [f for f in (folder, *folder.parents) if len(f.parts) > 1]
    return any(any((root / f).glob("test_every_*.py")) for f in above)


def test_every_module_has_a_test():
    modules = (path for path in sources(*PACKAGES) if not path.name.startswith("__"))
    untested = [module_name(p) for p in modules if line_count(p) > SMALL and not is_covered(p)]
    assert not untested, "no test for " + ", ".join(untested)


@pytest.mark.parametrize(
    ("module", "test"),
    [
        ("symflow/errors.py", "tests/test_errors.py"),
        ("symflow/core/shapes.py", "tests/core/test_shapes.py"),
        ("symflow/core/_shapes.py", "tests/core/test_shapes.py"),
        ("symflow/export/code/jax.py", "tests/export/code/test_code.py"),
        ("symflow/export/code/jax.py", "tests/export/test_code.py"),
        ("symflow/ops/elementwise.py", "tests/ops/test_every_op.py"),
        ("rewrites/algebra.py", "tests/rewrites/test_algebra.py"),
        ("rewrites/differentials/linalg.py", "tests/rewrites/test_every_rule.py"),
    ],
)
def test_the_rule(tmp_path, module, test):
    assert not is_covered(Path(module), tmp_path)
    (tmp_path / test).parent.mkdir(parents=True)
    (tmp_path / test).touch()
    assert is_covered(Path(module), tmp_path)
    assert not is_covered(Path("symflow/api/verbs.py"), tmp_path)
