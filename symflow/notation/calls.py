"""Operations as calls, operators, indices: everything that is neither a contraction nor a sum."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import sympy as sp

from symflow.core import Apply, Constant, Einsum, Tensor, dtypes
from symflow.core.dims import Dim, Shape, is_one, same, same_shape, simplify_dim
from symflow.core.function import Function
from symflow.notation.numbers import Spell, scalar_tree
from symflow.notation.pairs import factor_key
from symflow.notation.reading import Shown, is_silent_cast
from symflow.notation.spelled import deviation, spelled
from symflow.notation.templates import filled
from symflow.notation.tree import (
    Attribute,
    Binary,
    Call,
    Index,
    Method,
    Name,
    Number,
    Slice,
    Text,
    Tree,
    Unary,
    call,
)
from symflow.notation.tree import (
    Sequence as Items,
)
from symflow.notation.views import axis_tree, joint_shape, shape_tree
from symflow.ops import (
    arithmetic,
    choice,
    closure,
    composite,
    gathering,
    reshaping,
    scalarmap,
    structure,
    updates,
)
from symflow.ops.contraction import squeeze

_OPERATORS: Mapping[Any, str] = {
    arithmetic.POWER: "**",
    arithmetic.FLOOR_DIVIDE: "//",
    arithmetic.REMAINDER: "%",
}


class Operands(Protocol):
    """What an operation asks for."""

    def firm(self, node: Tensor) -> Shown:
        """An operand's tree in its own data type; its shape may be smaller."""

    def strict(self, node: Tensor) -> Tree:
        """An operand's tree of exactly its shape."""

    def unsigned(self, node: Tensor) -> Shown:
        """An operand up to its sign."""

    def size(self, size: Dim) -> Tree:
        """A dimension."""

    @property
    def spell(self) -> Spell:
        """How a symbol is written."""


def is_literal(node: Tensor) -> bool:
    """Whether a node is one number in every place."""
    return (
        isinstance(node, Einsum) and not node.operands and len(set(node.output)) == len(node.output)
    )


def is_sign_blind(node: Apply) -> bool:
    """Whether the result is the same for minus the operand."""
    if node.operation is arithmetic.SCALAR_POWER:
        return bool(node.params[0].is_even)
    return "even" in node.operation.facts or node.operation is composite.NORM


def applied(node: Apply, trees: Operands) -> Shown:
    """An operation on its operands."""
    named = spelled(node, trees)
    if named is not None:
        return Shown(named, node.shape)
    special = _SPECIAL.get(node.operation)
    if special is not None:
        return special(node, trees)
    if node.operation.elementwise:
        return _elementwise(node, trees)
    operands = [_exact(node, operand, trees) for operand in node.operands]
    return Shown(_called(node, operands, trees), node.shape)


def _exact(node: Apply, operand: Tensor, trees: Operands) -> Tree:
    """An operand of exactly its shape, its sign left out where it does not matter."""
    if is_sign_blind(node):
        shown = trees.unsigned(operand)
        if shown.shape == operand.shape:
            return shown.tree
    return trees.strict(operand)


def power(base: Tree, exponent: sp.Expr, spell: Spell) -> Tree:
    """``base ** exponent`` for an exponent that is not negative."""
    if exponent == 1:
        return base
    if exponent == sp.S.Half:
        return deviation(base) or call("sqrt", base)
    return Binary("**", base, scalar_tree(exponent, spell))


def powered(node: Apply, trees: Operands) -> Shown:
    """A power; a negative one as a quotient."""
    shown = _base(node, trees)
    exponent = node.params[0]
    if exponent.could_extract_minus_sign():
        below = power(shown.tree, -exponent, trees.spell)
        return Shown(Binary("/", Number("1"), below), shown.shape)
    return Shown(power(shown.tree, exponent, trees.spell), shown.shape)


def _base(node: Apply, trees: Operands) -> Shown:
    (base,) = node.operands
    return trees.unsigned(base) if node.params[0].is_even else trees.firm(base)


def denominator(node: Apply, trees: Operands) -> Shown:
    """One over a negative power."""
    shown = _base(node, trees)
    return Shown(power(shown.tree, -node.params[0], trees.spell), shown.shape)


def _elementwise(node: Apply, trees: Operands) -> Shown:
    operands = [_silent(operand, node) for operand in node.operands]
    if "commutative" in node.operation.facts:
        operands.sort(key=lambda x: (is_literal(x), factor_key(trees.firm(x).tree)))
    read = trees.unsigned if is_sign_blind(node) else trees.firm
    shown = [read(operand) for operand in operands]
    values = slice(1, None) if node.operation is choice.WHERE else slice(None)
    if all(is_literal(operand) for operand in operands[values]):
        shown[-1] = _typed(shown[-1], operands[-1].dtype)
    shape: Shape = joint_shape([one.shape for one in shown]) if shown else ()
    return Shown(_called(node, [one.tree for one in shown], trees), shape)


def _silent(operand: Tensor, node: Apply) -> Tensor:
    """Without a conversion of integers that the function makes itself (NumPy halves bools)."""
    if node.operation.inputs != "float" or len(node.operands) != 1 or not is_silent_cast(operand):
        return operand
    (inner,) = operand.operands
    whole = dtypes.kind(inner.dtype) == "int"
    return inner if whole and dtypes.at_least_float(inner.dtype) == operand.dtype else operand


def _typed(shown: Shown, dtype: str) -> Shown:
    """A whole number with a point, where nothing else says that it is no integer."""
    tree = shown.tree
    sign = isinstance(tree, Unary)
    number = tree.operand if isinstance(tree, Unary) else tree
    if dtypes.kind(dtype) != "float" or not isinstance(number, Number):
        return shown
    if not number.text.isdigit():
        return shown
    exact: Tree = Number(f"{number.text}.0")
    return shown._replace(tree=Unary("-", exact) if sign else exact)


def _called(node: Apply, operands: Sequence[Tree], trees: Operands) -> Tree:
    operation = node.operation
    if operation in _OPERATORS:
        return Binary(_OPERATORS[operation], *operands)
    params = dict(zip(operation.parameters, node.params, strict=False))
    template = operation.code.get("text")
    if template is not None:
        holes = {str(place): tree for place, tree in enumerate(operands)}
        holes |= {name: parameter_tree(value, trees) for name, value in params.items()}
        return filled(template, holes)
    output = params.popitem()[1] if operation.outputs else None
    made = Call(operation.name, tuple(operands), tuple(_keywords(node, params, trees)))
    return made if output is None else Index(made, (Number(str(output)),))


def _keywords(node: Apply, params: Mapping[str, Any], trees: Operands) -> list[tuple[str, Tree]]:
    """The parameters that are not what NumPy takes where nothing is said."""
    result = []
    for name, value in params.items():
        if name in node.operation.defaults and node.operation.defaults[name] == value:
            continue
        if name == "axis" and isinstance(value, tuple):
            rank = node.operands[0].rank
            over_all = node.operation.facts & {"reduction", "cumulative"}
            whole = tuple(range(rank)) if over_all else (rank - 1,)
            if value != whole:
                result.append((name, axis_tree(value)))
            continue
        result.append((name, parameter_tree(value, trees)))
    return result


def parameter_tree(value: Any, trees: Operands) -> Tree:
    """The value of a static parameter."""
    if isinstance(value, bool) or value is None:
        return Name(repr(value))
    if isinstance(value, int):
        return Number(str(value)) if value >= 0 else Unary("-", Number(str(-value)))
    if isinstance(value, (tuple, list)):
        return Items(tuple(parameter_tree(item, trees) for item in value))
    if isinstance(value, sp.Expr):
        return scalar_tree(value, trees.spell)
    return Text(str(value))


# ------------------------------------------------------------------ forms of their own


def _cast(node: Apply, trees: Operands) -> Shown:
    shown = trees.firm(node.operands[0])
    return Shown(Method(shown.tree, "astype", (Text(node.dtype),)), shown.shape)


def _fuse(node: Apply, trees: Operands) -> Shown:
    total, *parts = node.shape
    eye = call("eye", trees.size(total), dtype=Text("bool"))
    return Shown(Method(eye, "reshape", shape_tree([total, *parts], trees.size).items), node.shape)


def _slice(node: Apply, trees: Operands) -> Shown:
    x = node.operands[0]
    return Shown(sliced(trees.strict(x), x.shape, node.params[0], trees), node.shape)


def sliced(tree: Tree, shape: Shape, runs: Sequence[Any], trees: Operands) -> Tree:
    """``x[1:, ::2]``."""
    keys: list[Tree] = []
    back: list[Tree] = []
    for run, size in zip(runs, shape, strict=True):
        key, flip = _run(run, size, trees)
        keys.append(key)
        back.append(flip)
    for line in (keys, back):
        while line and line[-1] == Slice():
            line.pop()
    result = Index(tree, tuple(keys)) if keys else tree
    return Index(result, tuple(back)) if back else result


def _run(run: Any, size: Dim, trees: Operands) -> tuple[Tree, Tree]:
    """One axis: the slice, and the reversal that follows a descending one."""
    start, count, step = run
    if step > 0:
        return _ascending(start, count, step, size, trees), Slice()
    reverse = Slice(step=Unary("-", Number("1")))
    if step == -1 and same(count, size):
        return reverse, Slice()
    first = start + (count - 1) * step
    return _ascending(first, count, -step, size, trees), reverse


def _ascending(start: Dim, count: Dim, step: int, size: Dim, trees: Operands) -> Tree:
    whole = start + count if step == 1 else start + (count - 1) * step + 1
    if not isinstance(whole, int):
        whole = sp.expand(whole)
    ends = same(whole, size) or (step > 1 and _reaches(start, count, step, size))
    lower = None if isinstance(start, int) and start == 0 else trees.size(start)
    upper = None if ends else _end(whole, size, trees)
    return Slice(lower, upper, None if step == 1 else Number(str(step)))


def _reaches(start: Dim, count: Dim, step: int, size: Dim) -> bool:
    """Whether a slice with this step and no end takes as many entries."""
    return bool(sp.ceiling((sp.sympify(size) - start) / step) == count)


def _end(stop: Dim, size: Dim, trees: Operands) -> Tree:
    """The end of a slice, counted from the end of the axis where that is a number."""
    if isinstance(size, int):
        return trees.size(stop)
    from_end = sp.expand(sp.sympify(stop) - size)
    if from_end.is_Integer and from_end < 0:
        return Unary("-", Number(str(-int(from_end))))
    return trees.size(stop)


def _pad(node: Apply, trees: Operands) -> Shown:
    """``pad(x, (1, 2))``, one pair for each axis where there are several."""
    runs, shape = node.params
    pairs = [
        Items((trees.size(run[0]), trees.size(simplify_dim(size - run[0] - run[1]))))
        for run, size in zip(runs, shape, strict=True)
    ]
    widths = pairs[0] if len(pairs) == 1 else Items(tuple(pairs))
    return Shown(call("pad", trees.strict(node.operands[0]), widths), node.shape)


def _concatenate(node: Apply, trees: Operands) -> Shown:
    axis = node.params[0]
    name, operands = "concatenate", list(node.operands)
    if all(_is_new_axis(operand, axis) for operand in operands):
        name, operands = "stack", [squeeze(operand, axis) for operand in operands]
    items = Items(tuple(trees.strict(operand) for operand in operands))
    keywords = {"axis": Number(str(axis))} if axis else {}
    return Shown(call(name, items, **keywords), node.shape)


def _is_new_axis(node: Tensor, axis: int) -> bool:
    if not isinstance(node, Einsum) or not is_one(node.shape[axis]):
        return False
    return node.output.count(node.output[axis]) == 1


def _at(tree: Tree, keys: tuple[Tree, ...], method: str, values: Tree) -> Tree:
    """``x.at[i].set(v)``."""
    return Method(Index(Attribute(tree, "at"), keys), method, (values,))


def _joint(node: Apply, indices: Sequence[Tensor], trees: Operands) -> tuple[Tree, ...]:
    """``[:, i, j]``; positions broadcast among themselves."""
    shown = [trees.firm(index) for index in indices]
    if not same_shape(joint_shape([one.shape for one in shown]), indices[0].shape):
        shown = [one._replace(tree=trees.strict(x)) for one, x in zip(shown, indices, strict=True)]
    return (*[Slice()] * node.params[0], *(one.tree for one in shown))


def _gather(node: Apply, trees: Operands) -> Shown:
    x, *indices = node.operands
    return Shown(Index(trees.strict(x), _joint(node, indices, trees)), node.shape)


def _given(node: Tensor, trees: Operands) -> Tree:
    """What is put somewhere; one number for all places as that number."""
    return trees.firm(node).tree if is_literal(node) else trees.strict(node)


def _scatter(node: Apply, trees: Operands) -> Shown:
    values, *indices = node.operands
    zeros = call("zeros", shape_tree(node.shape, trees.size), **_dtype(node.dtype))
    tree = _at(zeros, _joint(node, indices, trees), "add", _given(values, trees))
    return Shown(tree, node.shape)


def _updated(node: Apply, trees: Operands) -> Shown:
    x, values, *indices = node.operands
    method = _UPDATES[node.operation]
    tree = _at(trees.strict(x), _joint(node, indices, trees), method, _given(values, trees))
    return Shown(tree, node.shape)


def _slice_set(node: Apply, trees: Operands) -> Shown:
    x, values = node.operands
    runs = [_run(run, size, trees) for run, size in zip(node.params[0], x.shape, strict=True)]
    keys = tuple(key for key, _ in runs)
    given = _given(values, trees)
    back = [flip for _, flip in runs]
    if not is_literal(values) and any(flip != Slice() for flip in back):
        given = Index(given, tuple(back))
    return Shown(_at(trees.strict(x), keys, "set", given), node.shape)


def _closed(node: Apply, trees: Operands) -> Shown:
    function, output = node.params
    assert isinstance(function, Function)
    made: Tree = Call(function.name, tuple(trees.strict(operand) for operand in node.operands))
    if len(function.outputs) > 1:
        made = Index(made, (Number(str(output)),))
    return Shown(made, node.shape)


def _mapped(node: Apply, trees: Operands) -> Shown:
    """A SymPy function under its own name, ``sympy.besselj(0, x)``."""
    rule = node.params[0]
    shown = [trees.firm(operand) for operand in node.operands]
    by_symbol = {s: one.tree for s, one in zip(rule.variables, shown, strict=True)}

    def spell(symbol: sp.Symbol) -> Tree:
        return by_symbol[symbol] if symbol in by_symbol else trees.spell(symbol)

    shape: Shape = joint_shape([one.shape for one in shown]) if shown else ()
    return Shown(scalar_tree(rule.expr, spell), shape)


_UPDATES: Mapping[Any, str] = {
    updates.SCATTER_SET: "set",
    updates.SCATTER_MUL: "multiply",
    updates.SCATTER_MIN: "min",
    updates.SCATTER_MAX: "max",
}
_SPECIAL: Mapping[Any, Callable[[Any, Operands], Shown]] = {
    arithmetic.SCALAR_POWER: powered,
    arithmetic.CAST: _cast,
    reshaping.FUSE: _fuse,
    structure.SLICE: _slice,
    structure.PLACE: _pad,
    structure.CONCATENATE: _concatenate,
    gathering.GATHER: _gather,
    gathering.SCATTER: _scatter,
    updates.SLICE_SET: _slice_set,
    **dict.fromkeys(_UPDATES, _updated),
    closure.CALL: _closed,
    scalarmap.MAP: _mapped,
}

_LARGEST_ARRAY = 64


def array_tree(node: Constant, named: Callable[[Constant], str]) -> Tree:
    """An array of numbers written out; a large one by a name."""
    array = node.array
    if array.size == 0:
        return call("zeros", _integers(array.shape), **_dtype(node.dtype))
    if array.size > _LARGEST_ARRAY:
        return Name(named(node))
    natural = {"f": "float", "i": "int", "b": "bool", "c": "complex"}.get(array.dtype.kind)
    keywords = {} if node.dtype == natural else {"dtype": Text(node.dtype)}
    return call("array", _nested(array.tolist()), **keywords)


def _dtype(dtype: str) -> dict[str, Tree]:
    return {} if dtype == "float" else {"dtype": Text(dtype)}


def _integers(values: Sequence[int]) -> Items:
    return Items(tuple(Number(str(value)) for value in values))


def _nested(value: Any) -> Tree:
    """Nested lists of numbers; as deep as the array's rank."""
    if isinstance(value, list):
        return Items(tuple(_nested(item) for item in value), "[")
    return number_tree(value)


def number_tree(value: Any) -> Tree:
    """A Python number with its sign."""
    if isinstance(value, bool):
        return Name(repr(value))
    if isinstance(value, complex):
        imaginary = Number(f"{abs(value.imag)!r}j")
        sign = "-" if np.copysign(1.0, value.imag) < 0 else "+"
        return Binary(sign, number_tree(value.real), imaginary)
    if isinstance(value, float) and not np.isfinite(value):
        name = Name("nan" if np.isnan(value) else "inf")
        return Unary("-", name) if value < 0 else name
    negative = np.copysign(1.0, value) < 0
    tree = Number(repr(abs(value)))
    return Unary("-", tree) if negative else tree
