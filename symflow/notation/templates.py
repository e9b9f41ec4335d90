"""Templates of operations (``"special.polygamma({order}, {0})"``) as trees."""

import ast
from collections.abc import Mapping
from functools import lru_cache

from symflow.notation.tree import (
    Attribute,
    Binary,
    Call,
    Compare,
    Index,
    Method,
    Name,
    Number,
    Sequence,
    Text,
    Tree,
    Unary,
)

_OPERATORS: Mapping[type, str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.MatMult: "@",
    ast.Pow: "**",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.USub: "-",
    ast.Invert: "~",
}
_HOLE = "_hole_"


def filled(template: str, values: Mapping[str, Tree]) -> Tree:
    """A template with trees in its holes.

    Args:
        template: a Python expression in which ``{0}`` is the first operand and ``{axis}`` the
            parameter of that name.
        values: what stands in each hole.

    >>> from symflow.notation.tree import python_text
    >>> x = Binary("+", Name("a"), Name("b"))
    >>> python_text(filled("{0} > {limit}", {"0": x, "limit": Number("2")}))
    'a + b > 2'
    """
    return _tree(_parsed(template), values)


@lru_cache(maxsize=256)
def _parsed(template: str) -> ast.expr:
    return ast.parse(template.replace("{", _HOLE).replace("}", ""), mode="eval").body


def _tree(node: ast.expr, values: Mapping[str, Tree]) -> Tree:
    """One node of a template; templates are a few nodes deep."""
    match node:
        case ast.Name(id=name):
            return values[name.removeprefix(_HOLE)] if name.startswith(_HOLE) else Name(name)
        case ast.Constant(value=str() as text):
            return Text(text)
        case ast.Constant(value=value):
            return Number(repr(value))
        case ast.BinOp(left=left, op=op, right=right):
            return Binary(_OPERATORS[type(op)], _tree(left, values), _tree(right, values))
        case ast.UnaryOp(op=op, operand=operand):
            return Unary(_OPERATORS[type(op)], _tree(operand, values))
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return Compare(_OPERATORS[type(op)], _tree(left, values), _tree(right, values))
    return _compound(node, values)


def _compound(node: ast.expr, values: Mapping[str, Tree]) -> Tree:
    match node:
        case ast.Call(func=func, args=args, keywords=keywords):
            arguments = tuple(_tree(item, values) for item in args)
            named = tuple((key.arg or "", _tree(key.value, values)) for key in keywords)
            if isinstance(func, ast.Attribute) and not _is_module(func.value):
                return Method(_tree(func.value, values), func.attr, arguments)
            return Call(ast.unparse(func), arguments, named)
        case ast.Attribute(value=value, attr=attr):
            return Attribute(_tree(value, values), attr)
        case ast.Subscript(value=value, slice=key):
            return Index(_tree(value, values), (_tree(key, values),))
        case ast.Tuple(elts=items):
            return Sequence(tuple(_tree(item, values) for item in items))
    raise ValueError(f"a template may not hold {type(node).__name__}: {ast.unparse(node)}")


def _is_module(node: ast.expr) -> bool:
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name) and not node.id.startswith(_HOLE)
