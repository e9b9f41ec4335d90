"""Programs with loops in two parts: what is compiled, and the stacking of arrays around it.

XLA takes longer to compile the stacking of many parameters, and their gradients taken apart, than
the loops themselves.  So the function that is compiled takes and gives stacked arrays.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import sympy as sp

from symflow.lowering import source as text
from symflow.lowering.naming import Names
from symflow.lowering.scanning import Looped
from symflow.lowering.sizes import sources
from symflow.lowering.values import Builder, Value
from symflow.notation.tree import Index, Name, Number, Tree, nodes_of


@dataclass(frozen=True)
class Whole:
    """A program before it is written.

    Attributes:
        builder: made its values.
        names: that are taken.
        values: its results.
        parameters: its inputs: their identifiers and values.
        loops: its loops.
        stacks: stacked inputs.
        dimensions: the symbol of each identifier of a size.
    """

    builder: Builder
    names: Names
    values: Sequence[Value]
    parameters: Mapping[str, Value]
    loops: Mapping[Value, Looped]
    stacks: Mapping[Value, tuple[Value, ...]]
    dimensions: Mapping[str, sp.Symbol]

    @property
    def comes_apart(self) -> bool:
        """Whether there are stacked inputs."""
        return bool(self.stacks)


def code(whole: Whole, within: Callable[[list[str]], list[str]]) -> str:
    """The functions of the program: what is compiled, and the program that calls it.

    Args:
        whole: the program.
        within: puts the lines of the compiled body into a context.
    """
    builder, names = whole.builder, whole.names
    inside = names.of("computed")
    found: dict[Value, Tree] = {stack: Name(names.of("stack")) for stack in whole.stacks}
    results, entries = _results(whole)
    lines = text.Lines(names.numbered("t"), builder, whole.loops)
    outputs = lines.write(results, found)
    used = {node.text for tree in (*lines.trees, *outputs) for node in _names_in(tree)}
    arguments = {name: value for name, value in whole.parameters.items() if name in used}
    arguments |= {tree.word: stack for stack, tree in found.items()}
    sizes = text.used_sizes([*lines.trees, *outputs], whole.dimensions)
    shapes = [value.shape for value in arguments.values()]
    known = sources(shapes)
    missing = sizes - {source.symbol for source in known}
    for name, value in whole.parameters.items():  # read where nothing else shows them
        if name not in arguments and missing & {
            s for n in value.shape for s in sp.sympify(n).free_symbols
        }:
            arguments[name] = value
    known = sources([value.shape for value in arguments.values()])
    parameters = list(arguments)
    body = [
        "@jax.jit",
        text.signature(parameters, inside),
        *text.size_lines(builder, sizes, known, parameters),
        *within(text.body(lines, outputs, builder)),
    ]
    return "\n\n\n".join(
        ["\n".join(body), "\n".join(_program(whole, inside, arguments, results, entries))]
    )


def _names_in(tree: Tree) -> list[Name]:
    return [node for node in nodes_of(tree) if isinstance(node, Name)]


def _results(whole: Whole) -> tuple[list[Value], list[tuple[int, int | None]]]:
    """What is compiled gives, and for each result its place there and the layer of it."""
    results: dict[Value, int] = {}
    entries: list[tuple[int, int | None]] = []
    for value in whole.values:
        layer = _layer(whole, value)
        base = value if layer is None else value.args[0]
        entries.append((results.setdefault(base, len(results)), layer))
    return list(results), entries


def _layer(whole: Whole, value: Value) -> int | None:
    """The layer of which a value is what a loop keeps."""
    if len(value.args) != 1 or not value.args[0].args or value.args[0].args[0] not in whole.loops:
        return None
    tree = value.build(Name("kept"))
    if isinstance(tree, Index) and len(tree.keys) == 1 and isinstance(tree.keys[0], Number):
        return int(tree.keys[0].text)
    return None


def _program(
    whole: Whole,
    inside: str,
    arguments: Mapping[str, Value],
    results: Sequence[Value],
    entries: Sequence[tuple[int, int | None]],
) -> list[str]:
    identifiers = {value: name for name, value in whole.parameters.items()}
    given = []
    for name, value in arguments.items():
        parts = whole.stacks.get(value)
        given.append(
            name if parts is None else f"stacked({', '.join(identifiers[p] for p in parts)})"
        )
    outputs = [whole.names.of("out") for _ in results]
    lines = [
        text.signature(list(whole.parameters)),
        f"    {', '.join(outputs)}{',' if len(outputs) == 1 else ''} = {inside}(",
        *(f"        {argument}," for argument in given),
        "    )",
    ]
    if len(results) == 1:
        lines[1] = f"    {outputs[0]} = {inside}("
    shown = [
        outputs[place] if layer is None else f"layer_of({outputs[place]}, {layer})"
        for place, layer in entries
    ]
    if len(shown) == 1:
        return [*lines, f"    return {shown[0]}"]
    return [*lines, "    return (", *(f"        {one}," for one in shown), "    )"]
