"""Application of closed functions with bound variables."""

from collections.abc import Callable, Sequence
from itertools import chain, count
from typing import Any

from symflow.core import dtypes
from symflow.core.apply import Apply, apply
from symflow.core.dims import Dim, Shape, dim, simplify_dim
from symflow.core.function import Function
from symflow.core.node import Tensor
from symflow.core.operation import Operands, Operation, Params
from symflow.core.variable import Variable
from symflow.core.walk import postorder, transform
from symflow.errors import DTypeError
from symflow.ops.arithmetic import cast, convert
from symflow.ops.batching import OF_EXAMPLES, batched, for_all


def _call_shape(operands: Operands, params: Params) -> Shape:
    closure, output = params
    sizes = closure.sizes([operand.shape for operand in operands])
    shape: Shape = closure.outputs[output].shape
    return tuple(
        s if isinstance(s, int) else simplify_dim(s.subs(sizes, simultaneous=True)) for s in shape
    )


def _define_call(*arguments: Any) -> Tensor:
    *operands, closure, output = arguments
    inlined: Tensor = closure.inlined(operands, output)
    return inlined


def _call_of_many(
    node: Apply, operands: Sequence[Tensor], flags: Sequence[bool], size: Dim
) -> Tensor:
    """A call of the batched function; of what does not depend on the example, the result."""
    closure, output = node.params
    many, reached = _batched(closure, tuple(flags))
    if not reached[output]:
        return for_all(_define_call(*node.operands, closure, output), size)
    return apply(CALL, tuple(operands), (many, output))


def _batched(closure: Function, flags: Sequence[bool]) -> tuple[Function, list[bool]]:
    """A function for any number of examples, and which of its results depend on them."""
    nodes = postorder((*closure.inputs, *closure.outputs))
    names = {s.name for s in chain.from_iterable(y.own_symbols() for y in nodes)}
    size = next(dim(name) for name in _names("batch") if name not in names)
    examples: dict[Tensor, Tensor] = {
        x: Variable(x.name, (size, *x.shape), x.dtype, x.properties & OF_EXAMPLES, x.scope)
        for x, flag in zip(closure.inputs, flags, strict=True)
        if flag
    }
    results = batched(closure.outputs, examples, size)
    outputs = [
        for_all(one, size) if many is None else many
        for one, many in zip(closure.outputs, results, strict=True)
    ]
    inputs = [examples.get(x, x) for x in closure.inputs]
    return Function(f"{closure.name}_batch", inputs, outputs), [y is not None for y in results]


def _names(name: str) -> Any:
    return chain([name], (f"{name}{number}" for number in count(2)))


CALL = Operation(
    name="call",
    family="closure",
    arity=None,
    shape=_call_shape,
    dtype=lambda operands, params: params[0].outputs[params[1]].dtype,
    parameters=("closure", "output"),
    definition=_define_call,
    flops=0.0,
    batching=_call_of_many,
)


class ClosedFunction:
    """A function made by :func:`function`: called on tensors, it gives nodes.

    Attributes:
        closure: its inputs and outputs, as an interned value.
        name: what prints.
    """

    def __init__(self, closure: Function, *, single: bool) -> None:
        self.closure = closure
        self.name = closure.name
        self._single = single

    def __call__(self, *arguments: Any) -> Any:
        """The function applied, as one node for each result."""
        nodes = self._converted(arguments)
        return self._given(
            [apply(CALL, nodes, (self.closure, k)) for k in range(len(self.closure.outputs))]
        )

    def inline(self, *arguments: Any) -> Any:
        """What the function computes, with the arguments in place of its inputs."""
        nodes = self._converted(arguments)
        return self._given(
            [self.closure.inlined(nodes, k) for k in range(len(self.closure.outputs))]
        )

    def __repr__(self) -> str:
        return f"{self.name}({', '.join(x.full_name for x in self.closure.inputs)})"

    def _given(self, results: list[Tensor]) -> Any:
        return results[0] if self._single else tuple(results)

    def _converted(self, arguments: Sequence[Any]) -> tuple[Tensor, ...]:
        """The arguments in the data types of the inputs."""
        self.closure.check_count(len(arguments))
        return tuple(
            _typed(x, argument, self.name)
            for x, argument in zip(self.closure.inputs, arguments, strict=True)
        )


def _typed(declared: Variable, argument: Any, name: str) -> Tensor:
    (node,) = convert((argument,), "any")
    if dtypes.promote(declared.dtype, node.dtype) == declared.dtype:
        return cast(node, declared.dtype)
    literal = not isinstance(argument, Tensor) and not node.shape
    if literal and dtypes.with_python_scalar(declared.dtype, node.dtype) == declared.dtype:
        return cast(node, declared.dtype)
    raise DTypeError(
        f"{name}: argument {declared.full_name} has dtype {node.dtype}, expected "
        f"{declared.dtype}: cast it with .astype, or declare the input with that type"
    )


def function(inputs: Sequence[Tensor], outputs: Any, name: str = "f") -> ClosedFunction:
    """A closed, named, reusable part of a model: called on tensors, it gives nodes.

    A call prints as one node, is differentiated and batched through what it computes, and is
    lowered to a call of one function of Python where a program calls it several times;
    :func:`inline` puts what it computes in its place.

    Args:
        inputs: the bound variables; symbolic sizes in their shapes are bound with them. Whoever
            declares properties of them promises these of all arguments.
        outputs: an expression of the inputs alone, or a sequence of them.
        name: what prints.

    Returns:
        A callable that takes tensors of fitting shapes and gives a tensor (or a tuple).

    Raises:
        TypeError: when an output uses a variable that is no input, for two inputs of one name,
            and for a name that is no identifier.
        ShapeError: when called on shapes that do not fit, naming the input and the axis.
        DTypeError: when called on a data type that the declared one does not hold.

    >>> from symflow.core import vector
    >>> x, y = vector("x", "n"), vector("y", 3)
    >>> double = function([x], x + x, name="double")
    >>> double(y).shape, double.inline(y) is y + y
    ((3,), True)
    """
    single = isinstance(outputs, Tensor)
    results = (outputs,) if single else tuple(convert(tuple(outputs), "any"))
    return ClosedFunction(Function(name, inputs, results), single=single)


def inline(expression: Any, *functions: ClosedFunction) -> Any:
    """An expression with what functions compute in place of their calls.

    Args:
        expression: a tensor, or a sequence of them.
        functions: those to unfold; by default all, also those that they call.

    >>> from symflow.core import vector
    >>> x, y = vector("x", "n"), vector("y", 3)
    >>> double = function([x], x + x, name="double")
    >>> inline(double(double(y))) is 4 * y
    True
    """
    chosen = {f.closure for f in functions}

    def unfolds(closure: Function) -> bool:
        return not chosen or closure in chosen

    single = isinstance(expression, Tensor)
    results = unfolded([expression] if single else list(expression), unfolds)
    return results[0] if single else tuple(results)


def calls(nodes: Sequence[Tensor]) -> dict[Function, set[tuple[Tensor, ...]]]:
    """The functions that nodes call, each with the different arguments of its calls."""
    found: dict[Function, set[tuple[Tensor, ...]]] = {}
    for node in nodes:
        if isinstance(node, Apply) and node.operation is CALL:
            found.setdefault(node.params[0], set()).add(node.operands)
    return found


def unfolded(roots: Sequence[Tensor], unfolds: Callable[[Function], bool]) -> list[Tensor]:
    """Graphs without calls of the functions that are to unfold.

    Each body is unfolded once, the innermost first, however deep functions call functions.
    """
    bodies: dict[Function, Function] = {}

    def opened(node: Tensor) -> Tensor | None:
        if not isinstance(node, Apply) or node.operation is not CALL:
            return None
        closure, output = node.params
        body: Function = bodies.get(closure, closure)
        if unfolds(closure):
            return body.inlined(node.operands, output)
        return node if body is closure else apply(CALL, node.operands, (body, output))

    called = called_functions(roots)
    if not called:
        return list(roots)
    for closure in called:
        outputs = transform(closure.outputs, opened)
        bodies[closure] = Function(closure.name, closure.inputs, outputs)
    return transform(roots, opened)


def called_functions(roots: Sequence[Tensor]) -> list[Function]:
    """The functions that graphs call, directly or not; those that one calls come before it."""
    inner: dict[Function, list[Function]] = {}
    order: dict[Function, None] = {}
    stack = [*calls(postorder(roots))]
    while stack:
        closure = stack[-1]
        if closure not in inner:
            inner[closure] = [*calls(postorder(closure.outputs))]
            stack += inner[closure]
            continue
        stack.pop()
        order.setdefault(closure)
    return list(order)
