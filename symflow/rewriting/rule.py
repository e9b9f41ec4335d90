"""Rules: named equations on typed variables, and theories that collect them.

>>> from symflow.ops.elementwise import exp, log
>>> from symflow.rewriting.kinds import Real
>>> @theory("exponential")
... def exponential(x: Real, y: Real):
...     '''Laws of the exponential function.'''
...     yield Rule("log-exp", log(exp(x)), x)
...     yield Rule("exp-sum", exp(x) * exp(y), exp(x + y))
>>> [rule.name for rule in exponential.rules]
['log-exp', 'exp-sum']
"""

import inspect
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sympy as sp

from symflow.core import Add, Einsum, Operation, Tensor, Variable, add_terms, constant, postorder
from symflow.core.dims import same_shape
from symflow.core.walk import transform
from symflow.ops import facts
from symflow.rewriting import network
from symflow.rewriting import pattern as pt
from symflow.rewriting.building import Binding, Builder, Built, viewed
from symflow.rewriting.engine import normalise
from symflow.rewriting.kinds import Kind
from symflow.rewriting.matcher import Matcher
from symflow.rewriting.normal import Form
from symflow.rewriting.ruleset import Anchor, Head, head
from symflow.rewriting.state import State

Condition = Callable[[Binding], bool]
GRADES = ("exact", "widens", "narrows")
SCOPE = "?"


@dataclass(eq=False)
class Rule:
    """An equation used from left to right.

    Attributes:
        name: kebab-case, unique in a catalogue.
        left: what is met.
        right: what it becomes.
        where: conditions beyond the kinds of the variables.
        source: where the equation is stated.
        grade: ``exact``; or ``widens``, ``narrows`` where removable singularities go or come.
        orientation: ``shrinks`` or ``expands``, for whoever chooses rules.

    Raises:
        ValueError: for equal sides, variables on the right only, shapes that differ.
    """

    name: str
    left: Any  # tensors; to a type checker `1 + x` is an int
    right: Any
    where: Sequence[Condition] = ()
    source: str = ""
    grade: str = "exact"
    orientation: str = "shrinks"
    kinds: Mapping[Variable, Kind] = field(default_factory=dict)
    lone: bool = False
    _compiled: "_Sides | None" = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.left is self.right:
            raise ValueError(f"rule {self.name}: both sides are {self.left}")
        if not same_shape(self.left.shape, self.right.shape):
            raise ValueError(
                f"rule {self.name}: the sides have shapes {self.left.shape} and {self.right.shape}"
            )
        if self.grade not in GRADES:
            raise ValueError(f"rule {self.name}: grade {self.grade!r} is none of {GRADES}")
        unbound = _variables(self.right) - _variables(self.left)
        if unbound:
            names = ", ".join(sorted(v.name for v in unbound))
            raise ValueError(f"rule {self.name}: the right side has variables of its own: {names}")

    @property
    def sides(self) -> "_Sides":
        """Both sides compiled."""
        if self._compiled is None:
            self._compiled = _Sides(self)
        return self._compiled

    @property
    def anchors(self) -> tuple[Anchor, ...]:
        """The heads that a node must have for this rule to be tried."""
        return self.sides.anchors

    @property
    def needs(self) -> frozenset[Head]:
        """The heads that must all occur below such a node."""
        return self.sides.needs

    def apply(self, node: Tensor) -> Tensor | None:
        """The node rewritten, or None where the rule does not apply."""
        return next(self.sides.every(node), None)

    def every(self, node: Tensor) -> Iterator[Tensor]:
        """The node rewritten in each way in which the rule applies."""
        return self.sides.every(node)

    def __str__(self) -> str:
        left, right = transform([self.left, self.right], _without_scope)
        return f"{left} = {right}"


@dataclass(frozen=True)
class Procedure:
    """A rule that no equation states: a function from a node to its replacement.

    Attributes:
        name: kebab-case, unique in a catalogue.
        function: gives the replacement, or None where it does not apply.
        anchors: pairs of heads, see :class:`symflow.rewriting.ruleset.Rewrite`.
        source: where it is stated.
        law: the equation it stands for, in words.
        needs: heads that must all occur below the node.
        lone: whether it pays only where nobody else uses the first operand.
    """

    name: str
    function: Callable[[Any], Tensor | None]
    anchors: tuple[Anchor, ...]
    source: str = ""
    law: str = ""
    needs: frozenset[Head] = frozenset()
    lone: bool = False

    def apply(self, node: Tensor) -> Tensor | None:
        """The node rewritten, or None where the rule does not apply."""
        after = self.function(node)
        return None if after is None else matching_type(after, node)


def law(
    name: str,
    function: Callable[[Any], Tensor | None],
    *operations: Operation,
    lone: bool = False,
) -> Procedure:
    """A procedure on the nodes of some operations; its law is its documentation."""
    return Procedure(
        name,
        function,
        tuple((operation, None) for operation in operations),
        law=inspect.getdoc(function) or "",
        lone=lone,
    )


@dataclass(frozen=True)
class Theory:
    """A named collection of rules.

    Attributes:
        name: a noun.
        doc: what it is about, with sources.
        rules: in order.
    """

    name: str
    doc: str
    rules: tuple[Rule | Procedure, ...]

    def __iter__(self) -> Iterator[Rule | Procedure]:
        return iter(self.rules)


def theory(name: str) -> Callable[[Callable[..., Iterable[Rule]]], Theory]:
    """Make a theory of a generator of rules whose parameters are annotated with kinds."""

    def decorate(function: Callable[..., Iterable[Rule]]) -> Theory:
        kinds: dict[Variable, Kind] = {}
        arguments: list[Any] = []
        for parameter in inspect.signature(function).parameters.values():
            kind = parameter.annotation
            if not isinstance(kind, Kind):
                raise TypeError(f"theory {name}: {parameter.name} needs a kind, as `x: Real`")
            if kind.name == "Number":
                arguments.append(sp.Symbol(parameter.name, real=True))
                continue
            variable = Variable(parameter.name, kind.shape, kind.dtype, kind.properties, SCOPE)
            kinds[variable] = kind
            arguments.append(variable)
        rules = []
        for rule in function(*arguments):
            rule.kinds = kinds
            rules.append(rule)
        return Theory(name, inspect.getdoc(function) or "", tuple(rules))

    return decorate


def _without_scope(node: Tensor) -> Tensor | None:
    """A pattern variable under its bare name, for reading."""
    if isinstance(node, Variable) and node.scope == SCOPE:
        plain: Tensor = Variable(node.name, node.shape, node.dtype, node.properties)
        return plain
    return None


def _variables(node: Tensor) -> set[Variable]:
    return {v for v in postorder([node]) if isinstance(v, Variable) and v.scope == SCOPE}


class _Screen:
    """A quick look at a product: whether a pattern of plain variables can be in it at all."""

    def __init__(self, root: pt.Pattern) -> None:
        parts = root.parts if isinstance(root, pt.PNet) else []
        names = [part.variable for part in parts if isinstance(part, pt.PVar)]
        self.repeats = len(set(names)) < len(names)
        self.properties = [
            frozenset(part.kind.properties)
            for part in parts
            if isinstance(part, pt.PVar) and part.kind.properties
        ]
        self.lone_sum = isinstance(root, pt.PNet) and any(
            sum(label in part.labels for part in parts) == 1 for label in root.summed
        )
        counts = Counter(part.operation for part in parts if isinstance(part, pt.PApply))
        self.several = [(operation, k) for operation, k in counts.items() if k > 1]

    def passes(self, node: Tensor) -> bool:
        """Whether it is worth matching."""
        if self.lone_sum and isinstance(node, Einsum) and not network.lone_labels(node):
            return False
        if not (self.repeats or self.properties or self.several):
            return True
        operands = _opened_operands(node)
        for operation, wanted_count in self.several:
            if sum(head(operand) is operation for operand in operands) < wanted_count:
                return False
        if self.repeats and len(set(operands)) == len(operands):
            return False
        return all(
            any(wanted <= facts.facts(operand) for operand in operands)
            for wanted in self.properties
        )


_MOST_LOOKED_AT = 32


def _opened_operands(node: Tensor) -> list[Tensor]:
    found: list[Tensor] = []
    pending = list(node.operands)
    while pending:
        operand = pending.pop()
        found.append(operand)
        if isinstance(operand, Einsum) and len(found) < _MOST_LOOKED_AT:
            pending.extend(operand.operands)
    return found


class _Sides:
    """Both sides of a rule, ready for use."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        (left,) = normalise([rule.left], Form(shared=True))
        self.left = pt.compile_pattern(left, rule.kinds)
        root = self.left.root
        self.right = pt.compile_beside(rule.right, rule.kinds, self.left)
        self.anchors = _anchors(root)
        self.needs = frozenset(_needed(pt.children(root)))
        self.screen = _Screen(root)

    def every(self, node: Tensor) -> Iterator[Tensor]:
        root = self.left.root
        if not self.screen.passes(node):
            return
        if isinstance(root, pt.PNet):
            if isinstance(node, Einsum):
                yield from self._in_product(root, node)
        elif isinstance(root, pt.PSum):
            if isinstance(node, Add):
                yield from self._in_sum(root, node)
        else:
            yield from self._at(root, node)

    def _at(self, root: pt.Pattern, node: Tensor) -> Iterator[Tensor]:
        matcher = Matcher(self.left)
        labels = matcher.fresh(node.shape)
        for state in matcher.match(root, node, labels, State({}, {})):
            built = self._built(state, matcher, node)
            if built is not None:
                yield matching_type(viewed(built.node, built.labels, labels, matcher.sizes), node)

    def _in_sum(self, root: pt.PSum, node: Add) -> Iterator[Tensor]:
        matcher = Matcher(self.left)
        labels = matcher.fresh(node.shape)
        for state, rest, scale in matcher.sum_terms(root, node, labels, State({}, {}), None):
            built = self._built(state, matcher, node)
            if built is not None:
                after = viewed(built.node, built.labels, labels, matcher.sizes)
                after = matching_type(after, node)
                yield add_terms([*rest, (scale, after)], node.shape, node.dtype)

    def _in_product(self, root: pt.PNet, node: Einsum) -> Iterator[Tensor]:
        found = False
        for after in self._among(root, node):
            found = True
            yield after
        if not found and any(isinstance(operand, Einsum) for operand in node.operands):
            opened = network.opened_fully(node)
            if isinstance(opened, Einsum) and opened is not node:
                yield from self._among(root, opened)

    def _among(self, root: pt.PNet, node: Einsum) -> Iterator[Tensor]:
        matcher = Matcher(self.left)
        matcher.sizes = dict(enumerate(node.sizes))
        items = network.items(node)
        for state, used in matcher.network(root, items, node.summed, node.output, State({}, {})):
            built = self._built(state, matcher, node)
            if built is not None and self._is_compact(root, items, used, built):
                yield self._replaced(root, node, items, used, state, built, matcher)

    def _is_compact(
        self, root: pt.PNet, items: list[network.Item], used: frozenset[int], built: Built
    ) -> bool:
        """Whether entries are combined without forming an outer product."""
        if root.labels or root.summed:
            return True
        return any(set(built.labels) <= set(items[k][1]) for k in used)

    def _replaced(
        self,
        root: pt.PNet,
        node: Einsum,
        items: list[network.Item],
        used: frozenset[int],
        state: State,
        built: Built,
        matcher: Matcher,
    ) -> Tensor:
        batch = {
            label
            for bound in state.nodes.values()
            for label in bound.labels
            if label not in {t for met in bound.met for t in state.labels.get(met, ())}
        }
        mine = {label for k in used for label in items[k][1]}
        parts = [item for k, item in enumerate(items) if k not in used]
        replacement = matching_type(built.node, node)
        parts.append((replacement, built.labels))
        return network.rebuilt(
            node,
            parts,
            node.coefficient * state.factor / root.coefficient,
            gone=mine - batch,
            more={label: matcher.sizes[label] for label in built.labels},
        )

    def _built(self, state: State, matcher: Matcher, node: Tensor) -> Built | None:
        binding = Binding(state, matcher.sizes)
        if not binding.complete(self.rule.kinds):
            return None
        if not all(condition(binding) for condition in self.rule.where):
            return None
        return Builder(binding, node.dtype).build(self.right)


def matching_type(after: Tensor, node: Tensor) -> Tensor:
    """A replacement in the data type of what it replaces (only literals may differ)."""
    if after.dtype == node.dtype or not isinstance(after, Einsum) or after.operands:
        return after
    if pt.is_constant(after):
        return constant(after.coefficient, after.shape, node.dtype)
    return network.literal(after.coefficient, after.output, after.sizes, node.dtype)


def _anchors(root: pt.Pattern) -> tuple[Anchor, ...]:
    """What to dispatch on: the head of the left side and those its first operand may have."""
    if isinstance(root, pt.PApply):
        mirrored = pt.MIRRORED.get(root.operation)
        if mirrored is not None:
            return ((root.operation, None), (mirrored, None))
        if not root.operands or "commutative" in root.operation.facts:
            return ((root.operation, None),)
        return tuple((root.operation, h) for h in _possible_heads(root.operands[0]))
    outer = Add if isinstance(root, pt.PSum) else Einsum
    known = [h for h in _needed(pt.children(root)) if h not in (Add, Einsum)]
    return ((outer, known[0] if known else None),)


def _possible_heads(part: pt.Pattern) -> tuple[Head | None, ...]:
    """The heads of the nodes that a part may match; None where any."""
    if isinstance(part, pt.PApply):
        mirrored = pt.MIRRORED.get(part.operation)
        both = () if mirrored is None else (mirrored,)
        return (part.operation, *both, Einsum)  # views are looked through
    if isinstance(part, pt.PSum):
        return (Add, Einsum)  # a sum with a common factor is a product
    if isinstance(part, pt.PNet) and (len(part.parts) != 1 or part.summed or part.equal):
        return (Einsum,)
    return (None,)


def _needed(parts: Sequence[pt.Pattern]) -> list[Head]:
    """The operations that must stand below a node that matches parts of a pattern."""
    found: list[Head] = []
    pending = [(part, True) for part in parts]
    while pending:
        part, through_sum = pending.pop(0)
        if isinstance(part, pt.PApply):
            if part.operation not in pt.MIRRORED:
                found.append(part.operation)
        elif isinstance(part, pt.PNet):
            pending.extend((sub, through_sum) for sub in part.parts)
        elif isinstance(part, pt.PSum):
            found.append(Add)
            if through_sum and len(part.terms) <= 2:
                pending.extend((sub, False) for sub in pt.children(part))
    return found


__all__ = ["Condition", "Procedure", "Rule", "Theory", "law", "matching_type", "theory"]
