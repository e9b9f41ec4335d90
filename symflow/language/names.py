"""What a dotted name means: which part names a value or a function, and what follows it."""

from collections.abc import Callable, Container
from typing import NamedTuple

from symflow.language.syntax import Call, Module, Name, Node, SyntaxName, walk
from symflow.language.vocabulary import ALIASES, ATTRIBUTES, CONSTANTS, METHODS, MODULES, SEARCHED

__all__ = ["Split", "dotted_base", "free_names", "function_key", "split_known", "without_module"]


class Split(NamedTuple):
    """A dotted name in two: the name of a value, and the attributes read from it."""

    base: str
    rest: tuple[str, ...]


def split_known(dotted: str, is_known: Callable[[str], bool]) -> Split | None:
    """Split off the longest known name: `encoder.W.T` is the T of `encoder.W`.

    >>> split_known("encoder.W.T", {"encoder.W"}.__contains__)
    Split(base='encoder.W', rest=('T',))
    """
    parts = dotted.split(".")
    for count in range(len(parts), 0, -1):
        base = ".".join(parts[:count])
        if is_known(base):
            return Split(base, tuple(parts[count:]))
    return None


def without_module(dotted: str) -> str | None:
    """Return a name without the module in front of it; None where no module is named.

    >>> without_module("jax.nn.softmax"), without_module("np.linalg.inv"), without_module("exp")
    ('nn.softmax', 'linalg.inv', None)
    """
    split = split_known(dotted, MODULES.__contains__)
    if split is None or not split.rest:
        return None
    section = MODULES[split.base]
    return ".".join([section, *split.rest] if section else split.rest)


def function_key(dotted: str, functions: Container[str], syntax: SyntaxName) -> str | None:
    """Return the name under which a function is known; None where it is not.

    >>> function_key("inv", {"linalg.inv"}, "numpy"), function_key("tr", {"trace"}, "blackboard")
    ('linalg.inv', 'trace')
    """
    full = without_module(dotted)
    if full is not None:
        return full if full in functions else None
    name = dotted if dotted in functions else ALIASES[syntax].get(dotted, dotted)
    sections = SEARCHED if "." not in name else ("",)
    keys = (f"{section}.{name}" if section else name for section in sections)
    return next((key for key in keys if key in functions), None)


def dotted_base(dotted: str) -> Split:
    """Split a name that nothing is known of: what follows the name is what has a meaning there.

    >>> dotted_base("encoder.W.T")
    Split(base='encoder.W', rest=('T',))
    """
    if "." not in dotted:
        return Split(dotted, ())
    first, *rest = dotted.split(".")
    vocabulary = ATTRIBUTES | METHODS
    count = next((i for i, part in enumerate(rest) if part in vocabulary), len(rest))
    return Split(".".join([first, *rest[:count]]), tuple(rest[count:]))


def free_names(tree: Module) -> tuple[str, ...]:
    """Return the names that a formula needs values for, in the order of the text.

    Functions, constants and names assigned before are not among them.

    >>> from symflow.language import parse_tree
    >>> free_names(parse_tree("r = X @ w - y; r.T @ r / n + np.pi * encoder.b.sum()"))
    ('X', 'w', 'y', 'n', 'encoder.b')
    """
    assigned: set[str] = set()
    found: dict[str, None] = {}
    parts = [(item.name, item.value) for item in tree.assignments]
    for name, root in [*parts, ("", tree.result)]:
        used = [base for node in walk(root) if (base := _used(node)) is not None]
        used.sort(key=lambda base: base.position)
        found.update(dict.fromkeys(base.text for base in used if base.text not in assigned))
        assigned.add(name)
    return tuple(found)


def _used(node: Node) -> Name | None:
    """Return the name of a value that a node reads, if it reads one by name."""
    name = node.function if isinstance(node, Call) else node
    if not isinstance(name, Name) or without_module(name.text) is not None:
        return None
    base, rest = dotted_base(name.text)
    if isinstance(node, Call) and (not rest or base in SEARCHED):
        return None
    return None if base in CONSTANTS else Name(name.position, base)
