"""What is known about the values of a node: positive, symmetric, diagonal ...

Inferred from declared properties through every operation, by tables; cached on the nodes.  A fact
holds wherever the node is defined (NaN excepted).  Unknown means no.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp

from symflow.core import Add, Apply, Constant, Einsum, Scalar, Tensor, Variable, dtypes
from symflow.core.properties import closure
from symflow.core.walk import postorder

Facts = frozenset[str]
_NONE: Facts = frozenset()
_CACHE = "facts"


def has(node: Tensor, name: str) -> bool:
    """Whether a fact is known to hold for a node.

    >>> from symflow.core import vector
    >>> from symflow.ops.elementwise import exp
    >>> has(exp(vector("x", "n")), "positive")
    True
    """
    return name in facts(node)


def facts(node: Tensor) -> Facts:
    """All facts known about a node."""
    cache = node.cache
    if cache is not None and _CACHE in cache:
        known: Facts = cache[_CACHE]
        return known
    for part in postorder([node], stop=_is_known):
        if not _is_known(part):
            if part.cache is None:
                part.cache = {}
            part.cache[_CACHE] = _inferred(part)
    assert node.cache is not None
    result: Facts = node.cache[_CACHE]
    return result


def _is_known(node: Tensor) -> bool:
    return node.cache is not None and _CACHE in node.cache


def _inferred(node: Tensor) -> Facts:
    if isinstance(node, Variable):
        return closure(node.properties)
    return _NONE
