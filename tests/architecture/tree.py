"""The files of the two packages, as the architecture tests see them."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("symflow", "rewrites")


def sources(*folders: str) -> list[Path]:
    """Python files below the named folders, relative to the root of the project."""
    return sorted(path.relative_to(ROOT) for f in folders for path in (ROOT / f).rglob("*.py"))


def module_name(path: Path) -> str:
    """The dotted name under which a source file is imported."""
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def line_count(path: Path) -> int:
    """Lines of a source file given relative to the root of the project."""
    return len((ROOT / path).read_text(encoding="utf-8").splitlines())
