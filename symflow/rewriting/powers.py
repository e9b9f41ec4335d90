"""Powers in normal form: exponents of one base added up, powers of products taken apart.

Removable singularities may go (``x / x`` is 1), unless the domain is to be kept; an undefined
region never becomes a number: the square of ``sqrt(x)`` is ``x`` only where ``x`` is known to be
non-negative.  The square of a norm is kept as the sum of squares, odd powers of it as powers of
the norm.
"""

from collections.abc import Iterable

import sympy as sp

from symflow.core import Apply, Einsum, Tensor, apply, contract
from symflow.core.einsum import is_zero
from symflow.core.labels import Labels
from symflow.ops import facts
from symflow.ops.arithmetic import ABS, SCALAR_POWER, power_node
from symflow.ops.complex import is_complex
from symflow.ops.composite import NORM
from symflow.rewriting import network
from symflow.rewriting.domains import has_undefined_region

_MOST_REPEATS = 8
_POWERS = (SCALAR_POWER, NORM)
Key = tuple[Tensor, Labels]


def base_and_exponent(node: Tensor) -> tuple[Tensor, sp.Expr]:
    """A node as a power; even powers of a sum of squares count as powers of the norm."""
    exponent = sp.S.One
    if isinstance(node, Apply) and node.operation is SCALAR_POWER:
        exponent = node.params[0]
        node = node.operands[0]
        norm = norm_of_square(node)
        if norm is not None:
            return norm, 2 * exponent
    return node, exponent


def norm_of_square(node: Tensor) -> Tensor | None:
    """``norm(x)`` for a node ``sum(x * x)``; None for any other."""
    if not isinstance(node, Einsum) or len(node.operands) != 2 or node.coefficient != 1:
        return None
    (x, y), (a, b) = node.operands, node.subscripts
    if x is not y or a != b or len(set(a)) != len(a) or is_complex(x):
        return None
    kept = tuple(label for label in a if label in node.output)
    if kept == a or kept != node.output:
        return None
    axes = tuple(axis for axis, label in enumerate(a) if label not in node.output)
    return apply(NORM, (x,), (axes,))


def square_of_norm(norm: Tensor) -> Tensor:
    """``sum(x * x)`` for a node ``norm(x)``."""
    assert isinstance(norm, Apply)
    (x,), (axes,) = norm.operands, norm.params
    labels = tuple(range(x.rank))
    output = [axis for axis in labels if axis not in axes]
    return contract(sp.S.One, (x, x), (labels, labels), output, dict(enumerate(x.shape)), x.dtype)


def is_norm(node: Tensor) -> bool:
    """Whether a node is a 2-norm."""
    return isinstance(node, Apply) and node.operation is NORM


def merged_powers(node: Einsum, *, strict: bool = False) -> Tensor | None:
    """The contraction with powers of one base under the same labels merged.

    Args:
        node: the contraction.
        strict: whether removable singularities must stay.
    """
    for operand in node.operands:
        if type(operand) is Apply and operand.operation in _POWERS:
            break
    else:
        return None
    groups: dict[Key, list[sp.Expr]] = {}
    bases = (base_and_exponent(operand)[0] for operand in node.operands)
    squares = {square_of_norm(base): base for base in bases if is_norm(base)}
    interesting = False
    for operand, labels in network.items(node):
        base, exponent = base_and_exponent(operand)
        if base in squares:
            base, exponent = squares[base], 2 * exponent
        known = groups.setdefault((base, labels), [])
        known.append(exponent)
        if len(known) > 1 and (is_norm(base) or not all(e is sp.S.One for e in known)):
            interesting = True
    if not interesting:
        return None if strict else _squares_with_norms(node, groups)
    parts: list[network.Item] = []
    changed = False
    for (base, labels), exponents in groups.items():
        merged = merge_exponents(base, exponents, strict=strict)
        changed = changed or merged != exponents
        for exponent in merged:
            parts.extend((factor, labels) for factor in factors(base, exponent))
    return network.rebuilt(node, parts) if changed else None


def _squares_with_norms(node: Einsum, groups: dict[Key, list[sp.Expr]]) -> Tensor | None:
    """``sum(x * x) * norm(x) ** c`` as ``norm(x) ** (c + 2)``."""
    norms = [pair for pair in groups if is_norm(pair[0])]
    if not norms:
        return None
    uses = network.label_uses(node)
    items = network.items(node)
    for norm, labels in norms:
        assert isinstance(norm, Apply)
        (x,), (axes,) = norm.operands, norm.params
        for pair in {item for item in items if item[0] is x and items.count(item) == 2}:
            inner = {pair[1][axis] for axis in axes}
            outer = tuple(label for axis, label in enumerate(pair[1]) if axis not in axes)
            lone = all(uses[label] == 2 and label not in node.output for label in inner)
            if outer == labels and lone:
                rest = [item for item in items if item != pair]
                return network.rebuilt(node, [*rest, (norm, labels), (norm, labels)], gone=inner)
    return None


def merge_exponents(
    base: Tensor, exponents: list[sp.Expr], *, strict: bool = False
) -> list[sp.Expr]:
    """The exponents added up as far as the domain allows."""
    if len(exponents) == 1 or (not is_norm(base) and all(e is sp.S.One for e in exponents)):
        return exponents
    total = sum(exponents, sp.S.Zero)
    if strict and not total.is_negative and _has_pole(base, exponents):
        return exponents
    if total == 0 and has_undefined_region(base):
        return exponents
    odd = [e for e in exponents if not e.is_integer]
    # a non-integer power is undefined for negative bases: where there are any, one must stay
    if not odd or not total.is_integer or facts.has(base, "nonnegative"):
        return [total] if total != 0 else []
    keep = odd[0]
    return [keep, total - keep] if len(exponents) > 2 else exponents


def _has_pole(base: Tensor, exponents: Iterable[sp.Expr]) -> bool:
    """Whether one of the powers may be infinite."""
    return not facts.has(base, "nonzero") and not all(e.is_nonnegative for e in exponents)


def factors(base: Tensor, exponent: sp.Expr) -> list[Tensor]:
    """The operands that stand for a power in a contraction."""
    if is_norm(base) and exponent.is_even:
        base, exponent = square_of_norm(base), exponent / 2
    if exponent.is_Integer and 0 < exponent <= _MOST_REPEATS:
        return [base] * int(exponent)
    return [power_node(base, exponent)]


def power_step(node: Apply, *, strict: bool = False) -> Tensor | None:
    """One step towards normal form of ``x ** c``; None for any other operation."""
    if node.operation is not SCALAR_POWER:
        return None
    (base,), (exponent,) = node.operands, node.params
    if is_norm(base) and exponent.is_even:
        return power_node(square_of_norm(base), exponent / 2)
    norm = norm_of_square(base)
    if norm is not None and (2 * exponent).is_odd:
        return power_node(norm, 2 * exponent)
    if isinstance(base, Apply) and base.operation is SCALAR_POWER:
        return _power_of_power(base, exponent, strict=strict)
    if isinstance(base, Einsum):
        return _power_of_product(base, exponent)
    return None


def _power_of_power(inner: Apply, outer: sp.Expr, *, strict: bool) -> Tensor | None:
    (base,), (exponent,) = inner.operands, inner.params
    product = exponent * outer
    if strict and not product.is_negative and _has_pole(base, [exponent]):
        return None
    if outer.is_integer:
        allowed = exponent.is_integer or not product.is_integer or facts.has(base, "nonnegative")
    else:
        allowed = facts.has(base, "nonnegative")
    return power_node(base, product) if allowed else None


def _power_of_product(base: Einsum, exponent: sp.Expr) -> Tensor | None:
    """``(x * y) ** c`` as ``x ** c * y ** c`` where both sides have one domain."""
    if len(set(base.output)) != len(base.output) or is_zero(base.coefficient):
        return None  # a power of 0 is left to the machine: 1 / 0 is infinite there
    parts = network.items(base)
    whole = exponent.is_integer
    outside: list[tuple[Tensor, Labels, sp.Expr]] = []
    inside: list[network.Item] = []
    for (component, labels), count in _components(base, parts).items():
        if whole or facts.has(component, "positive"):
            outside.append((component, labels, count * exponent))
        elif count % 2 == 0 and not is_complex(component):  # that of the absolute value
            power = count * exponent
            size = component if power.is_even else apply(ABS, (component,))
            outside.append((size, labels, power))
        else:
            inside.extend([(component, labels)] * count)
    if not whole and inside and all(facts.has(part, "nonnegative") for part, _ in inside):
        outside += [(part, labels, exponent) for part, labels in inside]
        inside = []
    number = _outside_number(base, exponent, lone=not inside and len(outside) == 1)
    if not outside and number is None:
        return None
    unchanged = len(outside) + bool(inside) == 1 and (not outside or outside[0][2] == exponent)
    if unchanged and (number is None or number[0] is sp.S.One):
        return None
    kept = base.coefficient
    coefficient = sp.S.One
    if number is not None:
        coefficient, kept = number
    collected = [(power_node(part, power), labels) for part, labels, power in outside]
    if inside or kept is not sp.S.One:
        rest, labels = _joined(base, inside, kept)
        collected.append((power_node(rest, exponent), labels))
    return network.rebuilt(base, collected, coefficient, gone=base.summed)


def _components(base: Einsum, parts: list[network.Item]) -> dict[Key, int]:
    """The independent factors of a product with their multiplicities."""
    counts: dict[Key, int] = {}
    for group in network.components(parts, base.summed):
        key = _component(base, [parts[k] for k in group])
        counts[key] = counts.get(key, 0) + 1
    return counts


def _component(base: Einsum, parts: list[network.Item]) -> tuple[Tensor, Labels]:
    """Some operands of a contraction as a tensor of their own, with the labels of its axes."""
    held = {label for _, labels in parts for label in labels}
    output = tuple(label for label in base.output if label in held)
    sizes = {label: base.sizes[label] for label in held}
    tensor = contract(
        sp.S.One,
        [operand for operand, _ in parts],
        [labels for _, labels in parts],
        output,
        sizes,
        base.dtype,
    )
    return tensor, output


def _joined(base: Einsum, parts: list[network.Item], kept: sp.Expr) -> tuple[Tensor, Labels]:
    held = {label for _, labels in parts for label in labels}
    output = tuple(label for label in base.output if label in held)
    sizes = {label: base.sizes[label] for label in held}
    tensor = contract(
        kept,
        [operand for operand, _ in parts],
        [labels for _, labels in parts],
        output,
        sizes,
        base.dtype,
    )
    return tensor, output


def _outside_number(
    base: Einsum, exponent: sp.Expr, *, lone: bool
) -> tuple[sp.Expr, sp.Expr] | None:
    """The coefficient's power outside, and what of the coefficient stays inside."""
    c = base.coefficient
    if c is sp.S.One:
        return None
    if exponent.is_integer:
        return c**exponent, sp.S.One
    if c.is_positive or (c.is_nonnegative and c.free_symbols):
        outside = c**exponent
        norm = lone and norm_of_square(base.with_coefficient(sp.S.One)) is not None
        if outside.is_Rational or norm:
            return outside, sp.S.One
    return None
