"""Closed functions in a program: one function of Python for each that the program calls twice.

The function reads its sizes off its own arguments, so that one text serves all shapes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import sympy as sp

from symflow.core import Apply, Tensor, postorder
from symflow.core.function import Function
from symflow.lowering import source as text
from symflow.lowering.forms import Form, dense, whole
from symflow.lowering.naming import Names
from symflow.lowering.operations import Lowerer
from symflow.lowering.precision import concrete
from symflow.lowering.sizes import sources
from symflow.lowering.values import Builder, Value
from symflow.notation.tree import Call, Index, Number
from symflow.ops.closure import calls


class Inside(Protocol):
    """What lowers the body of a function."""

    def lower(self, roots: Sequence[Tensor]) -> list[Value]:
        """The arrays of some expressions."""
        ...


@dataclass(frozen=True)
class Inner:
    """A function of the module.

    Attributes:
        name: its identifier in the module.
        text: its definition.
        inputs: the concrete data types of its arguments.
        outputs: those of its results.
        depth: how many operations stand one after the other in it.
        locals: the identifiers that its text uses for arguments and sizes.
    """

    name: str
    text: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    depth: int
    locals: frozenset[str]


def shared(order: Sequence[Tensor]) -> frozenset[Function]:
    """The functions that are called with different arguments."""
    return frozenset(closure for closure, sites in calls(order).items() if len(sites) > 1)


def written(
    name: str,
    closure: Function,
    backend: str,
    precision: str,
    inside: Callable[[Builder, Mapping[Tensor, str], Names], Inside],
) -> Inner | None:
    """The text of a function; None where its arguments do not show its sizes."""
    names = Names()
    identifiers: dict[Tensor, str] = {x: names.of(x.full_name) for x in closure.inputs}
    symbols = {
        symbol
        for node in postorder((*closure.inputs, *closure.outputs))
        for scalar in node.scalars()
        for symbol in scalar.free_symbols
    }
    dimensions: dict[sp.Symbol, str] = {
        symbol: names.of(symbol.name) for symbol in sorted(symbols, key=lambda s: s.name)
    }
    builder = Builder(backend, dimensions.__getitem__)
    values = inside(builder, identifiers, names).lower(closure.outputs)
    lines = text.Lines(names.numbered("t"), builder)
    outputs = lines.write(values)
    by_name = {identifier: symbol for symbol, identifier in dimensions.items()}
    used = text.used_sizes([*(tree for _, tree, _ in lines.statements), *outputs], by_name)
    found = sources([x.shape for x in closure.inputs])
    if used - {source.symbol for source in found}:
        return None
    parameters = list(identifiers.values())
    code = [
        text.signature(parameters, name),
        *text.size_lines(builder, used, found, parameters),
        *text.body(lines, outputs, builder),
    ]
    return Inner(
        name=name,
        text="\n".join(code),
        inputs=tuple(concrete(x.dtype, precision) for x in closure.inputs),
        outputs=tuple(value.dtype for value in values),
        depth=max(value.depth for value in values),
        locals=frozenset((*parameters, *dimensions.values())),
    )


def called(plan: Lowerer, node: Apply, inner: Inner) -> Form:
    """A call of a function of the module; of several results, one."""
    builder, place = plan.builder, node.params[-1]
    arguments = [
        builder.cast(dense(builder, plan.form(operand)), dtype)
        for operand, dtype in zip(node.operands, inner.inputs, strict=True)
    ]
    dtype = inner.outputs[place]
    single = len(inner.outputs) == 1
    shape, kind = (node.shape, dtype) if single else ((), "tuple")
    result = builder.make(lambda *trees: Call(inner.name, trees), arguments, shape, kind)
    result.depth = inner.depth + 1 + max((value.depth for value in arguments), default=0)
    if not single:
        number = Number(str(place))
        result = builder.make(lambda r: Index(r, (number,)), (result,), node.shape, dtype)
    return whole(builder.cast(result, plan.dtype(node)))
