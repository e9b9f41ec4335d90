"""Code of an operation given as a Python expression: ``"{0}.astype({dtype})"``, as a tree."""

import ast
import re
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
    Text,
    Tree,
    Unary,
)
from symflow.notation.tree import Sequence as TupleTree

_HOLE = re.compile(r"\{(\w+)\}")
_OPERATORS: Mapping[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.MatMult: "@",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}


def filled(template: str, holes: Mapping[str, Tree]) -> Tree:
    """A template with trees in its holes.

    >>> from symflow.notation.tree import python_text
    >>> python_text(filled("jnp.where({0} > 0, {0}, {a})", {"0": Name("x"), "a": Number("2")}))
    'jnp.where(x > 0, x, 2)'
    """
    return _tree(_parsed(template), holes)


@lru_cache(maxsize=256)
def _parsed(template: str) -> ast.expr:
    return ast.parse(_HOLE.sub(r"_hole_\1", template), mode="eval").body


def _tree(node: ast.expr, holes: Mapping[str, Tree]) -> Tree:
    match node:
        case ast.Name(id=name):
            return holes[name[6:]] if name.startswith("_hole_") else Name(name)
        case ast.Constant(value=str() as text):
            return Text(text)
        case ast.Constant(value=value):
            return Number(repr(value)) if type(value) in (int, float) else Name(repr(value))
        case ast.Attribute(value=value, attr=name):
            return _attribute(_tree(value, holes), name)
        case ast.Call(func=function, args=arguments, keywords=keywords):
            called = _tree(function, holes)
            given = tuple(_tree(argument, holes) for argument in arguments)
            named = tuple((k.arg or "", _tree(k.value, holes)) for k in keywords)
            return _called(called, given, named)
        case ast.Tuple(elts=items):
            return TupleTree(tuple(_tree(item, holes) for item in items))
        case ast.Subscript(value=value, slice=key):
            return Index(_tree(value, holes), (_tree(key, holes),))
    return _operator(node, holes)


def _operator(node: ast.expr, holes: Mapping[str, Tree]) -> Tree:
    match node:
        case ast.BinOp(left=left, op=operator, right=right):
            return Binary(_OPERATORS[type(operator)], _tree(left, holes), _tree(right, holes))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return Unary("-", _tree(operand, holes))
        case ast.Compare(left=left, ops=[operator], comparators=[right]):
            return Compare(_OPERATORS[type(operator)], _tree(left, holes), _tree(right, holes))
    raise ValueError(f"a template may not hold {ast.unparse(node)!r}")


def _attribute(value: Tree, name: str) -> Tree:
    return Name(f"{value.word}.{name}") if isinstance(value, Name) else Attribute(value, name)


def _called(function: Tree, given: tuple[Tree, ...], named: tuple[tuple[str, Tree], ...]) -> Tree:
    if isinstance(function, Name):
        return Call(function.word, given, named)
    if isinstance(function, Attribute) and not named:
        return Method(function.value, function.name, given)
    raise ValueError("a template may call functions by name, and methods without keywords")
