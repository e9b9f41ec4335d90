"""Over which numbers an expression is: the laws of the catalogue are those of real numbers."""

from symflow.core import Tensor, dtypes
from symflow.core.walk import postorder

_CACHE = "complex"


def holds_complex(node: Tensor) -> bool:
    """Whether any part of an expression is complex; asked once of every node.

    >>> from symflow.core import vector
    >>> z = vector("z", "n", dtype="complex")
    >>> holds_complex(z @ z), holds_complex(vector("x", "n"))
    (True, False)
    """
    found = _known(node)
    if found is not None:
        return found
    for part in postorder([node], stop=_is_known):
        if not _is_known(part):
            _note(part)
    return bool(_known(node))


def _known(node: Tensor) -> bool | None:
    if dtypes.kind(node.dtype) == "complex":
        return True
    if not node.operands:
        return False
    return None if node.cache is None else node.cache.get(_CACHE)


def _is_known(node: Tensor) -> bool:
    return _known(node) is not None


def _note(node: Tensor) -> None:
    if node.cache is None:
        node.cache = {}
    node.cache[_CACHE] = any(_known(operand) for operand in node.operands)
