"""Patterns: the left side of a rule prepared for matching.

Every axis in a pattern carries a label; axes that an operation keeps carry one label above and
below it.  A label of vectors stands for a group of axes, a label of matrices for one axis; all
axes of a target beyond those of the pattern are batch.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeGuard

import sympy as sp

from symflow.core import Add, Apply, Einsum, Operation, Tensor, Variable
from symflow.core.add import split
from symflow.core.labels import Labels
from symflow.ops.arithmetic import SCALAR_POWER
from symflow.ops.choice import GREATER, GREATER_EQUAL, LESS, LESS_EQUAL
from symflow.ops.linalg import CHOLESKY, DET, INV, SLOGDET
from symflow.ops.matrix_functions import EXPM, PINV
from symflow.rewriting.kinds import Kind

# comparisons read from the other side
MIRRORED: Mapping[Operation, Operation] = {
    GREATER: LESS,
    LESS: GREATER,
    GREATER_EQUAL: LESS_EQUAL,
    LESS_EQUAL: GREATER_EQUAL,
}
ELEMENTWISE, MATRIX, DETERMINANT, REDUCED, AXIS = (
    "elementwise",
    "matrix",
    "determinant",
    "reduced",
    "axis",
)


@dataclass(eq=False)
class PVar:
    """A pattern variable under labels."""

    variable: Variable
    kind: Kind
    labels: Labels


@dataclass(eq=False)
class PApply:
    """An operation; ``inner`` are the labels that its operand has and it has not."""

    operation: Operation
    params: tuple[object, ...]
    style: str
    operands: list["Pattern"]
    labels: Labels
    inner: Labels = ()


@dataclass(eq=False)
class PNet:
    """A contraction: parts, labels summed inside, pairs of output labels that are one.

    The data type matters for literals alone: a truth value is no number.
    """

    coefficient: sp.Expr
    parts: list["Pattern"]
    labels: Labels
    summed: Labels
    equal: tuple[tuple[int, int], ...] = ()
    dtype: str = "float"
    plain: list[PVar] = field(init=False)
    concrete: list["Pattern"] = field(init=False)
    adrift: list["Pattern"] = field(init=False)  # of those, what does not tell a summed axis

    def __post_init__(self) -> None:
        self.plain = [part for part in self.parts if isinstance(part, PVar)]
        others = [part for part in self.parts if not isinstance(part, PVar)]
        self.concrete = sorted(others, key=lambda part: -len(walk(part)))
        self.adrift = [
            part
            for part in others
            if len(part.labels) == 1 and part.labels[0] in self.summed and not _tells_axis(part)
        ]


@dataclass(eq=False)
class PSum:
    """A sum; the coefficient of a constant term is its value, its pattern None."""

    terms: list[tuple[sp.Expr, "Pattern | None"]]
    labels: Labels


Pattern = PVar | PApply | PNet | PSum


@dataclass
class Compiled:
    """A pattern with what is known about its labels and variables."""

    root: Pattern
    singles: frozenset[int]
    variables: frozenset[Variable]
    next_label: int


def compile_pattern(node: Tensor, kinds: Mapping[Variable, Kind]) -> Compiled:
    """The pattern of a rule's left side.

    Raises:
        ValueError: for an operation that patterns cannot hold.
    """
    compiler = _Compiler(kinds)
    root = compiler.compile(node, compiler.fresh(node.rank))
    singles: set[int] = set()
    variables: set[Variable] = set()
    for part in walk(root):
        if isinstance(part, PVar):
            variables.add(part.variable)
            if len(part.labels) > 1:
                singles.update(part.labels)
        elif isinstance(part, PApply) and part.style in (MATRIX, DETERMINANT):
            singles.update(part.inner)
            singles.update(part.labels)
    return Compiled(root, frozenset(singles), frozenset(variables), compiler.next)


def compile_beside(node: Tensor, kinds: Mapping[Variable, Kind], left: Compiled) -> Pattern:
    """The right side of a rule, its outer axes under the labels of the left side's."""
    compiler = _Compiler(kinds)
    compiler.next = left.next_label
    return compiler.compile(node, left.root.labels)


def walk(root: Pattern) -> list[Pattern]:
    """All parts of a pattern."""
    found: list[Pattern] = []
    pending = [root]
    while pending:
        part = pending.pop()
        found.append(part)
        pending.extend(children(part))
    return found


def children(part: Pattern) -> list[Pattern]:
    """The parts directly below a part."""
    if isinstance(part, PApply):
        return part.operands
    if isinstance(part, PNet):
        return part.parts
    if isinstance(part, PSum):
        return [term for _, term in part.terms if term is not None]
    return []


def variables_of(part: Pattern) -> frozenset[Variable]:
    """The variables below a part."""
    return frozenset(sub.variable for sub in walk(part) if isinstance(sub, PVar))


def style_of(operation: Operation) -> str | None:
    """How an operation treats axes; None where patterns cannot hold it."""
    if operation.elementwise:
        return ELEMENTWISE
    if operation in (INV, CHOLESKY, EXPM, PINV):
        return MATRIX
    if operation in (DET, SLOGDET):
        return DETERMINANT
    if operation.parameters == ("axis",) and operation.arity == 1:
        return REDUCED if "reduction" in operation.facts else AXIS
    return None


class _Compiler:
    def __init__(self, kinds: Mapping[Variable, Kind]) -> None:
        self.kinds = kinds
        self.next = 0

    def fresh(self, count: int) -> Labels:
        start = self.next
        self.next += count
        return tuple(range(start, start + count))

    def compile(self, node: Tensor, labels: Labels) -> Pattern:
        if isinstance(node, Variable) and node in self.kinds:
            return PVar(node, self.kinds[node], labels)
        number, core = split(node)
        if isinstance(core, Add):  # `b - a` is stored as `-(a - b)`
            return PSum([self._term(number * c, term, labels) for c, term in core.terms], labels)
        if isinstance(node, Einsum):
            return self._net(node, labels)
        if isinstance(node, Apply):
            return self._apply(node, labels)
        raise ValueError(f"a pattern cannot hold {type(node).__name__} {node}")

    def _term(
        self, coefficient: sp.Expr, term: Tensor, labels: Labels
    ) -> tuple[sp.Expr, Pattern | None]:
        if is_constant(term):
            assert isinstance(term, Einsum)
            return coefficient * term.coefficient, None
        return coefficient, self.compile(term, labels)

    def _apply(self, node: Apply, labels: Labels) -> PApply:
        operation = node.operation
        style = style_of(operation)
        if style is None:
            raise ValueError(f"a pattern cannot hold the operation {operation.name}")
        if style == ELEMENTWISE:
            parts = [self.compile(operand, labels) for operand in node.operands]
            return PApply(operation, node.params, style, parts, labels)
        (operand,) = node.operands
        if style in (MATRIX, DETERMINANT):
            inner = self.fresh(2)
            return PApply(
                operation, node.params, style, [self.compile(operand, inner)], labels, inner
            )
        axes = node.params[0]
        if style == AXIS:
            inner = tuple(labels[axis] for axis in axes)
            return PApply(operation, (), style, [self.compile(operand, labels)], labels, inner)
        inner = self.fresh(len(axes))
        outer, reduced = iter(labels), iter(inner)
        below = tuple(next(reduced) if a in axes else next(outer) for a in range(operand.rank))
        return PApply(operation, (), style, [self.compile(operand, below)], labels, inner)

    def _net(self, node: Einsum, labels: Labels) -> PNet:
        names: dict[int, int] = {}
        equal = []
        for local, outer in zip(node.output, labels, strict=True):
            if local in names:
                equal.append((names[local], outer))
            else:
                names[local] = outer
        summed = []
        for local in node.summed:
            (names[local],) = self.fresh(1)
            summed.append(names[local])
        parts = [
            self.compile(operand, tuple(names[local] for local in subscripts))
            for operand, subscripts in zip(node.operands, node.subscripts, strict=True)
        ]
        return PNet(node.coefficient, parts, labels, tuple(summed), tuple(equal), node.dtype)


def is_power_of_sum(part: Pattern) -> TypeGuard[PApply]:
    """Whether a part is a sum to a whole power."""
    return (
        isinstance(part, PApply)
        and part.operation is SCALAR_POWER
        and isinstance(part.operands[0], PSum)
        and isinstance(part.params[0], sp.Integer)
    )


def _tells_axis(part: Pattern) -> bool:
    """Whether a part with one label says by itself which axis that is."""
    return not all(
        isinstance(sub, PVar) or (isinstance(sub, PApply) and sub.style == ELEMENTWISE)
        for sub in walk(part)
    )


def is_constant(node: Tensor) -> bool:
    """Whether all entries of a node are one number, seen from its structure."""
    return (
        isinstance(node, Einsum) and not node.operands and len(set(node.output)) == len(node.output)
    )
