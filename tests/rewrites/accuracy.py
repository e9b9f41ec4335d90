"""How many bits a formula loses on a domain: lowered programs against mpmath."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mpmath
import numpy as np

import symflow as sf
from symflow.core import Tensor, Variable
from tests.rewrites.precise import truth

Array = np.ndarray[Any, Any]
FORMULAS = Path(__file__).parent.parent / "data" / "stability.json"
POINTS, ROWS, LENGTH = 64, 8, 7
WRONG = 64.0  # bits lost by a result that is not a number, or infinite
_BITS = {"float64": 53, "float32": 24}
_LARGEST = {"float64": 300.0, "float32": 36.0}  # decimal exponents


@dataclass(frozen=True)
class Problem:
    """A formula with the domains of its variables."""

    name: str
    formula: str
    variables: Mapping[str, Mapping[str, Any]]
    source: str = ""

    @property
    def is_vector(self) -> bool:
        """Whether it speaks of an axis."""
        return any("length" in variable for variable in self.variables.values())

    def tensors(self) -> dict[str, Variable]:
        """The variables: a vector of sample points for each number."""
        axes = "n" if self.is_vector else "m"
        return {
            name: sf.tensor(
                name,
                *([] if self.is_vector and "length" not in spec else [axes]),
                **dict.fromkeys(spec.get("properties", ()), True),
            )
            for name, spec in self.variables.items()
        }

    def expression(self) -> Tensor:
        """The formula as a tensor."""
        result: Tensor = sf.parse(self.formula, dict(self.tensors()))
        return result

    def domain(self) -> str:
        """The domains in words."""
        return ", ".join(f"{name}: {spec['domain']}" for name, spec in self.variables.items())


def problems() -> list[Problem]:
    """All formulas of the table."""
    return [Problem(**row) for row in json.loads(FORMULAS.read_text("utf-8"))]


def draw(domain: str, count: int, rng: np.random.Generator, precision: str) -> Array:
    """Points of a domain: ``uniform``, ``log``, ``negative`` (-log) or ``both`` (signs of log)."""
    kind, low, high = domain.split()
    a, b = float(low), float(high)
    if kind == "uniform":
        points = rng.uniform(a, b, count)
        points[:2] = (a, b)
    else:
        shrink = min(1.0, _LARGEST[precision] / max(abs(np.log10(a)), abs(np.log10(b))))
        points = 10 ** (shrink * rng.uniform(np.log10(a), np.log10(b), count))
        if kind == "both":
            points *= rng.choice([-1.0, 1.0], count)
        elif kind == "negative":
            points = -points
    return points.astype(precision).astype(float)


def samples(problem: Problem, precision: str, rng: np.random.Generator) -> list[dict[str, Array]]:
    """The inputs of the calls of a program."""
    if not problem.is_vector:
        return [
            {
                name: draw(spec["domain"], POINTS, rng, precision)
                for name, spec in problem.variables.items()
            }
        ]
    return [
        {
            name: draw(spec["domain"], LENGTH, rng, precision)[: spec.get("length", 1)].reshape(
                (-1,) if "length" in spec else ()
            )
            for name, spec in problem.variables.items()
        }
        for _ in range(ROWS)
    ]


@dataclass(frozen=True)
class Loss:
    """Bits lost by a program on its samples.

    Attributes:
        most: the largest loss.
        mean: the mean loss.
        strayed: whether it gives a number where the formula has none, or none where it has one
            that a float can hold.
    """

    most: float
    mean: float
    strayed: bool


def losses(
    expressions: list[Tensor],
    exact: Tensor,
    tensors: Mapping[str, Variable],
    points: list[dict[str, Array]],
    precision: str = "float64",
) -> list[Loss]:
    """The bits that programs of some expressions lose against the truth of another."""
    order = list(tensors)
    expected = [truth(exact, {tensors[k]: v for k, v in row.items()}).ravel() for row in points]
    result = []
    for expression in expressions:
        program = sf.lower(
            expression,
            inputs=[tensors[name] for name in order],
            precision=precision,
            backend="numpy",
            optimise=False,
        )
        lost: list[float] = []
        strayed = False
        for row, wanted in zip(points, expected, strict=True):
            with np.errstate(all="ignore"):
                got = program(*(row[name].astype(precision) for name in order))
            for value, true in zip(np.broadcast_to(got, wanted.shape), wanted, strict=True):
                bits = loss(float(value), true, precision)
                if bits is None:
                    strayed = strayed or bool(np.isfinite(value))
                else:
                    lost.append(bits)
        result.append(Loss(max(lost, default=0.0), float(np.mean(lost or [0.0])), strayed))
    return result


def loss(value: float, true: Any, precision: str) -> float | None:
    """Bits lost by one value; None where the truth is no number that a float can hold."""
    info = np.finfo(precision)
    if mpmath.isnan(true) or abs(true) > float(info.max):
        return None
    if not np.isfinite(value):
        return WRONG
    if abs(true) < float(info.tiny) and abs(value) < float(info.tiny) * 2:
        return 0.0  # both vanish
    scale = max(abs(true), mpmath.mpf(float(info.tiny)))
    units = mpmath.ldexp(abs(mpmath.mpf(value) - true) / scale, _BITS[precision])
    return float(min(mpmath.log(1 + units, 2), WRONG))


def measured(problem: Problem, precision: str = "float64") -> tuple[Loss, Loss, Tensor]:
    """The losses of a formula as written and as made stable, and the stable form."""
    rng = np.random.default_rng(list(problem.name.encode()))
    expression = problem.expression()
    stable = sf.simplify(expression, goal="stable")
    points = samples(problem, precision, rng)
    before, after = losses([expression, stable], expression, problem.tensors(), points, precision)
    return before, after, stable
