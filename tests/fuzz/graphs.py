"""Random graphs of all operations, and their derivatives compared with JAX's.

A graph of first order: its value, its gradients by all inputs as they come and simplified. One of
second order: the derivative of the gradients along random directions, likewise. Everything at
1e-9 relative to the largest entry; a graph whose own result moves by more than a tenth of that
when its inputs move in their last digits says nothing, and is counted as ill conditioned.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import jax
import numpy as np

import symflow as sf
import symflow.numpy as snp
from symflow.core import Apply, Tensor, postorder
from symflow.errors import DifferentialError
from symflow.ops.table import TABLE
from tests.fuzz.operation_steps import NAMES, operation_step
from tests.ops.samples import spec
from tests.oracle import evaluate_all
from tests.random_programs import Program, Shape, drawn, jax_space, symflow_space
from tests.tracing import trace

TOLERANCE = 1e-9
MOST_ENTRIES, HIGHEST_RANK = 60, 4
_HERE, _THERE = symflow_space(), jax_space()
_POOL = ((), (0,), (1,), (3,), (3,), (3, 2), (3, 2), (2, 3), (3, 3), (3, 3), (2, 1, 3), (2, 3, 3))


@dataclass
class Report:
    """How graphs went: counts by outcome, draws by operation, and the mismatches."""

    outcomes: Counter[str] = field(default_factory=Counter)
    drawn: Counter[str] = field(default_factory=Counter)
    mismatches: list[str] = field(default_factory=list)


@dataclass
class Graph:
    """A program with its inputs, in symflow and as arrays; a scalar."""

    program: Program
    variables: list[Tensor]
    arrays: list[Any]
    root: Tensor
    names: list[str]
    weights: list[Any]

    def in_jax(self, *arrays: Any) -> Any:
        """The same scalar from arrays."""
        return _total(_THERE, self.program, list(arrays), self.weights)


def _total(s: Any, program: Program, inputs: list[Any], weights: list[Any]) -> Any:
    """A weighted sum of the values that no step uses, in a function that magnifies no rounding."""
    values = list(inputs)
    for step in program.steps:
        values.append(step.apply(s, *(values[k] for k in step.inputs)))
    used = {k for step in program.steps for k in step.inputs}
    loose = [k for k in range(len(values)) if k not in used]
    parts = [
        s.np.sum(weight * s.np.arctan(values[k])) for k, weight in zip(loose, weights, strict=False)
    ]
    return sum(parts[1:], parts[0])


def random_graph(seed: int, order: int = 1) -> Graph:
    """A graph by its number: 3 to 10 steps (2 to 5 at second order) of several nodes each."""
    rng = np.random.default_rng([seed, order])
    shapes: list[Shape] = [_POOL[k] for k in rng.integers(len(_POOL), size=rng.integers(1, 4))]
    program = Program(list(shapes))
    variables: list[Tensor] = [sf.tensor(f"x{k}", *shape) for k, shape in enumerate(shapes)]
    values, names = list(variables), []
    wanted = int(rng.integers(3, 11) if order == 1 else rng.integers(2, 6))
    turn = seed
    while len(program.steps) < wanted:
        if rng.random() < 0.5:
            name = NAMES[int(rng.integers(len(NAMES)))] if len(names) else NAMES[turn % len(NAMES)]
            turn += 1
            if spec(name).order < order and not TABLE[name].piecewise_constant:
                continue
            step = operation_step(rng, name, shapes)
            if step is None:
                continue
            names.append(name)
        else:
            step, _ = drawn(rng, shapes)
        value = step.apply(_HERE, *(values[k] for k in step.inputs))
        shape = tuple(map(int, value.shape))
        if len(shape) > HIGHEST_RANK or np.prod(shape) > MOST_ENTRIES:
            continue
        program.steps.append(step)
        values.append(value)
        shapes.append(shape)
    weights = [rng.uniform(0.4, 1.6, size=shape) for shape in _loose(program, shapes)]
    root = _total(_HERE, program, list(variables), weights)
    arrays = [rng.uniform(-1.6, 1.6, size=shape) for shape in program.shapes]
    return Graph(program, variables, arrays, root, names, weights)


def _loose(program: Program, shapes: list[Shape]) -> list[Shape]:
    used = {k for step in program.steps for k in step.inputs}
    return [shape for k, shape in enumerate(shapes) if k not in used]


def check_graphs(numbers: range, order: int = 1, report: Report | None = None) -> Report:
    """Compare the graphs of these numbers with JAX."""
    report = report or Report()
    for number in numbers:
        graph = random_graph(number, order)
        outcome = _outcome(graph, number, order)
        report.drawn.update(graph.names)
        report.outcomes[outcome.partition(":")[0]] += 1
        if outcome.startswith(("wrong", "refused")):
            report.mismatches.append(f"order {order}, seed {number}: {outcome}\n{graph.program}")
    return report


def _outcome(graph: Graph, number: int, order: int) -> str:
    moves = [np.random.default_rng(number).normal(size=x.shape) for x in graph.arrays]
    want = _expected(graph, moves, graph.arrays, order)
    if not all(np.all(np.isfinite(x)) for x in want):
        return "not finite"
    try:
        named, given = _derived(graph, moves, number, order)
    except DifferentialError as error:
        return f"refused: {error}"
    flat = [x for found in named.values() for x in found]
    got = evaluate_all(flat, given)
    for what, found in named.items():
        here, got = got[: len(found)], got[len(found) :]
        right = want[:1] if what == "value" else want[1:]
        wrong = [k for k, (x, y) in enumerate(zip(here, right, strict=True)) if _far(x, y)]
        if wrong:
            nodes = list(postorder([graph.root]))
            steps = evaluate_all(nodes, given)
            if not all(np.all(np.isfinite(x)) for x in steps):
                return "not finite"  # on the way: the sign of a 0 may decide
            if any(map(_at_a_kink, nodes, steps)):
                return "at a kink"
            if _ill_conditioned(graph, moves, want, order):
                return "ill conditioned"
            return f"wrong {what} of inputs {wrong}: {[here[k] for k in wrong]}, " + (
                f"JAX {[right[k] for k in wrong]}"
            )
    return "right"


def _derived(
    graph: Graph, moves: list[Any], number: int, order: int
) -> tuple[dict[str, list[Tensor]], dict[Tensor, Any]]:
    root, variables = graph.root, graph.variables
    given: dict[Tensor, Any] = dict(zip(variables, graph.arrays, strict=True))
    plain = sf.grad(root, variables, tidy=False)
    if order == 1:
        tidy = sf.grad(root, variables) if number % 2 else [sf.simplify(g) for g in plain]
        return {"value": [root], "gradient": list(plain), "simplified gradient": list(tidy)}, given
    along = [sf.tensor(f"v{k}", *x.shape) for k, x in enumerate(variables)]
    given |= dict(zip(along, moves, strict=True))
    pairing = [snp.sum(g * v) for g, v in zip(plain, along, strict=True)]
    second = sf.grad(sum(pairing[1:], pairing[0]), variables, tidy=False)
    tidied = sf.grad(root, variables)
    pairing = [snp.sum(g * v) for g, v in zip(tidied, along, strict=True)]
    tidy = sf.grad(sum(pairing[1:], pairing[0]), variables)
    return {"second derivative": list(second), "simplified second derivative": list(tidy)}, given


def _expected(graph: Graph, moves: list[Any], arrays: list[Any], order: int) -> list[Any]:
    places = tuple(range(len(arrays)))
    first = jax.value_and_grad(graph.in_jax, places)
    if order == 1:
        return trace(lambda *xs: first(*xs), *arrays)()

    def along(*xs: Any) -> Any:
        return jax.jvp(lambda *ys: first(*ys)[1], xs, tuple(moves))[1]

    return [np.zeros(()), *trace(along, *arrays)()]


KINKED = frozenset({"hypot", "fmod", "remainder"})  # have no derivative where they are 0


def _at_a_kink(node: Tensor, value: Any) -> bool:
    return isinstance(node, Apply) and node.operation.name in KINKED and bool(np.any(value == 0))


def _far(got: Any, want: Any) -> bool:
    return got.shape != want.shape or not _apart(got, want) <= TOLERANCE


def _apart(got: Any, want: Any) -> float:
    """The largest difference relative to the largest entry; NaN where one is NaN."""
    scale = 1 + np.max(np.abs(want), initial=0.0)
    return float(np.max(np.abs(got - want), initial=0.0) / scale)


def _ill_conditioned(graph: Graph, moves: list[Any], want: list[Any], order: int) -> bool:
    """Whether JAX's own result moves when the inputs do in their last digits."""
    for k in range(4):
        rng = np.random.default_rng(k)
        near = [x * (1 + rng.choice([-4e-16, 4e-16], size=x.shape)) for x in graph.arrays]
        moved = _expected(graph, moves, near, order)
        for x, y in zip(moved, want, strict=True):
            if np.max(np.abs(x - y), initial=0) > TOLERANCE / 10 * (
                1 + np.max(np.abs(y), initial=0)
            ):
                return True
    return False
