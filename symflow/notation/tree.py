"""The tree of what is written: names, numbers, calls, operators, before it is text.

A tree is a display choice (sign, order, division, implicit broadcasting), so it is no node of the
graph.  Trees are immutable and may share parts; equality is by a structural digest, never by
descent, and everything here is iterative, so that depth is no matter.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

_WIDEST = 1 << 40
_NAMES = 24


@dataclass(frozen=True, slots=True, eq=False)
class Tree:
    """Base of all trees.

    Attributes:
        digest: equal for equal trees, within one process.
        width: about how many characters the text has (capped: shared parts count each time).
        names: the first names in it, by which an author orders terms and factors.
    """

    digest: int = field(init=False, repr=False)
    width: int = field(init=False, repr=False)
    names: str = field(init=False, repr=False)

    @property
    def children(self) -> "tuple[Tree, ...]":
        """The parts that are trees, in the order of the text."""
        return ()

    @property
    def word(self) -> str:
        """What the tree says beside its parts."""
        return ""

    @property
    def own_name(self) -> str:
        """What a tree without parts contributes to the names."""
        return ""

    def __post_init__(self) -> None:
        word, children = self.word, self.children
        width = len(word) + 2 + sum(child.width for child in children)
        code = hash((type(self).__name__, word, tuple(child.digest for child in children)))
        object.__setattr__(self, "digest", code)
        object.__setattr__(self, "width", min(width, _WIDEST))
        parts = [child.names for child in children if child.names]
        names = " ".join(parts) if children else self.own_name
        object.__setattr__(self, "names", names[:_NAMES])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tree) and self.digest == other.digest

    def __hash__(self) -> int:
        return self.digest

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.word}>"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Name(Tree):
    """A variable, a dimension, a constant by name; may be dotted."""

    text: str

    @property
    def word(self) -> str:
        """The name."""
        return self.text

    @property
    def own_name(self) -> str:
        """The name."""
        return self.text


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Number(Tree):
    """A literal that is not negative, as it is written."""

    text: str

    @property
    def word(self) -> str:
        """The digits."""
        return self.text


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Text(Tree):
    """A string literal: subscripts, a data type."""

    value: str

    @property
    def word(self) -> str:
        """The literal with its quotes."""
        return repr(self.value)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Sequence(Tree):
    """A tuple ``(a, b)`` or, with bracket ``"["``, a list."""

    items: tuple[Tree, ...]
    bracket: str = "("

    @property
    def children(self) -> tuple[Tree, ...]:
        """The items."""
        return self.items

    @property
    def word(self) -> str:
        """The opening bracket."""
        return self.bracket


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Slice(Tree):
    """``start:stop:step`` in an index, each part or None."""

    start: Tree | None = None
    stop: Tree | None = None
    step: Tree | None = None

    @property
    def children(self) -> tuple[Tree, ...]:
        """The bounds that are written."""
        return tuple(part for part in (self.start, self.stop, self.step) if part is not None)

    @property
    def word(self) -> str:
        """Which bounds are written."""
        return "".join("-" if part is None else ":" for part in (self.start, self.stop, self.step))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Unary(Tree):
    """A sign before an operand."""

    operator: str
    operand: Tree

    @property
    def children(self) -> tuple[Tree, ...]:
        """The operand."""
        return (self.operand,)

    @property
    def word(self) -> str:
        """The sign."""
        return self.operator


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Binary(Tree):
    """Two operands with ``+ - * / // % @ **`` between them."""

    operator: str
    left: Tree
    right: Tree

    @property
    def children(self) -> tuple[Tree, ...]:
        """Left and right."""
        return (self.left, self.right)

    @property
    def word(self) -> str:
        """The operator."""
        return self.operator


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Scaled(Tree):
    """A scalar times something: ``factor * body``, where ``2 * (A @ x)`` may lose its brackets."""

    factor: Tree
    body: Tree

    @property
    def children(self) -> tuple[Tree, ...]:
        """Factor and body."""
        return (self.factor, self.body)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Compare(Tree):
    """A comparison of two operands."""

    operator: str
    left: Tree
    right: Tree

    @property
    def children(self) -> tuple[Tree, ...]:
        """Left and right."""
        return (self.left, self.right)

    @property
    def word(self) -> str:
        """The sign of comparison."""
        return self.operator


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Call(Tree):
    """A function by name on arguments, the last of them by keyword."""

    function: str
    arguments: tuple[Tree, ...]
    keywords: tuple[tuple[str, Tree], ...] = ()

    @property
    def children(self) -> tuple[Tree, ...]:
        """The arguments, keywords last."""
        return (*self.arguments, *(value for _, value in self.keywords))

    @property
    def word(self) -> str:
        """The function and the names of the keywords."""
        return ",".join((self.function, *(name for name, _ in self.keywords)))

    def keyword(self, name: str) -> Tree | None:
        """The argument given by a keyword, if it is."""
        return next((value for key, value in self.keywords if key == name), None)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Method(Tree):
    """A method called on a value: ``A.reshape(m, n)``."""

    value: Tree
    name: str
    arguments: tuple[Tree, ...] = ()

    @property
    def children(self) -> tuple[Tree, ...]:
        """The value and the arguments."""
        return (self.value, *self.arguments)

    @property
    def word(self) -> str:
        """The name of the method."""
        return f".{self.name}("


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Attribute(Tree):
    """An attribute of a value: ``A.T``."""

    value: Tree
    name: str

    @property
    def children(self) -> tuple[Tree, ...]:
        """The value."""
        return (self.value,)

    @property
    def word(self) -> str:
        """The name of the attribute."""
        return f".{self.name}"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Index(Tree):
    """``value[key, key]``; keys are slices, integers, ``None`` or ``...`` (as names)."""

    value: Tree
    keys: tuple[Tree, ...]

    @property
    def children(self) -> tuple[Tree, ...]:
        """The value and the keys."""
        return (self.value, *self.keys)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Group(Tree):
    """Brackets that stay, so that a part reads the same in two places."""

    value: Tree

    @property
    def children(self) -> tuple[Tree, ...]:
        """What the brackets hold."""
        return (self.value,)


def transposed(tree: Tree) -> Tree:
    """``tree.T``; the transpose of a transpose is the tree itself."""
    if isinstance(tree, Attribute) and tree.name == "T":
        return tree.value
    return Attribute(tree, "T")


def call(function: str, *arguments: Tree, **keywords: Tree) -> Call:
    """A call written as it is made.

    >>> python_text(call("sum", Name("x"), axis=Number("0")), prefix="jnp.")
    'jnp.sum(x, axis=0)'
    """
    return Call(function, arguments, tuple(keywords.items()))


def nodes_of(tree: Tree) -> Iterator[Tree]:
    """The distinct trees below a tree and itself, each once."""
    seen: set[int] = set()
    stack = [tree]
    while stack:
        node = stack.pop()
        if node.digest not in seen:
            seen.add(node.digest)
            yield node
            stack.extend(node.children)


# Python's precedence, loosest first
_LOWEST, _COMPARE, _SUM, _PRODUCT, _SIGN, _POWER, _ATOM = 0, 4, 9, 10, 11, 12, 14
_BINDING = {"+": _SUM, "-": _SUM, "**": _POWER}
_PRODUCTS = frozenset({"*", "/", "@"})
_Pieces = list["str | tuple[Tree, int]"]


def python_text(
    tree: Tree, prefix: "str | Callable[[str], str]" = "", *, exact: bool = False
) -> str:
    """A tree as a Python expression.

    Args:
        tree: what to write.
        prefix: what stands before the names of functions, as ``"jnp."``, or a function that
            gives the full name of each.
        exact: keep the order of evaluation of the tree.  Otherwise a sign or a scalar factor
            stands before a product without brackets, as on paper: ``2 * A @ x``.

    >>> x = Binary("*", Name("a"), Binary("+", Name("b"), Unary("-", Name("c"))))
    >>> python_text(Attribute(x, "T"))
    '(a * (b + -c)).T'
    """
    writer = _Writer(prefix, exact=exact)
    out: list[str] = []
    stack: _Pieces = [(tree, _LOWEST)]
    while stack:
        piece = stack.pop()
        if isinstance(piece, str):
            out.append(piece)
            continue
        node, least = piece
        pieces = writer.pieces(node)
        if writer.binding(node) < least:
            pieces = ["(", *pieces, ")"]
        stack.extend(reversed(pieces))
    return "".join(out)


class _Writer:
    """How each kind of tree is written: strings, and parts with the binding they need."""

    def __init__(self, prefix: "str | Callable[[str], str]", *, exact: bool) -> None:
        self.named = prefix if callable(prefix) else lambda name: f"{prefix}{name}"
        self.exact = exact

    def binding(self, tree: Tree) -> int:
        """How tightly the outermost sign of a tree holds its operands."""
        match tree:
            case Binary(operator=operator):
                return _BINDING.get(operator, _PRODUCT)
            case Scaled():
                return _PRODUCT
            case Unary(operand=operand):
                return _PRODUCT if self._is_product(operand) else _SIGN
            case Compare():
                return _COMPARE
            case Slice():
                return _LOWEST
        return _ATOM

    def _is_product(self, tree: Tree) -> bool:
        """Whether a sign or factor may stand before this without brackets."""
        if self.exact:
            return False
        if isinstance(tree, Scaled):
            return True
        return isinstance(tree, Binary) and tree.operator in _PRODUCTS

    def pieces(self, tree: Tree) -> _Pieces:
        """The text of a tree in pieces."""
        match tree:
            case Name() | Number() | Text():
                return [tree.word]
            case Binary():
                return self._binary(tree)
            case Scaled(factor=factor, body=body):
                least = _PRODUCT if self._is_product(body) else _POWER
                return [(factor, self._left(factor, "*")), " * ", (body, least)]
            case Unary(operator=operator, operand=operand):
                least = _PRODUCT if self._is_product(operand) else _SIGN
                return [operator, (operand, least)]
            case Compare(operator=operator, left=left, right=right):
                return [(left, _COMPARE + 1), f" {operator} ", (right, _COMPARE + 1)]
            case Attribute(value=value, name=name):
                return [(value, _ATOM), f".{name}"]
        return self._bracketed(tree)

    def _binary(self, tree: Binary) -> _Pieces:
        operator, left, right = tree.operator, tree.left, tree.right
        if operator == "**":
            return [(left, _ATOM), " ** ", (right, _SIGN)]
        if operator in ("+", "-"):
            return [(left, _SUM), f" {operator} ", (right, _PRODUCT)]
        return [(left, self._left(left, operator)), f" {operator} ", (right, _POWER)]

    def _left(self, left: Tree, operator: str) -> int:
        """Entry by entry and matrix products side by side are told apart by brackets."""
        if isinstance(left, Binary) and left.operator not in ("**", "+", "-"):
            alike = (left.operator == "@") == (operator == "@")
            return _PRODUCT if alike or operator == "/" else _ATOM
        if isinstance(left, Unary) and self.binding(left) == _PRODUCT:
            inner = left.operand
            return self._left(inner, operator) if isinstance(inner, Binary) else _PRODUCT
        return _PRODUCT

    def _bracketed(self, tree: Tree) -> _Pieces:
        match tree:
            case Call(function=function, arguments=arguments, keywords=keywords):
                items: list[_Pieces] = [[(item, _LOWEST)] for item in arguments]
                items += [[f"{name}=", (value, _LOWEST)] for name, value in keywords]
                return [self.named(function), "(", *_joined(items), ")"]
            case Method(value=value, name=name, arguments=arguments):
                items = [[(item, _LOWEST)] for item in arguments]
                return [(value, _ATOM), f".{name}(", *_joined(items), ")"]
            case Index(value=value, keys=keys):
                return [(value, _ATOM), "[", *_joined([[(key, _LOWEST)] for key in keys]), "]"]
            case Sequence(items=parts, bracket=bracket):
                inner = _joined([[(item, _LOWEST)] for item in parts])
                comma = "," if bracket == "(" and len(parts) == 1 else ""
                return [bracket, *inner, comma, ")" if bracket == "(" else "]"]
            case Group(value=value):
                return ["(", (value, _LOWEST), ")"]
            case Slice(start=start, stop=stop, step=step):
                bounds: _Pieces = [_bound(start), ":", _bound(stop)]
                return bounds if step is None else [*bounds, ":", _bound(step)]
        raise TypeError(f"{type(tree).__name__} is no tree that can be written")


def _bound(part: Tree | None) -> "str | tuple[Tree, int]":
    return "" if part is None else (part, _LOWEST)


def _joined(items: list[_Pieces]) -> _Pieces:
    pieces: _Pieces = []
    for number, item in enumerate(items):
        if number:
            pieces.append(", ")
        pieces.extend(item)
    return pieces
