"""``sf.lower``: expressions to a program that runs and that can be read."""

from collections.abc import Mapping, Sequence
from typing import Any

from rewrites import presets
from symflow.api.cost import cheapest
from symflow.api.simplify import simplify
from symflow.core import Tensor, as_tensor, postorder
from symflow.errors import LoweringError, SymflowError
from symflow.lowering import Program, write
from symflow.rewriting.engine import rewrite

_LONGEST_SEARCHED = 120  # nodes: beyond that it is a network, not a formula


def lower(
    *expressions: Any,
    inputs: Sequence[Any] | None = None,
    precision: str = "float32",
    backend: str = "jax",
    optimise: bool = True,
    sizes: Mapping[str, int] | None = None,
) -> Program:
    """A program that computes expressions.

    Args:
        expressions: tensors, numbers, or tuples of them.
        inputs: variables, scalar symbols and dimensions in the order of the arguments; by default
            the variables and scalar symbols by name, then the dimensions that no array has.
        precision: what ``float`` becomes: ``"float32"``, ``"float64"``, ``"bfloat16"`` or
            ``"float16"``.  64 bits are switched on for the call alone.
        backend: ``"jax"`` (compiled) or ``"numpy"``.
        optimise: rewrite the expressions first: into stable forms and, where all sizes are known
            and the formula is of a length that people write, into the cheapest of equal ones.
        sizes: typical sizes of dimensions, by name, for the order of contractions.

    Returns:
        A callable; ``.source`` is the module that it runs, ``.inputs`` what it takes.  It gives
        one array for one expression, else a tuple.

    Raises:
        LoweringError: for what is no tensor, for missing inputs, and for what the backend cannot
            do.

    >>> import symflow as sf
    >>> import symflow.numpy as snp
    >>> x = sf.vector("x", "n")
    >>> f = sf.lower(snp.sum(x * x), backend="numpy", precision="float64")
    >>> float(f(x=[3.0, 4.0]))
    25.0
    """
    found: list[Tensor] = []
    many = len(expressions) != 1
    for expression in expressions:
        several = isinstance(expression, (tuple, list))
        many = many or several
        found.extend(_tensor(item) for item in (expression if several else (expression,)))
    if not found:
        raise LoweringError("there is nothing to lower: give at least one expression")
    if optimise:
        found = _optimised(found, sizes or {})
    written = write(found, inputs, precision=precision, backend=backend, sizes=sizes)
    return Program(written, many=many, expressions=found)


def _optimised(expressions: list[Tensor], sizes: Mapping[str, int]) -> list[Tensor]:
    chosen: list[Tensor] = list(simplify(tuple(expressions), goal="stable"))
    order = postorder(chosen)
    if len(order) <= _LONGEST_SEARCHED and _are_known(order, sizes):
        chosen = cheapest(chosen, sizes).results
    return rewrite(chosen, presets.PROGRAMS).results


def _are_known(nodes: Sequence[Tensor], sizes: Mapping[str, int]) -> bool:
    """Whether every dimension has a size; without one, which form is cheaper is a guess."""
    return all(
        isinstance(size, int) or all(symbol.name in sizes for symbol in size.free_symbols)
        for node in nodes
        for size in node.shape
    )


def _tensor(value: Any) -> Tensor:
    if isinstance(value, Tensor):
        return value
    try:
        return as_tensor(value)
    except SymflowError as error:
        raise LoweringError(f"{type(value).__name__} is no tensor: {error}") from error
