"""Reverse mode: cotangents pulled from the outputs down, each distinct node once.

A cotangent has the shape of its node after some extra axes, which ride along as labels: with a
scalar output there are none (a gradient); with the identity of an output's shape as seed they are
the axes of a Jacobian.  A differential is transposed by the same sweep over its own expression,
with the ``d`` of the operands as variables.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import sympy as sp

from symflow.calculus.differential import Calculus
from symflow.calculus.forward import differential_at, zeros_like
from symflow.core import dtypes
from symflow.core.add import Add, add_terms, scaled
from symflow.core.apply import Apply
from symflow.core.dims import Dim, Shape
from symflow.core.einsum import Einsum, contract
from symflow.core.node import Tensor
from symflow.core.variable import Variable
from symflow.core.walk import depends_on, paused_collector, postorder

Cotangents = dict[Tensor, list[tuple[sp.Expr, Tensor]]]


@dataclass(frozen=True)
class Pull:
    """One use of a differential in a reverse sweep: ``<g, dy> = sum of <h, dx>``.

    Attributes:
        rule: the name of the differential.
        node: the node ``y``.
        cotangent: ``g``.
        parts: for each varying operand, the operand ``x`` and its share ``h``.
        law: the differential as a mathematician writes it.
        source: where it is taken from.
    """

    rule: str
    node: Tensor
    cotangent: Tensor
    parts: tuple[tuple[Tensor, Tensor], ...]
    law: str = ""
    source: str = ""


def pull_back(
    seeds: Mapping[Tensor, Tensor],
    variables: Iterable[Tensor],
    calculus: Calculus,
    extra: Shape = (),
    record: Callable[[Pull], None] | None = None,
) -> list[Tensor]:
    """The cotangents of variables for given cotangents of outputs.

    Args:
        seeds: for each output node, a tensor of shape ``extra + output shape``.
        variables: the leaves to differentiate by.
        calculus: the table of differentials.
        extra: sizes of the axes that ride along.
        record: called with every use of a differential, outputs first.

    Returns:
        For each variable a tensor of shape ``extra + variable shape``.

    Raises:
        DifferentialError: for an operation without a differential.
    """
    wanted = list(variables)
    with paused_collector():
        sweep = _Sweep(calculus, extra, record)
        return sweep.run(seeds, wanted)


class _Sweep:
    """The state of one reverse sweep."""

    def __init__(
        self, calculus: Calculus, extra: Shape, record: Callable[[Pull], None] | None
    ) -> None:
        self.calculus = calculus
        self.extra = extra
        self.record = record

    def run(
        self,
        seeds: Mapping[Tensor, Tensor],
        wanted: list[Tensor],
        known: frozenset[Tensor] = frozenset(),
    ) -> list[Tensor]:
        """Sweep from the seeds; nodes that are ``known`` hold no variable, nor do those below."""
        order = postorder(seeds, stop=known.__contains__ if known else None)
        active = depends_on(order, wanted)
        leaves = set(wanted)
        pending: Cotangents = {node: [(sp.S.One, seed)] for node, seed in seeds.items()}
        for node in reversed(order):
            if node in leaves or node not in active or node not in pending:
                continue
            cotangent = self._total(node, pending.pop(node))
            parts = self._parts(node, cotangent, active)
            for operand, coefficient, share in parts:
                pending.setdefault(operand, []).append((coefficient, share))
        return [
            self._total(leaf, pending[leaf]) if leaf in pending else zeros_like(leaf, self.extra)
            for leaf in wanted
        ]

    def _total(self, node: Tensor, terms: list[tuple[sp.Expr, Tensor]]) -> Tensor:
        if len(terms) == 1:
            return scaled(*terms[0])
        return add_terms(terms, (*self.extra, *node.shape), terms[0][1].dtype)

    def _parts(
        self, node: Tensor, cotangent: Tensor, active: set[Tensor]
    ) -> list[tuple[Tensor, sp.Expr, Tensor]]:
        """The shares of the operands in the cotangent of a node."""
        if isinstance(node, Add):
            return [(t, c, cotangent) for c, t in node.terms if t in active]
        if isinstance(node, Einsum):
            shares = [
                (operand, sp.S.One, self._transposed(node, place, cotangent))
                for place, operand in enumerate(node.operands)
                if operand in active
            ]
            if len(node.operands) > 1:
                self._note("d-product", node, cotangent, shares, "d(A @ B) = dA @ B + A @ dB")
            return shares
        assert isinstance(node, Apply)
        if node.operation.piecewise_constant:
            return []
        adjoint = self.calculus.adjoint_of(node.operation)
        if adjoint is None:
            return self._by_differential(node, cotangent, active)
        shares = []
        for place, operand in enumerate(node.operands):
            if operand in active:
                share = adjoint.backward(node, place, cotangent, len(self.extra))
                if share is not None:
                    shares.append((operand, sp.S.One, share))
        self._note(adjoint.name, node, cotangent, shares, adjoint.law)
        return shares

    def _transposed(self, node: Einsum, place: int, cotangent: Tensor) -> Tensor:
        """The cotangent takes the place of an operand, and the labels change sides."""
        riding = tuple(range(len(node.sizes), len(node.sizes) + len(self.extra)))
        sizes: dict[int, Dim] = dict(enumerate(node.sizes))
        sizes.update(zip(riding, self.extra, strict=True))
        operands = (*node.operands[:place], cotangent, *node.operands[place + 1 :])
        subscripts = (
            *node.subscripts[:place],
            riding + node.output,
            *node.subscripts[place + 1 :],
        )
        output = riding + node.subscripts[place]
        return contract(node.coefficient, operands, subscripts, output, sizes, cotangent.dtype)

    def _by_differential(
        self, node: Apply, cotangent: Tensor, active: set[Tensor]
    ) -> list[tuple[Tensor, sp.Expr, Tensor]]:
        rule = self.calculus.differential_of(node)
        varying: dict[int, Variable] = {}
        tangents: list[Tensor] = []
        for place, operand in enumerate(node.operands):
            if operand in active and dtypes.kind(operand.dtype) in ("float", "complex"):
                varying[place] = Variable(f"d{place}", operand.shape, operand.dtype, (), "d")
                tangents.append(varying[place])
            else:
                tangents.append(zeros_like(operand))
        linear = differential_at(node, tuple(tangents), self.calculus)
        inner = _Sweep(self.calculus, self.extra, None)
        known = frozenset((node, *node.operands))
        found = inner.run({linear: cotangent}, list(varying.values()), known)
        shares = [
            (node.operands[place], sp.S.One, share)
            for place, share in zip(varying, found, strict=True)
        ]
        name, law, source = (
            ("definition", "", "") if rule is None else (rule.name, rule.law, rule.source)
        )
        self._note(name, node, cotangent, shares, law, source)
        return shares

    def _note(
        self,
        name: str,
        node: Tensor,
        cotangent: Tensor,
        shares: list[tuple[Tensor, sp.Expr, Tensor]],
        law: str,
        source: str = "",
    ) -> None:
        if self.record is not None:
            parts = tuple((operand, share) for operand, _, share in shares)
            self.record(Pull(name, node, cotangent, parts, law, source))
