"""Interning: equal nodes are one object, held weakly, found by key.

A key holds the node's class, parameters and operands; operands are interned already, so keys
compare by identity.  Structural digests are 64-bit numbers that do not depend on the process (no
string hash enters), so that orders built on them are reproducible; nodes are found by them.
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
    """A weak reference that remembers key and code, so that a dead entry removes itself."""

    __slots__ = ("code", "key")
    code: int
    key: Key


# by code: hashing keys would hash SymPy's numbers and symbols again and again
_TABLE: dict[int, _Reference] = {}
# the nodes whose code another living node had first
_CLASHES: dict[Key, _Reference] = {}
_LOCK = threading.RLock()


def _forget(reference: Any, ending: Callable[[], bool] = sys.is_finalizing) -> None:
    if ending():  # SymPy's floats no longer hash while the interpreter shuts down
        return
    code, key = reference.code, reference.key
    with _LOCK:  # between the two steps another thread may enter a new node in this place
        if _TABLE.get(code) is reference:
            del _TABLE[code]
        elif _CLASHES and _CLASHES.get(key) is reference:
            del _CLASHES[key]


def lookup(key: Key, code: int | None = None) -> Any:
    """The living node with this key, or None.

    Args:
        key: what makes a node the one it is.
        code: a number that equal keys have in common (default: the hash of the key).
    """
    reference = _TABLE.get(hash(key) if code is None else code)
    if reference is not None and reference.key == key:
        return reference()
    if _CLASHES:
        reference = _CLASHES.get(key)
        return None if reference is None else reference()
    return None


def register(key: Key, node: Node, code: int | None = None) -> Node:
    """Enter a new node; when another thread was first, its node is returned instead."""
    reference = _Reference(node, _forget)
    reference.key = key
    reference.code = place = hash(key) if code is None else code
    with _LOCK:
        other = _TABLE.get(place)
        if other is None and not _CLASHES:
            _TABLE[place] = reference
            return node
        present: Node | None = lookup(key, place)
        if present is not None:
            return present
        if other is None or other() is None:
            _TABLE[place] = reference
        else:
            _CLASHES[key] = reference
    return node


def living() -> int:
    """How many interned nodes are alive (for tests and memory figures)."""
    return len(_TABLE) + len(_CLASHES)


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
    if value is sp.S.One:
        return _ONE
    if value is sp.S.NegativeOne:
        return _MINUS_ONE
    own = getattr(value, "digest", None)
    if own is not None:
        node: int = own
        return node
    return _rational_digest(value.p, value.q) if value.is_Rational else _expression_digest(value)


def _rational_digest(numerator: int, denominator: int) -> int:
    return hash((_integer_digest(13, numerator), _integer_digest(17, denominator)))


_ONE, _MINUS_ONE = _rational_digest(1, 1), _rational_digest(-1, 1)


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
