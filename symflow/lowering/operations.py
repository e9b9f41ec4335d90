"""Operations that are neither sums nor contractions, as calls of NumPy, SciPy and JAX."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

import sympy as sp

from symflow.core import Apply, Operation, Tensor, dtypes
from symflow.core.dims import Shape
from symflow.lowering.forms import (
    Form,
    Slot,
    arranged,
    broadcast_shape,
    dense,
    plain,
    thin,
    unscaled,
)
from symflow.lowering.maps import mapped_tree
from symflow.lowering.paths import function_path
from symflow.lowering.templates import filled
from symflow.lowering.values import Builder, Value, axis_tree
from symflow.notation.tree import Binary, Call, Compare, Name, Number, Tree

_INFIX: Mapping[str, str] = {
    "greater": ">",
    "greater_equal": ">=",
    "less": "<",
    "less_equal": "<=",
    "equal": "==",
    "not_equal": "!=",
    "power": "**",
    "floor_divide": "//",
    "remainder": "%",
}
_COMPARISONS = frozenset({">", ">=", "<", "<=", "==", "!="})

# Composites that the backends know; all others unfold by their definition.
_TWINS: Mapping[str, Mapping[str, str]] = {
    "jax": {
        "nn.sigmoid": "jax.nn.sigmoid({0})",
        "nn.softplus": "jax.nn.softplus({0})",
        "nn.relu": "jax.nn.relu({0})",
        "nn.softmax": "jax.nn.softmax({0}, axis={axis})",
        "nn.log_softmax": "jax.nn.log_softmax({0}, axis={axis})",
        "special.logsumexp": "jax.scipy.special.logsumexp({0}, axis={axis})",
    },
    "numpy": {
        "nn.sigmoid": "scipy.special.expit({0})",
        "nn.softplus": "np.logaddexp({0}, 0)",
        "nn.relu": "np.maximum({0}, 0)",
        "nn.softmax": "scipy.special.softmax({0}, axis={axis})",
        "nn.log_softmax": "scipy.special.log_softmax({0}, axis={axis})",
        "special.logsumexp": "scipy.special.logsumexp({0}, axis={axis})",
    },
}


class Lowerer(Protocol):
    """What the functions here need of a plan."""

    builder: Builder

    def form(self, node: Tensor) -> Form:
        """The form of a node."""
        ...

    def dtype(self, node: Tensor) -> str:
        """The concrete data type of a node."""
        ...


def unfolds(operation: Operation, backend: str) -> bool:
    """Whether an operation is lowered by its definition."""
    if operation.definition is None or backend in operation.code:
        return False
    return operation.name not in _TWINS[backend]


def parameters(builder: Builder, node: Apply) -> dict[str, Tree]:
    """The static parameters of a node as trees, by name."""
    names = node.operation.parameters
    return {
        name: _parameter(builder, name, value)
        for name, value in zip(names, node.params, strict=True)
    }


def _parameter(builder: Builder, name: str, value: Any) -> Tree:
    if name == "dtype":
        return builder.dtype_tree(str(value))
    if name == "axis" and isinstance(value, tuple):
        return axis_tree(value)
    if isinstance(value, (int, sp.Expr)) and not isinstance(value, bool):
        return builder.scalars.value(sp.sympify(value))
    return Name(repr(value))


# ------------------------------------------------------------------------- entry by entry


def written(builder: Builder, node: Apply, trees: Sequence[Tree]) -> Tree:
    """An elementwise operation on trees."""
    operation = node.operation
    template = operation.code.get(builder.backend) or _TWINS[builder.backend].get(operation.name)
    if template is not None:
        holes = {str(k): tree for k, tree in enumerate(trees)} | parameters(builder, node)
        return filled(template, holes)
    sign = _INFIX.get(operation.name)
    if sign in _COMPARISONS:
        return Compare(sign, *trees)
    if sign is not None:
        return Binary(sign, *trees)
    keywords = tuple(parameters(builder, node).items())
    return Call(function_path(operation, builder.backend), tuple(trees), keywords)


def elementwise(plan: Lowerer, node: Apply) -> Form:
    """An operation entry by entry; broadcast axes stay broadcast."""
    builder = plan.builder
    forms = [plain(builder, plan.form(operand)) for operand in node.operands]
    wanted = _operand_types(plan, node)
    return mapped(
        builder,
        forms,
        wanted,
        lambda trees: written(builder, node, trees),
        node.shape,
        plan.dtype(node),
    )


def _operand_types(plan: Lowerer, node: Apply) -> list[str]:
    own = [plan.dtype(operand) for operand in node.operands]
    result = plan.dtype(node)
    if node.operation.name == "where":
        return ["bool", result, result]
    if node.operation.inputs == "float":
        return [result if dtypes.kind(dtype) in ("int", "bool") else dtype for dtype in own]
    return own


def mapped(
    builder: Builder,
    forms: Sequence[Form],
    wanted: Sequence[str],
    write: Callable[[Sequence[Tree]], Tree],
    shape: Shape,
    dtype: str,
) -> Form:
    """A function entry by entry of forms without diagonals.

    Literals are written as Python numbers, which take the type they meet; where nothing would
    give them the right one, one of them is typed.
    """
    held = {slot for form in forms for slot in form.held if slot is not None}
    order = [axis for axis in range(len(shape)) if axis in held]
    typed = {kind for form, kind in zip(forms, wanted, strict=True) if not form.is_literal}
    args: list[Value] = []
    literals: dict[int, Tree] = {}
    for place, (form, kind) in enumerate(zip(forms, wanted, strict=True)):
        if form.is_literal and kind in typed | {"bool"}:
            literals[place] = builder.literal(form.coefficient, kind)
            continue
        typed.add(kind)
        if form.value is None:
            args.append(builder.full(form.coefficient, (), kind))
            continue
        value = builder.cast(builder.scaled(form.value, form.coefficient), kind)
        args.append(arranged(builder, value, form.held, order))

    def build(*trees: Tree) -> Tree:
        given = iter(trees)
        return write([literals[k] if k in literals else next(given) for k in range(len(forms))])

    result = broadcast_shape((), *(value.shape for value in args))
    return thin(builder.make(build, args, result, dtype), order, shape)


def scalar_map(plan: Lowerer, node: Apply) -> Form:
    """A scalar function of SymPy, entry by entry."""
    builder, dtype = plan.builder, plan.dtype(node)
    (function,) = node.params
    forms = [plain(builder, plan.form(operand)) for operand in node.operands]

    def write(trees: Sequence[Tree]) -> Tree:
        leaves = dict(zip(function.variables, trees, strict=True))
        return mapped_tree(builder, function.expr, leaves)

    return mapped(builder, forms, [dtype] * len(forms), write, node.shape, dtype)


def scalar_power(plan: Lowerer, node: Apply) -> Form:
    """A power with an exponent that is a number or an expression of dimensions."""
    base = plain(plan.builder, plan.form(node.operands[0]))
    return raised(plan.builder, base, node.params[0], plan.dtype(node))


def raised(builder: Builder, base: Form, exponent: sp.Expr, dtype: str) -> Form:
    """The entries of a form to a power: square roots, quotients and powers."""

    def write(trees: Sequence[Tree]) -> Tree:
        (x,) = trees
        if exponent == sp.S.Half:
            return Call(f"{builder.xp}.sqrt", (x,))
        if exponent.is_number and exponent.is_real and exponent.is_negative:
            below = x if exponent == -1 else _power(builder, x, -exponent)
            return Binary("/", Number("1"), below)
        return _power(builder, x, exponent)

    return mapped(builder, [base], [dtype], write, base.shape, dtype)


def _power(builder: Builder, x: Tree, exponent: sp.Expr) -> Tree:
    if exponent == sp.S.Half:
        return Call(f"{builder.xp}.sqrt", (x,))
    return Binary("**", x, builder.scalars.value(exponent))


def cast(plan: Lowerer, node: Apply) -> Form:
    """Another data type: zeros stay zeros, so diagonals and broadcasts stay views."""
    builder, dtype = plan.builder, plan.dtype(node)
    form = plan.form(node.operands[0])
    if form.value is None and form.coefficient == 1:
        return Form(None, (), form.output, form.shape, dtype)
    form = unscaled(builder, form)
    assert form.value is not None
    value = builder.cast(form.value, dtype)
    return Form(value, form.held, form.output, form.shape, dtype)


# --------------------------------------------------------------------------- over axes


def laid(builder: Builder, form: Form, needed: Iterable[int]) -> tuple[Value, tuple[Slot, ...]]:
    """A value of a node that holds the needed axes, and the axes that it holds, in any order."""
    wanted = set(needed)
    if not form.is_literal:
        form = unscaled(builder, plain(builder, form))
    if form.value is not None and wanted <= set(form.held):
        return form.value, form.held
    present = wanted | {slot for slot in form.held if slot is not None}
    value = dense(builder, form, sorted(present))
    return value, tuple(k if k in present else None for k in range(len(form.shape)))


def over_axes(plan: Lowerer, node: Apply) -> Form:
    """A reduction, or a function along axes that keeps them (softmax)."""
    builder, dtype = plan.builder, plan.dtype(node)
    axes: tuple[int, ...] = node.params[0]
    form = plan.form(node.operands[0])
    value, held = laid(builder, form, axes)
    if node.operation.inputs == "float":
        value = builder.cast(value, dtype)
    places = tuple(k for k, slot in enumerate(held) if slot in axes)
    if len(node.shape) == node.operands[0].rank:
        result = builder.make(
            lambda x: _kept(builder, node, x, places, dtype), (value,), value.shape, dtype
        )
        return thin(result, held, node.shape)
    shape = tuple(size for k, size in enumerate(value.shape) if k not in places)
    result = builder.make(
        lambda x: _reduced(builder, node, x, places, held, dtype), (value,), shape, dtype
    )
    rest = [axis for axis in range(node.operands[0].rank) if axis not in axes]
    slots = tuple(
        None if slot is None else rest.index(slot) for k, slot in enumerate(held) if k not in places
    )
    return thin(result, slots, node.shape)


def _kept(builder: Builder, node: Apply, x: Tree, places: tuple[int, ...], dtype: str) -> Tree:
    """A function along axes that keeps them; NumPy adds small integers up in large ones."""
    tree = _along(builder, node, x, places)
    if "cumulative" not in node.operation.facts or dtypes.kind(dtype) != "int":
        return tree
    assert isinstance(tree, Call)
    typed = ("dtype", builder.dtype_tree(dtype))
    return Call(tree.function, tree.arguments, (*tree.keywords, typed))


def _along(builder: Builder, node: Apply, x: Tree, places: tuple[int, ...]) -> Tree:
    template = node.operation.code.get(builder.backend)
    template = template or _TWINS[builder.backend].get(node.operation.name)
    axis = axis_tree(places)
    if template is not None:
        return filled(template, {"0": x, "axis": axis})
    return Call(function_path(node.operation, builder.backend), (x,), (("axis", axis),))


def _reduced(
    builder: Builder,
    node: Apply,
    x: Tree,
    places: tuple[int, ...],
    held: tuple[Slot, ...],
    dtype: str,
) -> Tree:
    name = node.operation.name
    if name == "linalg.norm" and len(places) > 2:
        squares = Binary("**", x, Number("2"))
        total = Call(f"{builder.xp}.sum", (squares,), _axis(places, held))
        return Call(f"{builder.xp}.sqrt", (total,))
    tree = _along(builder, node, x, places)
    assert isinstance(tree, Call)
    keywords = _axis(places, held)
    if name == "prod" and dtypes.kind(node.dtype) == "int":
        return Call(
            tree.function, tree.arguments, (*keywords, ("dtype", builder.dtype_tree(dtype)))
        )
    return Call(tree.function, tree.arguments, keywords)


def _axis(places: tuple[int, ...], held: tuple[Slot, ...]) -> tuple[tuple[str, Tree], ...]:
    """The keyword of the axes, left out where they are all."""
    return () if len(places) == len(held) else (("axis", axis_tree(places)),)
