"""The syntax tree of a formula: what was written, before any tensor is built.

Nodes are immutable, compare by identity and print one line, so that a tree of any depth is safe to
hold, to compare and to show; `outline` writes the whole of it. The position of a node is where a
message about it points: the operator of an operation, the name of a name.

>>> from symflow.language import outline, parse_tree
>>> tree = parse_tree("t = X @ w; sum((t - y)**2, axis=0)")
>>> [assignment.name for assignment in tree.assignments]
['t']
>>> outline(tree.result)
'sum((** (- t y) 2), axis=0)'
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import EllipsisType
from typing import Literal, NamedTuple, TypeAlias

__all__ = [
    "Assignment",
    "Attribute",
    "Binary",
    "Call",
    "Compare",
    "Constant",
    "Index",
    "Keyword",
    "ListNode",
    "Module",
    "Name",
    "Node",
    "Number",
    "Position",
    "Slice",
    "String",
    "SyntaxName",
    "TupleNode",
    "Unary",
    "children",
    "outline",
    "walk",
]

SyntaxName: TypeAlias = Literal["numpy", "blackboard"]


class Position(NamedTuple):
    """A place in the text: characters from its start, and line and column counted from 1."""

    offset: int
    line: int
    column: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Placed:
    position: Position

    def __repr__(self) -> str:
        return f"<{type(self).__name__} at {self.position.line}:{self.position.column}>"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Number(_Placed):
    """A number as it was typed; `text` keeps every digit."""

    text: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Name(_Placed):
    """A name, dotted or plain: `w`, `encoder.W`, `np.linalg.inv`; also `X.T`, split when built."""

    text: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Constant(_Placed):
    """`True`, `False`, `None` or `...`."""

    value: bool | EllipsisType | None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class String(_Placed):
    """Text between quotes: subscripts of einsum, a data type."""

    value: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Unary(_Placed):
    """A sign, a negation `~`, or the transpose `'`, which stands behind its operand."""

    operator: str
    operand: "Node"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Binary(_Placed):
    """An operation on two operands."""

    operator: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Compare(_Placed):
    """A chain of comparisons `a < b <= c`: every neighbouring pair must hold."""

    operators: tuple[str, ...]
    operands: tuple["Node", ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Keyword(_Placed):
    """An argument given by name, `axis=0`."""

    name: str
    value: "Node"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Call(_Placed):
    """A function `linalg.inv(A)` or a method `(A @ B).sum(axis=0)` with its arguments."""

    function: "Name | Attribute"
    arguments: tuple["Node", ...]
    keywords: tuple[Keyword, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Attribute(_Placed):
    """An attribute of something that is not itself a name: `(A @ B).T`."""

    value: "Node"
    name: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Slice(_Placed):
    """`start:stop:step` in an index; what was left out is None."""

    start: "Node | None"
    stop: "Node | None"
    step: "Node | None"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Index(_Placed):
    """`value[key]`; several keys are one `TupleNode`."""

    value: "Node"
    key: "Node"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TupleNode(_Placed):
    """`(a, b)`, and several formulas side by side, `a, b`."""

    items: tuple["Node", ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ListNode(_Placed):
    """`[a, b]`."""

    items: tuple["Node", ...]


Node: TypeAlias = (
    Number
    | Name
    | Constant
    | String
    | Unary
    | Binary
    | Compare
    | Call
    | Attribute
    | Slice
    | Index
    | TupleNode
    | ListNode
)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Assignment(_Placed):
    """A line `t1 = ...` before the formula."""

    name: str
    value: Node


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Module(_Placed):
    """A whole text: assignments, then one formula; with the text, for the carets of messages."""

    assignments: tuple[Assignment, ...]
    result: Node
    text: str
    syntax: SyntaxName


def children(node: Node) -> tuple[Node, ...]:
    """Return the operands of a node, in the order of the text."""
    match node:
        case Unary(operand=operand):
            return (operand,)
        case Binary(left=left, right=right):
            return (left, right)
        case Attribute(value=value):
            return (value,)
        case Index(value=value, key=key):
            return (value, key)
        case Compare(operands=items) | TupleNode(items=items) | ListNode(items=items):
            return items
        case Slice(start=start, stop=stop, step=step):
            return tuple(part for part in (start, stop, step) if part is not None)
        case Call(function=function, arguments=arguments, keywords=keywords):
            base = (function.value,) if isinstance(function, Attribute) else ()
            return base + arguments + tuple(keyword.value for keyword in keywords)
        case _:
            return ()


def walk(*roots: Node) -> Iterator[Node]:
    """Yield every node below and including `roots`, operands before what uses them."""
    stack = [(root, False) for root in reversed(roots)]
    while stack:
        node, opened = stack.pop()
        if opened:
            yield node
            continue
        stack.append((node, True))
        stack.extend((child, False) for child in reversed(children(node)))


def outline(node: Node) -> str:
    """Write a tree on one line: operations as `(+ a b)`, calls as `f(a, k=b)`, at any depth."""
    written: list[str] = []
    stack: list[str | Node] = [node]
    while stack:
        part = stack.pop()
        if isinstance(part, str):
            written.append(part)
        else:
            stack.extend(reversed(_pieces(part)))
    return "".join(written)


def _pieces(node: Node) -> list["str | Node"]:
    match node:
        case Number(text=text) | Name(text=text):
            return [text]
        case Constant(value=value):
            return ["..." if value is ... else repr(value)]
        case String(value=text):
            return [f'"{text}"']
        case Unary(operator=operator) | Binary(operator=operator):
            return ["(", *_joined(" ", [operator, *children(node)]), ")"]
        case Attribute(value=value, name=name):
            return [value, f".{name}"]
        case Index(value=value, key=key):
            return [value, "[", key, "]"]
        case _:
            return _listed(node)


def _listed(node: Compare | Slice | TupleNode | ListNode | Call) -> list["str | Node"]:
    match node:
        case TupleNode(items=items):
            return ["(", *_joined(", ", items), ",)" if len(items) == 1 else ")"]
        case ListNode(items=items):
            return ["[", *_joined(", ", items), "]"]
        case Compare(operators=signs, operands=(first, *rest)):
            pairs = zip(signs, rest, strict=True)
            return [
                "(",
                first,
                *(piece for sign, item in pairs for piece in (f" {sign} ", item)),
                ")",
            ]
        case Slice(start=start, stop=stop, step=step):
            bounds = (start, stop, step) if step is not None else (start, stop)
            return _joined(":", ["" if part is None else part for part in bounds])
        case Call(function=function, arguments=arguments, keywords=keywords):
            named: list[str | Node] = []
            for key in keywords:
                named += [", ", f"{key.name}=", key.value]
            named = named if arguments else named[1:]
            return [*_pieces(function), "(", *_joined(", ", arguments), *named, ")"]
    raise AssertionError(node)


def _joined(separator: str, items: "Sequence[str | Node]") -> list["str | Node"]:
    pieces = [piece for item in items for piece in (separator, item)]
    return pieces[1:]
