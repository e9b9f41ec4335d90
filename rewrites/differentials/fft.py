"""Adjoints of Fourier transforms: the matrix of the transform is symmetric.

A cotangent pairs with a complex tensor as ``Re(sum(g * dz))``, so nothing is conjugated but where a
real transform leaves half of the coefficients out.
"""

from collections.abc import Iterator

import sympy as sp

from symflow.calculus.differential import Adjoint
from symflow.core.add import scaled
from symflow.core.apply import Apply, apply
from symflow.core.dims import Dim
from symflow.core.einsum import contract
from symflow.core.node import Tensor
from symflow.ops.arithmetic import cast, multiply, subtract
from symflow.ops.choice import equal
from symflow.ops.complex import conj
from symflow.ops.creation import iota
from symflow.ops.fft import FFT, FFTN, IFFT, IFFTN, IRFFT, RFFT
from symflow.ops.structure import Run, place


def fourier() -> Iterator[Adjoint]:
    """Fourier transforms, J. W. Cooley and J. W. Tukey (1965)."""
    yield Adjoint(FFT, _same_map, _same_backward, "<g, fft(x)> = <fft(g), x>")
    yield Adjoint(IFFT, _same_map, _same_backward, "<g, ifft(x)> = <ifft(g), x>")
    yield Adjoint(FFTN, _same_map, _same_backward, "<g, fftn(x)> = <fftn(g), x>")
    yield Adjoint(IFFTN, _same_map, _same_backward, "<g, ifftn(x)> = <ifftn(g), x>")
    yield Adjoint(
        RFFT, _same_map, _rfft_backward, "<g, rfft(x)> = <real(fft(pad(g, (0, n - m)))), x>"
    )
    yield Adjoint(
        IRFFT, _same_map, _irfft_backward, "<g, irfft(z)> = <c * conj(rfft(g)) / n, z>, c = 1, 2, 2"
    )


def _same_map(node: Apply, tangents: tuple[Tensor, ...]) -> Tensor:
    return apply(node.operation, tangents, node.params)


def _moved(axes: tuple[int, ...], extra: int) -> tuple[int, ...]:
    return tuple(axis + extra for axis in axes)


def _same_backward(node: Apply, position: int, cotangent: Tensor, extra: int) -> Tensor:
    share = apply(node.operation, (cotangent,), (_moved(node.params[0], extra),))
    return cast(share, node.operands[0].dtype)


def _rfft_backward(node: Apply, position: int, cotangent: Tensor, extra: int) -> Tensor:
    ((axis,),) = node.params
    (x,) = node.operands
    runs: tuple[Run, ...] = tuple((0, size, 1) for size in cotangent.shape)
    wide = place(cotangent, runs, (*cotangent.shape[:extra], *x.shape))
    # of the other axes the cotangent and the operand have the same sizes
    return cast(apply(FFT, (wide,), ((axis + extra,),)), x.dtype)


def _irfft_backward(node: Apply, position: int, cotangent: Tensor, extra: int) -> Tensor:
    size, (axis,) = node.params
    along = axis + extra
    share = conj(apply(RFFT, (cotangent,), ((along,),)))
    counted = multiply(_multiplicities(share, along, size), share)
    return cast(scaled(1 / sp.sympify(size), counted), node.operands[0].dtype)


def _multiplicities(share: Tensor, axis: int, size: Dim) -> Tensor:
    """How often a coefficient stands in the whole transform: the first and a middle one once."""
    number = iota(share.shape[axis])
    ends = [cast(equal(number, 0), "int"), cast(equal(multiply(2, number), size), "int")]
    line = cast(subtract(subtract(2, ends[0]), ends[1]), share.dtype)
    sizes: dict[int, Dim] = dict(enumerate(share.shape))
    return contract(sp.S.One, (line,), ((axis,),), tuple(range(share.rank)), sizes, share.dtype)
