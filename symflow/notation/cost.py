"""How many operators a formula has: equal parts count once, identities and ones are free."""

from collections.abc import Iterable

from symflow.notation.tree import (
    Attribute,
    Binary,
    Call,
    Compare,
    Method,
    Name,
    Number,
    Scaled,
    Tree,
    Unary,
)

_FREE = frozenset({"eye", "ones", "zeros", "ones_like", "zeros_like", "identity"})
_LAYOUT = frozenset({"reshape", "broadcast_to", "expand_dims"})
_HIDDEN = frozenset({"axis", "keepdims", "shape", "dtype"})


def operator_count(trees: Iterable[Tree]) -> int:
    """The distinct operators of formulas that are shown together.

    >>> x = Name("x")
    >>> operator_count([Binary("+", Binary("@", x, x), Binary("@", x, x))])
    2
    """
    seen: set[int] = set()
    stack = list(trees)
    count = 0
    while stack:
        tree = stack.pop()
        if tree.digest not in seen:
            seen.add(tree.digest)
            weight, parts = _weight(tree)
            count += weight
            stack.extend(parts)
    return count


def _weight(tree: Tree) -> tuple[int, tuple[Tree, ...]]:
    match tree:
        case Binary() | Scaled() | Compare():
            return 1, tree.children
        case Unary(operand=operand):
            return (0 if isinstance(operand, Number) else 1), (operand,)
        case Attribute():
            return 1, tree.children
        case Method(name=name, value=value):
            return (0 if name in _LAYOUT else 1), (value,)
        case Call(function=name, arguments=arguments, keywords=keywords):
            named = tuple(value for key, value in keywords if key not in _HIDDEN)
            if name in _FREE:
                return 0, ()
            if name == "einsum":
                return max(1, len(arguments) - 2), arguments[1:]
            if name in _LAYOUT:
                return 0, arguments[:1]
            return 1, (*arguments, *named)
        case Name():
            return 0, ()
    return 0, tree.children
