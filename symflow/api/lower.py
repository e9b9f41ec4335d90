"""``sf.lower``: expressions to a program that runs and that can be read."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from rewrites import presets
from symflow.api.calls import prepared
from symflow.api.cost import cheapest, dimension_names
from symflow.api.simplify import simplify
from symflow.core import Einsum, Tensor, as_tensor, postorder
from symflow.errors import LoweringError, SymflowError
from symflow.lowering import Program, Written, write
from symflow.rewriting.engine import rewrite
from symflow.rewriting.refold import with_shared_products

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
        optimise: rewrite the expressions first: into stable forms and, for formulas of a length
            that people write, into the cheapest of equal ones.  That is decided for each set of
            sizes when a call first has it; ``.source`` is the plan for usual sizes,
            ``.source_for(X=(1000, 20))`` that for given ones.
        sizes: typical sizes of dimensions, by name, for the plan of ``.source``.

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
    if not optimise:
        return Program(
            write(found, inputs, precision=precision, backend=backend, sizes=sizes), many=many
        )
    stable = _stable(prepared(found, partial(_improved, backend=backend)))

    def planned(order: Sequence[Any] | None, at: Mapping[str, int]) -> Written:
        plain = _cheapest(stable, at)
        best = _by_kernels(plain, at, backend)
        made = set(postorder(best)).difference(postorder(plain))
        return write(
            best,
            order,
            precision=precision,
            backend=backend,
            sizes=at,
            asked=found,
            introduced=made,
        )

    written = planned(inputs, sizes or {})
    if not _depends_on_sizes(stable):
        return Program(written, many=many)
    return Program(
        written,
        many=many,
        specialise=lambda at: planned(written.inputs, {**(sizes or {}), **at}),
    )


def _stable(expressions: Sequence[Tensor]) -> list[Tensor]:
    return list(simplify(tuple(expressions), goal="stable"))


def _improved(expressions: Sequence[Tensor], backend: str) -> list[Tensor]:
    """The results of a function that a program calls: for all sizes of its arguments."""
    return _by_kernels(_cheapest(_stable(expressions), {}), {}, backend)


def _cheapest(expressions: list[Tensor], sizes: Mapping[str, int]) -> list[Tensor]:
    """The cheapest equal expressions at these sizes, where all are known."""
    order = postorder(expressions)
    if len(order) <= _LONGEST_SEARCHED and _are_known(order, sizes):
        names = dimension_names(order)
        held = {name: size for name, size in sizes.items() if name in names}
        expressions = cheapest(expressions, held).results
    return expressions


def _by_kernels(expressions: list[Tensor], sizes: Mapping[str, int], backend: str) -> list[Tensor]:
    """The expressions with structured products in their cheap forms.

    These count on entries to leave out and to look up, so that empty arrays are left alone.
    """
    long = len(postorder(expressions)) > _LONGEST_SEARCHED
    if 0 not in sizes.values():
        expressions = rewrite(expressions, presets.programs(sizes, backend)).results
    return expressions if long else with_shared_products(expressions)


def _depends_on_sizes(expressions: list[Tensor]) -> bool:
    """Whether another plan may be better at other sizes."""
    order = postorder(expressions)
    if all(isinstance(size, int) for node in order for size in node.shape):
        return False
    return len(order) <= _LONGEST_SEARCHED or any(
        isinstance(node, Einsum) and len(node.operands) > 2 for node in order
    )


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
