"""Building: the right side of a rule from what the left side has matched."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sympy as sp

from symflow.core import Tensor, Variable, add_terms, apply, constant, contract, dtypes
from symflow.core.dims import Dim, product, same, simplify_dim
from symflow.core.labels import Labels
from symflow.ops import facts
from symflow.rewriting import pattern as pt
from symflow.rewriting.kinds import Kind
from symflow.rewriting.state import Bound, State

# these speak of the last axis alone: a group of axes does not have them
_ALONG_LAST_AXIS = frozenset({"simplex", "one_hot", "unit_norm"})


@dataclass(frozen=True)
class Built:
    """A tensor under labels; a literal takes the data type of what it meets."""

    node: Tensor
    labels: Labels
    literal: bool = False


class Binding:
    """What a complete match has bound, for conditions and for building.

    Attributes:
        nodes: for each variable, its tensor with batch axes first and its own axes last.
        batch: for each variable, the labels of its batch axes.
        dims: the sizes that the names of sizes stand for.
    """

    def __init__(self, state: State, sizes: dict[int, Dim]) -> None:
        self.state = state
        self.sizes = sizes
        self.nodes: dict[Variable, Tensor] = {}
        self.batch: dict[Variable, Labels] = {}
        self.groups: dict[Variable, tuple[Labels, ...]] = {}
        self.dims: dict[sp.Symbol, Dim] = {}

    def complete(self, kinds: Mapping[Variable, Kind]) -> bool:
        """Resolve axes, sizes and properties; False where something does not fit."""
        self.dims.update(self.state.numbers)
        if not all(self._resolved(*pair) for pair in self.state.nodes.items()):
            return False
        # an axis that the pattern names is no batch axis of any variable
        named = {t for targets in self.state.labels.values() for t in targets}
        if any(named.intersection(batch) for batch in self.batch.values()):
            return False
        return all(self._fits(variable, kinds[variable]) for variable in self.state.nodes)

    def _resolved(self, variable: Variable, bound: Bound) -> bool:
        groups = []
        for label in bound.met:
            targets = self.state.labels.get(label)
            if targets is None or not set(targets) <= set(bound.labels):
                return False
            groups.append(targets)
        own = [target for targets in groups for target in targets]
        if any(bound.labels.count(label) != 1 for label in own) or len(set(own)) != len(own):
            return False
        batch = tuple(label for label in bound.labels if label not in own)
        order = (*dict.fromkeys(batch), *own)
        self.groups[variable] = tuple(groups)
        self.batch[variable] = tuple(dict.fromkeys(batch))
        self.nodes[variable] = viewed(bound.node, bound.labels, order, self.sizes)
        return True

    def _fits(self, variable: Variable, kind: Kind) -> bool:
        for symbol, group in zip(kind.shape, self.groups[variable], strict=True):
            size = product(self.sizes[label] for label in group)
            known = self.dims.setdefault(symbol, size)
            if known is not size and not same(known, size):
                return False
        node = self.nodes[variable]
        if kind.dtype != "float" and dtypes.kind(node.dtype) != kind.dtype:
            return False
        if any(len(group) != 1 for group in self.groups[variable]) and (
            _ALONG_LAST_AXIS.intersection(kind.properties)
        ):
            return False
        return all(facts.has(node, name) for name in kind.properties)

    def __getitem__(self, variable: Tensor) -> Tensor:
        """What a variable of the pattern stands for."""
        return self.nodes[variable]

    def size(self, name: sp.Symbol) -> Dim:
        """What a size of the pattern stands for."""
        return self.dims[name]


def viewed(node: Tensor, labels: Labels, order: Sequence[int], sizes: Mapping[int, Dim]) -> Tensor:
    """A tensor with its axes in another order of labels (new labels are broadcast)."""
    if labels == tuple(order):
        return node
    needed = {*labels, *order}
    return contract(
        sp.S.One, (node,), (labels,), order, {label: sizes[label] for label in needed}, node.dtype
    )


class Builder:
    """Builds the right side of a rule.

    Args:
        binding: a complete match.
        dtype: data type of literals that meet nothing else.
    """

    def __init__(self, binding: Binding, dtype: str) -> None:
        self.binding = binding
        self.sizes = binding.sizes
        self.labels: dict[int, Labels] = dict(binding.state.labels)
        self.dtype = dtype
        self.done: dict[int, Built] = {}

    def build(self, part: pt.Pattern) -> Built:
        """The tensor that a part of the right side stands for."""
        known = self.done.get(id(part))
        if known is None:
            known = self.done[id(part)] = self._build(part)
        return known

    def _build(self, part: pt.Pattern) -> Built:
        if isinstance(part, pt.PVar):
            return self._variable(part)
        if isinstance(part, pt.PNet):
            return self._net(part)
        if isinstance(part, pt.PSum):
            return self._sum(part)
        if part.style == pt.ELEMENTWISE:
            built = [self.build(operand) for operand in part.operands]
            order = _union(built)
            nodes = self._aligned(built, order)
            return Built(apply(part.operation, tuple(nodes), self._params(part)), order)
        (operand,) = [self.build(operand) for operand in part.operands]
        if part.style in (pt.MATRIX, pt.DETERMINANT):
            return self._matrix(part, operand)
        return self._axes(part, operand)

    def _params(self, part: pt.PApply) -> tuple[object, ...]:
        return tuple(
            self.number(value) if isinstance(value, sp.Expr) else value for value in part.params
        )

    def image(self, label: int, like: Sequence[Dim]) -> Labels:
        """The target labels of a pattern label, new ones of the given sizes where it has none."""
        known = self.labels.get(label)
        if known is None:
            start = len(self.sizes)
            while start in self.sizes:
                start += 1
            known = tuple(range(start, start + len(like)))
            self.sizes.update(zip(known, like, strict=True))
            self.labels[label] = known
        return known

    def _variable(self, part: pt.PVar) -> Built:
        binding = self.binding
        names: dict[int, int] = {}
        own: list[int] = []
        for label, group in zip(part.labels, binding.groups[part.variable], strict=True):
            image = self.image(label, [self.sizes[t] for t in group])
            names.update(zip(group, image, strict=True))
            own.extend(image)
        bound = binding.state.nodes[part.variable]
        if len(set(bound.labels)) == len(bound.labels):
            return Built(bound.node, tuple(names.get(label, label) for label in bound.labels))
        return Built(binding.nodes[part.variable], (*binding.batch[part.variable], *own))

    def _matrix(self, part: pt.PApply, operand: Built) -> Built:
        inner = [self.labels[label][0] for label in part.inner]
        batch = tuple(label for label in operand.labels if label not in inner)
        node = viewed(operand.node, operand.labels, (*batch, *inner), self.sizes)
        result = apply(part.operation, (node,), part.params)
        if part.style == pt.DETERMINANT:
            return Built(result, batch)
        own = [
            self.image(label, [size])[0]
            for label, size in zip(part.labels, result.shape[-2:], strict=True)
        ]
        return Built(result, (*batch, *own))

    def _axes(self, part: pt.PApply, operand: Built) -> Built:
        chosen = self.labels[part.inner[0]]
        axes = tuple(sorted(operand.labels.index(label) for label in chosen))
        result = apply(part.operation, (operand.node,), (axes,))
        if part.style == pt.AXIS:
            return Built(result, operand.labels)
        left = tuple(label for k, label in enumerate(operand.labels) if k not in axes)
        return Built(result, left)

    def _sum(self, part: pt.PSum) -> Built:
        built = [
            Built(constant(sp.S.One, (), self._type("float")), (), literal=True)
            if term is None
            else self.build(term)
            for _, term in part.terms
        ]
        order = _union(built)
        nodes = self._aligned(built, order)
        shape = tuple(self.sizes[label] for label in order)
        terms = [(self.number(c), node) for (c, _), node in zip(part.terms, nodes, strict=True)]
        return Built(add_terms(terms, shape, nodes[0].dtype), order)

    def _net(self, part: pt.PNet) -> Built:
        coefficient = self.number(part.coefficient)
        if not part.parts:
            return self._literal(part, coefficient)
        built = [self.build(sub) for sub in part.parts]
        summed = {t for label in part.summed for t in self.labels.get(label, ())}
        order = [label for label in _union(built) if label not in summed]
        output = list(order)
        for first, second in part.equal:
            (own,) = self.labels[first]
            output.append(own)
            order.append(self.image(second, [self.sizes[own]])[0])
        node = contract(
            coefficient,
            [b.node for b in built],
            [b.labels for b in built],
            output,
            {label: self.sizes[label] for label in {*_union(built), *output}},
            self.dtype,
        )
        return Built(node, tuple(order))

    def _literal(self, part: pt.PNet, coefficient: sp.Expr) -> Built:
        if not part.equal:
            return Built(constant(coefficient, (), self._type(part.dtype)), (), literal=True)
        ((first, second),) = part.equal
        (a,), (b,) = self.labels[first], self.labels[second]
        node = contract(coefficient, (), (), (0, 0), {0: self.sizes[a]}, self.dtype)
        return Built(node, (a, b))

    def _type(self, written: str) -> str:
        """The data type of a literal that meets nothing: the result's, unless one is bool."""
        return self.dtype if (written == "bool") == (self.dtype == "bool") else written

    def _aligned(self, built: Sequence[Built], order: Labels) -> list[Tensor]:
        firm = [b.node.dtype for b in built if not b.literal]
        nodes = []
        for b in built:
            node = b.node
            if b.literal:  # a number takes the type of a number beside it, never of a condition
                logical = node.dtype == "bool"
                wanted = next((t for t in firm if (t == "bool") == logical), node.dtype)
                node = constant(node.coefficient, (), wanted)
            nodes.append(viewed(node, b.labels, order, self.sizes))
        return nodes

    def number(self, coefficient: sp.Expr) -> sp.Expr:
        """A coefficient with the names of sizes replaced by the sizes matched."""
        if coefficient.is_Number:
            return coefficient
        changed = coefficient.xreplace(_numbers(self.binding.dims))
        return sp.sympify(simplify_dim(changed))


def _numbers(dims: Mapping[sp.Symbol, Dim]) -> dict[sp.Symbol, sp.Expr]:
    return {symbol: sp.sympify(size) for symbol, size in dims.items()}


def _union(built: Sequence[Built]) -> Labels:
    return tuple(dict.fromkeys(label for b in built for label in b.labels))
