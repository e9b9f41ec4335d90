"""The convolution, which is linear in each of its operands."""

from collections.abc import Iterator

from symflow.calculus.differential import Adjoint
from symflow.core.apply import Apply, apply
from symflow.core.node import Tensor
from symflow.core.variable import Variable
from symflow.ops.batching import batched
from symflow.ops.convolution import CONVOLVE, full_convolution, valid_convolution
from symflow.ops.structure import flip


def convolution() -> Iterator[Adjoint]:
    """Where the full convolution adds up, its adjoint takes in, and the other way round."""
    yield Adjoint(
        CONVOLVE,
        _forward,
        _backward,
        "<g, convolve(a, v)> = <convolve(g, flip(v), 'valid'), a>",
    )


def _forward(node: Apply, tangents: tuple[Tensor, ...]) -> Tensor:
    (a, v), (da, dv) = node.operands, tangents
    result: Tensor = apply(CONVOLVE, (da, v), node.params) + apply(CONVOLVE, (a, dv), node.params)
    return result


def _backward(node: Apply, place: int, cotangent: Tensor, extra: int) -> Tensor:
    sizes = cotangent.shape[:extra]
    leaf = cotangent if not extra else _leaf(node, 0)
    result = _of_vectors(node, place, leaf)
    for count, size in enumerate(reversed(sizes), 1):
        every = cotangent if count == extra else _leaf(node, count, *sizes[extra - count :])
        made = batched([result], {leaf: every}, size)[0]
        assert made is not None
        leaf, result = every, made
    return result


def _leaf(node: Apply, count: int, *sizes: object) -> Tensor:
    """What stands for the cotangent without some of the axes that ride along."""
    leaf: Tensor = Variable(f"g{count}", (*sizes, *node.shape), node.dtype, scope="convolution")
    return leaf


def _of_vectors(node: Apply, place: int, g: Tensor) -> Tensor:
    a, v = node.operands
    if node.params[0] == "full":
        return valid_convolution(g, flip(a if place else v))
    return flip(valid_convolution(a, flip(g))) if place else full_convolution(g, flip(v))
