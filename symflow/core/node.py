"""The node: an immutable, interned SymPy expression that knows its shape and data type.

Equality and hash are identity.  What the ground floor cannot know (operators, methods of NumPy,
printing, differentiation) is attached by the floors above, by :func:`attach`.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import sympy as sp
from sympy.core.assumptions import _assume_defined

from symflow.core.bridge import SymPyBridge
from symflow.core.dims import Dim, Shape, product, show_shape
from symflow.core.text_guard import refuse_text

RANK_NAMES = ("scalar", "vector", "matrix", "cube")


@refuse_text
class Tensor(SymPyBridge, sp.Expr):
    """A symbolic tensor: base of all nodes.

    Attributes:
        operands: the nodes this one is computed from.
        shape: sizes, integers or SymPy integer expressions.
        dtype: name of the data type, see :mod:`symflow.core.dtypes`.
        digest: a structural number, the same in every process; canonical orders sort by it.
    """

    __slots__ = ("__weakref__", "cache", "digest", "dtype", "operands", "shape")

    _op_priority: ClassVar[float] = 100.0

    operands: tuple["Tensor", ...]
    shape: Shape
    dtype: str
    digest: int
    cache: dict[str, Any] | None

    def __new__(cls, *args: object, **options: object) -> "Tensor":
        """Refused: the constructors of the kinds of nodes do not come here."""
        raise TypeError(
            "Tensor is the type of all symbolic tensors; a variable is sf.tensor(name, *sizes)"
        )

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other

    def __ne__(self, other: object) -> bool:
        return self is not other

    @property
    def rank(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def ndim(self) -> int:
        """The number of axes, under NumPy's name."""
        return len(self.shape)

    @property
    def size(self) -> Dim:
        """The number of entries."""
        return product(self.shape)

    def with_operands(self, operands: tuple["Tensor", ...]) -> "Tensor":
        """The same operation on other operands (normalised anew)."""
        raise TypeError(f"{type(self).__name__} has no operands")

    def with_scalars(self, change: Callable[[sp.Expr], sp.Expr]) -> "Tensor":
        """The same node with its sizes and coefficients passed through ``change``."""
        return self

    def rebuilt(
        self, operands: tuple["Tensor", ...], change: Callable[[sp.Expr], sp.Expr] | None
    ) -> "Tensor":
        """Other operands and other sizes at once: between the two steps they would not fit."""
        result = self if operands == self.operands else self.with_operands(operands)
        return result if change is None else result.with_scalars(change)

    def scalars(self) -> tuple[sp.Expr, ...]:
        """The SymPy scalars (sizes, coefficients) that this node itself holds."""
        return ()

    def numbers(self) -> tuple[sp.Expr, ...]:
        """The numeric coefficients other than 1 that this node itself holds."""
        return ()

    @staticmethod
    def from_sympy(value: sp.Basic) -> "Tensor":
        """A SymPy scalar expression as a tensor of rank 0; attached by :mod:`symflow.ops`."""
        raise TypeError(f"{type(value).__name__} needs the operations: import symflow first")

    def _sympystr(self, printer: Any) -> str:
        """Until the upper floors attach their printing: a name or a kind, and the shape."""
        return getattr(self, "full_name", "") or f"<{type(self).__name__} {show_shape(self.shape)}>"

    if TYPE_CHECKING:  # what the operations attach, for those who check types

        def __add__(self, other: Any) -> "Tensor": ...
        def __radd__(self, other: Any) -> "Tensor": ...
        def __sub__(self, other: Any) -> "Tensor": ...
        def __rsub__(self, other: Any) -> "Tensor": ...
        def __mul__(self, other: Any) -> "Tensor": ...
        def __rmul__(self, other: Any) -> "Tensor": ...
        def __truediv__(self, other: Any) -> "Tensor": ...
        def __rtruediv__(self, other: Any) -> "Tensor": ...
        def __floordiv__(self, other: Any) -> "Tensor": ...
        def __rfloordiv__(self, other: Any) -> "Tensor": ...
        def __mod__(self, other: Any) -> "Tensor": ...
        def __rmod__(self, other: Any) -> "Tensor": ...
        def __pow__(self, other: Any) -> "Tensor": ...
        def __rpow__(self, other: Any) -> "Tensor": ...
        def __matmul__(self, other: Any) -> "Tensor": ...
        def __rmatmul__(self, other: Any) -> "Tensor": ...
        def __and__(self, other: Any) -> "Tensor": ...
        def __rand__(self, other: Any) -> "Tensor": ...
        def __or__(self, other: Any) -> "Tensor": ...
        def __ror__(self, other: Any) -> "Tensor": ...
        def __lt__(self, other: Any) -> "Tensor": ...
        def __le__(self, other: Any) -> "Tensor": ...
        def __gt__(self, other: Any) -> "Tensor": ...
        def __ge__(self, other: Any) -> "Tensor": ...
        def __neg__(self) -> "Tensor": ...
        def __pos__(self) -> "Tensor": ...
        def __abs__(self) -> "Tensor": ...
        def __invert__(self) -> "Tensor": ...
        def __getitem__(self, index: Any) -> "Tensor": ...
        @property
        def T(self) -> "Tensor": ...  # noqa: D102
        @property
        def mT(self) -> "Tensor": ...  # noqa: D102, N802

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("a scalar has no length")
        first = self.shape[0]
        if isinstance(first, int):
            return first
        raise TypeError(f"the length of axis 0 is the symbol {first}; use x.shape[0]")

    def __bool__(self) -> bool:
        raise TypeError(
            "a symbolic tensor has no truth value; compare structure with ==, "
            "entries with snp.equal, and choose with snp.where"
        )

    def __array__(self, dtype: object = None, copy: object = None) -> Any:
        raise TypeError(
            "a symbolic tensor holds no numbers; lower it first: sf.lower(x)(...), "
            "or use the functions of symflow.numpy"
        )


# Nothing is known of a tensor's entries to SymPy; as class attributes the answers cost nothing,
# and stating only `is_commutative = False` in the class would imply "not real".
for _fact in _assume_defined:
    setattr(Tensor, f"is_{_fact}", None)
Tensor.is_commutative = False


def initialise(
    node: Any, operands: tuple[Tensor, ...], shape: Shape, dtype: str, digest: int
) -> None:
    """Fill the slots that all kinds of node share."""
    node._mhash = None
    node._args = ()
    node._assumptions = type(node).default_assumptions
    node.operands = operands
    node.shape = shape
    node.dtype = dtype
    node.digest = digest
    node.cache = None


def rank_name(x: object) -> str:
    """The name of a tensor's rank: scalar, vector, matrix, cube, then ``rank-n tensor``.

    >>> from symflow.core.variable import tensor
    >>> rank_name(tensor("A", "n", "n")), rank_name(tensor("T", 2, 2, 2, 2))
    ('matrix', 'rank-4 tensor')
    """
    rank = len(getattr(x, "shape", ()))
    return RANK_NAMES[rank] if rank < len(RANK_NAMES) else f"rank-{rank} tensor"


def attach(methods: Mapping[str, object]) -> None:
    """Give all tensors the methods of a higher floor; called once by that floor."""
    for name, value in methods.items():
        setattr(Tensor, name, value)
