"""The pages for readers say what is so: their examples run, their steps are followed."""

import doctest
import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT

FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
GUIDE = ROOT / "docs" / "adding_an_operation.md"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks(page: Path) -> list[tuple[str, str, str]]:
    """The fenced blocks of a page: the text before each, its language, its lines."""
    found = re.split(r"^```(\w*)\n(.*?)^```$", page.read_text("utf-8"), flags=re.M | re.S)
    return list(zip(found[0::3], found[1::3], found[2::3], strict=False))


def edits(page: Path) -> list[tuple[str, str]]:
    """The diffs of a page, each with the file named last before it."""
    file, found = "", []
    for before, language, block in blocks(page):
        named = re.findall(r"[Ii]n\s+`([\w/.]+\.py)`", before)
        file = named[-1] if named else file
        if language == "diff":
            found.append((file, block))
    return found


def apply_edit(path: Path, block: str) -> None:
    """Put the added lines of a diff where its other lines stand; they must stand there once."""
    lines = block.splitlines()
    old = "".join(line[1:] + "\n" for line in lines if line.startswith(" "))
    new = "".join(line[1:] + "\n" for line in lines)
    text = "\n" + path.read_text("utf-8")
    assert text.count("\n" + old) == 1, f"{path.name} does not have once:\n{old}"
    path.write_text(text.replace("\n" + old, "\n" + new)[1:], "utf-8")


@pytest.fixture(scope="module")
def extended(tmp_path_factory):
    """A copy of the project with the guide followed."""
    copy = tmp_path_factory.mktemp("extended")
    ignore = shutil.ignore_patterns("__pycache__", ".*", "benchmarks")
    for folder in ("symflow", "rewrites", "tests"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=ignore)
    shutil.copy(ROOT / "pyproject.toml", copy)
    for file, block in edits(GUIDE):
        apply_edit(copy / file, block)
    return copy


def run(copy, *command):
    environment = os.environ | {"PYTHONPATH": str(copy)}
    return subprocess.run(
        [sys.executable, *command], cwd=copy, env=environment, capture_output=True, text=True
    )


def test_the_guide_touches_few_places():
    files = {file for file, _ in edits(GUIDE)}
    assert len([file for file in files if not file.startswith("tests/")]) == 3


def test_the_guide_works(extended):
    (example,) = [block for _, language, block in blocks(GUIDE) if language == "python"]
    (extended / "example.txt").write_text(example, "utf-8")
    program = f"import doctest; print(doctest.testfile('example.txt', False, optionflags={FLAGS}))"
    result = run(extended, "-P", "-c", program)
    assert "failed=0, attempted=8" in result.stdout, result.stdout + result.stderr


def test_the_tests_of_all_operations_take_the_new_one(extended):
    tests = [str(path.relative_to(extended)) for path in extended.glob("tests/*/test_every_*.py")]
    result = run(extended, "-m", "pytest", "-q", "-x", "-k", "gudermannian", *tests)
    assert re.search(r"[1-9]\d* passed", result.stdout), result.stdout + result.stderr
    assert "failed" not in result.stdout


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_examples_run(page):
    if page == GUIDE:
        pytest.skip("runs in a copy with the guide followed")
    assert doctest.testfile(str(page), module_relative=False, optionflags=FLAGS).failed == 0


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    targets = re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)|src=\"([^\"]+)\"", page.read_text("utf-8"))
    local = [a or b for a, b in targets if not (a or b).startswith("http")]
    assert [target for target in local if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_named_exist(page):
    text = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.M | re.S)
    paths = re.findall(r"`((?:symflow|rewrites|tests|docs|examples)/[\w/.]+)`", text)
    assert [path for path in paths if not (ROOT / path).exists()] == []


def parts_of_picture(svg):
    """What a picture names, whatever the order of computation."""
    return sorted(
        re.sub(r"\bt\d+\b", "t", text) for text in re.findall("<title>(.*?)</title>", svg)
    )


def test_the_picture_shows_the_network_of_now():
    drawn = runpy.run_path(str(ROOT / "docs" / "generate.py"))["network_picture"]()
    kept = (ROOT / "docs" / "network.svg").read_text("utf-8")
    assert parts_of_picture(kept) == parts_of_picture(drawn), "run `make docs`"


def test_the_readme_sends_nobody_to_the_public_index():
    for page in PAGES:
        assert "pip install symflow" not in page.read_text("utf-8")
