"""Loops in a program: a named function of one layer, and a scan that calls it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from symflow.core import Tensor, Variable
from symflow.core.dims import Shape
from symflow.lowering.forms import Form, dense, whole
from symflow.lowering.naming import Names
from symflow.lowering.rolling_scan import Part, Scan, Stretch
from symflow.lowering.scalars import integer
from symflow.lowering.values import Builder, Value
from symflow.notation.tree import Binary, Call, Index, Name, Slice, Tree
from symflow.notation.tree import Sequence as TupleTree


@dataclass(frozen=True)
class Turns:
    """A loop of calls as its text needs it.

    Attributes:
        name: of the function of one layer.
        count: how many turns.
        backwards: whether it begins with the last layer.
        carries: the names that the function gives to what a turn hands to the next.
        starts: the first values of these.
        steps: the names that it gives to what differs from layer to layer.
        items: the values of these, by layer.
        number: the name that it gives to the number of the layer, where it reads it.
        outer: values from outside that are the same in all turns.
        given: the carries, then the steps, then the number, as values.
        outputs: what it computes: the next carries, then what is kept.
        finals: the values of the carries after the last turn.
        kept: what is kept, all layers of it, as values.
    """

    name: str
    count: int
    backwards: bool
    carries: tuple[str, ...]
    starts: tuple[Value, ...]
    steps: tuple[str, ...]
    items: tuple[tuple[Value, ...], ...]
    number: str | None
    outer: tuple[Value, ...]
    given: tuple[Value, ...]
    outputs: tuple[Value, ...]
    finals: tuple[Value, ...]
    kept: tuple[Value, ...]


@dataclass(frozen=True)
class Looped:
    """A loop as its text needs it.

    Attributes:
        name: of the function of one layer.
        arguments: its arguments: what a turn hands to the next, and what differs by layer.
        carries, steps: the names that the function gives to its arguments.
        outputs: what it computes: the next carries, then what is kept.
        results: the names of what the scan gives, in the same order.
        given: what is known inside: arguments of the function, and values from outside.
    """

    name: str
    arguments: tuple[str, str]
    carries: tuple[str, ...]
    steps: tuple[str, ...]
    outputs: tuple[Value, ...]
    results: tuple[str, ...]
    given: tuple[Value, ...]


class Planner(Protocol):
    """What the functions here need of a plan."""

    builder: Builder
    loops: dict[Value, Looped]
    stacks: dict[Value, tuple[Value, ...]]
    turns: dict[Value, Turns]

    def of_loop(self, node: Tensor) -> bool:
        """Whether a node stands for what a loop computes."""
        ...

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
    carried = arguments(plan, scan.carries, names)
    stepped = arguments(plan, scan.steps, names)
    number = names.of("k")
    place = builder.make(lambda: Name(number), (), (), "int32")
    along: list[tuple[Value, Value]] = []  # arguments of the function, and what they run over
    for variable, value, array in zip(scan.steps, stepped, series, strict=True):
        if array.count == scan.count:
            along.append((value, array.source))
            known[variable] = whole(value)
        else:
            known[variable] = whole(array.entry(builder, place, variable.shape))
    if any(array.count != scan.count for array in series):
        along.append((place, _numbers(builder, scan.count)))
    known |= dict(zip(scan.carries, map(whole, carried), strict=True))
    bound = [*carried, *(value for value, _ in along)]
    identifiers = [value.tree.word for value in bound]
    wanted = [plan.dtype(variable) for variable in (*scan.carries, *scan.kept)]
    outputs = [
        builder.cast(value, dtype)
        for value, dtype in zip(plan.body(known, scan.outputs), wanted, strict=True)
    ]
    outer = outer_values(outputs, bound)
    layer = names.of("layer")
    count = len(starts)
    options: tuple[tuple[str, Tree], ...] = ()
    if scan.backwards:
        options += (("reverse", Name("True")),)
    if not along:
        options += (("length", integer(scan.count)),)

    def write(*trees: Tree) -> Tree:
        first, rest = trees[:count], trees[count : count + len(along)]
        given = TupleTree(rest) if rest else Name("None")
        return Call("jax.lax.scan", (Name(layer), TupleTree(first), given), options)

    value = builder.make(write, (*starts, *(array for _, array in along), *outer), (), "tuple")
    value.depth += max((output.depth for output in outputs), default=0)
    results = tuple(names.of(leaf_word(variable)) for variable in scan.results)
    plan.loops[value] = Looped(
        name=layer,
        arguments=(names.of("carry"), names.of("inputs")),
        carries=tuple(identifiers[:count]),
        steps=tuple(identifiers[count:]),
        outputs=tuple(outputs),
        results=results,
        given=(*bound, *outer),
    )
    return {
        variable: whole(builder.make(giver(name), (value,), variable.shape, plan.dtype(variable)))
        for name, variable in zip(results, scan.results, strict=True)
    }


@dataclass(frozen=True)
class _Series:
    """Values by layer: entries of an array from a start on.

    Attributes:
        source: the array.
        start: the entry of the first layer.
        count: how many entries the array has.
    """

    source: Value
    start: int
    count: int

    def entry(self, builder: Builder, place: Value, shape: Shape) -> Value:
        """The value of one layer."""
        start = self.start

        def write(array: Tree, k: Tree) -> Tree:
            return Index(array, (Binary("+", k, integer(start)) if start else k,))

        return builder.make(write, (self.source, place), shape, self.source.dtype)


def arguments(plan: Planner, variables: Sequence[Tensor], names: Names) -> list[Value]:
    """The variables of a body as names."""
    return [named(plan.builder, names.of(leaf_word(v)), v.shape, plan.dtype(v)) for v in variables]


def leaf_word(variable: Tensor) -> str:
    """What a variable of a loop is called."""
    assert isinstance(variable, Variable)
    return variable.name


def _numbers(builder: Builder, count: int) -> Value:
    path = f"{builder.xp}.arange"
    return builder.make(lambda: Call(path, (integer(count),)), (), (count,), "int32")


def named(builder: Builder, name: str, shape: Shape, dtype: str) -> Value:
    """An array that has a name."""
    return builder.make(lambda: Name(name), (), shape, dtype)


def giver(name: str) -> Any:
    """What writes a result of a loop."""
    return lambda scan: Name(name)


def outer_values(outputs: Sequence[Value], bound: Sequence[Value]) -> list[Value]:
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


def _series(plan: Planner, parts: Sequence[Part], shape: Shape, dtype: str) -> _Series:
    """Values of all layers, one after the other along a first axis."""
    builder = plan.builder
    pieces: list[_Series] = []
    alone: list[Value] = []
    for part in parts:
        if isinstance(part, Stretch):
            _stack(plan, alone, pieces, shape)
            source = builder.cast(dense(builder, plan.form(part.source)), dtype)
            pieces.append(_Series(source, part.start, part.length))
        else:
            alone.append(builder.cast(dense(builder, plan.form(part)), dtype))
    _stack(plan, alone, pieces, shape)
    if len(pieces) == 1:
        source = pieces[0].source
        return _Series(source, pieces[0].start, _count(source))
    arrays = [_part(builder, piece.source, piece.start, piece.count) for piece in pieces]
    return _Series(_joined(builder, "concatenate", arrays, shape), 0, _count_of(shape))


def _count(array: Value) -> int:
    return _count_of(array.shape)


def _count_of(shape: Shape) -> int:
    size = shape[0]
    assert isinstance(size, int)
    return size


def _stack(plan: Planner, alone: list[Value], pieces: list[_Series], shape: Shape) -> None:
    """Values one after the other; part of a stack that there is, where there is one."""
    if not alone:
        return
    given = tuple(alone)
    alone.clear()
    count = len(given)
    for known, values in plan.stacks.items():
        for first in range(len(values) - count + 1):
            if values[first : first + count] == given:
                pieces.append(_Series(known, first, count))
                return
    stack = _joined(plan.builder, "stack", given, (count, *shape[1:]))
    if count > 1 and not any(value.args for value in given):
        plan.stacks[stack] = given
    pieces.append(_Series(stack, 0, count))


def _joined(builder: Builder, name: str, values: Sequence[Value], shape: Shape) -> Value:
    path = f"{builder.xp}.{name}"
    return builder.make(
        lambda *trees: Call(path, (TupleTree(trees, "["),)), values, shape, values[0].dtype
    )


def _part(builder: Builder, array: Value, start: int, count: int) -> Value:
    """Entries of an array along its first axis."""
    size, stop = array.shape[0], start + count
    if start == 0 and stop == size:
        return array
    key = Slice(integer(start) if start else None, None if stop == size else integer(stop))
    shape = (count, *array.shape[1:])
    return builder.make(lambda x: Index(x, (key,)), (array,), shape, array.dtype)


def definition(looped: Looped, lines: Sequence[str], results: Sequence[str]) -> list[str]:
    """The text of the function of one layer.

    Args:
        looped: the loop.
        lines: the statements of its body.
        results: what it gives.
    """
    count = len(looped.carries)
    carry, inputs = looped.arguments
    head = [f"def {looped.name}({carry}, {inputs}):"]
    if looped.carries:
        head.append(f"    {_tuple(looped.carries)} = {carry}")
    if looped.steps:
        head.append(f"    {_tuple(looped.steps)} = {inputs}")
    last = f"    return {_tuple(results[:count])}, {_tuple(results[count:])}"
    return [*head, *lines, last]


def targets(looped: Looped) -> str:
    """What the results of a scan are assigned to."""
    count = len(looped.carries)
    kept = _tuple(looped.results[count:]) if looped.results[count:] else "_"
    return f"{_tuple(looped.results[:count]) if count else '_'}, {kept}"


def _tuple(items: Sequence[str]) -> str:
    return f"({', '.join(items)}{',' if len(items) == 1 else ''})"
