"""The page on the Matrix Cookbook is current, and its figures are so."""

import runpy
from pathlib import Path

import pytest

DOCS = Path(__file__).parent.parent / "docs"
PAGE = DOCS / "matrix_cookbook.md"


@pytest.fixture(scope="module")
def cookbook():
    return runpy.run_path(str(DOCS / "matrix_cookbook.py"))


@pytest.fixture(scope="module")
def rows(cookbook):
    return list(cookbook["rows"]())


def test_every_row_is_as_generated(cookbook, rows):
    """Results and comparisons with the book anew; those with JAX in the next test."""
    text = PAGE.read_text("utf-8")
    lines = [line for line in text.splitlines() if line.startswith("| ") and "$" in line]
    assert len(lines) == len(rows)
    for line, (_, identity, result) in zip(lines, rows, strict=True):
        book = cookbook["against_book"](identity, result)
        assert line == cookbook["row"](identity, result, cookbook["AGREES"], book), (
            "run `make docs`"
        )
        assert book in ("", cookbook["AGREES"])
    assert f"{len(rows)} of {len(rows)} results agree with JAX" in text


@pytest.mark.parametrize("number", ["40", "60", "81", "98", "114", "130", "139"])
def test_figures_are_as_told(cookbook, rows, number):
    (found,) = [(i, result) for _, i, result in rows if i.number == number]
    assert cookbook["against_jax"](*found) == cookbook["AGREES"]


def test_a_wrong_result_shows(cookbook, rows):
    (identity, result) = next((i, r) for _, i, r in rows if i.number == "81")
    wrong = result * (1 + 1e-7)
    assert cookbook["against_jax"](identity, wrong) == "< 1e-6"
    assert cookbook["against_book"](identity, -result).startswith("**")


def test_the_numbers_are_those_of_the_chapter(rows):
    told = set()
    for _, identity, _ in rows:
        for part in identity.number.split(", "):
            first, _, last = part.partition("-")
            told.update(range(int(first), int(last or first) + 1))
    assert told == set(range(33, 144))  # 144 and 145 are special cases of 143
