"""Functions along axes: what is constant along an axis moves out, reductions join.

Procedures, because each law holds for a family of operations and for any set of axes.
"""

import sympy as sp

from rewrites.multiples import is_positive
from symflow.core import Add, Apply, Einsum, Tensor, add_terms, apply
from symflow.core.add import scaled
from symflow.core.dims import is_one, product
from symflow.ops import facts
from symflow.ops.arithmetic import absolute, add, multiply, power_node
from symflow.ops.composite import LOG_SOFTMAX, LOGSUMEXP, NORM, SOFTMAX
from symflow.ops.contraction import squeeze
from symflow.ops.elementwise import log
from symflow.ops.reduction import ALL, ANY, MAX, MIN, PROD
from symflow.rewriting import network
from symflow.rewriting.conditions import is_total
from symflow.rewriting.rule import Procedure, Theory, law
from symflow.rewriting.screen import LONE


def _shifted(operand: Tensor, axes: tuple[int, ...]) -> tuple[Tensor, Tensor] | None:
    """A sum as a part that is constant along axes (those dropped) and the rest."""
    if not isinstance(operand, Add):
        return None
    along = frozenset(axes)
    flat = [term for term in operand.terms if along <= network.broadcast_axes(term[1])]
    if not flat:
        return None
    rest = [term for term in operand.terms if term not in flat]
    if not rest:
        return None
    shape = tuple(size for axis, size in enumerate(operand.shape) if axis not in along)
    dropped = [(c, network.without_axes(term, along)) for c, term in flat]
    constant_part = add_terms(dropped, shape, operand.dtype)
    return constant_part, add_terms(rest, operand.shape, operand.dtype)


def shift_invariance(node: Apply) -> Tensor | None:
    """``softmax(x + c) = softmax(x)`` for ``c`` constant along the axes."""
    parts = _shifted(node.operands[0], node.params[0])
    return None if parts is None else apply(node.operation, (parts[1],), node.params)


def shift_out(node: Apply) -> Tensor | None:
    """``logsumexp(x + c) = logsumexp(x) + c``, and the same of max and min."""
    parts = _shifted(node.operands[0], node.params[0])
    return None if parts is None else add(parts[0], apply(node.operation, (parts[1],), node.params))


def reduction_of_constant(node: Apply) -> Tensor | None:
    """Along axes that repeat or have size 1: ``max`` gives the entry, ``prod`` a power of it."""
    (operand,), (axes,) = node.operands, node.params
    flat = network.broadcast_axes(operand) & frozenset(axes)
    single = frozenset(axis for axis in axes if is_one(operand.shape[axis]))
    if not (flat or single):
        return None
    count = product(operand.shape[axis] for axis in flat)
    inner = network.without_axes(operand, flat) if flat else operand
    left_over = [axis for axis in range(operand.rank) if axis not in flat]
    inner = squeeze(inner, tuple(k for k, axis in enumerate(left_over) if axis in single))
    flat |= single
    if node.operation is PROD:
        inner = power_node(inner, sp.sympify(count))
    elif node.operation is NORM:
        inner = scaled(sp.sqrt(count), inner)
    elif node.operation is LOGSUMEXP:
        inner = add(inner, log(count))
    left = [axis for axis in axes if axis not in flat]
    if not left and node.operation is NORM:
        return absolute(inner)
    if not left:
        return inner
    shift = {old: new for new, old in enumerate(a for a in range(operand.rank) if a not in flat)}
    return apply(node.operation, (inner,), (tuple(shift[axis] for axis in left),))


def nested_reduction(node: Apply) -> Tensor | None:
    """``max(max(x, a), b)`` as one reduction over both axes."""
    (operand,), (axes,) = node.operands, node.params
    if not isinstance(operand, Apply) or operand.operation is not node.operation:
        return None
    inner = operand.params[0]
    left = [axis for axis in range(operand.operands[0].rank) if axis not in inner]
    both = tuple(sorted([*inner, *(left[axis] for axis in axes)]))
    return apply(node.operation, operand.operands, (both,))


def product_of_multiple(node: Apply) -> Tensor | None:
    """``prod(c * x) = c**n * prod(x)`` for ``c`` constant along the axes."""
    (operand,), (axes,) = node.operands, node.params
    split_up = network.factored(operand, axes)
    if split_up is None:
        return None
    number, scalars, rest = split_up
    count = sp.sympify(product(operand.shape[axis] for axis in axes))
    result = scaled(number**count, apply(PROD, (rest,), node.params))
    return result if scalars is None else multiply(power_node(scalars, count), result)


def extreme_of_multiple(node: Apply) -> Tensor | None:
    """``max(p * x) = p * max(x)``, ``max(-x) = -min(x)`` for factors constant along the axes."""
    (operand,), (axes,) = node.operands, node.params
    split_up = network.factored(operand, axes)
    if split_up is None:
        return None
    number, scalars, rest = split_up
    if scalars is not None and not facts.has(scalars, "nonnegative"):
        return None
    operation = node.operation
    if not is_positive(number):
        if not number.is_negative:
            return None
        operation = MIN if operation is MAX else MAX
    result = scaled(number, apply(operation, (rest,), node.params))
    return result if scalars is None else multiply(scalars, result)


def extreme_of_increasing(node: Apply) -> Tensor | None:
    """``max(f(x)) = f(max(x))`` for increasing functions that are defined everywhere."""
    (operand,) = node.operands
    if not isinstance(operand, Apply) or len(operand.operands) != 1:
        return None
    if "increasing" not in operand.operation.facts or not is_total(operand):
        return None
    inner = apply(node.operation, operand.operands, node.params)
    return apply(operand.operation, (inner,), operand.params)


def sum_of_terms(node: Einsum) -> Tensor | None:
    """A sum inside a product, summed over an axis of its own, where a term is constant along it.

    ``sum(x - mean(x)) = sum(x) - n * mean(x)``.
    """
    lone = network.lone_labels(node)
    if not lone:
        return None
    for place, (operand, labels) in enumerate(network.items(node)):
        if not isinstance(operand, Add) or len(set(labels)) < len(labels):
            continue
        own = frozenset(axis for axis, label in enumerate(labels) if label in lone)
        if own and any(_sums_up(term, own) for term in operand.operands):
            return _with_summed(node, place, operand, own)
    return None


def _sums_up(term: Tensor, axes: frozenset[int]) -> bool:
    """Whether the sum of a term over (some of) the axes is known without adding."""
    if network.broadcast_axes(term) & axes or _centred(term, axes):
        return True
    last = term.rank - 1
    if last in axes and facts.has(term, "simplex"):
        return True
    return isinstance(term, Apply) and term.operation is SOFTMAX and set(term.params[0]) <= axes


def _centred(term: Tensor, axes: frozenset[int]) -> bool:
    """A product in which one axis belongs to a sum alone, as ``s * (x - mean(x))``."""
    if not isinstance(term, Einsum):
        return False
    uses = network.label_uses(term)
    for operand, labels in network.items(term):
        if isinstance(operand, Add) and len(set(labels)) == len(labels):
            own = {a for a, t in enumerate(labels) if uses[t] == 2 and t in term.output}
            along = frozenset(a for a in own if term.output.index(labels[a]) in axes)
            if along and any(network.broadcast_axes(t) & along for t in operand.operands):
                return True
    return False


def _with_summed(node: Einsum, place: int, operand: Add, axes: frozenset[int]) -> Tensor:
    labels = node.subscripts[place]
    kept = [axis for axis in range(operand.rank) if axis not in axes]
    names = tuple(range(operand.rank))
    sizes = dict(enumerate(operand.shape))
    terms = [(c, network.view(term, names, kept, sizes)) for c, term in operand.terms]
    shape = tuple(operand.shape[axis] for axis in kept)
    total = add_terms(terms, shape, operand.dtype)
    parts = network.items(node)
    parts[place] = (total, tuple(labels[axis] for axis in kept))
    return network.rebuilt(node, parts, gone=[labels[axis] for axis in axes])


_REDUCTIONS = (PROD, MAX, MIN, ANY, ALL, NORM, LOGSUMEXP)

axes_laws = Theory(
    "axes",
    __doc__ or "",
    (
        law("shift-invariance", shift_invariance, SOFTMAX, LOG_SOFTMAX),
        law("shift-out", shift_out, LOGSUMEXP, MAX, MIN),
        law("reduction-of-constant", reduction_of_constant, *_REDUCTIONS),
        law("nested-reduction", nested_reduction, *_REDUCTIONS),
        law("product-of-multiple", product_of_multiple, PROD),
        law("extreme-of-multiple", extreme_of_multiple, MAX, MIN),
        law("extreme-of-increasing", extreme_of_increasing, MAX, MIN),
        Procedure(
            "sum-of-terms",
            sum_of_terms,
            ((Einsum, Add),),
            law="sum(x - mean(x)) = 0",
            asks=frozenset({LONE}),
        ),
    ),
)
