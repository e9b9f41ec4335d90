"""Indicators, signs, numbers and types: laws that are computed rather than matched."""

import sympy as sp

from rewrites.constants import number_of
from symflow.core import Add, Apply, Einsum, Tensor, add_terms, apply, constant, dtypes
from symflow.core.add import scaled, split
from symflow.ops import facts
from symflow.ops.arithmetic import CAST, SCALAR_POWER, absolute, cast, multiply
from symflow.ops.choice import HEAVISIDE, MAXIMUM, MINIMUM
from symflow.ops.elementwise import LOG, log
from symflow.rewriting import network
from symflow.rewriting.rule import Procedure, Theory, law
from symflow.rewriting.screen import REPEATS


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


def repeated_factor_log(node: Apply) -> Tensor | None:
    """``log(x**k)`` of a repeated factor: ``k * log|x|``, for odd ``k`` where it is positive."""
    (operand,) = node.operands
    if not isinstance(operand, Einsum) or operand.coefficient != 1 or len(operand.operands) < 2:
        return None
    parts = set(network.items(operand))
    if len(parts) > 1 or set(operand.subscripts[0]) != set(operand.output):
        return None
    count = len(operand.operands)
    base = network.rebuilt(operand, list(parts))
    if facts.has(base, "nonnegative"):
        return scaled(sp.Integer(count), log(base))
    return scaled(sp.Integer(count), log(absolute(base))) if count % 2 == 0 else None


def extremes_of_constants(node: Apply) -> Tensor | None:
    """``maximum(maximum(x, 1), 2) = maximum(x, 2)``; ``maximum(x, -inf) = x``."""
    for here, other in (node.operands, node.operands[::-1]):
        value = number_of(here)
        if value is None:
            continue
        if value == (-sp.oo if node.operation is MAXIMUM else sp.oo):
            return other
        if isinstance(other, Apply) and other.operation is node.operation:
            return _joined_extremes(node, value, other)
    return None


def extremes_of_opposites(node: Apply) -> Tensor | None:
    """``maximum(-x, -y) = -minimum(x, y)``."""
    if not all(split(operand)[0].could_extract_minus_sign() for operand in node.operands):
        return None
    opposite = MINIMUM if node.operation is MAXIMUM else MAXIMUM
    inner = tuple(scaled(sp.S.NegativeOne, operand) for operand in node.operands)
    return scaled(sp.S.NegativeOne, apply(opposite, inner))


def _joined_extremes(node: Apply, value: sp.Expr, inner: Apply) -> Tensor | None:
    for here, other in (inner.operands, inner.operands[::-1]):
        known = number_of(here)
        if known is not None and known.is_comparable and value.is_comparable:
            both = sp.Max(known, value) if node.operation is MAXIMUM else sp.Min(known, value)
            return apply(node.operation, (constant(both, node.shape, node.dtype), other))
    return None


def steps_to_both_sides(node: Einsum) -> Tensor | None:
    """``heaviside(c + x, 1/2) * heaviside(c - x, 1/2) = heaviside(c - |x|, 1/2)`` for ``c > 0``."""
    steps = [(k, x, own) for k, (x, own) in enumerate(network.items(node)) if _is_step(x)]
    for place, (k, one, labels) in enumerate(steps):
        for other_k, other, own in steps[:place]:
            if own != labels or one is other:
                continue
            a, b = one.operands[0], other.operands[0]
            twice = number_of(_combined(a, b, sp.S.One))
            if twice is None or not twice.is_positive:
                continue
            x = scaled(sp.S.Half, _combined(a, b, sp.S.NegativeOne))
            if any(number_of(term) is not None for _, term in _terms(x)):
                continue
            centre = constant(twice / 2, a.shape, a.dtype)
            edge = [(sp.S.One, centre), (sp.S.NegativeOne, absolute(x))]
            step = apply(HEAVISIDE, (add_terms(edge, a.shape, a.dtype), one.operands[1]))
            rest = [item for n, item in enumerate(network.items(node)) if n not in (k, other_k)]
            return network.rebuilt(node, [*rest, (step, labels)])
    return None


def _is_step(node: Tensor) -> bool:
    """Whether a node is 0 below 0, 1 above, 1/2 there."""
    if not isinstance(node, Apply) or node.operation is not HEAVISIDE:
        return False
    return number_of(node.operands[1]) is sp.S.Half


def _combined(a: Tensor, b: Tensor, sign: sp.Expr) -> Tensor:
    """``a + b`` or ``a - b``, sums opened."""
    terms = _terms(a) + [(sign * c, term) for c, term in _terms(b)]
    return add_terms(terms, a.shape, a.dtype)


def _terms(node: Tensor) -> list[tuple[sp.Expr, Tensor]]:
    number, core = split(node)
    return [(number * c, x) for c, x in core.terms] if isinstance(core, Add) else [(number, core)]


def cast_of_cast(node: Apply) -> Tensor | None:
    """A cast over a cast that lost nothing is one cast."""
    (inner,) = node.operands
    if not isinstance(inner, Apply) or inner.operation is not CAST:
        return None
    (source,) = inner.operands
    if not _holds(inner.dtype, source.dtype):
        return None
    return cast(source, node.dtype)


def cast_of_sum(node: Apply) -> Tensor | None:
    """A sum of an integer and a number as floats: the sum of the casts, which cannot wrap."""
    (inner,) = node.operands
    if not isinstance(inner, Add) or dtypes.kind(inner.dtype) != "int" or len(inner.operands) > 2:
        return None
    numbers = [number_of(term) is not None for term in inner.operands]
    if dtypes.kind(node.dtype) != "float" or sum(numbers) != 1:
        return None
    terms = [(c, cast(term, node.dtype)) for c, term in inner.terms]
    return add_terms(terms, node.shape, node.dtype)


_WIDTH = {"bfloat16": 8, "float16": 11, "float32": 24, "float64": 53, "int32": 31, "int64": 63}


def _holds(wide: str, narrow: str) -> bool:
    """Whether every value of one data type is one of another."""
    if wide == narrow or narrow == "bool":
        return True
    if wide == "complex128" and narrow in _WIDTH:
        return narrow != "int64"
    same_kind = dtypes.kind(wide) == dtypes.kind(narrow)
    if dtypes.kind(narrow) == "int" and wide == "float64":
        return narrow == "int32"
    if not same_kind or {wide, narrow} == {"bfloat16", "float16"}:
        return False
    return _WIDTH.get(wide, 0) > _WIDTH.get(narrow, 100)


computed = Theory(
    "indicators and constants",
    __doc__ or "",
    (
        law("sign-power", sign_power, SCALAR_POWER),
        law("log-of-repeated", repeated_factor_log, LOG),
        law("extremes-of-constants", extremes_of_constants, MAXIMUM, MINIMUM),
        law("extremes-of-opposites", extremes_of_opposites, MAXIMUM, MINIMUM),
        law("cast-of-cast", cast_of_cast, CAST),
        Procedure(
            "steps-to-both-sides",
            steps_to_both_sides,
            ((Einsum, HEAVISIDE),),
            law="heaviside(c + x, 1/2) * heaviside(c - x, 1/2) = heaviside(c - |x|, 1/2)",
        ),
        Procedure("cast-of-sum", cast_of_sum, ((CAST, Add),), law="float(i + 1) = float(i) + 1"),
        Procedure(
            "indicator-powers",
            indicator_powers,
            ((Einsum, None),),
            law="y * y = y; y * y = 1",
            asks=frozenset({REPEATS}),
        ),
    ),
)
