"""Coefficients and scalars before a product and below it: ``2 / n * X.T @ r``, ``mean(x)``."""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial, reduce

import sympy as sp

from symflow.core.dims import Dim, Shape, is_one, product
from symflow.notation.numbers import Factor, Spell, fraction, split_factor
from symflow.notation.pairs import Draft, author_key, product_tree
from symflow.notation.reading import Core, Shown
from symflow.notation.spelled import variance
from symflow.notation.tree import (
    Attribute,
    Binary,
    Call,
    Group,
    Index,
    Method,
    Name,
    Number,
    Scaled,
    Text,
    Tree,
    Unary,
)
from symflow.notation.views import inserted

_FIRST_FACTORS = 4  # how far a leading number is looked for


def with_sign(core: Core, shape: Shape, dtype: str, spell: Spell) -> Shown:
    """A contraction with its coefficient, its sign in a number where there is one to hold it."""
    shown = assembled(core, core.coefficient, shape, dtype, spell)
    if shown.negative:
        other = assembled(core, core.coefficient, shape, dtype, spell, decimal=True)
        shown = moved_sign(other)
        if shown.negative:
            shown = assembled(core, core.coefficient, shape, dtype, spell)
    return shown._replace(tree=signed(shown), negative=False)


def assembled(
    core: Core,
    coefficient: sp.Expr,
    shape: Shape,
    dtype: str,
    spell: Spell,
    *,
    decimal: bool = False,
) -> Shown:
    """A contraction with its coefficient.

    Args:
        core: the contraction.
        coefficient: the number or expression of dimensions, in place of the core's own.
        shape: the node's shape.
        dtype: the node's data type.
        spell: how a dimension is written.
        decimal: write ``0.5 * x`` rather than ``x / 2``.
    """
    drafts = [*core.scalars, *([core.main] if core.main else [])]
    whole = coefficient
    for place, draft in enumerate(drafts):
        drafts[place], coefficient = _mean(draft, coefficient, core.sizes)
    factor = split_factor(coefficient, spell, decimal=decimal)
    divided = factor.denominator is not None or whole != coefficient
    soft = _stays_soft(drafts, dtype, divided=divided)
    main = drafts.pop() if core.main else None
    if soft and not (factor.is_one and not factor.negative):
        main, drafts = _hardened(main, drafts, dtype)
        soft = False
    above = _product(d for d in drafts if not d.inverse)
    below = _product(d for d in drafts if d.inverse)
    printed: Shape = ()
    body: Tree | None = None
    if main is not None:
        first = core.slots.index(True)
        slots = core.slots[first:]
        body = inserted(main.tree, slots)
        if main.inverse:
            body = Binary("/", fraction(_times(factor.numerator, above), None), body)
            factor, above = factor._replace(numerator=None), None
        printed = tuple(n if slot else 1 for n, slot in zip(shape[first:], slots, strict=True))
    tree = over(factor, scaled_by(above, body), below)
    tender = bool(core.soft) and _begins_with(tree, core.soft)
    return Shown(tree, printed, soft=soft, negative=factor.negative, tender=tender)


def _stays_soft(drafts: Sequence[Draft], dtype: str, *, divided: bool) -> bool:
    """Whether a product of narrower factors is one itself.

    Quotients and means of integers are floats, sums of conditions are integers.
    """
    if not drafts or not all(draft.soft for draft in drafts):
        return False
    if dtype == "float" and divided:
        return False
    return dtype != "int" or not any(draft.summed for draft in drafts)


def _mean(draft: Draft, coefficient: sp.Expr, sizes: dict[int, Dim]) -> tuple[Draft, sp.Expr]:
    """A sum divided by the number of its terms is a mean."""
    tree = draft.tree
    if not draft.summed or not isinstance(tree, Call) or tree.function != "sum":
        return draft, coefficient
    count = product(sizes[label] for label in draft.summed)
    rest = coefficient * count
    if is_one(count) or not _divides(count, coefficient, rest):
        return draft, coefficient
    mean = Call("mean", tree.arguments, tree.keywords)
    return draft._replace(tree=variance(mean) or mean, summed=()), rest


def _divides(count: Dim, whole: sp.Expr, rest: sp.Expr) -> bool:
    if isinstance(count, int):
        return bool(count > 1 and abs(rest) == 1) if rest.is_number else False
    before, after = sp.denom(whole).free_symbols, sp.denom(rest).free_symbols
    return bool(count.free_symbols <= before and not count.free_symbols & after)


def _hardened(
    main: Draft | None, drafts: list[Draft], dtype: str
) -> tuple[Draft | None, list[Draft]]:
    """One factor in the data type of the result, which the others then take."""

    def hard(draft: Draft) -> Draft:
        return draft._replace(tree=hardened(draft.tree, dtype), soft=False)

    if main is not None:
        return hard(main), drafts
    return None, [hard(drafts[0]), *drafts[1:]]


def _begins_with(tree: Tree, soft: frozenset[int]) -> bool:
    """Whether a sign in front of a product would meet one of these factors."""
    while tree.digest not in soft:
        if isinstance(tree, (Attribute, Index)):
            tree = tree.value
        elif isinstance(tree, Scaled) or (isinstance(tree, Binary) and tree.operator in "*/@"):
            tree = tree.children[0]
        else:
            return False
    return True


def hardened(tree: Tree, dtype: str) -> Tree:
    """A tree in another data type."""
    return Method(tree, "astype", (Text(dtype),))


def _product(drafts: Iterable[Draft]) -> Tree | None:
    """A product in an author's order, equal factors as powers."""
    counts = Counter(draft.tree for draft in drafts)
    powers = [reduce(product_tree, [tree] * count) for tree, count in counts.items()]
    powers.sort(key=author_key)
    return reduce(partial(product_tree, ordered=True), powers) if powers else None


def scaled_by(scalar: Tree | None, body: Tree | None) -> Tree | None:
    """A scalar before something; simple ones lose their brackets."""
    if scalar is None or body is None:
        return body if scalar is None else scalar
    return Scaled(scalar, body) if _is_plain(scalar) else Binary("*", scalar, body)


def _is_plain(tree: Tree) -> bool:
    return isinstance(tree, (Number, Name)) or (
        isinstance(tree, Binary)
        and tree.operator in ("*", "/")
        and _is_plain(tree.left)
        and _is_plain(tree.right)
    )


def over(factor: Factor, body: Tree | None, below: Tree | None) -> Tree:
    """``numerator * body / denominator`` with the denominators of both kinds together."""
    if body is None:
        under = _times(factor.denominator, below)
        return fraction(factor.numerator, under)
    if factor.numerator is not None and factor.denominator is not None and below is None:
        return Scaled(fraction(factor.numerator, factor.denominator), body)
    if factor.numerator is not None:
        body = Scaled(factor.numerator, body)
    under = _times(factor.denominator, below)
    return body if under is None else Binary("/", body, under)


def _times(left: Tree | None, right: Tree | None) -> Tree | None:
    if left is None or right is None:
        return right if left is None else left
    return Binary("*", left, right)


def signed(shown: Shown) -> Tree:
    """The tree with its sign, which never meets a condition: ``-((x > 0) * y)``."""
    if not shown.negative:
        return shown.tree
    return Unary("-", Group(shown.tree) if shown.tender else shown.tree)


def moved_sign(shown: Shown) -> Shown:
    """A sign put into the number that a product begins with: ``-2 * x``."""
    if not shown.negative:
        return shown
    tree = _negative(shown.tree, _FIRST_FACTORS)
    return shown if tree is None else shown._replace(tree=tree, negative=False)


def _negative(tree: Tree, depth: int) -> Tree | None:
    """Minus a product that begins with a number; None for any other."""
    if isinstance(tree, Number):
        return Unary("-", tree)
    if not depth or not isinstance(tree, (Scaled, Binary)):
        return None
    if isinstance(tree, Scaled):
        head = _negative(tree.factor, depth - 1)
        return None if head is None else Scaled(head, tree.body)
    if tree.operator not in ("*", "/", "@"):
        return None
    head = _negative(tree.left, depth - 1)
    return None if head is None else Binary(tree.operator, head, tree.right)


def shape_slots(printed: Sequence[Dim], shape: Sequence[Dim]) -> list[bool] | None:
    """Which axes a printed shape has, where only axes of size 1 are missing; else None."""
    missing = len(shape) - len(printed)
    if any(not is_one(size) for size in shape[:missing]):
        return None
    if any(is_one(a) and not is_one(b) for a, b in zip(printed, shape[missing:], strict=True)):
        return None
    return [False] * missing + [True] * len(printed)
