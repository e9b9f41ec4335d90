"""The words that a formula may use, beyond the names and functions that its reader is given.

Attributes and methods are looked up on values only where they stand in these lists: no other text
of a formula ever reaches `getattr`.
"""

import math
from collections.abc import Mapping
from types import MappingProxyType

from symflow.language.syntax import SyntaxName

__all__ = ["ALIASES", "ATTRIBUTES", "CONSTANTS", "METHODS", "MODULES", "SEARCHED"]

# Read without a call: `X.T`.
ATTRIBUTES = frozenset({"T", "mT", "at", "shape", "ndim", "rank", "size", "dtype", "real", "imag"})

# Only ever called: `X.sum(axis=0)`.
_REDUCTIONS = {"all", "any", "max", "mean", "min", "prod", "std", "sum", "trace", "var"}
_POSITIONS = {"argmax", "argmin", "argsort", "sort", "take"}
_SHAPES = {"flatten", "ravel", "repeat", "reshape", "squeeze", "swapaxes", "transpose", "diagonal"}
_VALUES = {"astype", "clip", "conj", "conjugate", "cumprod", "cumsum", "dot", "round"}
# Of entries that are named: `x.at[i].set(v)`.
_UPDATES = {"add", "divide", "get", "multiply", "mul", "power", "set", "subtract"}
METHODS = frozenset(_REDUCTIONS | _POSITIONS | _SHAPES | _VALUES | _UPDATES)

# How a module is written in front of a function, and the section of the functions that it means.
MODULES: Mapping[str, str] = MappingProxyType(
    {
        "jax.numpy": "",
        "jax.nn": "nn",
        "jax.scipy.linalg": "linalg",
        "jax.scipy.special": "special",
        "jax.scipy.stats": "stats",
        "jnp": "",
        "np": "",
        "numpy": "",
        "scipy.linalg": "linalg",
        "scipy.special": "special",
        "scipy.stats": "stats",
        "snp": "",
        "symflow.linalg": "linalg",
        "symflow.nn": "nn",
        "symflow.numpy": "",
        "symflow.special": "special",
        "symflow.stats": "stats",
        "sf.linalg": "linalg",
        "sf.nn": "nn",
        "sf.special": "special",
        "sf.stats": "stats",
    }
)

# A plain function name is looked for here, in this order: `softmax` finds `nn.softmax`.
SEARCHED = ("", "linalg", "nn", "special", "stats", "fft")

# What is written on a blackboard for a function that has another name in NumPy.
ALIASES: Mapping[SyntaxName, Mapping[str, str]] = MappingProxyType(
    {"numpy": {}, "blackboard": {"tr": "trace", "ln": "log"}}
)

# Names that are not variables; a variable of the same name wins over a plain one of these.
CONSTANTS: Mapping[str, object] = MappingProxyType(
    {
        "inf": math.inf,
        "nan": math.nan,
        "newaxis": None,
        "pi": math.pi,
        **{
            name: name
            for name in (
                *("bool", "int", "int32", "int64", "float", "bfloat16", "float16", "float32"),
                *("float64", "complex", "complex64", "complex128"),
            )
        },
    }
)
