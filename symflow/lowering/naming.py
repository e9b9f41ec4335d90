"""Identifiers of a program: any name is legal, none clashes."""

import builtins
import keyword
import unicodedata
from collections.abc import Iterable

_RESERVED = frozenset(
    [
        *(*dir(builtins), *keyword.kwlist, *keyword.softkwlist),
        *("jnp", "np", "jax", "scipy", "math", "base64", "zlib", "program", "placed"),
        *("changed", "stacked", "layer_of", "anew", "matmul_bfloat16", "einsum_bfloat16"),
        *("matmul_float16", "einsum_float16"),
    ]
)


def identifier(name: str) -> str:
    """The name itself where Python takes it, else one like it.

    >>> identifier("w"), identifier("lambda"), identifier("encoder.W"), identifier("2nd try")
    ('w', 'lambda_', 'encoder_W', 'x2nd_try')
    """
    text = unicodedata.normalize("NFKC", name)
    text = "".join(c if f"x{c}".isidentifier() else "_" for c in text)
    if not text.isidentifier():
        text = f"x{text}"
    return f"{text}_" if text in _RESERVED or text.startswith("__") else text


class Names:
    """Hands out identifiers, each once."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)

    def of(self, name: str) -> str:
        """An identifier like a name; numbered where it is taken."""
        return self._free(identifier(name))

    def take(self, name: str) -> bool:
        """Take an identifier as it is; false where it is taken already."""
        free = name not in self._taken
        self._taken.add(name)
        return free

    def _free(self, wanted: str) -> str:
        candidate, number = wanted, 1
        while candidate in self._taken:
            number += 1
            candidate = f"{wanted}_{number}"
        self._taken.add(candidate)
        return candidate

    def numbered(self, prefix: str) -> "Numbered":
        """Identifiers ``prefix1``, ``prefix2``, ... that are free."""
        return Numbered(prefix, self)


class Numbered:
    """A series of identifiers."""

    def __init__(self, prefix: str, names: Names) -> None:
        self._prefix = prefix
        self._names = names
        self._count = 0

    def __iter__(self) -> "Numbered":
        return self

    def __next__(self) -> str:
        return self.next()

    def next(self) -> str:
        """The next free identifier of the series."""
        while True:
            self._count += 1
            name = f"{self._prefix}{self._count}"
            if self._names.take(name):
                return name
