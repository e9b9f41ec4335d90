"""Shapes of the unknown names of a formula, as far as the formula decides them.

A formula is read as its author most likely meant it: the two sides of a sum, a difference or an
elementwise product have one shape, and where a product leaves a choice, a name in lower case is a
vector (or, in front of a `*` on the blackboard, a number) and a name in upper case a matrix. What
is still open is left out, and nothing is said of shapes that disagree: building says that better.
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import NamedTuple, TypeAlias

from symflow.language.names import dotted_base, free_names
from symflow.language.syntax import (
    Attribute,
    Binary,
    Call,
    Compare,
    Module,
    Name,
    Node,
    Number,
    Unary,
    walk,
)

__all__ = ["infer_shapes"]

_PASSES = 20  # over the tree, each in both directions

_REDUCING = frozenset(
    {"det", "logdet", "logsumexp", "max", "mean", "min", "norm", "prod", "std", "sum", "tr"}
    | {"trace", "var"}
)
_SQUARE = frozenset({"cholesky", "det", "inv", "logdet", "tr", "trace"})
_KEEPING = frozenset(
    {"abs", "cholesky", "cos", "cosh", "erf", "exp", "expm1", "gammaln", "inv", "log", "log1p"}
    | {"log_softmax", "negative", "relu", "sigmoid", "sign", "sin", "sinh", "softmax", "softplus"}
    | {"sqrt", "square", "tan", "tanh"}
)
_PAIRING = frozenset({"maximum", "minimum", "where"})
_TRANSPOSED = (("T",), ("mT",))
_ELEMENTWISE = frozenset({"+", "-", ".*", "./", "&", "|"})


class _Hole:
    """A dimension that is not known yet; two that must agree are linked."""

    __slots__ = ("same",)

    def __init__(self) -> None:
        self.same: _Dim | None = None


_Dim: TypeAlias = str | int | _Hole


class _Shape(NamedTuple):
    dims: tuple[_Dim, ...]
    row: bool = False  # a transposed vector, on the blackboard


_SCALAR = _Shape(())


def infer_shapes(
    tree: Module, known: Mapping[str, tuple[str | int, ...]]
) -> dict[str, tuple[str | int, ...]]:
    """Return the shapes of the names that `known` does not have, where the formula decides them.

    Args:
        tree: A syntax tree of `parse_tree`.
        known: Shapes by name; a dimension is a number or a name.

    >>> from symflow.language import parse_tree
    >>> tree = parse_tree("norm(X*w - y)^2 + c*exp(z)", "blackboard")
    >>> infer_shapes(tree, {"X": ("n", "d")})
    {'w': ('d',), 'y': ('n',)}
    """
    inference = _Inference(tree, known)
    inference.run()
    found = {}
    for name in free_names(tree):
        shape = inference.shapes.get(name)
        dims = [_resolve(dim) for dim in shape.dims] if shape else []
        sure = tuple(dim for dim in dims if not isinstance(dim, _Hole))
        if shape is not None and name not in known and len(sure) == len(dims):
            found[name] = sure
    return found


class _Inference:
    """Shapes of nodes and of names, refined by passing over the tree until nothing changes."""

    def __init__(self, tree: Module, known: Mapping[str, tuple[str | int, ...]]) -> None:
        self.blackboard = tree.syntax == "blackboard"
        self.assignments = tree.assignments
        self.nodes = list(walk(*(item.value for item in tree.assignments), tree.result))
        self.shapes: dict[Node | str, _Shape] = {name: _Shape(dims) for name, dims in known.items()}
        self.changed = True

    def run(self) -> None:
        for _ in range(_PASSES):
            if not self.changed:
                break
            self.changed = False
            for node in self.nodes:
                self._relate(node)
            for item in self.assignments:
                self._same(item.name, item.value)
            for node in reversed(self.nodes):
                self._relate(node)

    def _get(self, node: Node | str) -> _Shape | None:
        return self.shapes.get(_key(node))

    def _put(self, node: Node | str, shape: _Shape | None) -> None:
        if shape is None:
            return
        key = _key(node)
        old = self.shapes.get(key)
        if old is None:
            self.shapes[key] = _Shape(shape.dims) if isinstance(key, str) else shape
            self.changed = True
        elif len(old.dims) == len(shape.dims):
            for one, other in zip(old.dims, shape.dims, strict=True):
                self._unify(one, other)

    def _unify(self, one: _Dim, other: _Dim) -> None:
        one, other = _resolve(one), _resolve(other)
        if one is other:
            return
        if isinstance(one, _Hole):
            one.same, self.changed = other, True
        elif isinstance(other, _Hole):
            other.same, self.changed = one, True

    def _same(self, one: Node | str, other: Node | str) -> None:
        self._put(one, self._get(other))
        self._put(other, self._get(one))

    def _relate(self, node: Node) -> None:
        match node:
            case Number():
                self._put(node, _SCALAR)
            case Name():
                self._transposed_name(node)
            case Unary(operator="'", operand=operand):
                self._transposed(node, operand)
            case Attribute(value=value, name="T" | "mT"):
                self._transposed(node, value)
            case Unary(operand=operand):
                self._same(node, operand)
            case Binary():
                self._binary(node)
            case Compare(operands=operands):
                for left, right in pairwise(operands):
                    self._elementwise(node, left, right)
            case Call():
                self._call(node)

    def _transposed_name(self, node: Name) -> None:
        base, rest = dotted_base(node.text)
        if rest in _TRANSPOSED:
            self._transposed(node, base)

    def _transposed(self, node: Node, operand: Node | str) -> None:
        self._put(node, self._turned(self._get(operand)))
        self._put(operand, self._turned(self._get(node)))

    def _turned(self, shape: _Shape | None) -> _Shape | None:
        if shape is None or len(shape.dims) > 2:
            return None
        vector = len(shape.dims) == 1
        return _Shape(shape.dims[::-1], vector and self.blackboard and not shape.row)

    def _binary(self, node: Binary) -> None:
        sign, left, right = node.operator, node.left, node.right
        if sign in _ELEMENTWISE:
            self._elementwise(node, left, right)
        elif sign == "@" or (sign == "*" and self.blackboard):
            self._product(node, left, right)
        elif sign == "/" and self.blackboard:
            self._put(right, _SCALAR)
            self._same(node, left)
        elif self._get(right) == _SCALAR:
            self._same(node, left)
        elif self._get(left) == _SCALAR:
            self._same(node, right)

    def _elementwise(self, node: Node, left: Node, right: Node) -> None:
        for one, other in ((left, right), (right, left)):
            shape = self._get(one)
            if shape == _SCALAR:
                self._same(node, other)
            elif shape is not None and self._get(other) is None:
                self._put(other, self._beside(shape, other))
            elif shape is not None and len(shape.dims) >= self._rank(other):
                self._put(node, shape)
                if len(shape.dims) == self._rank(other):
                    self._put(other, shape)

    def _beside(self, shape: _Shape, node: Node) -> _Shape | None:
        """Guess what stands on the other side of a sum from `shape`."""
        vector, turned = _vector(node)
        rank = len(shape.dims)
        if vector is None or vector == (rank == 1):
            return shape
        if vector and rank == 2 and (turned or not self.blackboard):
            return _Shape(shape.dims[-1:], row=self.blackboard)
        return None

    def _rank(self, node: Node) -> int:
        shape = self._get(node)
        return 99 if shape is None else len(shape.dims)

    def _product(self, node: Binary, left: Node, right: Node) -> None:
        one, other = self._get(left), self._get(right)
        if one == _SCALAR:
            self._same(node, right)
        elif other == _SCALAR:
            self._same(node, left)
        elif one is not None and other is not None:
            self._put(node, self._multiplied(one, other))
        elif one is not None:
            self._put(right, self._behind(one, right))
        elif other is not None:
            self._put(left, self._before(other, left, node.operator))

    def _behind(self, shape: _Shape, node: Node) -> _Shape | None:
        """Guess the right operand of a product from the shape of the left one."""
        vector, turned = _vector(node)
        if vector is None or len(shape.dims) > 2:
            return None
        if self.blackboard and len(shape.dims) == 1 and not shape.row:
            return _Shape((_Hole(),), row=True) if vector and turned else None
        if vector:
            return None if turned and self.blackboard else _Shape(shape.dims[-1:])
        return _Shape((shape.dims[-1], _Hole()))

    def _before(self, shape: _Shape, node: Node, sign: str) -> _Shape | None:
        """Guess the left operand of a product from the shape of the right one."""
        vector, turned = _vector(node)
        if vector is None or len(shape.dims) > 2:
            return None
        if shape.row:
            return _Shape((_Hole(),)) if vector and not turned else None
        if not vector:
            return _Shape((_Hole(), shape.dims[0]))
        number = sign == "*" and not turned
        return _SCALAR if number else _Shape(shape.dims[:1], row=self.blackboard)

    def _multiplied(self, left: _Shape, right: _Shape) -> _Shape | None:
        ranks = len(left.dims), len(right.dims)
        if max(ranks) > 2:
            return None
        if self.blackboard and ranks == (1, 1) and not left.row:
            return _Shape(left.dims + right.dims) if right.row else None
        self._unify(left.dims[-1], right.dims[0])
        dims = left.dims[:-1] + right.dims[1:]
        return _Shape(dims, row=self.blackboard and ranks == (1, 2))

    def _call(self, node: Call) -> None:
        owner = (node.function.value,) if isinstance(node.function, Attribute) else ()
        operands = owner + node.arguments
        text = node.function.text if isinstance(node.function, Name) else node.function.name
        name = text.rpartition(".")[2]
        if node.keywords:
            return
        if len(operands) == 1:
            shape = self._get(operands[0])
            if name in _SQUARE and shape is not None and len(shape.dims) == 2:
                self._unify(*shape.dims)
            if name in _KEEPING:
                self._same(node, operands[0])
        if len(operands) < 2 and name in _REDUCING:
            self._put(node, _SCALAR)
        if len(operands) > 1 and name in _PAIRING:
            self._elementwise(node, operands[-2], operands[-1])


def _key(node: Node | str) -> Node | str:
    if not isinstance(node, Name) or dotted_base(node.text).rest in _TRANSPOSED:
        return node
    return node.text


def _resolve(dim: _Dim) -> _Dim:
    while isinstance(dim, _Hole) and dim.same is not None:
        dim = dim.same
    return dim


def _vector(node: Node) -> tuple[bool | None, bool]:
    """Tell a vector from a matrix by the case of a name, else None; and whether transposed."""
    turned = isinstance(node, Unary) and node.operator == "'"
    name = node.operand if isinstance(node, Unary) and turned else node
    if not isinstance(name, Name):
        return None, turned
    base, rest = dotted_base(name.text)
    letter = base.rpartition(".")[2][:1]
    return (letter.islower() if rest in ((), *_TRANSPOSED) else None), turned or bool(rest)
