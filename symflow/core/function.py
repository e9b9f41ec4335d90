"""A closed function: outputs of named inputs, as one interned value with bound variables.

A function is applied (a node each output), inlined, differentiated through its body, and printed
as one name.  Two functions with the same inputs and outputs are one object.
"""

from collections.abc import Sequence
from keyword import iskeyword
from typing import Any

import sympy as sp

from symflow.core.bridge import substitute
from symflow.core.dims import Dim, Shape, same, show_shape, simplify_dim
from symflow.core.interning import lookup, register, text_digest
from symflow.core.node import Tensor
from symflow.core.variable import Variable
from symflow.core.walk import postorder
from symflow.errors import ShapeError


class Function:
    """Outputs as a function of input variables; sizes of the inputs are bound with them.

    Attributes:
        name: what prints.
        inputs: the bound variables.
        outputs: expressions of the inputs.
        digest: a structural number.
    """

    __slots__ = ("__weakref__", "digest", "inputs", "name", "outputs")
    name: str
    inputs: tuple[Variable, ...]
    outputs: tuple[Tensor, ...]
    digest: int

    def __new__(cls, name: str, inputs: Sequence[Any], outputs: Sequence[Any]) -> "Function":
        """Intern a function.

        Raises:
            TypeError: when an input is no variable, or an output has other free variables; for
                two inputs of one name, and for a name that is no identifier.
        """
        given, results = tuple(inputs), tuple(outputs)
        key = (Function, name, given, results)
        known = lookup(key)
        if known is not None:
            found: Function = known
            return found
        _check_closed(name, given, results)
        self = object.__new__(cls)
        self.name, self.inputs, self.outputs = name, given, results
        parts = (text_digest(name), *(v.digest for v in given), 1, *(y.digest for y in results))
        self.digest = hash(parts)
        entered: Function = register(key, self)
        return entered

    def __reduce__(self) -> Any:
        return Function, (self.name, self.inputs, self.outputs)

    def __repr__(self) -> str:
        return f"<function {self.name} of {len(self.inputs)} inputs>"

    def sizes(self, shapes: Sequence[Shape]) -> dict[sp.Basic, Dim]:
        """The values that argument shapes give to the sizes of the inputs.

        Raises:
            ShapeError: when a shape does not fit, naming the input and the axis.
        """
        self.check_count(len(shapes))
        found: dict[sp.Basic, Dim] = {}
        pending: list[tuple[Variable, Shape, int]] = []
        for variable, shape in zip(self.inputs, shapes, strict=True):
            if len(variable.shape) != len(shape):
                raise ShapeError(self._mismatch(variable, shape, "another rank"))
            for axis, (declared, size) in enumerate(zip(variable.shape, shape, strict=True)):
                if isinstance(declared, sp.Symbol):
                    found.setdefault(declared, size)
                pending.append((variable, shape, axis))
        while pending:  # sizes as 2*n wait until their other symbols are known
            left = [entry for entry in pending if not self._agrees(*entry, found)]
            if len(left) == len(pending):
                variable, shape, axis = left[0]
                why = f"axis {axis} says too little of {variable.shape[axis]}"
                raise ShapeError(self._mismatch(variable, shape, why))
            pending = left
        return found

    def check_count(self, count: int) -> None:
        """Raise ShapeError unless there are as many arguments as inputs."""
        if count != len(self.inputs):
            raise ShapeError(f"{self.name} takes {len(self.inputs)} arguments, got {count}")

    def _agrees(
        self, variable: Variable, shape: Shape, axis: int, found: dict[sp.Basic, Dim]
    ) -> bool:
        """Check one size; False where it needs symbols that are not known yet."""
        declared, size = variable.shape[axis], shape[axis]
        if not isinstance(declared, int):
            unknown = declared.free_symbols - found.keys()
            if unknown and not _solve(declared, size, unknown, found):
                return False
            declared = simplify_dim(declared.subs(found, simultaneous=True))
        if not same(declared, size):
            raise ShapeError(self._mismatch(variable, shape, f"axis {axis} is {declared}"))
        return True

    def _mismatch(self, variable: Variable, shape: Shape, why: str) -> str:
        return (
            f"{self.name}: argument {variable.full_name} has shape {show_shape(shape)}, "
            f"expected {show_shape(variable.shape)}: {why}"
        )

    def inlined(self, arguments: Sequence[Tensor], output: int = 0) -> Tensor:
        """An output with the arguments in place of the inputs."""
        sizes = self.sizes([a.shape for a in arguments])
        (body,) = substitute([self.outputs[output]], sizes) if sizes else (self.outputs[output],)
        bound = substitute(list(self.inputs), sizes) if sizes else list(self.inputs)
        (result,) = substitute([body], dict(zip(bound, arguments, strict=True)))
        inlined: Tensor = result
        return inlined


def _solve(
    declared: sp.Expr, size: Dim, unknown: set[sp.Basic], found: dict[sp.Basic, Dim]
) -> bool:
    """Enter the one unknown symbol of a size that is linear in it; False for all others."""
    if len(unknown) != 1:
        return False
    (symbol,) = unknown
    known = declared.subs(found, simultaneous=True)
    slope = sp.diff(known, symbol)
    if not slope.is_Integer or slope == 0:
        return False
    value = sp.expand((size - known.subs(symbol, 0)) / slope)
    if not value.is_integer:
        return False
    found[symbol] = simplify_dim(value)
    return True


def _check_closed(name: str, inputs: tuple[Any, ...], outputs: tuple[Any, ...]) -> None:
    for variable in inputs:
        if not isinstance(variable, Variable):
            raise TypeError(f"{name}: inputs are variables, got a {type(variable).__name__}")
    names = [variable.full_name for variable in inputs]
    twice = sorted({input_ for input_ in names if names.count(input_) > 1})
    if twice:
        raise TypeError(f"{name}: the input {twice[0]} is given twice")
    if not name.isidentifier() or iskeyword(name):
        raise TypeError(f"the name of a function is an identifier of Python, got {name!r}")
    bound = set(inputs)
    for node in postorder(outputs):
        if isinstance(node, Variable) and node not in bound:
            raise TypeError(
                f"{name}: the output uses {node.full_name}, which is no input; a function is "
                "closed: add it to the inputs"
            )
    sizes = {s for v in inputs for size in v.shape for s in sp.sympify(size).free_symbols}
    loose = {s for y in outputs for s in y.free_symbols} - bound - sizes
    if loose:
        unknown = ", ".join(sorted(map(str, loose)))
        raise TypeError(f"{name}: the output uses {unknown}, which no input determines")
