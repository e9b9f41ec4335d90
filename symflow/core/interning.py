"""Interning: equal nodes are one object, held weakly, found by key.

A key holds the node's class, parameters and operands; operands are interned already, so a key
hashes and compares by identity.  Structural digests are 64-bit numbers that do not depend on the
process (no string hash enters), so that orders built on them are reproducible.
"""

import sys
import threading
import weakref
from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b
from typing import Any, TypeVar

import sympy as sp

Key = tuple[Any, ...]
_WORD = 1 << 60
Node = TypeVar("Node")


class _Reference(weakref.ref[Any]):
    """A weak reference that remembers its key, so that a dead entry removes itself."""

    __slots__ = ("key",)
    key: Key

    def __new__(cls, node: object, callback: Callable[[Any], None], key: Key) -> "_Reference":
        self = super().__new__(cls, node, callback)
        self.key = key
        return self

    def __init__(self, node: object, callback: Callable[[Any], None], key: Key) -> None:
        super().__init__(node, callback)  # type: ignore[call-arg]  # typeshed has only __new__


_TABLE: dict[Key, _Reference] = {}
_LOCK = threading.RLock()


def _forget(reference: Any, ending: Callable[[], bool] = sys.is_finalizing) -> None:
    if ending():  # SymPy's floats no longer hash while the interpreter shuts down
        return
    key = reference.key
    with _LOCK:  # between the two steps another thread may enter a new node under this key
        if _TABLE.get(key) is reference:
            del _TABLE[key]


def lookup(key: Key) -> Any:
    """The living node with this key, or None."""
    reference = _TABLE.get(key)
    return None if reference is None else reference()


def register(key: Key, node: Node) -> Node:
    """Enter a new node; when another thread was first, its node is returned instead."""
    with _LOCK:
        present: Node | None = lookup(key)
        if present is not None:
            return present
        _TABLE[key] = _Reference(node, _forget, key)
    return node


def living() -> int:
    """How many interned nodes are alive (for tests and memory figures)."""
    return len(_TABLE)


@lru_cache(maxsize=65536)
def text_digest(text: str) -> int:
    """A 61-bit number for a text, the same in every process."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") >> 3


@lru_cache(maxsize=65536)
def _expression_digest(value: sp.Basic) -> int:
    return text_digest(sp.srepr(value))


def _integer_digest(tag: int, value: int) -> int:
    """A number for an integer: Python's own hash takes -1 for -2 and 2**61 for 1."""
    if -_WORD < value < _WORD:
        return hash((tag, value < 0, abs(value)))
    return hash((tag, text_digest(hex(value))))


def digest(value: Any) -> int:
    """A process-independent number for parameters: numbers, texts, SymPy scalars, tuples."""
    kind = type(value)
    if kind is str:
        return text_digest(value)
    if kind is tuple:
        return hash(tuple(map(digest, value)))
    if kind is int:
        return _integer_digest(7, value)
    if isinstance(value, sp.Basic):
        return _sympy_digest(value)
    return _digest_of_others(value)


@lru_cache(maxsize=65536)
def sizes_digest(sizes: tuple[Any, ...]) -> int:
    """The digest of a shape, remembered: few shapes serve many nodes."""
    return digest(sizes)


def _sympy_digest(value: sp.Basic) -> int:
    own = getattr(value, "digest", None)
    if own is not None:
        node: int = own
        return node
    if value.is_Rational:
        return hash((_integer_digest(13, value.p), _integer_digest(17, value.q)))
    return _expression_digest(value)


def _digest_of_others(value: Any) -> int:
    if isinstance(value, bool):
        return 3 + value
    if value is None:
        return 5
    if isinstance(value, (frozenset, set)):
        return hash((19, *sorted(map(digest, value))))
    own = getattr(value, "digest", None)
    return own if isinstance(own, int) else text_digest(f"{type(value).__name__} {value!r}")


def typed(value: Any) -> Any:
    """A key part that keeps ``1``, ``True`` and ``1.0`` apart."""
    if isinstance(value, tuple):
        return tuple(map(typed, value))
    return value if isinstance(value, (str, sp.Basic)) else (type(value), value)
