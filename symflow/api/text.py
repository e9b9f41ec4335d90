"""``sf.parse``, ``sf.text``, ``sf.latex``, ``sf.pretty``, ``sf.export``: formulas in and out."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from types import ModuleType
from typing import Any

import sympy as sp

from symflow import linalg, nn, special, stats
from symflow import numpy as snp
from symflow.api.blocks import BlockMatrix, BlockRow
from symflow.api.lower import lower
from symflow.calculus.structure import Structure
from symflow.core import Scalar, Tensor, Variable, as_tensor
from symflow.errors import DomainError, DTypeError, ParseError
from symflow.export.latex import to_latex
from symflow.export.pretty import to_pretty
from symflow.export.structure import to_json
from symflow.export.text import MAX_CHARS, to_text
from symflow.language import SyntaxName, build, parse_tree
from symflow.notation.names import safe_name
from symflow.ops.closure import ClosedFunction
from symflow.ops.scalarmap import elementwise
from symflow.rewriting.layouts import checked_layout, described, laid_out

Names = Mapping[str, Any] | Iterable[Any]


def parse(text: str, names: Names = (), syntax: SyntaxName = "numpy") -> Any:
    """The expression that a formula in text means.

    Args:
        text: one formula, or assignments on lines before it; several formulas with commas.
        names: what the names mean: a mapping from names to tensors, dimensions, scalar symbols,
            numbers, arrays or functions; or the variables (and what
            ``sf.function`` gives) themselves.  Sizes that their shapes name need not be given.
            A name that is no identifier is found under its safe form too (``my var`` as
            ``my_var``, ``lambda`` as ``lambda_``).
        syntax: ``"numpy"`` (Python's operators) or ``"blackboard"`` (``X'*y``, ``x.^2``).

    Returns:
        A tensor; a tuple of them for several formulas.

    Raises:
        ParseError: where the text is no formula or a name is unknown, with the place.
        DTypeError: when a name is given a string.

    >>> import symflow as sf
    >>> X, w, y = sf.matrix("X", "n", "d"), sf.vector("w", "d"), sf.vector("y", "n")
    >>> sf.parse("sum((X @ w - y)**2) / n", [X, w, y])
    mean((X @ w - y) ** 2)
    """
    values, functions = _scope(names)
    result = build(parse_tree(text, syntax), values, functions)
    if isinstance(result, tuple):
        return tuple(_result(item) for item in result)
    return _result(result)


def _result(value: Any) -> Tensor:
    if isinstance(value, (str, list, type(None), type(...), slice)):
        raise ParseError(f"the formula's value is no tensor but {value!r}")
    return as_tensor(value)


def _scope(names: Names) -> tuple[dict[str, Any], Mapping[str, Callable[..., Any]]]:
    given = dict(names) if isinstance(names, Mapping) else {_own_name(v): v for v in names}
    values: dict[str, Any] = {}
    functions: dict[str, Callable[..., Any]] = {}
    for name, value in given.items():
        if isinstance(value, (str, bytes)):
            raise DTypeError(f"the name {name!r} stands for text, {value!r}; give a tensor")
        if callable(value) and not isinstance(value, sp.Basic):
            functions[name] = value
        else:
            values[name] = value
    for name, value in _implied(values).items():
        values.setdefault(name, value)
    return values, {**_functions(), **functions}


def _own_name(value: Any) -> str:
    if isinstance(value, Variable):
        return value.full_name
    if isinstance(value, Scalar):
        return str(value.symbol.name)
    if isinstance(value, (sp.Symbol, ClosedFunction)):
        return str(value.name)
    raise DTypeError(f"{value!r:.60} has no name of its own: give a mapping from names to values")


def _implied(values: Mapping[str, Any]) -> dict[str, Any]:
    """Sizes in the shapes of tensors, and safe forms of names where they are not ambiguous."""
    found: dict[str, set[Any]] = {}
    for name, value in values.items():
        found.setdefault(safe_name(name), set()).add(name)
        if isinstance(value, Variable):
            found.setdefault(safe_name(value.full_name), set()).add(name)
    implied = {safe: values[min(of)] for safe, of in found.items() if len(of) == 1}
    for value in values.values():
        for size in value.shape if isinstance(value, Tensor) else ():
            for symbol in getattr(size, "free_symbols", ()):
                implied.setdefault(symbol.name, symbol)
    return implied


# ------------------------------------------------------------------ functions of formulas


def _plain(value: Any) -> bool:
    """Whether a value is a number or an expression of dimensions."""
    return isinstance(value, int) or (
        isinstance(value, sp.Expr) and not isinstance(value, Tensor) and not value.is_Float
    )


def _on_sizes(function: Callable[..., Any], sizes: Callable[..., Any]) -> Callable[..., Any]:
    """A function of tensors that of sizes gives a size again."""

    def call(*values: Any, **options: Any) -> Any:
        symbolic = any(isinstance(value, sp.Expr) for value in values)
        if symbolic and not options and all(map(_plain, values)):
            return sizes(*values)
        return function(*values, **options)

    return call


def _of_sympy(function: Any) -> Callable[..., Tensor]:
    """A function that only SymPy knows, of tensors and numbers."""

    def call(*values: Any) -> Tensor:
        symbols = [sp.Symbol(f"x{place}", real=True) for place in range(len(values))]
        tensors = [isinstance(value, Tensor) for value in values]
        arguments = [s if t else v for s, t, v in zip(symbols, tensors, values, strict=True)]
        used = [s for s, t in zip(symbols, tensors, strict=True) if t]
        given = [v for v, t in zip(values, tensors, strict=True) if t]
        return elementwise(sp.Lambda(tuple(used), function(*arguments)), *given)

    return call


@lru_cache(maxsize=1)
def _functions() -> Mapping[str, Callable[..., Any]]:
    """All functions by the names that formulas use."""
    table: dict[str, Callable[..., Any]] = {}
    sections: tuple[tuple[str, ModuleType], ...] = (
        ("", snp),
        ("linalg.", snp.linalg),
        ("linalg.", linalg),
        ("nn.", nn),
        ("fft.", snp.fft),
        ("special.", special),
        ("stats.", stats),
        *((f"stats.{name}.", module) for name, module in stats.DISTRIBUTIONS.items()),
    )
    for prefix, module in sections:
        for name in dir(module):
            value = getattr(module, name)
            if not name.startswith("_") and callable(value) and not isinstance(value, type):
                table.setdefault(f"{prefix}{name}", value)
    for name, sizes in (
        ("floor", sp.floor),
        ("ceil", sp.ceiling),
        ("abs", sp.Abs),
        ("maximum", sp.Max),
        ("minimum", sp.Min),
    ):
        table[name] = _on_sizes(table[name], sizes)
    for name in sp.functions.__all__:
        value = getattr(sp.functions, name)
        if isinstance(value, type) and issubclass(value, sp.Function):
            table[f"sympy.{name}"] = _of_sympy(value)
    return table


# ------------------------------------------------------------------ out


def text(
    expression: Any,
    max_chars: int = MAX_CHARS,
    *,
    layout: str | None = None,
    variable: Any = None,
) -> str:
    """A formula in NumPy's names that :func:`parse` reads back.

    Args:
        expression: a tensor, or a sequence of them (written as a tuple).
        max_chars: up to this many characters it is one line; beyond it, what is long and repeated
            gets a name on a line of its own.
        layout: for a derivative, ``"output + variable"``, ``"numerator"`` or ``"denominator"``:
            its axes are put in that order, and the layout is said, here in a comment.
        variable: what the derivative is by; needed for a layout.

    Raises:
        DomainError: for an unknown layout, or one without a variable.
        ShapeError: when the expression cannot be a derivative by the variable.

    >>> import symflow as sf
    >>> x, J = sf.vector("x", "n"), sf.matrix("J", "m", "n")
    >>> sf.text(2 * x + 1)
    '2 * x + 1'
    >>> print(sf.text(J, layout="denominator", variable=x))
    # denominator layout, shape (n, m)
    J.T
    """
    if isinstance(expression, (Structure, BlockMatrix)):
        return str(expression)
    shown, label = _in_layout(expression, layout, variable)
    return (f"# {label}\n" if label else "") + to_text(shown, max_chars)


def latex(
    expression: Any,
    max_chars: int = MAX_CHARS,
    *,
    layout: str | None = None,
    variable: Any = None,
) -> str:
    r"""An expression (or several) as LaTeX; arguments as in :func:`text`.

    >>> import symflow as sf
    >>> A, x = sf.matrix("A", "n", "n"), sf.vector("x", "n")
    >>> print(sf.latex(x @ A @ x))
    x^{\top} A x
    """
    if isinstance(expression, (Structure, BlockRow, BlockMatrix)):
        return expression.latex()
    shown, label = _in_layout(expression, layout, variable)
    written = to_latex(shown, max_chars)
    return rf"{written} \qquad \text{{({label})}}" if label else written


def pretty(
    expression: Any,
    max_chars: int = MAX_CHARS,
    *,
    layout: str | None = None,
    variable: Any = None,
) -> str:
    """An expression (or several) in Unicode; arguments as in :func:`text`.

    >>> import symflow as sf
    >>> A, x = sf.matrix("A", "n", "n"), sf.vector("x", "n")
    >>> sf.pretty(x @ A @ x)
    'xᵀAx'
    """
    if isinstance(expression, (Structure, BlockRow, BlockMatrix)):
        return expression.pretty()
    shown, label = _in_layout(expression, layout, variable)
    return to_pretty(shown, max_chars) + (f"   ({label})" if label else "")


def _in_layout(
    expression: Any, layout: str | None, variable: Any
) -> tuple[Tensor | list[Tensor], str]:
    """What is written, and the name of its layout where one was asked for."""
    if layout is None:
        return _tensors(expression), ""
    name = checked_layout(layout)
    if variable is None or isinstance(expression, (tuple, list)):
        raise DomainError("a layout needs one derivative and its variable: give variable=x")
    shown = laid_out(as_tensor(expression), as_tensor(variable), name)
    return shown, described(shown, name)


def _tensors(value: Any) -> Tensor | list[Tensor]:
    if isinstance(value, (tuple, list)):
        return [as_tensor(item) for item in getattr(value, "leaves", value)]
    return as_tensor(value)


def _code(backend: str) -> Callable[[Any], str]:
    def write(expression: Any) -> str:
        many = isinstance(expression, (tuple, list))
        source: str = lower(*(expression if many else (expression,)), backend=backend).source
        return source

    return write


_FORMATS: Mapping[str, Callable[[Any], str]] = {
    "text": text,
    "latex": latex,
    "pretty": pretty,
    "unicode": pretty,
    "json": lambda expression: to_json(_tensors(expression)),
    "jax": _code("jax"),
    "numpy": _code("numpy"),
}


def export(expression: Any | Sequence[Any], format: str = "text") -> str:  # noqa: A002
    r"""An expression (or several) in a format.

    Args:
        expression: a tensor or a sequence of them.
        format: ``"text"``, ``"latex"``, ``"unicode"`` (or ``"pretty"``), ``"json"`` (the
            structure of the graph), ``"jax"`` or ``"numpy"`` (the source of a program).

    Raises:
        DomainError: for an unknown format, naming those there are.

    >>> import symflow as sf
    >>> x = sf.vector("x", "n")
    >>> print(sf.export(x @ x, "latex"))
    x^{\top} x
    """
    writer = _FORMATS.get(format)
    if writer is None:
        raise DomainError(f"unknown format {format!r}; known: {', '.join(_FORMATS)}")
    return writer(expression)
