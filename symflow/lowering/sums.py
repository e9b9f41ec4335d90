"""Sums of scaled terms: ``a - 2 * b``."""

from collections.abc import Sequence

import sympy as sp

from symflow.core.dims import Dim
from symflow.lowering.forms import Form, arranged, broadcast_shape, plain
from symflow.lowering.values import Builder, Value
from symflow.notation.tree import Binary, Tree, Unary

_TOGETHER = 4  # terms written in one expression; longer sums are trees, which round less


def total(builder: Builder, terms: Sequence[tuple[sp.Expr, Form]]) -> Form:
    """The sum of forms of one shape, each times a coefficient."""
    first = terms[0][1]
    patterns = {form.output for _, form in terms}
    if len(patterns) > 1 or (first.has_diagonal and any(f.value is None for _, f in terms)):
        terms = [(c, plain(builder, form)) for c, form in terms]
        first = terms[0][1]
    order = _order(terms, first)
    dtype = first.dtype
    parts: list[tuple[bool, Value | Tree]] = []
    literal: sp.Expr = sp.S.Zero
    for coefficient, form in terms:
        factor = coefficient * form.coefficient
        if form.value is None:
            literal = literal + factor
            continue
        negative = bool(factor.could_extract_minus_sign())
        value = builder.scaled(form.value, -factor if negative else factor)
        parts.append((negative, arranged(builder, value, form.held, order)))
    if not parts:
        return Form(None, (), first.output, first.shape, dtype, literal)
    parts.sort(key=_place)
    if literal != 0:
        negative = bool(literal.could_extract_minus_sign())
        tree = builder.literal(-literal if negative else literal, dtype)
        first_place = not negative and parts[0][0]  # 1 - x rather than -x + 1
        parts.insert(0 if first_place else len(parts), (negative, tree))
    value = _added(builder, parts, dtype)
    return Form(value, tuple(order), first.output, first.shape, dtype)


def _place(part: tuple[bool, Value | Tree]) -> tuple[bool, bool, bool, int]:
    """Positive terms first; sums (which need no brackets there), products, then leaves."""
    negative, value = part
    assert isinstance(value, Value)
    return negative, value.tree.word not in ("+", "-"), not value.args, value.number


def _order(terms: Sequence[tuple[sp.Expr, Form]], first: Form) -> list[int]:
    """The slots that some term holds, in the order of the axes."""
    sizes: dict[int, Dim] = first.sizes
    held = {slot for _, form in terms for slot in form.held if slot is not None}
    return [slot for slot in sizes if slot in held]


def _added(builder: Builder, parts: list[tuple[bool, Value | Tree]], dtype: str) -> Value:
    while len(parts) > _TOGETHER + 1:
        groups = [parts[k : k + _TOGETHER] for k in range(0, len(parts), _TOGETHER)]
        parts = [(False, _signed_sum(builder, group, dtype)) for group in groups]
    return _signed_sum(builder, parts, dtype)


def _signed_sum(builder: Builder, parts: Sequence[tuple[bool, Value | Tree]], dtype: str) -> Value:
    values = [part for _, part in parts if isinstance(part, Value)]
    if not values:
        (value,) = (builder.make(lambda t=part: t, (), (), dtype) for _, part in parts)
        return value

    def write(*trees: Tree) -> Tree:
        given = iter(trees)
        result: Tree | None = None
        for negative, part in parts:
            tree = next(given) if isinstance(part, Value) else part
            if result is None:
                result = Unary("-", tree) if negative else tree
            else:
                result = Binary("-" if negative else "+", result, tree)
        assert result is not None
        return result

    shape = broadcast_shape(*(value.shape for value in values))
    return builder.make(write, values, shape, dtype)
