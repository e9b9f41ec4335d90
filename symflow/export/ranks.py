"""The rank of every part of a formula, from the ranks of its names."""

from collections.abc import Callable, Mapping, Sequence

from symflow.notation.tree import (
    Attribute,
    Binary,
    Call,
    Compare,
    Group,
    Index,
    Method,
    Name,
    Scaled,
    Slice,
    Text,
    Tree,
    Unary,
)
from symflow.notation.tree import (
    Sequence as Items,
)

Ranks = Mapping[int, int]
_REDUCTIONS = frozenset(
    {"sum", "mean", "max", "min", "prod", "all", "any", "special.logsumexp", "linalg.norm"}
)
_FIXED = {"eye": 2, "outer": 2, "arange": 1}


def ranks_of(order: Sequence[Tree], of_name: Callable[[str], int]) -> dict[int, int]:
    """The rank of each tree, by digest.

    Args:
        order: trees, each after its parts.
        of_name: the rank of a name.
    """
    ranks: dict[int, int] = {}
    for tree in order:
        ranks[tree.digest] = _rank(tree, ranks, of_name)
    return ranks


def _rank(tree: Tree, ranks: Ranks, of_name: Callable[[str], int]) -> int:
    match tree:
        case Name(text=text):
            return of_name(text)
        case Method(value=Index(value=Attribute(name="at", value=value))):
            return ranks[value.digest]
        case Binary(operator="@", left=left, right=right):
            return _product(ranks[left.digest], ranks[right.digest])
        case Binary() | Scaled() | Compare() | Unary() | Group() | Attribute():
            return max(ranks[part.digest] for part in tree.children)
        case Method(name="reshape", arguments=arguments):
            return len(arguments)
        case Method(value=value):
            return ranks[value.digest]
        case Index(value=value, keys=keys):
            return _indexed(value, keys, ranks)
        case Call():
            return _called(tree, ranks)
        case Items(items=items, bracket=bracket):
            return 1 + max((ranks[item.digest] for item in items), default=0) * (bracket == "[")
    return 0


def _product(left: int, right: int) -> int:
    if left == 1 or right == 1:
        return left + right - 2
    return max(left, right)


def _indexed(value: Tree, keys: Sequence[Tree], ranks: Ranks) -> int:
    rank = ranks[value.digest]
    if isinstance(value, Call) and value.function in ("linalg.slogdet", "linalg.eigh"):
        lost = 2 if value.function == "linalg.slogdet" else int(keys[0].word == "0")
        return ranks[value.arguments[0].digest] - lost
    if isinstance(value, Call) and value.function == "linalg.qr":
        return ranks[value.arguments[0].digest]
    positions = [ranks[key.digest] for key in keys if not isinstance(key, Slice)]
    fresh = sum(1 for key in keys if key.word == "None")
    return rank - len(positions) + 2 * fresh + max(positions, default=0)


def _called(tree: Call, ranks: Ranks) -> int:
    name, arguments = tree.function, tree.arguments
    first = ranks[arguments[0].digest] if arguments else 0
    if name in _FIXED:
        return _FIXED[name]
    if name in _REDUCTIONS:
        return _reduced(tree, first)
    if name in ("ones", "zeros", "full"):
        return len(arguments[0].children)
    if name == "broadcast_to":
        return len(arguments[1].children)
    if name == "einsum" and isinstance(arguments[0], Text):
        return len(arguments[0].value.partition("->")[2])
    if name in ("trace", "linalg.det"):
        return first - 2
    if name == "diag":
        return 3 - first
    if name in ("concatenate", "stack"):
        return max(ranks[item.digest] for item in arguments[0].children) + (name == "stack")
    if name in ("array", "transpose"):
        return first
    return max((ranks[part.digest] for part in arguments), default=0)


def _reduced(tree: Call, rank: int) -> int:
    axis = tree.keyword("axis")
    if tree.keyword("keepdims") is not None:
        return rank
    if axis is None:
        return 0
    return rank - (len(axis.items) if isinstance(axis, Items) else 1)
