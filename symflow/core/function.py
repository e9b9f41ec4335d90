"""A closed function: outputs of named inputs, as one interned value with bound variables.

A function is applied (a node each output), inlined, differentiated through its body, and printed
as one name.  Two functions with the same inputs and outputs are one object.
"""

from collections.abc import Sequence
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
            TypeError: when an input is no variable, or an output has other free variables.
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
        if len(shapes) != len(self.inputs):
            raise ShapeError(f"{self.name} takes {len(self.inputs)} arguments, got {len(shapes)}")
        found: dict[sp.Basic, Dim] = {}
        for variable, shape in zip(self.inputs, shapes, strict=True):
            if len(variable.shape) != len(shape):
                raise ShapeError(self._mismatch(variable, shape, "another rank"))
            for axis, (declared, size) in enumerate(zip(variable.shape, shape, strict=True)):
                if isinstance(declared, sp.Symbol):
                    known = found.setdefault(declared, size)
                elif isinstance(declared, int):
                    known = declared
                else:
                    known = simplify_dim(declared.subs(found))
                if not same(known, size):
                    raise ShapeError(self._mismatch(variable, shape, f"axis {axis} is {known}"))
        return found

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


def _check_closed(name: str, inputs: tuple[Any, ...], outputs: tuple[Any, ...]) -> None:
    for variable in inputs:
        if not isinstance(variable, Variable):
            raise TypeError(f"{name}: inputs are variables, got a {type(variable).__name__}")
    if len(set(inputs)) != len(inputs):
        raise TypeError(f"{name}: an input is given twice")
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
        names = ", ".join(sorted(map(str, loose)))
        raise TypeError(f"{name}: the output uses {names}, which no input determines")
