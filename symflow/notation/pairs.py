"""How the forms of a contraction are written, with what each costs in operators.

A draft is a tree with its bill: the operators in it, each counted once, and a surcharge that ranks
forms of equally many operators by how an author would choose.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from typing import NamedTuple

from symflow.notation.forms import MOST_PERMUTED, Form, Labels, forms, orders
from symflow.notation.names import MOVE
from symflow.notation.tree import Attribute, Binary, Index, Method, Number, Text, Tree, call
from symflow.notation.views import (
    Piece,
    aligned,
    broadcast,
    einsum_call,
    reordered,
    summed,
)

_WIDENED = 0.03  # X @ (s * (X.T @ y)) rather than (X * (X.T @ y)) @ s
_NEW_AXIS = 0.1  # x[:, None] is free for a computer, not for a reader
_MANY_AXES = 0.3  # an einsum is easier to read
_ROW_VECTOR = 1.05  # A.T @ x rather than x @ A
_NESTED = 0.02  # A @ B @ C rather than A @ (B @ C), X @ (Y @ w) rather than X @ Y @ w
_COMPOUND = 0.04  # A @ S @ A.T rather than A @ (A @ S).T
_STACKED = 0.15  # stacks of matrices
_INNER_EINSUM = 0.5  # an einsum as operand of anything else
_SQUARE = 1.05  # sum((X @ w - y) ** 2) rather than a long part twice
_SPLIT_POWER = 0.5  # sum(x ** 3) rather than x @ x ** 2
_EINSUM_FLAT = 0.3  # with ranks above 2 there is seldom anything better
_EINSUM_MATRIX = 0.6  # with matrices alone a transpose or two are better

_MATRIX = 2  # the rank of a matrix


class Draft(NamedTuple):
    """A tree for some operands with the order of its axes.

    Attributes:
        tree: what is written; for ``inverse`` the denominator alone.
        operators: digests of the operators in it.
        surcharge: added to the number of operators.
        inverse: whether the value is one over the tree.
        soft: whether the tree has a narrower data type than the value (a bool to be a float).
        parts: for an einsum its operands, so that it can be merged into a larger one.
        matrices: for a product of matrices and a vector, how many matrices stand before it.
        summed: for a sum over axes, the labels of these.
    """

    tree: Tree
    operators: frozenset[int]
    surcharge: float = 0.0
    inverse: bool = False
    soft: bool = False
    parts: tuple[tuple["Draft", Labels], ...] = ()
    matrices: int = 0
    summed: Labels = ()


class Writer:
    """Writes forms; knows what is printed elsewhere and the data type of the result."""

    def __init__(self, dtype: str = "float", printed: Callable[[int], bool] | None = None) -> None:
        self.dtype = dtype
        self.printed = printed

    def cost(self, draft: Draft) -> float:
        """The cost of a draft."""
        if self.printed is None:
            return draft.surcharge + len(draft.operators)
        return draft.surcharge + sum(not self.printed(digest) for digest in draft.operators)

    def apply(self, form: Form, left: Draft, right: Draft) -> Draft:
        """A form written with its operands, which stand in the orders that it asks for."""
        if left.soft and right.soft:
            left = self.hard(left)
        if form.kind == "einsum":
            return self.einsum([(left, form.left), (right, form.right)], form.order)
        if form.kind in ("product", "sum"):
            return self._entrywise(form, left, right)
        left, right = self.upright(left), self.upright(right)
        if form.kind == "matmul":
            return self._matmul(form, left, right)
        if form.kind == "dot":
            return self._dot(left, right)
        if form.kind == "outer":
            return self.called("outer", left, right)
        product = self._made(Binary("@", left.tree, right.tree), left, right)
        return self.called("trace" if form.kind == "trace" else "diag", product)

    def hard(self, draft: Draft) -> Draft:
        """A draft whose tree has the data type of the result."""
        if not draft.soft:
            return draft
        tree = Method(draft.tree, "astype", (Text(self.dtype),))
        return self._made(tree, draft._replace(soft=False))

    def upright(self, draft: Draft) -> Draft:
        """A draft that is no denominator."""
        if not draft.inverse:
            return draft
        return self._made(Binary("/", Number("1"), draft.tree), draft._replace(inverse=False))

    def reorder(self, draft: Draft, labels: Labels, wanted: Labels) -> Draft:
        """A draft with its axes in another order."""
        if draft.parts and labels != wanted:
            return self.einsum(draft.parts, wanted)
        tree = reordered(draft.tree, labels, wanted)
        if tree is draft.tree:
            return draft
        made = self._made(tree, draft) if tree.digest not in draft.operators else draft
        extra = _COMPOUND * bool(draft.operators)
        surcharge = made.surcharge + extra
        return made._replace(tree=tree, surcharge=surcharge, parts=(), matrices=0, summed=())

    def total(self, draft: Draft, labels: Labels, kept: Sequence[int]) -> Draft:
        """The sum over the axes that are not kept."""
        axes = [axis for axis, label in enumerate(labels) if label not in kept]
        if not axes:
            return draft
        draft = self.upright(draft)
        tree = summed(draft.tree, axes, len(labels))
        if draft.tree not in tree.children:
            draft = draft._replace(operators=draft.operators - {draft.tree.digest})
        made = self._made(tree, draft)
        return made._replace(summed=tuple(labels[axis] for axis in axes))

    def times(self, left: Draft, right: Draft, *, ordered: bool = False) -> Draft:
        """The product entry by entry; denominators stay below the line."""
        if left.inverse and not right.inverse:
            left, right = right, left
        if right.inverse and not left.inverse:
            return self._made(Binary("/", left.tree, right.tree), left, right)
        made = self._multiplied(left, right, ordered=ordered)
        return made._replace(inverse=left.inverse)

    def _multiplied(self, left: Draft, right: Draft, *, ordered: bool) -> Draft:
        """A flat product: ``A * x * y`` rather than ``x * (A * y)``."""
        spent: list[Tree] = []
        factors = [*self._factors(left, spent), *self._factors(right, spent)]
        if not ordered:
            factors.sort(key=factor_key)
        made = self._made(Binary("*", left.tree, right.tree), left, right)
        operators = set(made.operators) - {made.tree.digest} - {tree.digest for tree in spent}
        counts = Counter(factors)
        product: Tree | None = None
        for base, count in counts.items():
            power = reduce(product_tree, [base] * count)
            if count > 1:
                operators.add(power.digest)
            if product is None:
                product = power
            else:
                product = Binary("*", product, power)
                operators.add(product.digest)
        assert product is not None
        return made._replace(tree=product, operators=frozenset(operators))

    def _factors(self, draft: Draft, spent: list[Tree]) -> list[Tree]:
        """The factors of a product, those of powers each; ``spent`` are the operators lost."""
        factors: list[Tree] = []
        stack = [draft.tree]
        while stack:
            tree = stack.pop()
            own = tree.digest in draft.operators and not (
                self.printed and self.printed(tree.digest)
            )
            if own and isinstance(tree, Binary) and tree.operator == "*":
                spent.append(tree)
                stack += [tree.right, tree.left]
            elif own and isinstance(tree, Binary) and tree.operator == "**":
                base, power = _base(tree)
                factors += [base] * power
                spent += [tree] * (power > 1)
            else:
                factors.append(tree)
        return factors

    def called(self, name: str, *drafts: Draft) -> Draft:
        """A function of drafts that costs one operator."""
        upright = [self.upright(draft) for draft in drafts]
        return self._made(call(name, *(draft.tree for draft in upright)), *upright)

    def einsum(self, operands: Iterable[tuple[Draft, Labels]], order: Labels) -> Draft:
        """One einsum over the operands, those of inner einsums among them."""
        flat: list[tuple[Draft, Labels]] = []
        for draft, labels in operands:
            flat.extend(draft.parts or [(self.upright(draft), labels)])
        if all(draft.soft for draft, _ in flat):
            flat[0] = (self.hard(flat[0][0]), flat[0][1])
        first = max((labels for _, labels in flat), key=len)
        flat.sort(
            key=lambda part: (-len(part[1]), author_key(part[0].tree), _among(part[1], first))
        )
        tree = einsum_call([Piece(draft.tree, labels) for draft, labels in flat], order)
        made = self._made(tree, *(draft for draft, _ in flat))
        extra = einsum_surcharge([labels for _, labels in flat], order)
        surcharge = extra + sum(draft.surcharge for draft, _ in flat)
        return made._replace(surcharge=surcharge, parts=tuple(flat))

    def _entrywise(self, form: Form, left: Draft, right: Draft) -> Draft:
        every = form.order if form.kind == "product" else form.inner
        left = self._broadcast(left, form.left, every)
        right = self._broadcast(right, form.right, every)
        made = self.times(left, right)
        if form.kind == "product":
            return made
        return self.total(made, every, form.order)

    def _broadcast(self, draft: Draft, labels: Labels, every: Labels) -> Draft:
        if len(labels) == len(every):
            return draft
        missing = aligned(labels, every).count(False)
        if not missing:
            return draft._replace(surcharge=draft.surcharge + _WIDENED)
        tree = broadcast(Piece(draft.tree, labels), every)
        extra = missing * (_NEW_AXIS if len(every) <= MOST_PERMUTED else _MANY_AXES)
        return draft._replace(tree=tree, surcharge=draft.surcharge + extra)

    def _matmul(self, form: Form, left: Draft, right: Draft) -> Draft:
        made = self._made(Binary("@", left.tree, right.tree), left, right)
        to_vector = len(form.right) == 1
        extra = _NESTED * _is_matmul(left.tree if to_vector else right.tree)
        if len(form.left) == 1:
            extra += _ROW_VECTOR
        if not to_vector and max(len(form.left), len(form.right)) > _MATRIX:
            extra += _STACKED
        chained = 1 + right.matrices if to_vector and len(form.left) == _MATRIX else 0
        return made._replace(surcharge=made.surcharge + extra, matrices=chained)

    def _dot(self, left: Draft, right: Draft) -> Draft:
        """``x @ A @ y``: between two vectors the brackets may go, the work stays the same."""
        swapped = factor_key(right.tree) < factor_key(left.tree)
        if (left.matrices and not right.matrices) or (not right.matrices and swapped):
            left, right = right, left
        head, tail, operators = left.tree, right.tree, left.operators | right.operators
        (a, p), (b, q) = _base(head), _base(tail)
        power = 0.0
        if a == b:
            power = _SPLIT_POWER if p + q > 2 else _SQUARE * (not is_simple(a))
        for _ in range(0 if left.matrices else right.matrices):
            if not isinstance(tail, Binary) or tail.digest in left.operators:
                break
            if self.printed is not None and self.printed(tail.digest):
                break
            head, gone, tail = Binary("@", head, tail.left), tail, tail.right
            operators = (operators | {head.digest}) - {gone.digest}
        part = Draft(head, operators, left.surcharge + right.surcharge + power)
        return self._made(Binary("@", head, tail), part)

    def _made(self, tree: Tree, *drafts: Draft) -> Draft:
        """A draft of one more operator on top of others."""
        operators = frozenset((tree.digest,)).union(*(draft.operators for draft in drafts))
        surcharge = sum(d.surcharge + _INNER_EINSUM * bool(d.parts) for d in drafts)
        return Draft(
            tree,
            operators,
            surcharge,
            inverse=len(drafts) == 1 and drafts[0].inverse,
            soft=all(draft.soft for draft in drafts),
        )


def _among(labels: Labels, first: Labels) -> Labels:
    """Where labels stand in those of the first operand, which orders equal operands."""
    return tuple(first.index(n) if n in first else len(first) for n in labels)


def einsum_surcharge(operands: Sequence[Labels], order: Labels) -> float:
    """What an einsum costs beyond one operator."""
    matrices = max(len(order), *(len(labels) for labels in operands)) <= _MATRIX
    count = len(operands) - 1
    extra = _EINSUM_MATRIX + count if matrices else _EINSUM_FLAT
    return extra + max(0, count - 1) + (not order)


def product_tree(left: Tree, right: Tree, *, ordered: bool = False) -> Tree:
    """``left * right``, equal factors as a power; put in order unless they are."""
    (a, p), (b, q) = _base(left), _base(right)
    if a == b:
        return Binary("**", a, Number(str(p + q)))
    if not ordered and factor_key(right) < factor_key(left):
        left, right = right, left
    return Binary("*", left, right)


def factor_key(tree: Tree) -> tuple[bool, bool, tuple[bool, str, int]]:
    """The order of factors that commute: simple ones first, ``y * (X @ w)``; differentials last."""
    return tree.names.startswith(MOVE), not is_simple(tree), author_key(tree)


def is_simple(tree: Tree) -> bool:
    """Whether a tree is a name, perhaps transposed or with new axes."""
    while isinstance(tree, (Attribute, Index)):
        tree = tree.value
    return not tree.children


def _base(tree: Tree) -> tuple[Tree, int]:
    if isinstance(tree, Binary) and tree.operator == "**" and isinstance(tree.right, Number):
        digits = tree.right.text
        if digits.isdigit():
            return tree.left, int(digits)
    return tree, 1


def _is_matmul(tree: Tree) -> bool:
    return isinstance(tree, Binary) and tree.operator == "@"


def author_key(tree: Tree) -> tuple[bool, str, int]:
    """The order in which an author names factors: by the first names in them, short ones first."""
    return not isinstance(tree, Number), tree.names, tree.width


def join(
    left: Piece,
    right: Piece,
    output: Labels,
    dtype: str = "float",
) -> Tree:
    """The contraction of two pieces in the best notation for their orders of axes.

    Every label of the output must be held by a piece, and none may repeat; diagonals, broadcasts
    and sizes of 1 are views, see :func:`symflow.notation.views.view`.

    Args:
        left: a tree and the labels of its axes.
        right: another.
        output: labels of the result.
        dtype: data type of the result.

    >>> from symflow.notation.tree import Name, python_text
    >>> A, B = Piece(Name("A"), (1, 0)), Piece(Name("B"), (1, 2))
    >>> python_text(join(A, B, (0, 2)))
    'A.T @ B'
    >>> python_text(join(Piece(Name("u"), (0,)), Piece(Name("v"), (1,)), (0, 1)))
    'outer(u, v)'
    """
    writer = Writer(dtype)
    best: Draft | None = None
    for one, two in ((left, right), (right, left)):
        lefts, rights = variants(writer, one), variants(writer, two)
        given = (tuple(sorted(labels)) for labels in (one.labels, two.labels, output))
        for form in forms(*given):
            if form.left not in lefts or form.right not in rights:
                continue
            draft = writer.apply(form, lefts[form.left], rights[form.right])
            draft = writer.reorder(draft, form.order, output)
            if best is None or writer.cost(draft) < writer.cost(best):
                best = draft
    assert best is not None
    return best.tree


def variants(writer: Writer, piece: Piece) -> dict[Labels, Draft]:
    """A piece in every order of axes worth writing."""
    draft = Draft(piece.tree, frozenset())
    given = [piece.labels, *orders(tuple(sorted(piece.labels)))]
    return {order: writer.reorder(draft, piece.labels, order) for order in given}
