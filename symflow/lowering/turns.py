"""Loops of Python over one compiled function of a layer: arrays of layers stay where they lie."""

import re
from collections.abc import Sequence

from symflow.core import Tensor
from symflow.lowering.forms import Form, dense, whole
from symflow.lowering.naming import Names
from symflow.lowering.rolling_scan import Part, Scan, Stretch
from symflow.lowering.scalars import integer
from symflow.lowering.scanning import (
    Planner,
    Turns,
    arguments,
    giver,
    leaf_word,
    named,
    outer_values,
)
from symflow.lowering.values import Builder, Value
from symflow.notation.tree import Binary, Call, Index, Name, Tree

_NUMBERED = re.compile(r"(.*?[A-Za-z].*?)_?[0-9]+(?:_(?=.))?(.*)")


def turned(plan: Planner, scan: Scan, names: Names) -> dict[Tensor, Form]:
    """The results of a loop of calls."""
    builder = plan.builder
    starts = [
        builder.cast(dense(builder, plan.form(start)), plan.dtype(variable))
        for variable, start in zip(scan.carries, scan.starts, strict=True)
    ]
    known: dict[Tensor, Form] = {
        variable: plan.form(value) for variable, value in zip(scan.fixed, scan.values, strict=True)
    }
    carried = arguments(plan, scan.carries, names)
    known |= dict(zip(scan.carries, map(whole, carried), strict=True))
    counter = named(builder, names.of("k"), (), "int32")
    stepped: list[Value] = []
    items: list[tuple[Value, ...]] = []
    counts = False
    for variable, parts in zip(scan.steps, scan.series, strict=True):
        array = _array(plan, parts)
        if array is not None:  # entries are taken where they are needed
            source = builder.cast(dense(builder, plan.form(array.source)), plan.dtype(variable))
            known[variable] = whole(_entry(builder, source, counter, array.start, variable))
            counts = True
            continue
        found = _items(plan, parts, variable)
        word = names.of(_stem(found) or leaf_word(variable))
        value = named(builder, word, variable.shape, plan.dtype(variable))
        known[variable] = whole(value)
        stepped.append(value)
        items.append(tuple(found))
    bound = [*carried, *stepped, *([counter] if counts else [])]
    wanted = [plan.dtype(variable) for variable in (*scan.carries, *scan.kept)]
    outputs = [
        builder.cast(value, dtype)
        for value, dtype in zip(plan.body(known, scan.outputs), wanted, strict=True)
    ]
    outer = outer_values(outputs, bound)
    name = names.of("layer")
    args = [*starts, *(value for values in items for value in values), *outer]
    loop = builder.make(lambda *trees: Call(name, trees), args, (), "tuple")
    loop.depth += max((output.depth for output in outputs), default=0)
    results = [
        builder.make(
            giver(names.of(leaf_word(variable))), (loop,), variable.shape, plan.dtype(variable)
        )
        for variable in scan.results
    ]
    count = len(starts)
    plan.turns[loop] = Turns(
        name=name,
        count=scan.count,
        backwards=scan.backwards,
        carries=tuple(value.tree.word for value in carried),
        starts=tuple(starts),
        steps=tuple(value.tree.word for value in stepped),
        items=tuple(items),
        number=counter.tree.word if counts else None,
        outer=tuple(outer),
        given=tuple(bound),
        outputs=tuple(outputs),
        finals=tuple(results[:count]),
        kept=tuple(results[count:]),
    )
    return dict(zip(scan.results, map(whole, results), strict=True))


def _array(plan: Planner, parts: Sequence[Part]) -> Stretch | None:
    """The array of which the layers read consecutive entries; None for values one by one."""
    if len(parts) != 1 or not isinstance(parts[0], Stretch) or plan.of_loop(parts[0].source):
        return None
    return parts[0]


def _stem(values: Sequence[Value]) -> str | None:
    """What the names of inputs have in common beside their numbers: ``W`` of ``W7``."""
    names = [value.tree.word for value in values if isinstance(value.tree, Name)]
    stems = {found.groups() for name in names if (found := _NUMBERED.fullmatch(name))}
    if len(names) < len(values) or len(stems) != 1:
        return None
    return "".join(stems.pop())


def _entry(builder: Builder, source: Value, place: Value, start: int, variable: Tensor) -> Value:
    def write(array: Tree, k: Tree) -> Tree:
        return Index(array, (Binary("+", k, integer(start)) if start else k,))

    return builder.make(write, (source, place), variable.shape, source.dtype)


def _items(plan: Planner, parts: Sequence[Part], variable: Tensor) -> list[Value]:
    """The values of all layers, one by one."""
    builder, dtype = plan.builder, plan.dtype(variable)
    found: list[Value] = []
    for part in parts:
        if isinstance(part, Stretch):
            array = builder.cast(dense(builder, plan.form(part.source)), dtype)
            found += [entry(builder, array, k) for k in range(part.start, part.start + part.length)]
        else:
            found.append(builder.cast(dense(builder, plan.form(part)), dtype))
    return found


def entry(builder: Builder, array: Value, place: int) -> Value:
    """The entry of an array along its first axis."""
    number = integer(place)
    return builder.make(lambda x: Index(x, (number,)), (array,), array.shape[1:], array.dtype)
