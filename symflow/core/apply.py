"""The node of every operation that is neither multilinear nor a sum."""

from collections.abc import Callable
from typing import Any

import sympy as sp

from symflow.core.bridge import plain
from symflow.core.dims import show_shape, simplify_dim
from symflow.core.interning import digest, lookup, register, text_digest, typed
from symflow.core.node import Tensor, initialise
from symflow.core.operation import Operation
from symflow.errors import ShapeError


class Apply(Tensor):
    """An operation applied to operands, with static parameters.

    Attributes:
        operation: the record.
        params: values of the static parameters, hashable, in the record's order.
    """

    __slots__ = ("operation", "params")
    operation: Operation
    params: tuple[Any, ...]

    def __new__(cls, operation: Operation, operands: Any, params: Any = ()) -> Any:
        return apply(operation, tuple(operands), tuple(params))

    @property
    def func(self) -> Any:
        """Rebuilds the node from ``args``."""
        operation, count = self.operation, len(self.operands)

        def rebuild(*arguments: Any) -> Tensor:
            return apply(operation, arguments[:count], tuple(map(plain, arguments[count:])))

        return rebuild

    @property
    def args(self) -> tuple[sp.Basic, ...]:
        from_params = super().args[len(self.operands) :]
        return (*self.operands, *from_params)

    def parts(self) -> tuple[Any, ...]:
        return (*self.operands, *self.params)

    def parameter(self, name: str) -> Any:
        """The value of a static parameter by name."""
        return self.params[self.operation.parameters.index(name)]

    def with_operands(self, operands: tuple[Tensor, ...]) -> Tensor:
        return apply(self.operation, operands, self.params)

    def with_scalars(self, change: Callable[[sp.Expr], sp.Expr]) -> Tensor:
        return self.rebuilt(self.operands, change)

    def rebuilt(
        self, operands: tuple[Tensor, ...], change: Callable[[sp.Expr], sp.Expr] | None
    ) -> Tensor:
        if change is None:
            return self if operands == self.operands else self.with_operands(operands)
        params = tuple(_mapped(value, change) for value in self.params)
        return apply(self.operation, operands, params)

    def scalars(self) -> tuple[sp.Expr, ...]:
        found: list[sp.Expr] = []
        pending = list(self.params)
        while pending:
            value = pending.pop()
            if isinstance(value, tuple):
                pending.extend(value)
            elif isinstance(value, sp.Expr) and not isinstance(value, Tensor):
                found.append(value)
        return tuple(found)


def _mapped(value: Any, change: Callable[[sp.Expr], sp.Expr]) -> Any:
    if isinstance(value, tuple):
        return tuple(_mapped(item, change) for item in value)
    if isinstance(value, sp.Expr) and not isinstance(value, (sp.Lambda, Tensor)):
        return simplify_dim(change(value))
    return value


def apply(operation: Operation, operands: tuple[Any, ...], params: tuple[Any, ...] = ()) -> Tensor:
    """The interned node of an operation on tensors that already fit it.

    Raises:
        ShapeError, RankError, DTypeError: from the operation's own rules.
    """
    if operation.normal is not None:
        replacement: Tensor | None = operation.normal(operands, params)
        if replacement is not None:
            return replacement
    if "commutative" in operation.facts:
        operands = tuple(sorted(operands, key=lambda operand: operand.digest))
    key = (Apply, operation, operands, typed(params) if params else ())
    code = hash(
        (
            text_digest(operation.name),
            tuple([operand.digest for operand in operands]),
            digest(params) if params else 0,
        )
    )
    found: Tensor | None = lookup(key, code)
    if found is not None:
        return found
    node = object.__new__(Apply)
    shape = operation.shape(operands, params)
    if any(isinstance(size, int) and size < 0 for size in shape):
        raise ShapeError(
            f"{operation.name} of {', '.join(show_shape(o.shape) for o in operands)} would have "
            f"the negative size in {show_shape(shape)}"
        )
    initialise(node, operands, shape, operation.dtype(operands, params), code)
    node.operation, node.params = operation, params
    return register(key, node, code)
