"""From a graph to the values of a program: every node once, operands first."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from symflow.core import Add, Apply, Constant, Einsum, Scalar, Tensor, Variable, apply
from symflow.core.dims import Dim
from symflow.core.function import Function
from symflow.core.labels import Labels
from symflow.core.walk import postorder, use_counts
from symflow.errors import LoweringError
from symflow.lowering import calls, functions, gathering, matrices, operations, structure, sums
from symflow.lowering.forms import Form, dense, whole
from symflow.lowering.functions import Inner
from symflow.lowering.mixing import narrowing
from symflow.lowering.molds import LONG, Molds
from symflow.lowering.naming import Names
from symflow.lowering.network import Network, dense_fuse
from symflow.lowering.precision import concrete
from symflow.lowering.rolling_scan import Scan
from symflow.lowering.scanning import Looped, Turns, scanned
from symflow.lowering.solving import Inverse, read_triangle
from symflow.lowering.turns import turned
from symflow.lowering.values import Builder, Value
from symflow.notation.tree import Name
from symflow.ops.arithmetic import SCALAR_POWER
from symflow.ops.closure import CALL
from symflow.ops.factorisations import SVD
from symflow.ops.facts import facts, has
from symflow.ops.linalg import EIGH, INV, SLOGDET
from symflow.ops.records import MATRIX_FAMILIES
from symflow.ops.reshaping import is_fuse
from symflow.rewriting.hints import size_hints

_HANDLERS: Mapping[str, Callable[["Plan", Apply], Form]] = {
    "cast": operations.cast,
    "map": operations.scalar_map,
    "scalar_power": operations.scalar_power,
    "slice": structure.taken,
    "place": structure.placed,
    "concatenate": structure.joined,
    "arange": structure.arange,
    "linalg.solve": matrices.solve,
    "fft.rfft": calls.called,  # the size of its axis changes
    "fft.irfft": calls.called,
    "linalg.block_diag": matrices.block_diagonal,
    "gather": gathering.looked_up,
    "scatter": gathering.added,
    "slice_set": gathering.slice_written,
    **dict.fromkeys(
        ("scatter_set", "scatter_mul", "scatter_min", "scatter_max"), gathering.updated
    ),
}


class Plan:
    """The values that compute some expressions.

    Attributes:
        builder: makes the values.
        precision: of the abstract data types.
        constants: the arrays that the program embeds, by name.
        constant_names: the names for further ones.
    """

    def __init__(
        self,
        builder: Builder,
        precision: str,
        identifiers: Mapping[Tensor, str],
        names: Names,
        sizes: Mapping[str, int] | None = None,
        outer: "Plan | None" = None,
        scans: Sequence[Scan] = (),
    ) -> None:
        self.builder = builder
        builder.narrow = narrowing(precision)
        self.precision = precision
        self.identifiers = identifiers
        self.constants: dict[str, tuple[np.ndarray[Any, Any], str]] = {}
        self.constant_names = names.numbered("C")
        if outer is not None:  # the body of a function: constants stand in the module
            self.constants, self.constant_names = outer.constants, outer.constant_names
        self._outer = outer
        self._names = names
        self._inner: dict[Function, Inner | None] = {}
        self._shared: frozenset[Function] = frozenset()
        self._bodies: list[Tensor] = []
        self._hints: Callable[[Dim], float] = size_hints(sizes)
        self._empty = frozenset(name for name, size in (sizes or {}).items() if size == 0)
        self.loops: dict[Value, Looped] = {} if outer is None else outer.loops
        self.stacks: dict[Value, tuple[Value, ...]] = {} if outer is None else outer.stacks
        self.turns: dict[Value, Turns] = {} if outer is None else outer.turns
        self._sizes = sizes
        self._scans = scans
        self._of_scan = {variable: scan for scan in scans for variable in scan.results}
        self._forms: dict[Tensor, Form] = {}
        self._inverse_uses: dict[Tensor, int] = {}
        self._uses: dict[Tensor, int] = {}
        self._nodes: frozenset[Tensor] = frozenset()
        self._molds: Molds | None = None
        self._casts = outer is None
        for leaf, identifier in identifiers.items():
            name = Name(identifier)
            value = builder.make(lambda t=name: t, (), leaf.shape, self.dtype(leaf))
            self._forms[leaf] = whole(value)

    def dtype(self, node: Tensor) -> str:
        """The concrete data type of a node."""
        return concrete(node.dtype, self.precision)

    def lower(self, roots: Sequence[Tensor]) -> list[Value]:
        """The arrays of some expressions."""
        order = postorder([*roots, *(node for scan in self._scans for node in scan.operands)])
        self._inverse_uses = _uses_of_inverses(order, roots)
        self._uses = use_counts(order)
        self._nodes = frozenset(order)
        self._shared = functions.shared(order) if self._outer is None else frozenset()
        for root in roots:
            self._uses[root] = self._uses.get(root, 0) + 1
        if self._casts and len(order) > LONG and self.builder.narrow is None:
            self._molds = Molds(self.builder, self._alone, self._forms.__getitem__, self.dtype)
        self._visit(order)
        return [dense(self.builder, self._forms[root]) for root in roots]

    def of_loop(self, node: Tensor) -> bool:
        """Whether a node stands for what a loop computes."""
        return node in self._of_scan

    @property
    def nodes(self) -> list[Tensor]:
        """All nodes lowered so far, those of unfolded definitions among them."""
        return [*self._forms, *postorder(self._bodies)]

    @property
    def functions(self) -> list[str]:
        """The functions that the program calls, as texts."""
        return [inner.text for inner in self._inner.values() if inner is not None]

    def form(self, node: Tensor) -> Form:
        """The form of a node."""
        if node not in self._forms:
            self._visit(postorder([node], stop=self._forms.__contains__))
        return self._forms[node]

    def _visit(self, order: Iterable[Tensor]) -> None:
        for node in order:
            if node not in self._forms:
                self._forms[node] = self._made(node)
                self._mark_symmetric(node, self._forms[node])

    def _mark_symmetric(self, node: Tensor, form: Form) -> None:
        """Symmetric matrices need no transposes."""
        slots = set(form.output)
        if form.value is None or form.value.rank != 2 or (node.rank, len(slots)) != (2, 2):
            return
        if slots == set(form.held) and has(node, "symmetric"):
            self.builder.symmetric.add(form.value)

    def _alone(self, node: Tensor, names: Mapping[Tensor, str]) -> Value | None:
        """A small expression of variables, planned by itself."""
        inner = Plan(
            Builder(self.builder.backend, self.builder.scalars.names),
            self.precision,
            names,
            Names(),
        )
        inner._casts = False
        (value,) = inner.lower([node])
        return None if inner.constants or inner.functions else value

    def _made(self, node: Tensor) -> Form:
        cast = None if self._molds is None else self._molds.form(node)
        return self._planned(node) if cast is None else cast

    def _planned(self, node: Tensor) -> Form:
        if isinstance(node, Einsum):
            return self._contraction(node)
        if isinstance(node, Add):
            return self._sum(node)
        if isinstance(node, Constant):
            return self._constant(node)
        if isinstance(node, Apply):
            return self._operation(node)
        if node in self._of_scan:
            scan = self._of_scan[node]
            self._forms |= (turned if scan.called else scanned)(self, scan, self._names)
            return self._forms[node]
        if isinstance(node, (Variable, Scalar)):
            raise LoweringError(f"{leaf_name(node)} is not among the inputs of the program")
        raise LoweringError(f"a node of kind {type(node).__name__} has no code")

    def body(self, given: Mapping[Tensor, Form], roots: Sequence[Tensor]) -> list[Value]:
        """The arrays of the expressions of a loop, where some variables are known."""
        inner = Plan(
            self.builder, self.precision, self.identifiers, self._names, self._sizes, outer=self
        )
        inner._forms.update(given)
        self._bodies.extend(roots)
        return inner.lower(roots)

    def _sum(self, node: Add, sign: int = 1) -> Form:
        terms = [(sign * c, self._typed(operand, node)) for c, operand in node.terms]
        return sums.total(self.builder, terms)

    def _typed(self, operand: Tensor, node: Tensor) -> Form:
        """The form of an operand in the data type of the node that uses it."""
        form, dtype = self.form(operand), self.dtype(node)
        if form.dtype == dtype:
            return form
        value = None if form.value is None else self.builder.cast(form.value, dtype)
        return Form(value, form.held, form.output, form.shape, dtype, form.coefficient)

    def _constant(self, node: Constant) -> Form:
        name, dtype = self.constant_names.next(), self.dtype(node)
        self.constants[name] = (node.array.astype(_numpy_type(dtype)), dtype)
        tree = Name(name)
        return whole(self.builder.make(lambda: tree, (), node.shape, dtype))

    def _operation(self, node: Apply) -> Form:
        operation = node.operation
        handler = _HANDLERS.get(operation.name)
        if handler is not None:
            return handler(self, node)
        if is_fuse(node):
            return whole(dense_fuse(self.builder, node.params, self.dtype(node)))
        inner = self._function(node) if operation is CALL else None
        if inner is not None:
            return functions.called(self, node, inner)
        if operations.unfolds(operation, self.builder.backend) or self._has_no_axes(node):
            assert operation.definition is not None
            return self._typed(operation.definition(*node.operands, *node.params), node)
        if operation.elementwise:
            return operations.elementwise(self, node)
        if operation.parameters[:1] == ("axis",) and isinstance(node.params[0], tuple):
            return operations.over_axes(self, node)
        if operation.family in MATRIX_FAMILIES:
            return self._matrix_function(node)
        return calls.called(self, node)

    def _function(self, node: Apply) -> Inner | None:
        """The function of the module that a call calls; None where its body stands in place."""
        closure = node.params[0]
        if closure not in self._shared:
            return None
        if closure not in self._inner:
            self._inner[closure] = self._written(closure)
        inner = self._inner[closure]
        if inner is not None:  # what it computes is checked for the sizes of every call
            assert CALL.definition is not None
            self._bodies.append(CALL.definition(*node.operands, *node.params))
        return inner

    def _written(self, closure: Function) -> Inner | None:
        def inside(
            builder: Builder, identifiers: Mapping[Tensor, str], names: Names
        ) -> functions.Inside:
            return Plan(builder, self.precision, identifiers, names, outer=self)

        name = self._names.of(closure.name)
        backend = self.builder.backend
        inner = functions.written(name, closure, backend, self.precision, inside)
        hidden = inner is not None and inner.locals & self.constants.keys()
        return None if hidden else inner

    def _matrix_function(self, node: Apply) -> Form:
        """A function of matrices, by what is known of them and what is needed."""
        if len(node.operands) > 1:
            return calls.called(self, node)
        (matrix,) = node.operands
        if node.operation is SLOGDET and has(matrix, "positive_definite"):
            return matrices.log_determinant(self, node)
        if node.operation is EIGH and node.params == (0,):
            vectors = apply(EIGH, node.operands, (1,))
            if vectors not in self._nodes:
                return matrices.eigenvalues(self, node)
        if node.operation is SVD and node.params[1] == 1 and not self._needs_vectors(matrix):
            return matrices.singular_values(self, node)
        return matrices.matrix_function(self, node)

    def _needs_vectors(self, matrix: Tensor) -> bool:
        return any(apply(SVD, (matrix,), (False, k)) in self._nodes for k in (0, 2))

    def _has_no_axes(self, node: Apply) -> bool:
        named = node.operation.parameters[:1] == ("axis",)
        return named and not node.params[0] and node.operation.definition is not None

    # ------------------------------------------------------------------ contractions

    def _contraction(self, node: Einsum) -> Form:
        network = Network(self.builder, node, self.dtype(node), self._hints)
        turned = self._turned(node)
        for operand, labels in zip(node.operands, node.subscripts, strict=True):
            if is_fuse(operand):
                network.add_fuse(labels)
            elif operand is turned:
                network.coefficient = -network.coefficient
                network.add_form(self._sum(turned, -1), labels)
            elif self._is_solvable(operand, node):
                network.add_inverse(self._inverse(operand, labels))
            else:
                divisor = self._divisor(operand)
                form = self.form(operand) if divisor is None else divisor
                network.add_form(form, labels, divisor=divisor is not None)
        return network.form()

    def _turned(self, node: Einsum) -> Add | None:
        """A difference that takes the minus sign of a product in: ``-(b - a)`` is ``a - b``."""
        if not node.coefficient.could_extract_minus_sign():
            return None
        for operand in node.operands:
            if not isinstance(operand, Add) or self._uses.get(operand, 2) != 1:
                continue
            mixed = any(c.could_extract_minus_sign() for c in operand.coefficients)
            if mixed and node.operands.count(operand) == 1:
                return operand
        return None

    def _divisor(self, operand: Tensor) -> Form | None:
        """What a contraction divides by, where an operand is a negative power."""
        if not isinstance(operand, Apply) or operand.operation is not SCALAR_POWER:
            return None
        exponent = operand.params[0]
        if not (exponent.is_number and exponent.is_real and exponent.is_negative):
            return None
        base = self._typed(operand.operands[0], operand)
        if base.value is None or base.has_diagonal:
            return None
        if exponent == -1:
            return base
        return operations.raised(self.builder, base, -exponent, self.dtype(operand))

    def _is_solvable(self, operand: Tensor, node: Einsum) -> bool:
        """Whether an operand is an inverse that nothing needs for itself."""
        return len(node.operands) > 1 and self._inverse_uses.get(operand, 0) > 0

    def _inverse(self, node: Tensor, labels: Labels) -> Inverse:
        matrix = node.operands[0]
        have = facts(matrix)
        if self._may_be_empty(matrix.shape[-1]):  # there are no diagonals beside the main one
            have -= {"tridiagonal"}
        return Inverse(
            matrix=dense(self.builder, self.form(read_triangle(matrix, have))),
            labels=labels,
            facts=have,
            shared=self._inverse_uses[node] > 1,
            compute=lambda: dense(self.builder, self.form(node)),
        )

    def _may_be_empty(self, size: Dim) -> bool:
        if isinstance(size, int):
            return size == 0
        return not self._empty.isdisjoint(symbol.name for symbol in size.free_symbols)


def _uses_of_inverses(order: Iterable[Tensor], roots: Sequence[Tensor]) -> dict[Tensor, int]:
    """How often products use each inverse of a matrix that nothing else uses."""
    uses: dict[Tensor, int] = {}
    needed: set[Tensor] = set(roots)
    for node in order:
        product = isinstance(node, Einsum) and len(node.operands) > 1
        for operand in node.operands:
            if isinstance(operand, Apply) and operand.operation is INV:
                if product:
                    uses[operand] = uses.get(operand, 0) + 1
                else:
                    needed.add(operand)
    return {node: count for node, count in uses.items() if node not in needed}


def leaf_name(leaf: Tensor) -> str:
    """The name under which an array is given for a leaf."""
    if isinstance(leaf, Variable):
        return leaf.full_name
    assert isinstance(leaf, Scalar)
    return str(leaf.symbol.name)


def _numpy_type(dtype: str) -> Any:
    if dtype == "bfloat16":
        return "float32"  # kept in float32, cast where it is embedded
    return dtype
