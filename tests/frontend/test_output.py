"""Formats of results."""

import json

import pytest

import symflow as sf
from symflow.api.verify import Check, Verification
from symflow.frontend.output import (
    as_json,
    deliver,
    described,
    figures_of,
    formatted,
    rank_and_shape,
)

x = sf.vector("x", "n")


def test_several_results_are_named():
    assert formatted({"a": x, "b": 2 * x}, "text") == "a = x\nb = 2 * x"
    assert formatted({"a": x}, "text") == "x"


def test_long_results_stand_below_their_name():
    long = sum((sf.vector(f"variable_{k}", "n") ** 2 * x**k for k in range(20)), x)
    first, *rest = formatted({"a": long, "b": x}, "text").split("\n")
    assert first == "a ="
    assert len(rest) > 2
    assert rest[-1] == "b = x"


def test_programs_are_one_for_all():
    source = formatted({"a": x, "b": 2 * x}, "numpy")
    assert source.count("def program") == 1


def test_descriptions_are_json():
    content = json.loads(as_json(described(sf.matrix("A", "n", 3))))
    assert content["shape"] == ["n", 3]
    assert content["rank"] == "matrix"


def test_letters_of_all_alphabets_are_kept():
    assert "λ" in as_json(described(sf.vector("λ", "n")))


def test_infinite_errors_are_json():
    report = Verification((Check({"n": 2}, 4, float("inf"), float("inf")),), 1e-8, "NumPy")
    content = json.loads(as_json(figures_of(report)), parse_constant=pytest.fail)
    assert content["ok"] is False
    assert content["checks"][0]["relative"] == "inf"


def test_ranks_and_shapes():
    assert rank_and_shape(x) == "vector (n,)"
    assert rank_and_shape(sf.scalar("c")) == "scalar"


def test_files_end_with_a_line(tmp_path, capsys):
    target = tmp_path / "deep" / "file.txt"
    deliver("text", target)
    assert target.read_text() == "text\n"
    deliver("shown", None)
    assert capsys.readouterr().out == "shown\n"
