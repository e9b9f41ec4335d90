"""The tables of ratios run, at sizes that take no time."""

import json

import pytest

from tests.benchmarks import gpu, programs, tables

FEW = (programs.quadratic_form, programs.low_rank_solve)


@pytest.fixture(autouse=True)
def _few(monkeypatch):
    for module in (gpu, tables):
        monkeypatch.setattr(
            module, "cases", lambda sizes: [lambda make=make: make(sizes) for make in FEW]
        )


def test_gpu_tables_run_anywhere(tmp_path, capsys):
    gpu.main(["--small", "--json", str(tmp_path / "figures.json")])
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert figures["platform"]
    assert [row["group"] for row in figures["rows"]] == ["Hessians", "linear algebra"]
    assert all(row["by_hand"] > 0 and row["error"] < 0.02 for row in figures["rows"])
    assert set(figures["roofline"]) == {row["name"] for row in figures["rows"]}
    told = capsys.readouterr().out
    assert figures["device"] in told
    assert "| geometric mean | |" in told


def test_a_wrong_rival_is_found():
    case = programs.quadratic_form(programs.SMALL)
    wrong = programs.Case(
        case.group, case.name, case.program, case.values, lambda A, x: A + A.T + 1
    )
    with pytest.raises(AssertionError, match="quadratic form: differs by"):
        tables.measured(wrong, 0.0)


def test_the_block_by_hand_is_the_block():
    case = programs.transformer_block(programs.SMALL, "mixed")
    want = case.by_hand(**case.values)
    assert tables._difference(case.program.function(*_ordered(case)), want) < case.tolerance


def _ordered(case):
    return [case.values[leaf.name] for leaf in case.program.inputs]
