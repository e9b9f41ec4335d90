"""Laws that no single equation states, because they hold for whole families of operations.

Each procedure reads the facts of operations and nodes; none names a special formula.
"""

from collections.abc import Callable, Iterable

import sympy as sp

from symflow.core import Add, Apply, Einsum, Operation, Tensor, add_terms, apply
from symflow.core.add import scaled, split
from symflow.core.dims import product
from symflow.ops import facts
from symflow.ops.arithmetic import ABS, SCALAR_POWER, SIGN, absolute, add, multiply, power_node
from symflow.ops.composite import LOG_SOFTMAX, LOGSUMEXP, NORM, RELU, SOFTMAX
from symflow.ops.contraction import expand_dims
from symflow.ops.elementwise import log
from symflow.ops.linalg import CHOLESKY, DET, INV, SLOGDET
from symflow.ops.reduction import ALL, ANY, MAX, MIN, PROD
from symflow.ops.table import TABLE
from symflow.rewriting import network
from symflow.rewriting.rule import Procedure, Theory

Law = Callable[[Apply], Tensor | None]


def _is_positive(value: sp.Expr) -> bool:
    return bool(value.is_positive) or bool(value.free_symbols and value.is_nonnegative)


# ---------------------------------------------------------------------------- even and odd


def parity(node: Apply) -> Tensor | None:
    """``f(-x) = f(x)`` for even functions, ``-f(x)`` for odd ones."""
    (operand,) = node.operands
    number = split(operand)[0]
    if not number.could_extract_minus_sign():
        return None
    inner = apply(node.operation, (scaled(sp.S.NegativeOne, operand),), node.params)
    return inner if "even" in node.operation.facts else scaled(sp.S.NegativeOne, inner)


def signs_out(node: Apply) -> Tensor | None:
    """The same for factors that are -1 or 1: ``tanh(y * x) = y * tanh(x)``."""
    (operand,) = node.operands
    if not isinstance(operand, Einsum) or len(operand.operands) < 2:
        return None
    signs: list[network.Item] = []
    rest: list[network.Item] = []
    for item in network.items(operand):
        lone = set(item[1]) <= set(operand.output) and facts.has(item[0], "plus_minus_one")
        (signs if lone else rest).append(item)
    if not signs or not rest:
        return None
    inner = apply(node.operation, (network.rebuilt(operand, rest),), node.params)
    if "even" in node.operation.facts:
        return inner
    parts = [*signs, (inner, operand.output)]
    return network.rebuilt(operand, parts, sp.S.One, gone=operand.summed)


# --------------------------------------------------------------- factors that move outside


def _absolute_value(number: sp.Expr, scalars: Tensor | None, inner: Tensor) -> Tensor:
    result = scaled(abs(number), inner)
    return result if scalars is None else multiply(absolute(scalars), result)


def norm_of_multiple(node: Apply) -> Tensor | None:
    """``norm(c * x) = |c| * norm(x)`` for ``c`` constant along the axes."""
    (operand,), (axes,) = node.operands, node.params
    split_up = network.factored(operand, axes)
    if split_up is None:
        return None
    number, scalars, rest = split_up
    return _absolute_value(number, scalars, apply(NORM, (rest,), (axes,)))


def abs_of_multiple(node: Apply) -> Tensor | None:
    """``|c * x| = |c| * |x|`` for numbers, ``p * |x|`` for factors that are not negative."""
    return _outside(node, lambda c: abs(c), "nonnegative")


def positive_factor_out(node: Apply) -> Tensor | None:
    """``relu(p * x) = p * relu(x)`` for positive numbers and factors that are not negative."""
    return _outside(node, lambda c: c if _is_positive(c) else None, "nonnegative")


def sign_of_multiple(node: Apply) -> Tensor | None:
    """``sign(p * x) = sign(x)`` for positive ``p``."""
    (operand,) = node.operands
    if not isinstance(operand, Einsum) or not operand.operands:
        return None
    number = operand.coefficient
    outer, inner = _by_fact(operand, "positive")
    positive = number is not sp.S.One and _is_positive(number)
    if not (outer or positive) or not inner:
        return None
    kept = sp.S.One if positive else number
    rest = network.rebuilt(operand, inner, kept, gone=operand.summed)
    return apply(SIGN, (rest,))


def _outside(
    node: Apply, number_out: Callable[[sp.Expr], sp.Expr | None], fact: str
) -> Tensor | None:
    (operand,) = node.operands
    if not isinstance(operand, Einsum) or not operand.operands:
        return None
    outer, inner = _by_fact(operand, fact)
    number = operand.coefficient
    moved = None if number is sp.S.One else number_out(number)
    if (not outer and moved is None) or not inner:
        return None
    rest = network.rebuilt(operand, inner, number if moved is None else sp.S.One)
    parts = [*outer, (apply(node.operation, (rest,)), operand.output)]
    return network.rebuilt(operand, parts, moved or sp.S.One, gone=operand.summed)


def _by_fact(node: Einsum, fact: str) -> tuple[list[network.Item], list[network.Item]]:
    """The components of a product that have a fact, and the others."""
    outer: list[network.Item] = []
    inner: list[network.Item] = []
    parts = network.items(node)
    if len(set(node.output)) < len(node.output):
        return outer, parts
    for group in network.components(parts, node.summed):
        mine = [parts[k] for k in group]
        held = {label for _, labels in mine for label in labels}
        shown = tuple(label for label in node.output if label in held)
        tensor = network.part(node, mine, shown)
        if facts.has(tensor, fact):
            outer.append((tensor, shown))
        else:
            inner.extend(mine)
    return outer, inner


def _matrix_factors(node: Apply) -> tuple[sp.Expr, Tensor | None, Tensor] | None:
    (operand,) = node.operands
    if isinstance(operand, Einsum) and len(operand.operands) > 0:
        return network.factored(operand, (operand.rank - 2, operand.rank - 1))
    return None


def _over_matrices(scalars: Tensor) -> Tensor:
    return expand_dims(scalars, (-2, -1))


def inverse_of_multiple(node: Apply) -> Tensor | None:
    """``inv(c * A) = inv(A) / c``."""
    split_up = _matrix_factors(node)
    if split_up is None:
        return None
    number, scalars, rest = split_up
    result = scaled(1 / number, apply(INV, (rest,)))
    if scalars is None:
        return result
    return multiply(_over_matrices(power_node(scalars, sp.S.NegativeOne)), result)


def cholesky_of_multiple(node: Apply) -> Tensor | None:
    """``cholesky(c * A) = sqrt(c) * cholesky(A)`` for positive ``c``."""
    split_up = _matrix_factors(node)
    if split_up is None:
        return None
    number, scalars, rest = split_up
    if not _is_positive(number) or (scalars is not None and not facts.has(scalars, "positive")):
        return None
    result = scaled(sp.sqrt(number), apply(CHOLESKY, (rest,)))
    if scalars is None:
        return result
    return multiply(_over_matrices(power_node(scalars, sp.S.Half)), result)


def determinant_of_multiple(node: Apply) -> Tensor | None:
    """``det(c * A) = c**n * det(A)``, and the same of logarithm and sign."""
    split_up = _matrix_factors(node)
    if split_up is None:
        return None
    number, scalars, rest = split_up
    size = sp.sympify(node.operands[0].shape[-1])
    inner = apply(node.operation, (rest,), node.params)
    if node.operation is DET:
        result = scaled(number**size, inner)
        return result if scalars is None else multiply(power_node(scalars, size), result)
    if node.params[0] == 1:
        return _logdet_of_multiple(number, scalars, inner, size)
    if not _is_positive(number) or (scalars is not None and not facts.has(scalars, "positive")):
        return None
    return inner


def _logdet_of_multiple(
    number: sp.Expr, scalars: Tensor | None, inner: Tensor, size: sp.Expr
) -> Tensor:
    terms = [inner]
    if number not in (1, -1):
        terms.append(scaled(size, log(abs(number))))
    if scalars is not None:
        terms.append(scaled(size, log(absolute(scalars))))
    return add(*terms)


# ------------------------------------------------------------------ shifts along an axis


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


# ---------------------------------------------------------------------------- reductions


def reduction_of_constant(node: Apply) -> Tensor | None:
    """Along axes that repeat: ``max`` and its like give the entry, ``prod`` a power of it."""
    (operand,), (axes,) = node.operands, node.params
    flat = network.broadcast_axes(operand) & frozenset(axes)
    if not flat:
        return None
    count = product(operand.shape[axis] for axis in flat)
    inner = network.without_axes(operand, flat)
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
    """``max(p * x) = p * max(x)`` for positive ``p`` constant along the axes."""
    (operand,), (axes,) = node.operands, node.params
    split_up = network.factored(operand, axes)
    if split_up is None:
        return None
    number, scalars, rest = split_up
    if not _is_positive(number) or (scalars is not None and not facts.has(scalars, "nonnegative")):
        return None
    result = scaled(number, apply(node.operation, (rest,), node.params))
    return result if scalars is None else multiply(scalars, result)


# ------------------------------------------------------------ sums over one of several axes


def sum_of_terms(node: Einsum) -> Tensor | None:
    """A sum inside a product, summed over an axis of its own, where a term is constant along it.

    ``sum(x - mean(x)) = sum(x) - n * mean(x)``.
    """
    uses = network.label_uses(node)
    for place, (operand, labels) in enumerate(network.items(node)):
        if not isinstance(operand, Add) or len(set(labels)) < len(labels):
            continue
        shown = set(node.output)
        own = frozenset(a for a, t in enumerate(labels) if uses[t] == 1 and t not in shown)
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
    return (
        isinstance(term, Apply) and term.operation is SOFTMAX and set(term.params[0]) <= axes
    )


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
    terms = [
        (c, network.view(term, names, kept, sizes)) for c, term in operand.terms
    ]
    shape = tuple(operand.shape[axis] for axis in kept)
    total = add_terms(terms, shape, operand.dtype)
    parts = network.items(node)
    parts[place] = (total, tuple(labels[axis] for axis in kept))
    return network.rebuilt(node, parts, gone=[labels[axis] for axis in axes])


# --------------------------------------------------------------------- signs and indicators


def indicator_powers(node: Einsum) -> Tensor | None:
    """Factors that are 0 or 1 occur once, those that are -1 or 1 once or not at all."""
    parts = network.items(node)
    counts = {item: parts.count(item) for item in parts}
    kept: list[network.Item] = []
    for item, count in counts.items():
        if count > 1 and facts.has(item[0], "zero_one"):
            count = 1
        elif count > 1 and facts.has(item[0], "plus_minus_one"):
            count %= 2
        kept.extend([item] * count)
    return network.rebuilt(node, kept) if len(kept) < len(parts) else None


def sign_power(node: Apply) -> Tensor | None:
    """``y**k`` for ``y`` -1 or 1, and for ``y`` 0 or 1 with positive ``k``."""
    (base,), (exponent,) = node.operands, node.params
    if exponent.is_integer and facts.has(base, "plus_minus_one"):
        if exponent.is_even:
            return multiply(base, base)
        return base if exponent.is_odd else None
    return base if exponent.is_positive and facts.has(base, "zero_one") else None


def _over(operations: Iterable[Operation]) -> tuple[tuple[Operation, None], ...]:
    return tuple((operation, None) for operation in operations)


def _law(name: str, function: Law, *operations: Operation) -> Procedure:
    law = (function.__doc__ or "").strip()
    return Procedure(name, function, _over(operations), law=law)


_PARITY = tuple(op for op in TABLE.values() if op.arity == 1 and op.facts & {"even", "odd"})
_REDUCTIONS = (PROD, MAX, MIN, ANY, ALL, NORM, LOGSUMEXP)

computed = Theory(
    "computed",
    __doc__ or "",
    (
        _law("parity", parity, *_PARITY),
        _law("signs-out", signs_out, *_PARITY),
        _law("abs-of-multiple", abs_of_multiple, ABS),
        _law("sign-of-multiple", sign_of_multiple, SIGN),
        _law("positive-factor-out", positive_factor_out, RELU),
        _law("norm-of-multiple", norm_of_multiple, NORM),
        _law("inverse-of-multiple", inverse_of_multiple, INV),
        _law("determinant-of-multiple", determinant_of_multiple, DET, SLOGDET),
        _law("cholesky-of-multiple", cholesky_of_multiple, CHOLESKY),
        _law("shift-invariance", shift_invariance, SOFTMAX, LOG_SOFTMAX),
        _law("shift-out", shift_out, LOGSUMEXP, MAX, MIN),
        _law("reduction-of-constant", reduction_of_constant, *_REDUCTIONS),
        _law("nested-reduction", nested_reduction, *_REDUCTIONS),
        _law("product-of-multiple", product_of_multiple, PROD),
        _law("extreme-of-multiple", extreme_of_multiple, MAX, MIN),
        _law("sign-power", sign_power, SCALAR_POWER),
        Procedure(
            "sum-of-terms", sum_of_terms, ((Einsum, Add),), law="sum(x - mean(x)) = 0"
        ),
        Procedure(
            "indicator-powers", indicator_powers, ((Einsum, None),), law="y * y = y; y * y = 1"
        ),
    ),
)
