"""From reductions of the grammar to nodes of the syntax tree, one method a rule.

The parser calls a method when it reduces its rule, with the values of the parts: no parse tree is
built first and nothing recurses.
"""

from typing import Any

from lark import Token, Transformer

from symflow.language.faults import Fault
from symflow.language.syntax import (
    Assignment,
    Attribute,
    Binary,
    Call,
    Compare,
    Constant,
    Index,
    Keyword,
    ListNode,
    Name,
    Node,
    Number,
    Slice,
    String,
    TupleNode,
    Unary,
)
from symflow.language.tokens import position_of

__all__ = ["TreeBuilder"]

_CONSTANTS = {"True": True, "False": False, "None": None, "...": ...}
_DOTS = 32  # names this deep are read as attributes: joining them is quadratic


class TreeBuilder(Transformer[Token, Node]):
    """The methods that the grammars name; tokens whose terminal begins with `_` are left out."""

    def start(self, parts: list[Any]) -> tuple[tuple[Assignment, ...], Node]:
        """Return the assignments and the formula."""
        return tuple(parts[:-1]), parts[-1]

    def assignment(self, parts: list[Any]) -> Assignment:
        """`name = value`."""
        name, _, value = parts
        return Assignment(position_of(name), str(name), value)

    def bare_tuple(self, parts: list[Any]) -> TupleNode:
        """`a, b` without brackets, which stands where its first item does."""
        return TupleNode(parts[0].position, tuple(parts))

    def attribute(self, parts: list[Any]) -> Name | Attribute:
        """`value.name`: a dotted name as long as only names are joined."""
        value, name = parts
        if isinstance(value, Name) and value.text.count(".") < _DOTS:
            return Name(value.position, f"{value.text}.{name}")
        return Attribute(position_of(name), value, str(name))

    def call(self, parts: list[Any]) -> Call:
        """`function(arguments)`, keywords last and each only once."""
        function, bracket, *given = parts
        if not isinstance(function, Name | Attribute):
            message = "what stands before this bracket is not the name of a function"
            number = function.text if isinstance(function, Number) else "..."
            hint = f"did you mean the product `{number}*(...)`?"
            raise Fault(position_of(bracket), message, hint)
        keywords = tuple(part for part in given if isinstance(part, Keyword))
        arguments = tuple(part for part in given if not isinstance(part, Keyword))
        for part in given[len(arguments) :]:
            if not isinstance(part, Keyword):
                raise Fault(part.position, "this argument needs a name: it follows a named one")
        seen: set[str] = set()
        for keyword in keywords:
            if keyword.name in seen:
                raise Fault(keyword.position, f"the argument '{keyword.name}' is given twice")
            seen.add(keyword.name)
        return Call(function.position, function, arguments, keywords)

    def keyword(self, parts: list[Any]) -> Keyword:
        """`name=value` among arguments."""
        name, _, value = parts
        return Keyword(position_of(name), str(name), value)

    def index(self, parts: list[Any]) -> Index:
        """`value[key]`."""
        value, bracket, key = parts
        return Index(position_of(bracket), value, key)

    def slicing(self, parts: list[Any]) -> Slice:
        """`start:stop:step`, told apart by the colons."""
        bounds: list[Node | None] = [None]
        for part in parts:
            if isinstance(part, Token):
                bounds.append(None)
            else:
                bounds[-1] = part
        colon = next(part for part in parts if isinstance(part, Token))
        start, stop, step = [*bounds, None][:3]
        return Slice(position_of(colon), start, stop, step)

    def name(self, parts: list[Token]) -> Name:
        """A name."""
        return Name(position_of(parts[0]), str(parts[0]))

    def number(self, parts: list[Token]) -> Number:
        """A number."""
        return Number(position_of(parts[0]), str(parts[0]))

    def string(self, parts: list[Token]) -> String:
        """A string; there are no escapes."""
        return String(position_of(parts[0]), str(parts[0])[1:-1])

    def constant(self, parts: list[Token]) -> Constant:
        """`True`, `False`, `None` or `...`."""
        return Constant(position_of(parts[0]), _CONSTANTS[parts[0]])

    def group(self, parts: list[Any]) -> Node:
        """`(value)` is the value."""
        value: Node = parts[1]
        return value

    def tuple_display(self, parts: list[Any]) -> TupleNode:
        """`(a, b)`, `(a,)` or `()`."""
        return TupleNode(position_of(parts[0]), tuple(parts[1:]))

    def list_display(self, parts: list[Any]) -> ListNode:
        """`[a, b]` or `[]`."""
        return ListNode(position_of(parts[0]), tuple(parts[1:]))

    def unary(self, parts: list[Any]) -> Unary:
        """A sign or `~` before an operand."""
        return Unary(position_of(parts[0]), str(parts[0]), parts[1])

    def transposed(self, parts: list[Any]) -> Unary:
        """`'` behind an operand."""
        return Unary(position_of(parts[1]), "'", parts[0])

    def binary(self, parts: list[Any]) -> Binary:
        """Two operands and the operator between them, which gives the place."""
        left, sign, right = parts
        return Binary(position_of(sign), str(sign), left, right)

    def exclusive(self, parts: list[Any]) -> Binary:
        """`^` in NumPy syntax: exclusive or, which with a number is surely meant as a power."""
        result = self.binary(parts)
        bare = result.right.operand if isinstance(result.right, Unary) else result.right
        if isinstance(bare, Number):
            raise Fault(
                result.position,
                "in NumPy syntax `^` is the exclusive or of conditions, not a power",
                "did you mean `**`?",
            )
        return result

    def compare(self, parts: list[Any]) -> Compare:
        """A chain of comparisons."""
        operators = tuple(str(sign) for sign in parts[1::2])
        return Compare(position_of(parts[1]), operators, tuple(parts[::2]))
