"""The verbs that rewrite: ``simplify`` and ``derivation``."""

from typing import Any

from symflow.rewriting.engine import normalise


def simplify(x: Any, goal: str = "readable") -> Any:
    """An equal expression in simpler form."""
    if isinstance(x, (tuple, list)):
        return type(x)(normalise(list(x)))
    return normalise([x])[0]
