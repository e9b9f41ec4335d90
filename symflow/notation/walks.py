"""Walks over trees: parts first, and rebuilding with other parts; nothing recursive."""

from collections.abc import Callable, Iterable

from symflow.notation.tree import (
    Attribute,
    Binary,
    Call,
    Compare,
    Group,
    Index,
    Method,
    Scaled,
    Sequence,
    Slice,
    Tree,
    Unary,
)


def parts_first(trees: Iterable[Tree]) -> list[Tree]:
    """The distinct parts of trees and these themselves, each after its own parts."""
    seen: set[int] = set()
    order: list[Tree] = []
    stack = [(tree, False) for tree in reversed(list(trees))]
    while stack:
        node, ready = stack.pop()
        if ready:
            order.append(node)
        elif node.digest not in seen:
            seen.add(node.digest)
            stack.append((node, True))
            stack.extend((child, False) for child in reversed(node.children))
    return order


def rebuilt(tree: Tree, parts: tuple[Tree, ...]) -> Tree:
    """The same kind of tree with other parts, given in the order of ``children``."""
    match tree:
        case Sequence(bracket=bracket):
            return Sequence(parts, bracket)
        case Slice(start=start, stop=stop, step=step):
            rest = iter(parts)
            return Slice(*(None if bound is None else next(rest) for bound in (start, stop, step)))
        case Unary(operator=operator):
            return Unary(operator, *parts)
        case Binary(operator=operator):
            return Binary(operator, *parts)
        case Compare(operator=operator):
            return Compare(operator, *parts)
        case Scaled() | Group():
            return type(tree)(*parts)
    return _rebuilt_call(tree, parts)


def _rebuilt_call(tree: Tree, parts: tuple[Tree, ...]) -> Tree:
    match tree:
        case Call(function=function, arguments=arguments, keywords=keywords):
            count = len(arguments)
            named = zip(keywords, parts[count:], strict=True)
            return Call(function, parts[:count], tuple((key, part) for (key, _), part in named))
        case Method(name=name):
            return Method(parts[0], name, parts[1:])
        case Attribute(name=name):
            return Attribute(parts[0], name)
        case Index():
            return Index(parts[0], parts[1:])
    return tree


def transformed(trees: Iterable[Tree], change: Callable[[Tree], Tree]) -> list[Tree]:
    """Trees rebuilt from the leaves up.

    Args:
        trees: what to rebuild.
        change: called on every tree once its parts are final.
    """
    given = list(trees)
    done: dict[int, Tree] = {}
    for tree in parts_first(given):
        parts = tuple(done[part.digest] for part in tree.children)
        same = all(a is b for a, b in zip(parts, tree.children, strict=True))
        done[tree.digest] = change(tree if same else rebuilt(tree, parts))
    return [done[tree.digest] for tree in given]
