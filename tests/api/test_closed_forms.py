"""Derivatives of many kinds: right values, and no more operators than a careful author writes."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import symflow as sf
import symflow.linalg
import symflow.nn
import symflow.numpy as snp
import symflow.special
from symflow.core import Tensor
from symflow.notation.cost import operator_count
from symflow.notation.formula import Formula
from tests.oracle import evaluate

PROBLEMS = json.loads((Path(__file__).parents[1] / "data" / "closed_forms.json").read_text())
SCIPY = SimpleNamespace(special=symflow.special, linalg=symflow.linalg)
SCOPE = {"jnp": snp, "jax": SimpleNamespace(nn=symflow.nn, scipy=SCIPY), "__builtins__": {}}
STEP = 1e-5
UNDECLARED = ("label", "large_margin")  # about the values alone
EVERY = 2  # the table is for reading and for measuring; every second problem keeps the test short


def _declared(problem: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The dimensions and the tensors of a problem."""
    dims: dict[str, Any] = {name: sf.dim(name) for name in problem["dims"]}
    tensors = {}
    for name, given in problem["variables"].items():
        shape = [eval(size, {"__builtins__": {}}, dims) for size in given["shape"]]
        properties: dict[str, Any] = {p: True for p in given["assumptions"] if p not in UNDECLARED}
        dtype = "int" if "label" in given["assumptions"] else "float"
        tensors[name] = sf.tensor(name, *shape, dtype=dtype, **properties)
    return dims, tensors


def _drawn(rng: np.random.Generator, shape: tuple[int, ...], assumptions: set[str]) -> Any:
    """Values with the declared properties, away from singularities."""
    x = rng.normal(size=shape)
    if "label" in assumptions:
        return rng.integers(0, 3, size=shape)
    if assumptions & {"positive", "simplex", "in_unit_interval", "large_margin"}:
        x = rng.uniform(0.2, 0.9, size=shape) + 50 * ("large_margin" in assumptions)
    if "simplex" in assumptions:
        x = x / x.sum()
    if "one_hot" in assumptions:
        x = np.eye(shape[-1])[rng.integers(0, shape[-1], size=shape[:-1])]
    if assumptions & {"plus_minus_one", "zero_one"}:
        x = np.where(x > 0, 1.0, -1.0 if "plus_minus_one" in assumptions else 0.0)
    if assumptions & {"invertible", "positive_determinant"}:
        x = 0.3 * x + 2 * np.eye(shape[-1])
    return _with_symmetry(x, assumptions)


def _with_symmetry(x: Any, assumptions: set[str]) -> Any:
    """A value or a direction inside the declared structure."""
    if assumptions & {"symmetric", "positive_definite"}:
        x = x + x.T
    if "positive_definite" in assumptions:
        x = x @ x.T / len(x) + np.eye(len(x))
    if "major_symmetric" in assumptions:
        x = x + np.transpose(x, (2, 3, 0, 1))
    if "lower_triangular" in assumptions:
        x = np.tril(x) + 3 * np.eye(len(x))
    return np.diag(np.diag(x)) if "diagonal" in assumptions else x


def _lower_order(problem: dict[str, Any], f: Tensor, tensors: dict[str, Tensor]) -> Any:
    """What the derivative asked for is the last derivative of."""
    order, wrt = problem["order"], problem["wrt"]
    if isinstance(wrt, list):
        return sf.jacobian(f, tensors[wrt[0]])
    if order in (2, 3):
        f = sf.grad(f, tensors[wrt])
    return sf.jacobian(f, tensors[wrt]) if order == 3 else f


def _derivative(problem: dict[str, Any], f: Tensor, tensors: dict[str, Tensor]) -> Any:
    order, wrt = problem["order"], problem["wrt"]
    if isinstance(wrt, list):
        return sf.simplify(sf.jacobian(sf.jacobian(f, tensors[wrt[0]]), tensors[wrt[1]]))
    x = tensors[wrt]
    if order in (1, "jacobian"):
        structured = problem["structured"]
        return sf.simplify(sf.jacobian(f, x, structured=True) if structured else sf.jacobian(f, x))
    second = sf.simplify(sf.hessian(f, x))
    return sf.simplify(sf.jacobian(second, x)) if order == 3 else second


def _moved(problem: dict[str, Any]) -> tuple[dict[str, Any], str, Any]:
    """Values, the variable that the last derivative is taken by, and a direction for it."""
    rng = np.random.default_rng(7)
    values = {}
    for name, given in problem["variables"].items():
        shape = tuple(eval(size, {"__builtins__": {}}, problem["dims"]) for size in given["shape"])
        values[name] = _drawn(rng, shape, set(given["assumptions"]))
    last = problem["wrt"] if isinstance(problem["wrt"], str) else problem["wrt"][1]
    kinds = set(problem["variables"][last]["assumptions"])
    direction = rng.normal(size=np.shape(values[last]))
    if kinds & {"symmetric", "positive_definite"}:
        direction = direction + direction.T
    return values, last, _with_symmetry(direction, kinds & {"diagonal", "major_symmetric"})


@pytest.mark.parametrize("problem", PROBLEMS[::EVERY], ids=lambda problem: problem["id"])
def test_closed_forms_are_right_and_short(problem: dict[str, Any]) -> None:
    """Against central differences in a random direction, also after printing and parsing."""
    dims, tensors = _declared(problem)
    f = eval(problem["expr"], SCOPE, dims | tensors)
    result = _derivative(problem, f, tensors)
    assert operator_count(Formula([result]).trees) <= problem["max_nodes"], str(result)
    back = sf.parse(str(result), dims | tensors)
    sizes = problem["dims"]
    values, last, direction = _moved(problem)
    below = _lower_order(problem, f, tensors)
    ends = [
        evaluate(below, values | {last: values[last] + side * STEP * direction}, sizes)
        for side in (1, -1)
    ]
    moved = (ends[0] - ends[1]) / (2 * STEP)
    if problem["structured"]:
        direction = np.triu(direction)
    for derivative in (result, back):
        found = evaluate(derivative, values, sizes)
        pushed = np.tensordot(found, direction, axes=direction.ndim)
        np.testing.assert_allclose(pushed, moved, rtol=1e-4, atol=1e-5 * (1 + np.abs(moved).max()))
