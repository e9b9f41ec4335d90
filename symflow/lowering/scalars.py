"""SymPy scalars (sizes, coefficients, exponents) as Python expressions over integers and floats."""

from collections.abc import Callable, Mapping

import sympy as sp

from symflow.core import dtypes
from symflow.core.dims import Dim
from symflow.errors import LoweringError
from symflow.notation.tree import Binary, Call, Name, Number, Tree, Unary

_LARGEST = 1 << 31  # beyond it, an integer literal does not fit JAX's default integer
_DECIMALS = 1024  # fractions of it are written as decimals, which are exact
_FUNCTIONS: Mapping[str, str] = {
    "exp": "math.exp",
    "log": "math.log",
    "sin": "math.sin",
    "cos": "math.cos",
    "gamma": "math.gamma",
    "loggamma": "math.lgamma",
    "factorial": "math.factorial",
    "Abs": "abs",
    "Max": "max",
    "Min": "min",
}


def integer(value: int) -> Tree:
    """An integer literal, with its sign."""
    return Number(str(value)) if value >= 0 else Unary("-", Number(str(-value)))


def real(value: float, xp: str) -> Tree:
    """A floating point literal, with its sign."""
    if value != value:
        return Name(f"{xp}.nan")
    sign, size = value < 0 or repr(value).startswith("-"), abs(value)
    body: Tree = Name(f"{xp}.inf") if size == float("inf") else Number(repr(size))
    return Unary("-", body) if sign else body


class ScalarWriter:
    """Writes SymPy scalars as trees.

    Attributes:
        names: the identifier of each dimension.
        xp: the prefix of the array namespace, for infinities and pi.
    """

    def __init__(self, names: Callable[[sp.Symbol], str], xp: str) -> None:
        self.names = names
        self.xp = xp

    def size(self, value: Dim) -> Tree:
        """A size, by integer arithmetic alone."""
        if isinstance(value, int):
            return integer(value)
        if value.is_Integer:
            return integer(int(value))
        if isinstance(value, sp.Symbol):
            return Name(self.names(value))
        whole, part = sp.fraction(sp.together(value))
        if part != 1:
            return Binary("//", self.size(whole), self.size(part))
        return self._compound_size(value)

    def _compound_size(self, value: sp.Expr) -> Tree:
        if value.is_Add:
            return _sum([self.size(term) for term in value.as_ordered_terms()])
        if value.is_Mul:
            return _product([self.size(factor) for factor in value.as_ordered_factors()])
        if value.is_Pow and value.exp.is_Integer and value.exp.is_nonnegative:
            return Binary("**", self.size(value.base), self.size(value.exp))
        if isinstance(value, sp.floor):
            return self.size(value.args[0])
        if isinstance(value, sp.ceiling):
            whole, part = sp.fraction(sp.together(value.args[0]))
            return Unary("-", Binary("//", Unary("-", self.size(whole)), self.size(part)))
        if isinstance(value, (sp.Max, sp.Min)):
            name = type(value).__name__.lower()
            return Call(name, tuple(self.size(argument) for argument in value.args))
        if isinstance(value, sp.Mod):
            return Binary("%", self.size(value.args[0]), self.size(value.args[1]))
        raise LoweringError(f"the size {value} cannot be computed by a program")

    def value(self, value: sp.Expr) -> Tree:
        """A number or an expression of dimensions, by Python's arithmetic."""
        if value.is_number:
            return self._number(value)
        if isinstance(value, sp.Symbol):
            return Name(self.names(value))
        if value.is_Add:
            return _sum([self.value(term) for term in value.as_ordered_terms()])
        whole, part = value.as_numer_denom()
        if part != 1:
            return Binary("/", self.value(whole), self.value(part))
        if value.is_Mul:
            return _product([self.value(factor) for factor in value.as_ordered_factors()])
        if value.is_Pow:
            return Binary("**", self.value(value.base), self.value(value.exp))
        if isinstance(value, (sp.floor, sp.ceiling, sp.Mod)):
            return self.size(value)
        name = _FUNCTIONS.get(type(value).__name__)
        if name is None:
            raise LoweringError(f"the scalar {value} cannot be computed by a program")
        return Call(name, tuple(self.value(argument) for argument in value.args))

    def _number(self, value: sp.Expr) -> Tree:
        if value.is_Integer and abs(int(value)) < _LARGEST:
            return integer(int(value))
        if value.is_Rational and abs(value.p) < _LARGEST and value.q < _LARGEST:
            if _DECIMALS % int(value.q) == 0:
                return real(float(value), self.xp)
            return Binary("/", integer(int(value.p)), integer(int(value.q)))
        if value is sp.pi:
            return Name(f"{self.xp}.pi")
        if value in (sp.nan, sp.zoo):
            return Name(f"{self.xp}.nan")
        real_part, imaginary = value.as_real_imag()
        if imaginary != 0:
            parts = [real(float(part), self.xp) for part in (real_part, imaginary)]
            return Call("complex", tuple(parts))
        return real(_as_float(value), self.xp)

    def scaled(self, x: Tree, factor: sp.Expr, dtype: str) -> Tree:
        """``factor * x``, as a division where that is one operation."""
        if factor == -1:
            return Unary("-", x)
        if dtypes.kind(dtype) in ("int", "bool"):
            return Binary("*", self.exact_integer(factor), x)
        whole, part = factor.as_numer_denom()
        if _is_short(part) and part != 1 and whole in (1, -1):
            return Binary("/", x if whole == 1 else Unary("-", x), self.value(part))
        scale = self.value(factor)
        if part == 1 and not factor.is_number and not isinstance(factor, sp.Symbol):
            scale = Call("float", (scale,))  # a product of sizes may leave the range of integers
        return Binary("*", scale, x)

    def exact_integer(self, factor: sp.Expr) -> Tree:
        """A factor of integers.

        Raises:
            LoweringError: where it is no integer.
        """
        if factor.is_number and not factor.is_Integer:
            raise LoweringError(f"an integer tensor is scaled by {factor}: cast it to float first")
        return self.size(factor)


def _is_short(value: sp.Expr) -> bool:
    """Whether a divisor is a small number or one dimension, so that it fits any integer type."""
    return isinstance(value, sp.Symbol) or bool(value.is_Integer and abs(int(value)) < _LARGEST)


def _as_float(value: sp.Expr) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def _sum(terms: list[Tree]) -> Tree:
    total = terms[0]
    for term in terms[1:]:
        if isinstance(term, Unary):
            total = Binary("-", total, term.operand)
        else:
            total = Binary("+", total, term)
    return total


def _product(factors: list[Tree]) -> Tree:
    negative = isinstance(factors[0], Unary)
    if isinstance(factors[0], Unary):
        factors = (
            factors[1:] if factors[0].operand.word == "1" else [factors[0].operand, *factors[1:]]
        )
    total = factors[0]
    for factor in factors[1:]:
        total = Binary("*", total, factor)
    return Unary("-", total) if negative else total
