"""Layers of a program as loops: when ``sf.lower`` rolls them, and from which expressions.

Readable forms differ from layer to layer, as authors' formulas do; what a derivative was before it
was tidied does not.  So derivatives remember what they were made from.
"""

from collections.abc import Mapping, Sequence

from symflow.api.outlay import Outlay
from symflow.core import Tensor, postorder, transform
from symflow.errors import LoweringError
from symflow.lowering.rolling import Rolled, rolled

_KEY = "swept"
_SHORTEST = 100  # nodes of an expression that may have layers
_FEWEST = 4  # layers of a loop
_LONGEST = 5000  # operations one after the other that XLA compiles
_WORTH = 400  # nodes; below, what is written line by line compiles quickly


def remember(nodes: Sequence[Tensor], forms: Sequence[Tensor]) -> None:
    """Note the forms of expressions in which their layers look alike, where they may have some."""
    if len(postorder(nodes)) < _SHORTEST:
        return
    for node, form in zip(nodes, forms, strict=True):
        if node is not form and node.operands:
            if node.cache is None:
                node.cache = {}
            node.cache[_KEY] = form


def swept(roots: Sequence[Tensor]) -> list[Tensor]:
    """The expressions with all that is remembered in the form in which layers look alike."""
    reached = postorder(roots, stop=lambda node: _form(node) is not None)
    found = {node: form for node in reached if (form := _form(node)) is not None}
    return transform(roots, lambda node: None, found) if found else list(roots)


def _form(node: Tensor) -> Tensor | None:
    return None if node.cache is None else node.cache.get(_KEY)


Roll = bool | str  # False, True, "auto", "scan", "calls"


def checked(roll: object) -> Roll:
    """How layers are rolled.

    Raises:
        LoweringError: for anything but True, False, ``"auto"``, ``"scan"`` and ``"calls"``.
    """
    if roll is True or roll is False:
        return bool(roll)
    if isinstance(roll, str) and roll in ("auto", "scan", "calls"):
        return roll
    raise LoweringError(f"roll is True, False, 'auto', 'scan' or 'calls', not {roll!r}")


def layered(
    roots: Sequence[Tensor], *, roll: Roll, sizes: Mapping[str, int] | None = None
) -> Rolled:
    """Expressions with their layers in loops, where that is asked for or pays.

    Args:
        roots: the expressions.
        roll: how, see :func:`checked`.
        sizes: typical sizes of dimensions, by name.
    """
    plain = Rolled(tuple(roots))
    if roll is False or (roll == "auto" and len(postorder(roots)) < _WORTH):
        return plain
    found = rolled(swept(roots), _FEWEST)
    if not found.scans or roll == "scan":
        return found if found.scans else plain
    called = found.called()
    if roll == "calls":
        return called
    ways = [found, called]
    if roll == "auto" and _height(plain.roots) <= _LONGEST:
        ways.append(plain)
    return min(ways, key=Outlay(sizes).seconds)


def _height(roots: Sequence[Tensor]) -> int:
    """How many operations stand one after the other."""
    heights: dict[Tensor, int] = {}
    for node in postorder(roots):
        heights[node] = 1 + max((heights[operand] for operand in node.operands), default=-1)
    return max(heights.values(), default=0)
