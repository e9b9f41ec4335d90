"""Layers of a program as loops: when ``sf.lower`` rolls them, and from which expressions.

Readable forms differ from layer to layer, as authors' formulas do; what a derivative was before it
was tidied does not.  So derivatives remember what they were made from.
"""

from collections.abc import Sequence

from symflow.core import Tensor, postorder, transform
from symflow.errors import LoweringError
from symflow.lowering.rolling import Rolled, rolled

_KEY = "swept"
_SHORTEST = 100  # nodes of an expression that may have layers
_FEWEST = 4  # layers of a loop
_LONGEST = 5000  # operations one after the other that XLA compiles
# Nodes that loops spare. Below, compiling what is written line by line takes no longer, and where
# parameters are stacked, a step may take twice as long: layers of few nodes compile quickly.
_WORTH = 400
_WORTH_STACKING = 1500
_WORTH_STACKING_SMALL = 10_000
_SMALL = 20  # nodes of a layer


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


def checked(roll: object) -> bool | None:
    """Whether layers are rolled; None where that depends.

    Raises:
        LoweringError: for anything but True, False and ``"auto"``.
    """
    if roll is True or roll is False:
        return bool(roll)
    if roll == "auto":
        return None
    raise LoweringError(f"roll is True, False or 'auto', not {roll!r}")


def layered(roots: Sequence[Tensor], *, roll: bool | None) -> Rolled:
    """Expressions with their layers in loops, where that is asked for or pays."""
    plain = Rolled(tuple(roots))
    if roll is False or (roll is None and len(postorder(roots)) < _WORTH):
        return plain
    found = rolled(swept(roots), _FEWEST)
    if not found.scans or not (roll or _pays(plain, found)):
        return plain
    return found


def _pays(plain: Rolled, found: Rolled) -> bool:
    sizes = [len(postorder(scan.outputs)) for scan in found.scans]
    spared = sum((scan.count - 1) * n for scan, n in zip(found.scans, sizes, strict=True))
    bound = _WORTH
    if any(scan.stacks for scan in found.scans):
        bound = _WORTH_STACKING if max(sizes) >= _SMALL else _WORTH_STACKING_SMALL
    return spared >= bound or _height(plain.roots) > _LONGEST


def _height(roots: Sequence[Tensor]) -> int:
    """How many operations stand one after the other."""
    heights: dict[Tensor, int] = {}
    for node in postorder(roots):
        heights[node] = 1 + max((heights[operand] for operand in node.operands), default=-1)
    return max(heights.values(), default=0)
