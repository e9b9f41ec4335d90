"""The text of a program: a short module that a person can read, and that runs without symflow."""

import base64
import re
import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import sympy as sp

from symflow.lowering.mixing import helpers
from symflow.lowering.scalars import ScalarWriter
from symflow.lowering.scanning import Looped, definition, targets
from symflow.lowering.sizes import SIZE, Source
from symflow.lowering.values import Builder, Value
from symflow.notation.tree import Name, Tree, nodes_of, python_text

_WIDEST = 64  # characters of an expression before its parts get names
_LISTED = 24  # entries of a constant before it is packed
_LINE = 96
_IMPORTS = (
    ("math", "import math"),
    (r"jax\.(?!scipy\b)\w+", "import jax"),
    ("jnp", "import jax.numpy as jnp"),
    ("np", "import numpy as np"),
    (r"jax\.scipy\.linalg", "import jax.scipy.linalg"),
    (r"jax\.scipy\.special", "import jax.scipy.special"),
    (r"scipy\.linalg", "import scipy.linalg"),
    (r"scipy\.special", "import scipy.special"),
)
_HELPERS = {
    "placed": '''
def placed(array, index, values):
    """A copy with values written over the entries that an index names."""
    result = array.copy()
    result[index] = values
    return result
''',
    "changed": '''
def changed(update, array, index, values):
    """A copy with entries updated one after the other, as ``np.add.at`` does."""
    result = array.copy()
    update(result, index, values)
    return result
''',
}
_ANEW = {
    "anew": '''
def anew(value, after):
    """A value, known only when another is: what is made of it is computed again, not kept."""
    bits = after.ravel()[:1].real.astype(jnp.int32).sum()
    zero = (bits * (bits + 1)) & 1  # XLA does not see it, and removes barriers on CPUs
    return value * (1 - zero).astype(value.dtype)
''',
}

_BY_LAYERS = {
    "stacked": '''
def stacked(*arrays):
    """The arrays of all layers as one, without compiling where they lie in plain memory."""
    traced = any(isinstance(array, jax.core.Tracer) for array in arrays)
    return jnp.stack(arrays) if traced or jax.default_backend() != "cpu" else np.stack(arrays)
''',
    "layer_of": '''
@jax.jit
def layer_of(array, number):
    """What belongs to one layer."""
    return jax.lax.dynamic_index_in_dim(array, number, keepdims=False)
''',
}


class Lines:
    """The statements of a program: values used once stand where they are used."""

    def __init__(
        self,
        temporaries: Iterable[str],
        builder: Builder,
        loops: Mapping[Value, Looped] | None = None,
    ) -> None:
        self._names = iter(temporaries)
        self._builder = builder
        self._loops = loops or {}
        self._inner: list[Tree] = []
        self.blocks: dict[int, list[str]] = {}  # definitions, by the statement that follows
        self._trees: dict[Value, Tree] = {}
        self._pending: set[Value] = set()
        self.statements: list[tuple[str, Tree, Value]] = []

    @property
    def trees(self) -> list[Tree]:
        """What is written, in loops too."""
        return [*(tree for _, tree, _ in self.statements), *self._inner]

    def write(
        self, outputs: Sequence[Value], given: Mapping[Value, Tree] | None = None
    ) -> list[Tree]:
        """Write what the outputs need, and give them as trees; ``given`` has names already."""
        self._trees.update(given or {})
        live, uses = _liveness(outputs, self._trees)
        for value in live:
            if value in self._loops:
                self._loop(value, self._loops[value])
                continue
            tree = self._written(value)
            self._trees[value] = tree
            if not value.args or isinstance(tree, Name):
                continue
            if uses[value] == 1:
                self._pending.add(value)
            else:
                self._name(value)
        return [self._trees[value] for value in outputs]

    def _written(self, value: Value) -> Tree:
        while True:
            tree = value.build(*(self._trees[arg] for arg in value.args))
            if tree.width <= _WIDEST:
                return tree
            inline = [arg for arg in value.args if arg in self._pending]
            if not inline:
                return tree
            self._name(max(inline, key=lambda arg: self._trees[arg].width))

    def _loop(self, value: Value, looped: Looped) -> None:
        """The function of a layer, and the scan that calls it."""
        for arg in value.args:
            if arg in self._pending:
                self._name(arg)
        inner = Lines(self._names, self._builder, self._loops)
        names = (*looped.carries, *looped.steps)
        given: dict[Value, Tree] = dict(zip(looped.given, map(Name, names), strict=False))
        given |= {arg: self._trees[arg] for arg in looped.given[len(names) :]}
        results = inner.write(looped.outputs, given)
        written = [python_text(tree, exact=True) for tree in results]
        block = definition(looped, statements(inner, self._builder), written)
        self.blocks[len(self.statements)] = [f"    {line}" for line in block]
        self._inner += [*inner.trees, *results]
        tree = value.build(*(self._trees[arg] for arg in value.args))
        self._trees[value] = tree
        self.statements.append((targets(looped), tree, value))

    def _name(self, value: Value) -> None:
        self._pending.discard(value)
        name = next(self._names)
        self.statements.append((name, self._trees[value], value))
        self._trees[value] = Name(name)


def _liveness(
    outputs: Sequence[Value], given: Collection[Value] = ()
) -> tuple[list[Value], dict[Value, int]]:
    """The values that the outputs need, in order, and how often each is used."""
    uses: dict[Value, int] = {}
    stack = list(outputs)
    for value in outputs:
        uses[value] = uses.get(value, 0) + 1
    seen: set[Value] = set()
    while stack:
        value = stack.pop()
        if value in seen or value in given:
            continue
        seen.add(value)
        for arg in value.args:
            uses[arg] = uses.get(arg, 0) + 1
            stack.append(arg)
    return sorted(seen, key=lambda value: value.number), uses


def used_sizes(trees: Iterable[Tree], dimensions: Mapping[str, sp.Symbol]) -> set[sp.Symbol]:
    """The dimensions that some trees name."""
    return {
        dimensions[node.text]
        for tree in trees
        for node in nodes_of(tree)
        if isinstance(node, Name) and node.text in dimensions
    }


def size_lines(
    builder: Builder, wanted: set[sp.Symbol], found: Sequence[Source], parameters: Sequence[str]
) -> list[str]:
    """The statements that read dimensions off the inputs."""
    needed = set(wanted)
    chosen = []
    for source in reversed(found):
        if source.symbol in needed:
            chosen.append(source)
            needed |= source.formula.free_symbols - {SIZE}
    return [_size_line(builder, source, parameters) for source in reversed(chosen)]


def _size_line(builder: Builder, source: Source, parameters: Sequence[str]) -> str:
    names, axis = builder.scalars.names, f"{parameters[source.position]}.shape[{source.axis}]"
    writer = ScalarWriter(lambda s: axis if s == SIZE else names(s), builder.xp)
    text = python_text(writer.size(source.formula), exact=True)
    return f"    {names(source.symbol)} = {text}"


def body(lines: Lines, outputs: Sequence[Tree], builder: Builder) -> list[str]:
    """The statements and the return, with the shape of each value."""
    text = statements(lines, builder)
    results = [python_text(tree, exact=True) for tree in outputs]
    line = f"    return {', '.join(results)}"
    if len(line) <= _LINE or len(results) == 1:
        return [*text, line]
    return [*text, "    return (", *(f"        {result}," for result in results), "    )"]


def within(matmul: str | None, lines: Sequence[str]) -> list[str]:
    """The lines of a body, matrix products at a precision."""
    if matmul is None:
        return list(lines)
    first = f'    with jax.default_matmul_precision("{matmul}"):'
    return [first, *(f"    {line}" for line in lines)]


def statements(lines: Lines, builder: Builder) -> list[str]:
    """The statements, with the shape of each value, and the functions that they need."""
    text: list[str] = []
    for number, (name, tree, value) in enumerate(lines.statements):
        text += lines.blocks.get(number, [])
        text.append(f"    {name} = {python_text(tree, exact=True)}{_comment(value, builder)}")
    return text


def _comment(value: Value, builder: Builder) -> str:
    return "" if value.dtype == "tuple" else f"  # {shape_text(value.shape, builder)}"


def shape_text(shape: Sequence[Any], builder: Builder) -> str:
    """A shape with the identifiers of its dimensions."""
    sizes = [python_text(builder.scalars.size(size)) for size in shape]
    return "(" + ", ".join(sizes) + ("," if len(sizes) == 1 else "") + ")"


def header(inputs: Sequence[tuple[str, str]], outputs: Sequence[str], backend: str) -> str:
    """The docstring of the module."""
    lines = [f'"""A program over {"jax.numpy" if backend == "jax" else "numpy"}.', ""]
    lines += ["Inputs:"] if inputs else []
    lines += [f"    {name}: {what}" for name, what in inputs]
    lines += ["Outputs:", *(f"    {what}" for what in outputs), '"""']
    return "\n".join(lines)


def quoted(name: str) -> str:
    """A name of a user as it may stand in a docstring."""
    if name.isidentifier() or re.fullmatch(r"[\w.]+", name):
        return name
    return ascii(name).replace("\\", "\\\\").replace('"', '\\"')


def signature(parameters: Sequence[str], name: str = "program") -> str:
    """The first line of a function, broken where it is long."""
    line = f"def {name}({', '.join(parameters)}):"
    if len(line) <= _LINE:
        return line
    return "\n".join([f"def {name}(", *(f"    {parameter}," for parameter in parameters), "):"])


def constants_text(constants: Mapping[str, tuple[np.ndarray[Any, Any], str]]) -> list[str]:
    """The embedded arrays: short ones as lists, others packed."""
    return [_constant_text(name, array, dtype) for name, (array, dtype) in constants.items()]


def _constant_text(name: str, array: np.ndarray[Any, Any], dtype: str) -> str:
    own = array.dtype.name
    if array.size <= _LISTED and array.size:
        numbers = re.sub(r"\b(nan|inf)\b", r"np.\1", repr(array.tolist()))
        kind = "jnp.bfloat16" if dtype == "bfloat16" else f"np.{own}"
        text = f"np.array({numbers}, dtype={kind})"
        if len(text) <= _LINE - len(name):
            return f"{name} = {text}"
    packed = base64.b85encode(zlib.compress(array.tobytes(), 9)).decode()
    step = _LINE - 10
    rows = [f'    "{packed[k : k + step]}"' for k in range(0, len(packed), step)]
    return "\n".join(
        [
            f"{name} = np.frombuffer(zlib.decompress(base64.b85decode(",
            *rows,
            f')), dtype="{own}").reshape({tuple(array.shape)})'
            + (".astype(jnp.bfloat16)" if dtype == "bfloat16" else ""),
        ]
    )


def imports_text(text: str) -> list[str]:
    """The imports that a text needs."""
    found = []
    for module, line in _IMPORTS:
        if re.search(rf"(?<![\w.]){module}[.(\n]", text):
            found.append(line)
    if "b85decode" in text:
        found = ["import base64", "import zlib", *found]
    return found


def module(parts: Sequence[str], code: str, *, backend: str) -> str:
    """The whole module.

    Args:
        parts: docstring, then constants.
        code: the functions.
        backend: a program of NumPy brings the functions that NumPy lacks, one of JAX those of
            mixed precision and of values that are computed anew.
    """
    docstring, *constants = parts
    below = "\n".join(constants)
    known = _HELPERS if backend == "numpy" else {**helpers(), **_ANEW, **_BY_LAYERS}
    brought = [text for name, text in known.items() if re.search(rf"(?<![\w.]){name}\(", code)]
    imports = imports_text("\n".join([below, *brought, code]))
    blocks = [docstring, "\n".join(imports)]
    if constants:
        blocks.append(below)
    text = "\n\n".join(block for block in blocks if block) + "\n"
    text += "".join(f"\n{definition}" for definition in brought)
    return f"{text}\n\n{code}\n"
