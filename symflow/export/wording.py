"""What a node does, in a word or two."""

from dataclasses import dataclass
from types import MappingProxyType

import sympy as sp

from symflow.core import Add, Apply, Constant, Einsum, Scalar, Tensor, Variable
from symflow.core.dims import is_one
from symflow.core.einsum import letter
from symflow.core.labels import Labels
from symflow.export.costs import Names, factors_of

_NO_NAMES: Names = MappingProxyType({})
_POWERS = {sp.S.NegativeOne: "reciprocal", sp.S.Half: "sqrt", -sp.S.Half: "rsqrt"}


def operation_name(node: Tensor, names: Names = _NO_NAMES) -> str:
    """What a node does, in a word or two.

    Args:
        node: any tensor.
        names: orders operands that could stand in any order, as for ``parts_of``.

    >>> from symflow.core import matrix, vector
    >>> import symflow.numpy as snp
    >>> X, w = matrix("X", "n", "d"), vector("w", "d")
    >>> operation_name(X @ w), operation_name(snp.sum(X)), operation_name(X * X)
    ('matmul', 'sum', 'square')
    """
    if isinstance(node, Einsum):
        return _einsum_name(node, names)
    if isinstance(node, Apply):
        return _apply_name(node)
    kinds = {Variable: "variable", Scalar: "symbol", Constant: "constant", Add: "add"}
    return kinds.get(type(node), type(node).__name__)


def _apply_name(node: Apply) -> str:
    record = node.operation
    if record.outputs:
        return f"{record.short_name} ({record.outputs[node.params[-1]]})"
    if record.parameters == ("exponent",):
        return _POWERS.get(node.params[0], f"power {node.params[0]}")
    return record.short_name


@dataclass(frozen=True)
class _Product:
    """A contraction as it reads: factors in order, axes of size 1 left out."""

    operands: tuple[Tensor, ...]
    inputs: tuple[Labels, ...]
    output: Labels
    regrouped: frozenset[int]  # the labels that a reshape merges or splits

    @property
    def sets(self) -> list[frozenset[int]]:
        return [frozenset(labels) for labels in self.inputs]

    @property
    def summed(self) -> frozenset[int]:
        return frozenset().union(*self.sets) - set(self.output) - self.regrouped

    @property
    def is_diagonal(self) -> bool:
        return len(set(self.output)) < len(self.output)

    @property
    def spec(self) -> str:
        """The subscripts with letters in order of appearance."""
        everything = (label for labels in (*self.inputs, self.output) for label in labels)
        names = {label: letter(k) for k, label in enumerate(dict.fromkeys(everything))}
        inputs = ",".join("".join(names[label] for label in labels) for labels in self.inputs)
        return f"einsum {inputs}->{''.join(names[label] for label in self.output)}"


def _product(node: Einsum, names: Names) -> _Product:
    def wide(labels: Labels) -> Labels:
        return tuple(label for label in labels if not is_one(node.sizes[label]))

    factors = factors_of(node, names)
    solid = {id(operand) for operand, _ in factors}
    fuses = [
        labels
        for operand, labels in zip(node.operands, node.subscripts, strict=True)
        if id(operand) not in solid
    ]
    return _Product(
        tuple(operand for operand, _ in factors),
        tuple(wide(labels) for _, labels in factors),
        wide(node.output),
        frozenset(label for labels in fuses for label in labels),
    )


def _einsum_name(node: Einsum, names: Names) -> str:
    product = _product(node, names)
    if not product.operands:
        return "reshape" if product.regrouped else _literal_name(node, product)
    if len(product.operands) == 1:
        return _view_name(node, product)
    name = _product_name(product)
    return name if node.coefficient == 1 else f"{name}, {_factor(node.coefficient)}"


def _literal_name(node: Einsum, product: _Product) -> str:
    if product.is_diagonal:
        return "identity" if node.coefficient == 1 else f"{node.coefficient} identity"
    return {sp.S.Zero: "zeros", sp.S.One: "ones"}.get(node.coefficient, str(node.coefficient))


def _factor(coefficient: sp.Expr) -> str:
    return "negate" if coefficient == -1 else f"times {coefficient}"


def _view_name(node: Einsum, product: _Product) -> str:
    labels, output = product.inputs[0], product.output
    coefficient = node.coefficient
    repeated = len(set(labels)) < len(labels)
    words = []
    if product.summed:
        count = sp.Mul(*(node.sizes[label] for label in product.summed))
        mean = not repeated and coefficient != 1 and sp.cancel(coefficient * count) == 1
        words.append("trace" if repeated else "mean" if mean else "sum")
        coefficient = sp.S.One if mean else coefficient
    elif repeated:
        words.append("diagonal")
    words += [
        word
        for word, holds in (
            ("diag", product.is_diagonal),
            ("broadcast", set(output) - set(labels) - product.regrouped),
            ("reshape", product.regrouped),
            ("transpose", not repeated and _is_turned(labels, output)),
        )
        if holds
    ]
    if coefficient != 1:
        words.append(_factor(coefficient))
    return ", ".join(words) or "reshape"  # axes of size 1 come or go


def _is_turned(labels: Labels, output: Labels) -> bool:
    common = [label for label in dict.fromkeys(output) if label in labels]
    return common != [label for label in labels if label in common]


def _product_name(product: _Product) -> str:
    sets, summed = product.sets, product.summed
    plain = all(len(s) == len(labels) for s, labels in zip(sets, product.inputs, strict=True))
    if not plain or product.is_diagonal or product.regrouped:
        return product.spec
    if not summed:
        return _elementwise_name(product, sets)
    if len(sets) == 2 and sets[0] == sets[1] == summed:
        return "dot" if len(summed) == 1 else "inner product"
    matrices = len(sets) == 2 and max(map(len, sets)) <= 2
    return (
        "matmul" if matrices and len(summed) == 1 and summed == sets[0] & sets[1] else product.spec
    )


def _elementwise_name(product: _Product, sets: list[frozenset[int]]) -> str:
    if len(set(zip(product.operands, product.inputs, strict=True))) == 1:
        return "square" if len(sets) == 2 else f"power {len(sets)}"
    disjoint = sum(map(len, sets)) == len(frozenset().union(*sets))
    return "outer" if disjoint and all(sets) else "multiply"
