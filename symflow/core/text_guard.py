"""SymPy's methods that would evaluate text as Python code refuse it on nodes.

``sympy.sympify`` hands text to ``eval``; a formula in text is read by ``symflow.parse`` alone.
"""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeVar

C = TypeVar("C", bound=type)

# The methods of sympy.Expr and sympy.Basic that sympify their arguments.
READERS = (
    *(
        "as_coeff_add",
        "as_coeff_exponent",
        "as_coeff_mul",
        "as_coefficient",
        "as_coefficients_dict",
    ),
    *("as_independent", "as_leading_term", "coeff", "collect", "dummy_eq"),
    *("extract_additively", "extract_multiplicatively", "fps", "has", "has_free"),
    *("integrate", "invert", "is_algebraic_expr", "is_polynomial", "is_rational_function"),
    *("leadterm", "limit", "lseries", "match", "matches"),
    *("series", "taylor_term"),
)


def refuse_text(cls: C) -> C:
    """The class with the methods of ``READERS`` guarded (a decorator of classes)."""
    for name in READERS:
        setattr(cls, name, _guarded(getattr(cls, name)))
    return cls


def _guarded(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def call(self: Any, *arguments: Any, **options: Any) -> Any:
        if any(map(_holds_text, arguments)):
            raise TypeError("no strings here: pass sf.dim('n'), a variable or a node")
        return method(self, *arguments, **options)

    return call


def _holds_text(argument: Any) -> bool:
    if isinstance(argument, (str, bytes)):
        return True
    if isinstance(argument, Mapping):
        return any(_holds_text(part) for item in argument.items() for part in item)
    return isinstance(argument, (tuple, list, set, frozenset)) and any(map(_holds_text, argument))
