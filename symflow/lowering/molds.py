"""Operations on single numbers, cast in molds: each kind is planned once, however often it occurs.

Long scalar code consists of thousands of operations of a few kinds: ``a * b``, ``a - b``,
``sin(a)``.  Which form they take does not depend on what ``a`` and ``b`` are.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import sympy as sp

from symflow.core import Add, Apply, Einsum, Tensor, Variable, apply, dtypes
from symflow.lowering.forms import Form, dense, whole
from symflow.lowering.values import Build, Builder, Value
from symflow.notation.tree import Name, Tree
from symflow.ops.arithmetic import SCALAR_POWER

LONG = 1000  # nodes; shorter programs are planned as a whole
_MOST = 16  # operands
_FEW, _SHARE = 50, 20  # kinds beyond these, of all operations, are not worth a mold
Planned = Callable[[Tensor, Mapping[Tensor, str]], Value | None]
FormOf = Callable[[Tensor], Form]


@dataclass(frozen=True)
class Mold:
    """How one kind of operation is written."""

    build: Build
    tree: Tree


class Molds:
    """The molds of a program.

    Args:
        builder: makes the values.
        planned: lowers a small expression of variables with given identifiers.
        form: of a node that is lowered already.
        dtype: the concrete data type of a node.
    """

    def __init__(
        self, builder: Builder, planned: Planned, form: FormOf, dtype: Callable[[Tensor], str]
    ) -> None:
        self._builder = builder
        self._planned = planned
        self._form = form
        self._dtype = dtype
        self._known: dict[object, Mold | None] = {}
        self._asked = 0

    def form(self, node: Tensor) -> Form | None:
        """The form of an operation on single numbers; None for any other node."""
        if node.shape or not 0 < len(node.operands) <= _MOST:
            return None
        what = _kind(node)
        if what is None:
            return None
        inputs: dict[Tensor, int] = {}
        pattern = [_place(node, operand, inputs) for operand in node.operands]
        if any(x.shape or x.dtype != node.dtype for x in inputs):
            return None
        key = what, tuple(pattern), node.dtype
        self._asked += 1
        if key not in self._known:
            if len(self._known) > _FEW + self._asked // _SHARE:
                return None
            self._known[key] = self._made(node, list(inputs))
        mold = self._known[key]
        values = None if mold is None else self._values(node, inputs)
        if mold is None or values is None:
            return None
        return whole(self._builder.entered(mold.build, mold.tree, values, self._dtype(node)))

    def _values(self, node: Tensor, inputs: Mapping[Tensor, int]) -> tuple[Value, ...] | None:
        dtype = self._dtype(node)
        values = []
        for x in inputs:
            form = self._form(x)
            value = form.value
            if value is None or form.dtype != dtype:
                return None
            if value.shape or form.coefficient is not sp.S.One:
                value = dense(self._builder, form)
            values.append(value)
        return tuple(values)

    def _made(self, node: Tensor, inputs: Sequence[Tensor]) -> Mold | None:
        """The mold of operations like this one."""
        free = [Variable(f"v{k}", (), x.dtype, (), "mold") for k, x in enumerate(inputs)]
        memo = dict(zip(inputs, free, strict=True))
        template = node.with_operands(tuple(_exchanged(node, x, memo) for x in node.operands))
        names = {variable: f"<{k}>" for k, variable in enumerate(free)}
        result = self._planned(template, names)
        if result is None:
            return None
        order = _inner(result)
        if order is None:
            return None

        def build(*trees: Tree) -> Tree:
            done = {Name(f"<{k}>"): tree for k, tree in enumerate(trees)}
            made: dict[Value, Tree] = {}
            for value in order:
                own = done.get(value.tree) if isinstance(value.tree, Name) else None
                made[value] = own or value.build(*[made[arg] for arg in value.args])
            return made[result]

        return Mold(build, build(*(Name(f"<{k}>") for k in range(len(inputs)))))


def _kind(node: Tensor) -> object:
    """What an operation is, whatever it is applied to; None where molds do not fit."""
    if dtypes.kind(node.dtype) != "float":
        return None
    if isinstance(node, Einsum):
        return None if node.sizes else node.coefficient
    if isinstance(node, Add):
        return node.coefficients
    if isinstance(node, Apply) and node.operation.elementwise:
        return node.operation, node.params
    return None


def _is_divisor(node: Tensor, operand: Tensor) -> bool:
    if not isinstance(node, Einsum) or not isinstance(operand, Apply):
        return False
    return operand.operation is SCALAR_POWER and bool(operand.params[0].is_negative)


def _place(node: Tensor, operand: Tensor, inputs: dict[Tensor, int]) -> object:
    """A number itself, what is divided by, or which of the inputs an operand is."""
    if not operand.operands and isinstance(operand, Einsum):
        return operand
    if _is_divisor(node, operand):
        (base,) = operand.operands
        assert isinstance(operand, Apply)
        return operand.params[0], inputs.setdefault(base, len(inputs))
    return inputs.setdefault(operand, len(inputs))


def _exchanged(node: Tensor, operand: Tensor, memo: Mapping[Tensor, Variable]) -> Tensor:
    if not operand.operands and isinstance(operand, Einsum):
        return operand
    if _is_divisor(node, operand):
        assert isinstance(operand, Apply)
        return apply(SCALAR_POWER, (memo[operand.operands[0]],), operand.params)
    return memo[operand]


def _inner(result: Value) -> list[Value] | None:
    """All values of a mold in order; None where one would be computed twice."""
    uses: dict[Value, int] = {}
    stack, order = [result], []
    while stack:
        value = stack.pop()
        order.append(value)
        for arg in value.args:
            uses[arg] = uses.get(arg, 0) + 1
            if uses[arg] == 1:
                stack.append(arg)
            elif arg.args:
                return None
    return sorted(order, key=lambda value: value.number)
