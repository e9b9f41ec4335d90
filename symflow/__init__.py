"""Symbolic tensor algebra: derive, simplify and export models, and run them compiled by JAX.

>>> import symflow as sf
>>> import symflow.numpy as snp
>>> n, d = sf.dims("n d")
>>> X, w, y = sf.matrix("X", n, d), sf.vector("w", d), sf.vector("y", n)
>>> residual = X @ w - y
>>> residual.shape, sf.rank_name(residual)
((n,), 'vector')

The names below load on first use (PEP 562), so that ``import symflow`` costs little; the first of
them brings in what every expression needs: its operators, printing and verbs.  JAX is loaded by
the first program that runs.
"""

import sys
from collections.abc import Mapping
from contextlib import suppress
from importlib import import_module
from types import ModuleType
from typing import Any

from symflow._catalogue import install as _find_catalogue

__version__ = "0.1.0"

_find_catalogue()

# What the floors attach to expressions: operators, printing, and verbs as methods.
_FLOORS = ("symflow.ops", "symflow.export", "symflow.api")

_NAMES: Mapping[str, tuple[str, ...]] = {
    "symflow.core": (
        *("Tensor", "dim", "dims", "matrix", "rank_name", "scalar", "tensor", "vector"),
    ),
    "symflow.ops.closure": ("function",),
    "symflow.ops.scalarmap": ("elementwise",),
    "symflow.api.derivatives": (
        *("grad", "hessian", "hvp", "jacobian", "jvp", "value_and_grad", "vjp"),
    ),
    "symflow.api.derivation": ("derive",),
    "symflow.api.simplify": ("derivation", "simplify"),
    "symflow.api.text": ("export", "latex", "parse", "pretty", "text"),
    "symflow.api.graph": ("graph",),
    "symflow.api.lower": ("lower",),
    "symflow.api.verify": ("verify",),
    "symflow.errors": (
        *("BudgetError", "DTypeError", "DifferentialError", "DomainError", "LoweringError"),
        *("ParseError", "RankError", "ShapeError", "SymflowError"),
    ),
}
_MODULES = ("errors", "linalg", "nn", "numpy", "special")
_HOMES = {name: module for module, names in _NAMES.items() for name in names}

__all__ = sorted([*_HOMES, *_MODULES])


def _load(name: str) -> Any:
    for floor in _FLOORS:
        with suppress(ModuleNotFoundError):
            import_module(floor)
    if name in _MODULES:
        return import_module(f"symflow.{name}")
    return getattr(import_module(_HOMES[name]), name)


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'symflow' has no attribute {name!r}")
    value = _load(name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__doc__", "__version__"]


class _Facade(ModuleType):
    """This module; its verb ``export`` stands before the package of the same name."""

    @property
    def export(self) -> Any:
        """The verb ``export``, see :func:`symflow.api.text.export`."""
        return _load("export")

    @export.setter
    def export(self, package: ModuleType) -> None:
        """The import system would put the package here."""


sys.modules[__name__].__class__ = _Facade
