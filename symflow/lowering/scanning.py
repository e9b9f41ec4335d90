"""Loops in a program: a named function of one layer, and a scan that calls it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from symflow.core import Tensor
from symflow.core.dims import Shape
from symflow.lowering.forms import Form, dense, whole
from symflow.lowering.naming import Names
from symflow.lowering.rolling_bodies import Part, Scan, Stretch
from symflow.lowering.scalars import integer
from symflow.lowering.values import Builder, Value
from symflow.notation.tree import Call, Index, Name, Slice, Tree
from symflow.notation.tree import Sequence as TupleTree


@dataclass(frozen=True)
class Looped:
    """A loop as its text needs it.

    Attributes:
        name: of the function of one layer.
        carries, steps: the names that the function gives to its arguments.
        outputs: what it computes: the next carries, then what is kept.
        results: the names of what the scan gives, in the same order.
        given: what is known inside: arguments of the function, and values from outside.
    """

    name: str
    carries: tuple[str, ...]
    steps: tuple[str, ...]
    outputs: tuple[Value, ...]
    results: tuple[str, ...]
    given: tuple[Value, ...]


class Planner(Protocol):
    """What the functions here need of a plan."""

    builder: Builder
    loops: dict[Value, Looped]

    def form(self, node: Tensor) -> Form:
        """The form of a node."""
        ...

    def dtype(self, node: Tensor) -> str:
        """The concrete data type of a node."""
        ...

    def body(self, given: Mapping[Tensor, Form], roots: Sequence[Tensor]) -> list[Value]:
        """The arrays of some expressions, where some variables are known."""
        ...


def scanned(plan: Planner, scan: Scan, names: Names) -> dict[Tensor, Form]:
    """The results of a loop."""
    builder = plan.builder
    starts = [
        builder.cast(dense(builder, plan.form(start)), plan.dtype(variable))
        for variable, start in zip(scan.carries, scan.starts, strict=True)
    ]
    series = [
        _series(plan, parts, (scan.count, *variable.shape), plan.dtype(variable))
        for variable, parts in zip(scan.steps, scan.series, strict=True)
    ]
    known: dict[Tensor, Form] = {
        variable: plan.form(value) for variable, value in zip(scan.fixed, scan.values, strict=True)
    }
    arguments = (*scan.carries, *scan.steps)
    identifiers = [names.of(variable.name) for variable in arguments]
    bound = [
        _named(builder, name, variable.shape, plan.dtype(variable))
        for name, variable in zip(identifiers, arguments, strict=True)
    ]
    known |= {variable: whole(value) for variable, value in zip(arguments, bound, strict=True)}
    wanted = [plan.dtype(variable) for variable in (*scan.carries, *scan.kept)]
    outputs = [
        builder.cast(value, dtype)
        for value, dtype in zip(plan.body(known, scan.outputs), wanted, strict=True)
    ]
    outer = _outer(outputs, bound)
    layer = names.of("layer")
    count = len(starts)
    options = (("reverse", Name("True")),) if scan.backwards else ()
    options += () if series else (("length", integer(scan.count)),)

    def write(*trees: Tree) -> Tree:
        first, rest = trees[:count], trees[count : count + len(series)]
        given = TupleTree(rest) if rest else Name("None")
        return Call("jax.lax.scan", (Name(layer), TupleTree(first), given), options)

    value = builder.make(write, (*starts, *series, *outer), (), "tuple")
    value.depth += max((output.depth for output in outputs), default=0)
    results = tuple(names.of(variable.name) for variable in scan.results)
    plan.loops[value] = Looped(
        name=layer,
        carries=tuple(identifiers[:count]),
        steps=tuple(identifiers[count:]),
        outputs=tuple(outputs),
        results=results,
        given=(*bound, *outer),
    )
    return {
        variable: whole(builder.make(_giver(name), (value,), variable.shape, plan.dtype(variable)))
        for name, variable in zip(results, scan.results, strict=True)
    }


def _named(builder: Builder, name: str, shape: Shape, dtype: str) -> Value:
    return builder.make(lambda: Name(name), (), shape, dtype)


def _giver(name: str) -> Any:
    return lambda scan: Name(name)


def _outer(outputs: Sequence[Value], bound: Sequence[Value]) -> list[Value]:
    """The values that a body uses and that are the same in all turns."""
    reached: set[Value] = set()
    stack = list(outputs)
    while stack:
        value = stack.pop()
        if value not in reached:
            reached.add(value)
            stack.extend(value.args)
    inside = set(bound)
    for value in sorted(reached, key=lambda value: value.number):
        if any(arg in inside for arg in value.args):
            inside.add(value)
    used = [arg for value in reached & inside for arg in value.args] + list(outputs)
    found = {value for value in used if value not in inside and value.args}
    return sorted(found, key=lambda value: value.number)


def _series(plan: Planner, parts: Sequence[Part], shape: Shape, dtype: str) -> Value:
    """Values of all layers, one after the other along a first axis."""
    builder = plan.builder
    pieces: list[Value] = []
    alone: list[Value] = []
    for part in parts:
        if isinstance(part, Stretch):
            _stack(builder, alone, pieces, shape)
            pieces.append(_stretch(plan, part, dtype))
        else:
            alone.append(builder.cast(dense(builder, plan.form(part)), dtype))
    _stack(builder, alone, pieces, shape)
    if len(pieces) == 1:
        return pieces[0]
    return _joined(builder, "concatenate", pieces, shape)


def _stack(builder: Builder, alone: list[Value], pieces: list[Value], shape: Shape) -> None:
    if alone:
        pieces.append(_joined(builder, "stack", alone, (len(alone), *shape[1:])))
        alone.clear()


def _joined(builder: Builder, name: str, values: Sequence[Value], shape: Shape) -> Value:
    path = f"{builder.xp}.{name}"
    return builder.make(
        lambda *trees: Call(path, (TupleTree(trees, "["),)), values, shape, values[0].dtype
    )


def _stretch(plan: Planner, part: Stretch, dtype: str) -> Value:
    builder = plan.builder
    whole_ = builder.cast(dense(builder, plan.form(part.source)), dtype)
    size = whole_.shape[0]
    stop = part.start + part.count
    if part.start == 0 and stop == size:
        return whole_
    key = Slice(
        integer(part.start) if part.start else None, None if stop == size else integer(stop)
    )
    shape = (part.count, *whole_.shape[1:])
    return builder.make(lambda x: Index(x, (key,)), (whole_,), shape, dtype)


def definition(looped: Looped, lines: Sequence[str], results: Sequence[str]) -> list[str]:
    """The text of the function of one layer.

    Args:
        looped: the loop.
        lines: the statements of its body.
        results: what it gives.
    """
    count = len(looped.carries)
    head = [f"def {looped.name}(carry, {'inputs' if looped.steps else '_'}):"]
    if looped.carries:
        head.append(f"    {_tuple(looped.carries)} = carry")
    if looped.steps:
        head.append(f"    {_tuple(looped.steps)} = inputs")
    last = f"    return {_tuple(results[:count])}, {_tuple(results[count:])}"
    return [*head, *lines, last]


def targets(looped: Looped) -> str:
    """What the results of a scan are assigned to."""
    count = len(looped.carries)
    kept = _tuple(looped.results[count:]) if looped.results[count:] else "_"
    return f"{_tuple(looped.results[:count]) if count else '_'}, {kept}"


def _tuple(items: Sequence[str]) -> str:
    return f"({', '.join(items)}{',' if len(items) == 1 else ''})"
