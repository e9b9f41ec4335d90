"""Complex numbers: conjugates, parts, absolute values, Fourier transforms.

The other theories speak of real numbers; which of their rules hold for complex ones, too, is
listed at the end.  Conjugates stand inside: they commute with sums and products and so cancel
(W. Rudin, "Real and Complex Analysis", 3rd ed., chapter 1).
"""

import sympy as sp

from symflow.core import Add, Apply, Einsum, Tensor, add_terms, apply, constant, dtypes
from symflow.core.add import scaled, split
from symflow.core.dims import product, same
from symflow.ops.arithmetic import ABS, cast
from symflow.ops.complex import CONJ, IMAG, REAL, conj, is_complex
from symflow.ops.fft import FFT, FFTN, IFFT, IFFTN, IRFFT, RFFT
from symflow.rewriting import network
from symflow.rewriting.rule import Procedure, Theory, law


def conjugate_inside(node: Apply) -> Tensor | None:
    """``conj(x * y + z) = conj(x) * conj(y) + conj(z)``, for all products and sums."""
    (inner,) = node.operands
    if isinstance(inner, Add):
        terms = [(sp.conjugate(c), conj(term)) for c, term in inner.terms]
        return add_terms(terms, inner.shape, inner.dtype)
    if isinstance(inner, Einsum):
        parts = [(conj(operand), labels) for operand, labels in network.items(inner)]
        return network.rebuilt(inner, parts, sp.conjugate(inner.coefficient))
    return None


def part_of_sum(node: Apply) -> Tensor | None:
    """``real(x + 1j * y) = real(x) - imag(y)``, ``imag(x + 1j * y) = imag(x) + real(y)``."""
    (inner,) = node.operands
    given = inner.terms if isinstance(inner, Add) else (split(inner),)
    if not isinstance(inner, Add) and given[0][0].is_extended_real:
        return None
    own, other = (REAL, IMAG) if node.operation is REAL else (IMAG, REAL)
    terms = []
    for number, term in given:
        along, across = number.as_real_imag()
        terms.append((along, apply(own, (term,))))
        terms.append((across if own is IMAG else -across, apply(other, (term,))))
    kept = [(c, term) for c, term in terms if c != 0]
    return add_terms(kept, node.shape, node.dtype)


def part_of_real(node: Apply) -> Tensor | None:
    """A real tensor as a complex one is its own real part; its imaginary part is 0."""
    source = _real(node.operands[0])
    if source is None or source.dtype != node.dtype:
        return None
    return source if node.operation is REAL else constant(sp.S.Zero, node.shape, node.dtype)


def real_factors(node: Apply) -> Tensor | None:
    """``real(x * z) = x * real(z)`` for real ``x``, and the same of imaginary parts."""
    (inner,) = node.operands
    if not isinstance(inner, Einsum) or not inner.operands:
        return None
    found = [(_real(operand), labels) for operand, labels in network.items(inner)]
    places = [k for k, (operand, _) in enumerate(found) if operand is not None]
    number = inner.coefficient
    lone = len(inner.operands) == 1 and not places
    if not number.is_extended_real or (not places and number == 1 and not lone):
        return None
    rest = [k for k in range(len(found)) if k not in places]
    if len(rest) != 1:
        return _without_number(node, inner)
    (place,) = rest
    parts = list(found)
    parts[place] = (apply(node.operation, (inner.operands[place],)), found[place][1])
    sizes = network.items(inner)
    made = [(x if x is not None else sizes[k][0], labels) for k, (x, labels) in enumerate(parts)]
    return _as_type(network.rebuilt(inner, made, number), node)


def _real(x: Tensor) -> Tensor | None:
    """What is real under a conversion to complex numbers of the same precision."""
    if isinstance(x, Apply) and x.operation.name == "cast" and not is_complex(x.operands[0]):
        source = x.operands[0]
        return source if source.dtype == dtypes.real_part(x.dtype) else None
    return None


def _without_number(node: Apply, inner: Einsum) -> Tensor | None:
    if inner.coefficient == 1:
        return None
    return scaled(inner.coefficient, apply(node.operation, (inner.with_coefficient(sp.S.One),)))


def _as_type(made: Tensor, node: Apply) -> Tensor | None:
    return made if made.dtype == node.dtype else None


def square_of_abs(node: Apply) -> Tensor | None:
    """``real(z * conj(z)) = abs(z) ** 2``."""
    (inner,) = node.operands
    if not isinstance(inner, Einsum) or len(inner.operands) != 2:
        return None
    (x, y), (a, b) = inner.operands, inner.subscripts
    if a != b or conj(x) is not y or not inner.coefficient.is_extended_real:
        return None
    size = apply(ABS, (y if _is_conj(x) else x,))
    return _as_type(network.rebuilt(inner, [(size, a), (size, a)]), node)


def _is_conj(x: Tensor) -> bool:
    return isinstance(x, Apply) and x.operation is CONJ


def abs_of_conjugate(node: Apply) -> Tensor | None:
    """``abs(conj(z)) = abs(z)``."""
    (inner,) = node.operands
    return apply(ABS, inner.operands) if isinstance(inner, Apply) and _is_conj(inner) else None


def abs_squared(node: Einsum) -> Tensor | None:
    """``abs(z) ** 2 = real(z * conj(z))``: its differential has no quotient."""
    items = network.items(node)
    for k, (operand, labels) in enumerate(items):
        if not isinstance(operand, Apply) or operand.operation is not ABS:
            continue
        (z,) = operand.operands
        if is_complex(z) and (operand, labels) in items[k + 1 :]:
            rest = list(items)
            rest.remove((operand, labels))
            rest.remove((operand, labels))
            square = apply(REAL, (z * conj(z),))
            return network.rebuilt(node, [*rest, (square, labels)])
    return None


def inverse_transform(node: Apply) -> Tensor | None:
    """``ifft(fft(z)) = z`` and the other way round, ``irfft(rfft(x)) = x``."""
    (inner,) = node.operands
    if not isinstance(inner, Apply) or inner.operation is not _INVERSES[node.operation]:
        return None
    (x,) = inner.operands
    if node.params[-1] != inner.params[-1]:
        return None
    if node.operation is not IRFFT:
        return cast(x, node.dtype)
    (axis,) = node.params[-1]
    return x if same(x.shape[axis], node.params[0]) and x.dtype == node.dtype else None


def number_out_of_transform(node: Apply) -> Tensor | None:
    """``fft(c * z) = c * fft(z)`` for a number ``c``, real where the result is."""
    number, core = split(node.operands[0])
    if number == 1 or core.dtype != node.operands[0].dtype:
        return None
    if not number.is_extended_real and node.operation is IRFFT:
        return None
    return scaled(number, apply(node.operation, (core,), node.params))


def transform_twice(node: Apply) -> Tensor | None:
    """``fft(conj(fft(z))) = n * conj(z)``, from ``conj(fft(z)) = n * ifft(conj(z))``."""
    (inner,) = node.operands
    if not isinstance(inner, Apply) or inner.operation is not CONJ:
        return None
    (first,) = inner.operands
    if not isinstance(first, Apply) or first.operation is not node.operation:
        return None
    if first.params != node.params:
        return None
    size = sp.sympify(product(node.shape[axis] for axis in node.params[0]))
    number = size if node.operation in (FFT, FFTN) else 1 / size
    return scaled(number, conj(cast(first.operands[0], node.dtype)))


_INVERSES = {FFT: IFFT, IFFT: FFT, FFTN: IFFTN, IFFTN: FFTN, IRFFT: RFFT}


complex_numbers = Theory(
    "complex numbers",
    __doc__ or "",
    (
        law("square-of-abs", square_of_abs, REAL),
        law("conjugate-inside", conjugate_inside, CONJ),
        law("part-of-sum", part_of_sum, REAL, IMAG),
        law("part-of-real", part_of_real, REAL, IMAG),
        law("real-factors", real_factors, REAL, IMAG),
        law("abs-of-conjugate", abs_of_conjugate, ABS),
        law("inverse-transform", inverse_transform, *_INVERSES),
        law("number-out-of-transform", number_out_of_transform, *_INVERSES, RFFT),
        law("transform-twice", transform_twice, FFT, IFFT, FFTN, IFFTN),
    ),
)

moduli = Theory(
    "moduli before differentiation",
    "Absolute values of complex numbers, spelled out.",
    (
        Procedure(
            "abs-squared",
            abs_squared,
            ((Einsum, ABS),),
            law="abs(z) ** 2 = real(z * conj(z))",
            needs=frozenset({ABS}),
        ),
    ),
)

# Rules of real numbers that hold for complex ones, too: identities between entire or rational
# functions, laws of matrices that use no order and no definiteness, and index maps.
HOLD = frozenset(
    """
    square-of-abs conjugate-inside part-of-sum part-of-real real-factors abs-of-conjugate
    abs-squared inverse-transform number-out-of-transform transform-twice
    exp-sum expm1-plus-one exp2-sum exp-log division-distributed distribute
    where-true where-false where-not where-same-first where-same-second
    pythagoras one-minus-sine-squared one-minus-cosine-squared hyperbolic-pythagoras
    one-plus-sinh-squared cosh-squared-less-one tangent tangent-times-cosine hyperbolic-tangent
    tanh-times-cosh sinh cosh cosh-plus-sinh cosh-minus-sinh cosine-double-angle cosh-double-angle
    slice-of-placed slice-of-view transpose-of-broadcasts product-with-cut-identity
    product-with-placed slice-of-joined joined-neighbours repeated-parts sum-of-joined
    reshape-out-of-function reshape-out-of-sum slice-of-elementwise slice-of-product
    slice-along-other-axes
    inverse-cancels inverse-of-inverse inverse-of-product inverse-of-diagonal
    inverse-of-kronecker det-of-kronecker det-of-product det-of-inverse
    det-of-lower-triangular det-of-upper-triangular woodbury sherman-morrison
    determinant-lemma push-through push-through-difference sylvester
    """.split()  # noqa: SIM905
)
