"""The record of an operation: everything about it but its differential, in one place.

Records live in the family tables of :mod:`symflow.ops`; differentials are named equations in
``rewrites/differentials`` under the operation's name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from symflow.core.dims import Shape

Operands = tuple[Any, ...]
Params = tuple[Any, ...]


@dataclass(frozen=True, eq=False)
class Operation:
    r"""One operation, complete.

    Attributes:
        name: its path as ``jax.numpy`` (or ``nn.``, ``special.``, ``linalg.``) names it; text,
            generated code and the formula language use it.
        family: the module of :mod:`symflow.ops` that holds the record, under the upper-case name.
        arity: number of operands; None for any number.
        shape: the shape of the result from operands and parameters; raises the exact error.
        dtype: the data type of the result.
        parameters: names of the static parameters, in order.
        defaults: parameter values that printing leaves out.
        facts: what generic rules and property inference read: ``elementwise``, ``linear``,
            ``commutative``, ``involution``, ``idempotent``, ``increasing``, ``odd``, ``even``,
            ``positive``, ``nonnegative``, ``unit_interval``, ``integer``, ``symmetric`` ...
        piecewise_constant: the differential is zero wherever it exists (floor, comparisons).
        latex: template with ``{0}``, ``{1}`` for operands, or a bare command as ``\exp``.
        sympy: the SymPy function of a scalar operation.
        code: overrides of the generated call by backend (``jax``, ``numpy``, ``torch``), as
            templates with ``{0}`` and ``{parameter}``.
        flops: floating point operations for an entry of the result (elementwise), or a function
            of operands, parameters and result shape.
        definition: what a named composite unfolds to, from operands and parameters.
        normal: structural normalisation: a replacement node, or None to build as asked.
        inputs: dtype conversion of operands before building: ``"same"`` (promote together),
            ``"int"`` and ``"float"`` (promote and make at least that), ``"bool"`` (whether they
            differ from zero), ``"any"`` (as they are).
        outputs: names of the results of an operation with several; the last parameter then
            says which one a node is.
        batching: how a new leading axis of the operands becomes one of the result, see
            :mod:`symflow.ops.batching`: ``"entries"``, ``"axis"``, ``"leading"``,
            ``"definition"``, or a rule of its own. Empty, it follows from the rest of the record.
    """

    name: str
    family: str
    arity: int | None
    shape: Callable[[Operands, Params], Shape]
    dtype: Callable[[Operands, Params], str]
    parameters: tuple[str, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)
    facts: frozenset[str] = frozenset()
    piecewise_constant: bool = False
    latex: str = ""
    sympy: Any = None
    code: Mapping[str, str] = field(default_factory=dict)
    flops: float | Callable[[Operands, Params, Shape], Any] = 1.0
    definition: Callable[..., Any] | None = None
    normal: Callable[[Operands, Params], Any] | None = None
    inputs: str = "any"
    outputs: tuple[str, ...] = ()
    batching: str | Callable[..., Any] = ""

    def __post_init__(self) -> None:
        # pickle finds a record as a global of its family's module
        object.__setattr__(self, "__module__", f"symflow.ops.{self.family}")

    @property
    def elementwise(self) -> bool:
        """Whether entries of the result depend on the same entries of the operands alone."""
        return "elementwise" in self.facts

    @property
    def short_name(self) -> str:
        """The last part of the name."""
        return self.name.rpartition(".")[2]

    def __reduce__(self) -> str:
        return self.short_name.upper()

    def __repr__(self) -> str:
        return f"<operation {self.name}>"
