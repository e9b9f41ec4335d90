"""SymPy's scalar functions as calls of SciPy and of JAX's counterpart."""

from collections.abc import Mapping
from functools import lru_cache, reduce

import sympy as sp

from symflow.core import Operation
from symflow.errors import LoweringError
from symflow.lowering.paths import function_path
from symflow.lowering.templates import filled
from symflow.lowering.values import Builder
from symflow.notation.tree import Binary, Call, Number, Tree
from symflow.ops.table import TABLE

# name of the SymPy class -> template, with {s} for the module of special functions
_BOTH: Mapping[str, str] = {
    "gamma": "{s}.gamma({0})",
    "factorial": "{s}.gamma({0} + 1)",
    "beta": "{s}.beta({0}, {1})",
    "erfinv": "{s}.erfinv({0})",
    "Ei": "{s}.expi({0})",
    "expint": "{s}.expn({0}, {1})",
    "Si": "{s}.sici({0})[0]",
    "Ci": "{s}.sici({0})[1]",
    "fresnels": "{s}.fresnel({0})[0]",
    "fresnelc": "{s}.fresnel({0})[1]",
    "lowergamma": "{s}.gammainc({0}, {1}) * {s}.gamma({0})",
    "uppergamma": "{s}.gammaincc({0}, {1}) * {s}.gamma({0})",
    "sinc": "{x}.sinc({0} / {x}.pi)",
    "sec": "1 / {x}.cos({0})",
    "csc": "1 / {x}.sin({0})",
    "cot": "1 / {x}.tan({0})",
    "sech": "1 / {x}.cosh({0})",
    "csch": "1 / {x}.sinh({0})",
    "coth": "1 / {x}.tanh({0})",
}
_SCIPY: Mapping[str, str] = {
    "besselj": "{s}.jv({0}, {1})",
    "bessely": "{s}.yv({0}, {1})",
    "besseli": "{s}.iv({0}, {1})",
    "besselk": "{s}.kv({0}, {1})",
    "airyai": "{s}.airy({0})[0]",
    "airyaiprime": "{s}.airy({0})[1]",
    "airybi": "{s}.airy({0})[2]",
    "airybiprime": "{s}.airy({0})[3]",
    "erfi": "{s}.erfi({0})",
    "erfcinv": "{s}.erfcinv({0})",
    "Shi": "{s}.shichi({0})[0]",
    "Chi": "{s}.shichi({0})[1]",
    "LambertW": "{s}.lambertw({0}).real",
    "elliptic_k": "{s}.ellipk({0})",
    "elliptic_e": "{s}.ellipe({0})",
    "binomial": "{s}.binom({0}, {1})",
}


def mapped_tree(builder: Builder, body: sp.Expr, leaves: Mapping[sp.Symbol, Tree]) -> Tree:
    """A SymPy scalar expression on trees.

    Args:
        builder: of the program.
        body: the expression.
        leaves: the tree of each of its symbols.

    Raises:
        LoweringError: for a function that the backend does not have, naming it.
    """
    if body in leaves:
        return leaves[body]
    if body.is_number:
        return builder.scalars.value(body)
    parts = [mapped_tree(builder, part, leaves) for part in body.args]
    if isinstance(body, sp.Pow):
        return _power(builder, body, parts)
    if isinstance(body, (sp.Add, sp.Mul)):
        sign = "+" if isinstance(body, sp.Add) else "*"
        return reduce(lambda a, b: Binary(sign, a, b), parts)
    operation = _operations().get(body.func)
    if operation is not None:
        return Call(function_path(operation, builder.backend), tuple(parts))
    return _special(builder, type(body).__name__, parts)


def _power(builder: Builder, body: sp.Pow, parts: list[Tree]) -> Tree:
    if body.exp == -1:
        return Binary("/", Number("1"), parts[0])
    if body.exp == sp.S.Half:
        return Call(f"{builder.xp}.sqrt", (parts[0],))
    if body.base is sp.S.Exp1:
        return Call(f"{builder.xp}.exp", (parts[1],))
    return Binary("**", parts[0], parts[1])


def _special(builder: Builder, name: str, parts: list[Tree]) -> Tree:
    numpy = builder.backend == "numpy"
    template = _BOTH.get(name) or (_SCIPY.get(name) if numpy else None)
    if name == "zeta":
        parts = [*parts, Number("1")][:2]
        template = "{s}.zeta({0}, {1})"
    if template is None:
        hint = ": use backend='numpy'" if name in _SCIPY else ""
        raise LoweringError(f"SymPy's function {name} has no code for {builder.backend}{hint}")
    module = "scipy.special" if numpy else "jax.scipy.special"
    template = template.replace("{s}", module).replace("{x}", builder.xp)
    return filled(template, {str(k): part for k, part in enumerate(parts)})


@lru_cache(maxsize=1)
def _operations() -> Mapping[type, Operation]:
    """The operations that are SymPy functions under another name."""
    return {op.sympy: op for op in TABLE.values() if isinstance(op.sympy, type)}
