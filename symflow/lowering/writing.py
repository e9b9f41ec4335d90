"""Expressions and inputs in, a written program out: its text and what a call must check."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import sympy as sp

from symflow.core import Apply, Scalar, Tensor, Variable
from symflow.core.dims import Dim, Shape
from symflow.core.walk import paused_collector, postorder
from symflow.errors import LoweringError
from symflow.lowering import apart
from symflow.lowering import source as text
from symflow.lowering.driver import Driver
from symflow.lowering.forms import dense
from symflow.lowering.liveness import ITEM
from symflow.lowering.naming import Names
from symflow.lowering.plan import Plan, leaf_name
from symflow.lowering.precision import checked_precision, concrete
from symflow.lowering.rematerialising import Trade, within
from symflow.lowering.rolling_scan import Scan
from symflow.lowering.sizes import Source, sources
from symflow.lowering.values import Builder, Value
from symflow.notation.tree import Binary, Number
from symflow.rewriting.hints import size_hints

_LONGEST_CHAIN = 5000
BACKENDS = ("jax", "numpy")
Input = Any  # a variable, a Scalar, or the symbol of a scalar or dimension


@dataclass(frozen=True)
class Parameter:
    """An input of a program.

    Attributes:
        name: the name under which it is given.
        identifier: its name in the text.
        shape: its sizes; None for a dimension.
        dtype: its concrete data type.
        symbol: the dimension, for one that is given as an input.
    """

    name: str
    identifier: str
    shape: Shape | None
    dtype: str
    symbol: sp.Symbol | None = None


@dataclass(frozen=True)
class Written:
    """A program as text, with what its caller must know.

    Attributes:
        source: the module.
        inputs: the nodes and symbols given or found, in order.
        parameters: the same, described.
        outputs: shape and concrete data type of each result.
        sizes: where dimensions are read.
        bounds: expressions of dimensions that must not be negative.
        runs: slices (start, count, step and the size of the axis) that must lie in their axis.
        divisors: expressions of dimensions that must not be zero.
        backend: ``"jax"`` or ``"numpy"``.
        precision: of the abstract data types.
        trade: what is computed again, where memory was bounded.
        apart: whether the program is no function to compile as a whole: it calls a compiled one.
    """

    source: str
    inputs: tuple[Input, ...]
    parameters: tuple[Parameter, ...]
    outputs: tuple[tuple[Shape, str], ...]
    sizes: tuple[Source, ...]
    bounds: tuple[sp.Expr, ...]
    runs: tuple[tuple[Dim, Dim, int, Dim], ...]
    divisors: tuple[sp.Expr, ...]
    backend: str
    precision: str
    trade: Trade | None = None
    apart: bool = False


@dataclass(frozen=True)
class Wishes:
    """What else is wanted of a program.

    Attributes:
        matmul: JAX's precision of matrix products; None for its default.
        memory: bytes that it may use, see :mod:`symflow.lowering.rematerialising`.
        scale: a factor of some results, which they are divided by in the end.
    """

    matmul: str | None = None
    memory: float | None = None
    scale: "Scale | None" = None


@dataclass(frozen=True)
class Scale:
    """A factor that keeps gradients from vanishing in 16 bits.

    Attributes:
        factor: its value.
        places: the results that it multiplies.
    """

    factor: float
    places: tuple[int, ...]


def write(
    expressions: Sequence[Tensor],
    inputs: Sequence[Input] | None = None,
    *,
    precision: str = "float32",
    backend: str = "jax",
    sizes: Mapping[str, int] | None = None,
    asked: Sequence[Tensor] | None = None,
    introduced: Collection[Tensor] = (),
    wishes: Wishes | None = None,
    scans: Sequence[Scan] = (),
) -> Written:
    """Write the program of some expressions.

    Args:
        expressions: what it returns.
        inputs: variables, scalar symbols and dimensions in the order of its arguments; by
            default the variables and scalar symbols by name, then the dimensions that no array
            has.
        precision: what ``float`` becomes; ``int`` and ``complex`` follow.
        backend: ``"jax"`` or ``"numpy"``.
        sizes: typical sizes of dimensions, by name, for the order of contractions.
        asked: the expressions as they were asked for: a variable that rewriting has removed is
            still an input.
        introduced: nodes that hold for all sizes at which they are written: theirs are no
            conditions of the program.
        wishes: what else is wanted.
        scans: loops whose results the expressions use.

    Raises:
        LoweringError: for an unknown backend or precision, inputs that are missing, ambiguous or
            no leaves, and what the backend cannot do.
    """
    if backend not in BACKENDS:
        raise LoweringError(f"unknown backend {backend!r}; known: {', '.join(BACKENDS)}")
    checked_precision(precision, backend)
    with paused_collector():
        hidden = {v for scan in scans for v in (*scan.bound, *scan.results)}
        inside = [node for scan in scans for node in (*scan.operands, *scan.outputs)]
        order = [node for node in postorder([*expressions, *inside]) if node not in hidden]
        known = order if asked is None else postorder([*order, *asked], stop=hidden.__contains__)
        known = [node for node in known if node not in hidden]
        leaves = _leaves(known, inputs)
        writer = _Writer(expressions, order, leaves, precision, backend, wishes or Wishes())
        writer.scans = scans
        return writer.written(sizes, introduced)


# ------------------------------------------------------------------------------- inputs


@dataclass(frozen=True)
class _Leaves:
    given: tuple[Input, ...]
    tensors: tuple[Tensor | None, ...]  # None where the input is a dimension
    open: bool  # whether dimensions may be added


def _leaves(order: Iterable[Tensor], inputs: Sequence[Input] | None) -> _Leaves:
    used = [node for node in order if isinstance(node, (Variable, Scalar))]
    if inputs is None:
        used.sort(key=lambda leaf: (leaf_name(leaf), leaf.digest))
        given = tuple(leaf.symbol if isinstance(leaf, Scalar) else leaf for leaf in used)
        return _Leaves(given, tuple(used), open=True)
    tensors = [_leaf(item) for item in inputs]
    missing = sorted(leaf_name(leaf) for leaf in set(used) - set(tensors))
    if missing:
        raise LoweringError(f"the expressions need {', '.join(missing)}, not among the inputs")
    return _Leaves(tuple(inputs), tuple(tensors), open=False)


def _leaf(item: Input) -> Tensor | None:
    if isinstance(item, (Variable, Scalar)):
        return item
    if isinstance(item, sp.Symbol):
        return None if item.is_integer and item.is_nonnegative else Scalar(item)
    raise LoweringError(
        f"an input is a variable, a symbol or a dimension, not {type(item).__name__}"
    )


class _Writer:
    """The names and values of one program."""

    scans: Sequence[Scan] = ()

    def __init__(
        self,
        expressions: Sequence[Tensor],
        order: Sequence[Tensor],
        leaves: _Leaves,
        precision: str,
        backend: str,
        wishes: Wishes,
    ) -> None:
        self.wishes = wishes
        self.expressions = expressions
        self.order = order
        self.leaves = leaves
        self.precision = precision
        self.names = Names()
        self.parameters = [
            self._parameter(item, leaf)
            for item, leaf in zip(leaves.given, leaves.tensors, strict=True)
        ]
        self.dimensions = {
            parameter.symbol: parameter.identifier
            for parameter in self.parameters
            if parameter.symbol is not None
        }
        for symbol in self._symbols():
            if symbol not in self.dimensions:
                self.dimensions[symbol] = self.names.of(symbol.name)
        self.builder = Builder(backend, self.dimensions.__getitem__)

    def _parameter(self, item: Input, leaf: Tensor | None) -> Parameter:
        if leaf is None:
            return Parameter(item.name, self.names.of(item.name), None, "int", item)
        name = leaf_name(leaf)
        dtype = concrete(leaf.dtype, self.precision)
        return Parameter(name, self.names.of(name), leaf.shape, dtype)

    def _symbols(self) -> list[sp.Symbol]:
        """All dimensions, by name."""
        found: set[sp.Symbol] = set()
        tensors = [leaf for leaf in self.leaves.tensors if leaf is not None]
        for node in (*self.order, *tensors):
            if not isinstance(node, Scalar):
                for scalar in node.scalars():
                    found |= scalar.free_symbols
        return sorted(found, key=lambda symbol: symbol.name)

    def written(
        self, sizes: Mapping[str, int] | None, introduced: Collection[Tensor] = ()
    ) -> Written:
        identifiers = {leaf: parameter.identifier for leaf, parameter in self._pairs()}
        plan = Plan(self.builder, self.precision, identifiers, self.names, sizes, scans=self.scans)
        values = self._lowered(plan)
        self._check_depth(values)
        values, trade = self._remembered(values, sizes)
        code, found = self._code(plan, values)
        results = tuple((value.shape, value.dtype) for value in values)
        checked = [node for node in plan.nodes if node not in introduced]
        return Written(
            source=self._module(plan, "\n\n\n".join([*plan.functions, code]), results),
            inputs=tuple(self._inputs()),
            parameters=tuple(self.parameters),
            outputs=results,
            sizes=tuple(found),
            bounds=tuple(bounds(checked)),
            runs=tuple(runs(checked)),
            divisors=tuple(divisors(checked)),
            backend=self.builder.backend,
            precision=self.precision,
            trade=trade,
            apart="@jax.jit" in code,
        )

    def _code(self, plan: Plan, values: Sequence[Value]) -> tuple[str, list[Source]]:
        """The functions of the program, and where dimensions are read."""
        by_name = {name: symbol for symbol, name in self.dimensions.items()}
        if plan.turns:
            own = {p.identifier: dense(self.builder, plan.form(leaf)) for leaf, p in self._pairs()}
            within_ = partial(text.within, self.wishes.matmul)
            driver = Driver(self.builder, self.names, values, own, plan.turns, by_name, within_)
            return driver.code(), self._sources(set())
        if plan.stacks and all(p.shape is not None for p in self.parameters):
            own = {p.identifier: dense(self.builder, plan.form(leaf)) for leaf, p in self._pairs()}
            whole = apart.Whole(
                self.builder, self.names, values, own, plan.loops, plan.stacks, by_name
            )
            return apart.code(whole, partial(text.within, self.wishes.matmul)), self._sources(set())
        lines = text.Lines(self.names.numbered("t"), self.builder, plan.loops)
        outputs = lines.write(values)
        used = text.used_sizes([*lines.trees, *outputs], by_name)
        found = self._sources(used)
        parameters = [parameter.identifier for parameter in self.parameters]
        code = [
            text.signature(parameters),
            *text.size_lines(self.builder, used, found, parameters),
            *text.within(self.wishes.matmul, text.body(lines, outputs, self.builder)),
        ]
        return "\n".join(code), found

    def _pairs(self) -> list[tuple[Tensor, Parameter]]:
        """The leaves among the inputs."""
        pairs = zip(self.leaves.tensors, self.parameters, strict=True)
        return [(leaf, parameter) for leaf, parameter in pairs if leaf is not None]

    def _lowered(self, plan: Plan) -> list[Value]:
        """The results, divided by the scale that they were computed with."""
        values, scale = plan.lower(self.expressions), self.wishes.scale
        if scale is None:
            return values
        number = Number(repr(scale.factor))
        for place in scale.places:
            value = self.builder.cast(values[place], "float32")
            values[place] = self.builder.make(
                lambda x: Binary("/", x, number), (value,), value.shape, value.dtype
            )
        return values

    def _remembered(
        self, values: list[Value], sizes: Mapping[str, int] | None
    ) -> tuple[list[Value], Trade | None]:
        """The results within the memory that they may use."""
        if self.wishes.memory is None or self.scans:  # a loop keeps what it keeps
            return values, None
        hints = size_hints(sizes)
        given = 0.0
        for parameter in self.parameters:
            bytes_ = float(ITEM.get(parameter.dtype, 0))
            for size in parameter.shape or ():
                bytes_ *= hints(size)
            given += bytes_
        return within(values, hints, given, self.wishes.memory)

    def _inputs(self) -> list[Input]:
        extra = [parameter.symbol for parameter in self.parameters[len(self.leaves.given) :]]
        return [*self.leaves.given, *extra]

    def _check_depth(self, values: Sequence[Value]) -> None:
        depth = max((value.depth for value in values), default=0)
        if self.builder.backend == "jax" and depth > _LONGEST_CHAIN:
            raise LoweringError(
                f"a serial chain of {depth} operations is longer than XLA compiles "
                f"({_LONGEST_CHAIN}): use backend='numpy', or write it over arrays"
            )

    def _sources(self, used: set[sp.Symbol]) -> list[Source]:
        """Where dimensions are read; those that no array has become inputs."""
        known = [parameter.symbol for parameter in self.parameters if parameter.symbol is not None]
        found = sources([parameter.shape for parameter in self.parameters], known)
        missing = used - set(known) - {source.symbol for source in found}
        if not missing:
            return found
        names = ", ".join(sorted(symbol.name for symbol in missing))
        if not self.leaves.open:
            raise LoweringError(f"no input has the size {names}: add it to the inputs")
        for symbol in sorted(missing, key=lambda s: s.name):
            identifier = self.dimensions[symbol]
            self.parameters.append(Parameter(symbol.name, identifier, None, "int", symbol))
        return sources([p.shape for p in self.parameters], [*known, *missing])

    def _module(self, plan: Plan, code: str, results: Sequence[tuple[Shape, str]]) -> str:
        self._check_names()
        described = [
            (text.quoted(p.name), self._described(p.shape, p.dtype)) for p in self.parameters
        ]
        docstring = text.header(
            described, [self._described(*result) for result in results], self.builder.backend
        )
        constants = text.constants_text(plan.constants)
        return text.module([docstring, *constants], code, backend=self.builder.backend)

    def _described(self, shape: Shape | None, dtype: str) -> str:
        if shape is None:
            return "a size"
        return f"{dtype} {text.shape_text(shape, self.builder)}"

    def _check_names(self) -> None:
        names = [parameter.name for parameter in self.parameters]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise LoweringError(
                f"two inputs have the name {twice[0]!r}: rename one, or give it another scope"
            )


# ------------------------------------------------------------------------------- checks


def bounds(order: Iterable[Tensor]) -> list[sp.Expr]:
    """Sizes that are negative at some dimensions, as ``n - 1``, each once."""
    found: dict[sp.Expr, None] = {}
    for node in order:
        for size in node.shape:
            if isinstance(size, (int, sp.Symbol)):
                continue
            if not (size.is_nonnegative and size.is_integer):
                found[size] = None
    return list(found)


def runs(order: Iterable[Tensor]) -> list[tuple[Dim, Dim, int, Dim]]:
    """Slices that leave their axis at some dimensions, each once."""
    found: dict[tuple[Dim, Dim, int, Dim], None] = {}
    for node in order:
        if not isinstance(node, Apply) or node.operation.name not in ("slice", "place"):
            continue
        wide = node.operands[0].shape if node.operation.name == "slice" else node.params[1]
        for run, size in zip(node.params[0], wide, strict=True):
            if not _is_inside(run[0], run[1], run[2], size):
                found[(*run, size)] = None
    return list(found)


def _is_inside(start: Dim, count: Dim, step: int, size: Dim) -> bool:
    """Whether a run provably lies in its axis, whatever the dimensions."""
    if isinstance(start, int) and isinstance(count, int) and isinstance(size, int):
        return True  # decided when the node was built
    last = sp.expand(start + (sp.sympify(count) - 1) * step)
    return all(
        sp.sympify(place).is_nonnegative and sp.expand(size - 1 - place).is_nonnegative
        for place in (start, last)
    )


def divisors(order: Iterable[Tensor]) -> list[sp.Expr]:
    """Expressions of dimensions that some coefficient divides by, each once."""
    found: dict[sp.Expr, None] = {}
    for node in order:
        if isinstance(node, Scalar):
            continue
        for scalar in node.scalars():
            if scalar.free_symbols and not scalar.is_integer:
                below = sp.fraction(scalar)[1]
                if below.free_symbols:
                    found[below] = None
    return list(found)
