"""Lines of entries: ends of running sums, order that is forgotten, functions of a lookup."""

from collections.abc import Iterator

import sympy as sp

from symflow.core import Apply, Einsum, Tensor, apply, constant
from symflow.core.dims import is_one, same
from symflow.ops.composite import LOGSUMEXP, NORM, SIGMOID, SOFTMAX
from symflow.ops.contraction import expand_dims
from symflow.ops.contraction import sum as total
from symflow.ops.cumulative import CUMPROD, CUMSUM
from symflow.ops.elementwise import LOG, log
from symflow.ops.gathering import GATHER
from symflow.ops.positions import ARGMAX, ARGMIN, argmax, argmin
from symflow.ops.quantiles import MEDIAN
from symflow.ops.reduction import ALL, ANY, MAX, MIN, PROD
from symflow.ops.sorting import ARGSORT, SORT
from symflow.ops.structure import ROLL, SLICE, take_runs
from symflow.rewriting import network
from symflow.rewriting.conditions import not_negated
from symflow.rewriting.kinds import Vector, n
from symflow.rewriting.rule import Procedure, Rule, Theory, law, theory

_OVER = (MAX, MIN, PROD, ANY, ALL, NORM, LOGSUMEXP, MEDIAN)


@theory("places of extremes")
def places_of_extremes(v: Vector[n]) -> Iterator[Rule]:
    """Where the largest and the smallest entries are; the middle one."""
    yield Rule("argmax-of-opposite", argmax(-v), argmin(v), where=[not_negated(v)])
    yield Rule("argmin-of-opposite", argmin(-v), argmax(v), where=[not_negated(v)])


def alone_on_a_line(node: Apply) -> Tensor | None:
    """What is sorted, or searched, along an axis of one entry: the entry, at position 0."""
    (x,), ((axis,),) = node.operands, node.params
    if not is_one(x.shape[axis]):
        return None
    if node.operation is SORT:
        return x
    return constant(sp.S.Zero, node.shape, node.dtype)


def end_of_running(node: Apply) -> Tensor | None:
    """``cumsum(x)[-1] = sum(x)`` and ``cumprod(x)[-1] = prod(x)``."""
    inner = node.operands[0]
    if not isinstance(inner, Apply) or inner.operation not in (CUMSUM, CUMPROD):
        return None
    (x,), ((axis,),) = inner.operands, inner.params
    runs = node.params[0]
    start, count, _ = runs[axis]
    if count != 1 or not same(start + 1, x.shape[axis]) or x.dtype != inner.dtype:
        return None
    lines = take_runs(x, (*runs[:axis], (0, x.shape[axis], 1), *runs[axis + 1 :]))
    whole = total(lines, axis) if inner.operation is CUMSUM else apply(PROD, (lines,), ((axis,),))
    return expand_dims(whole, axis)


def sorted_by_position(node: Apply) -> Tensor | None:
    """``x[argsort(x)] = sort(x)``."""
    x, *indices = node.operands
    (index,) = indices if len(indices) == 1 else (None,)
    if not isinstance(index, Apply) or index.operation is not ARGSORT or x.rank != 1:
        return None
    return apply(SORT, (x,), index.params) if index.operands == (x,) else None


def _turned(node: Tensor) -> dict[int, Tensor]:
    """The axes along which a node is another one reversed or rolled, and that other one."""
    if not isinstance(node, Apply):
        return {}
    if node.operation is ROLL:
        return {node.params[1]: node.operands[0]}
    if node.operation is not SLICE:
        return {}
    (x,), (runs,) = node.operands, node.params
    found: dict[int, Tensor] = {}
    for axis, ((start, count, step), size) in enumerate(zip(runs, x.shape, strict=True)):
        if step == -1 and same(count, size) and same(start + 1, size) and not is_one(size):
            found[axis] = take_runs(x, (*runs[:axis], (0, size, 1), *runs[axis + 1 :]))
    return found


def order_forgotten(node: Apply) -> Tensor | None:
    """``max(x[::-1]) = max(x)``, ``prod(roll(x, k)) = prod(x)``, and their like."""
    axes = node.params[0]
    for axis, x in _turned(node.operands[0]).items():
        if axis in axes:
            return apply(node.operation, (x,), node.params)
    return None


def order_summed(node: Einsum) -> Tensor | None:
    """``sum(x[::-1]) = sum(x)``, ``sum(roll(x, k)) = sum(x)``."""
    lone = network.lone_labels(node)
    parts = network.items(node) if lone else []
    for place, (operand, labels) in enumerate(parts):
        for axis, x in _turned(operand).items():
            if labels[axis] in lone:
                return network.rebuilt(node, [*parts[:place], (x, labels), *parts[place + 1 :]])
    return None


def log_of_entries(node: Apply) -> Tensor | None:
    """``log(softmax(x)[i]) = log(softmax(x))[i]``: that has a stable form."""
    maps: list[Tensor] = []
    inner = node.operands[0]
    while _is_lookup(inner):
        maps.append(inner)
        inner = inner.operands[0]
    if not maps or not isinstance(inner, Apply) or inner.operation not in (SOFTMAX, SIGMOID):
        return None
    result = log(inner)
    for step in reversed(maps):
        if isinstance(step, Apply):
            result = apply(step.operation, (result, *step.operands[1:]), step.params)
        else:
            assert isinstance(step, Einsum)
            sizes = dict(enumerate(step.sizes))
            result = network.view(result, step.subscripts[0], step.output, sizes)
    return result


def _is_lookup(node: Tensor) -> bool:
    """Whether the entries of a node are some of those of its first operand."""
    if isinstance(node, Apply):
        return node.operation in (SLICE, GATHER)
    if not isinstance(node, Einsum) or len(node.operands) != 1 or node.coefficient != 1:
        return False
    return all(is_one(node.sizes[label]) for label in node.summed)


lines = Theory(
    "lines of entries",
    __doc__ or "",
    (
        law("alone-on-a-line", alone_on_a_line, SORT, ARGSORT, ARGMAX, ARGMIN),
        law("end-of-running", end_of_running, SLICE),
        law("sorted-by-position", sorted_by_position, GATHER),
        law("order-forgotten", order_forgotten, *_OVER),
        Procedure(
            "order-summed",
            order_summed,
            ((Einsum, SLICE), (Einsum, ROLL)),
            law="sum(x[::-1]) = sum(x), sum(roll(x, k)) = sum(x)",
        ),
        Procedure(
            "log-of-entries",
            log_of_entries,
            ((LOG, SLICE), (LOG, GATHER), (LOG, Einsum)),
            law="log(softmax(x)[i]) = log(softmax(x))[i]",
        ),
    ),
)
