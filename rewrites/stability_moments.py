"""Stability: moments about the mean instead of differences of moments.

Source: T. Chan, G. Golub and R. LeVeque, "Algorithms for computing the sample variance" (1983);
N. Higham, Accuracy and Stability of Numerical Algorithms (2002), section 1.9.
"""

import sympy as sp

from symflow.core import Add, Einsum, Tensor, add_terms, contract
from symflow.core.dims import product
from symflow.core.labels import Labels
from symflow.rewriting import network
from symflow.rewriting.rule import Procedure, Theory

_MOST_TERMS = 6


def about_the_mean(node: Add) -> Tensor | None:
    """``sum(x * y) - sum(x) * sum(y) / n = sum((x - mean(x)) * (y - mean(y)))``."""
    if len(node.operands) > _MOST_TERMS:
        return None
    terms = [(c, _opened(operand)) for c, operand in node.terms]
    for place, (c, moment) in enumerate(terms):
        if not isinstance(moment, Einsum) or not _is_moment(moment):
            continue
        apart, count = _separate(moment), product(moment.sizes[k] for k in moment.summed)
        for other, (d, square) in enumerate(terms):
            if other == place or not isinstance(square, Einsum):
                continue
            scale = square.coefficient / moment.coefficient
            bare = square.with_coefficient(sp.S.One)
            if bare is apart and sp.expand(d * scale * count + c) == 0:
                rest = [t for k, t in enumerate(node.terms) if k not in (place, other)]
                return add_terms([*rest, (c, _central(moment))], node.shape, node.dtype)
    return None


def _opened(node: Tensor) -> Tensor:
    return network.opened_fully(node) if isinstance(node, Einsum) else node


def _is_moment(node: Einsum) -> bool:
    """Whether two tensors are multiplied and summed over common axes, each with no other."""
    if len(node.operands) != 2 or not node.summed:
        return False
    inner = set(node.summed)
    return all(
        inner <= set(labels) and len(set(labels)) == len(labels) for labels in node.subscripts
    )


def _separate(node: Einsum) -> Tensor:
    """The product of the sums, for a sum of products."""
    fresh = {label: len(node.sizes) + k for k, label in enumerate(node.summed)}
    first, second = node.subscripts
    sizes = dict(enumerate(node.sizes)) | {new: node.sizes[old] for old, new in fresh.items()}
    labels = (first, tuple(fresh.get(label, label) for label in second))
    return contract(sp.S.One, node.operands, labels, node.output, sizes, node.dtype)


def _central(node: Einsum) -> Tensor:
    """The sum of products of differences from the mean."""
    operands = [
        _centred(operand, labels, node)
        for operand, labels in zip(node.operands, node.subscripts, strict=True)
    ]
    sizes = dict(enumerate(node.sizes))
    return contract(node.coefficient, operands, node.subscripts, node.output, sizes, node.dtype)


def _centred(x: Tensor, labels: Labels, node: Einsum) -> Tensor:
    fresh = {label: len(node.sizes) + k for k, label in enumerate(node.summed)}
    sizes = dict(enumerate(node.sizes)) | {new: node.sizes[old] for old, new in fresh.items()}
    count = product(node.sizes[label] for label in node.summed)
    inner = tuple(fresh.get(label, label) for label in labels)
    mean = contract(1 / sp.sympify(count), [x], [inner], labels, sizes, x.dtype)
    return add_terms([(sp.S.One, x), (sp.S.NegativeOne, mean)], x.shape, x.dtype)


moments = Theory(
    "moments about the mean",
    __doc__ or "",
    (
        Procedure(
            "moment-about-the-mean",
            about_the_mean,
            ((Add, Einsum),),
            "Chan, Golub, LeVeque 1983",
            law=about_the_mean.__doc__ or "",
        ),
    ),
)
