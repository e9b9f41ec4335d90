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
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import sympy as sp

from symflow.core import Add, Einsum, Operation, Tensor, Variable, add_terms, constant, postorder
from symflow.core.dims import same_shape, show_shape
from symflow.core.walk import transform
from symflow.errors import RuleError
from symflow.rewriting import network
from symflow.rewriting import pattern as pt
from symflow.rewriting.building import Binding, Builder, Built, viewed
from symflow.rewriting.engine import normalise
from symflow.rewriting.kinds import Kind
from symflow.rewriting.matcher import Matcher
from symflow.rewriting.normal import Form
from symflow.rewriting.ruleset import Anchor
from symflow.rewriting.screen import Head, Marks, Screen
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
        RuleError: for equal sides, variables on the right only, shapes that differ.
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
            raise RuleError(f"rule {self.name}: both sides are {bare(self.left)}")
        if not same_shape(self.left.shape, self.right.shape):
            raise RuleError(
                f"rule {self.name}: the sides have shapes "
                f"{show_shape(self.left.shape)} and {show_shape(self.right.shape)}"
            )
        if self.grade not in GRADES:
            raise RuleError(f"rule {self.name}: grade {self.grade!r} is none of {GRADES}")
        unbound = _variables(self.right) - _variables(self.left)
        if unbound:
            names = ", ".join(sorted(v.name for v in unbound))
            raise RuleError(f"rule {self.name}: the right side has variables of its own: {names}")

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

    @property
    def asks(self) -> Marks:
        """The marks that such a node must have."""
        return self.sides.screen.asks

    def apply(self, node: Tensor) -> Tensor | None:
        """The node rewritten, or None where the rule does not apply."""
        return next(self.sides.every(node), None)

    def every(self, node: Tensor) -> Iterator[Tensor]:
        """The node rewritten in each way in which the rule applies."""
        return self.sides.every(node)

    def bindings(self, node: Tensor, after: Tensor | None = None) -> dict[str, Any]:
        """What variables, sizes and numbers stand for where the rule applies to a node, by name.

        Args:
            node: what the rule meets.
            after: which of its readings is meant (default: the first).
        """
        watched = _Watched(self)
        for found in watched.every(node):
            if after is None or found is after:
                return watched.named()
        return {}

    def __str__(self) -> str:
        return f"{bare(self.left)} = {bare(self.right)}"

    def __repr__(self) -> str:
        known = sorted(
            f"{variable.name} {' '.join(sorted(variable.properties))}"
            for variable in _variables(self.left)
            if variable.properties
        )
        return f"<rule {self.name}: {self}{' for ' if known else ''}{', '.join(known)}>"

    def latex(self) -> str:
        """The equation in LaTeX."""
        return f"{sp.latex(bare(self.left))} = {sp.latex(bare(self.right))}"

    def _repr_latex_(self) -> str:
        return f"$${self.latex()}$$"


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
        asks: marks that a product or a sum must have, see :mod:`symflow.rewriting.screen`.
    """

    name: str
    function: Callable[[Any], Tensor | None]
    anchors: tuple[Anchor, ...]
    source: str = ""
    law: str = ""
    needs: frozenset[Head] = frozenset()
    lone: bool = False
    asks: Marks = frozenset()

    def apply(self, node: Tensor) -> Tensor | None:
        """The node rewritten, or None where the rule does not apply."""
        after = self.function(node)
        return None if after is None else matching_type(after, node)

    def __str__(self) -> str:
        return self.law


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


class Theory:
    """A named collection of rules.

    Args:
        name: a noun.
        doc: what it is about, with sources.
        rules: in order; or what makes them, called when they are first asked for.

    Attributes:
        name: a noun.
        doc: what it is about, with sources.
    """

    def __init__(
        self,
        name: str,
        doc: str,
        rules: Iterable[Rule | Procedure] | Callable[[], Iterable[Rule | Procedure]],
    ) -> None:
        self.name = name
        self.doc = doc
        self._given = rules

    @cached_property
    def rules(self) -> tuple[Rule | Procedure, ...]:
        """The rules, in order."""
        given = self._given
        return tuple(given() if callable(given) else given)

    def __iter__(self) -> Iterator[Rule | Procedure]:
        return iter(self.rules)

    def __len__(self) -> int:
        return len(self.rules)

    def __repr__(self) -> str:
        return f"<theory {self.name}: {len(self.rules)} rules>"

    def __str__(self) -> str:
        return "\n".join([self.name, *(f"  {rule.name}: {rule}" for rule in self.rules)])

    def _repr_latex_(self) -> str:
        lines = (rf"{r.latex()} && \text{{({r.name})}}" for r in self.rules if isinstance(r, Rule))
        return "$$\\begin{gathered}\n" + " \\\\\n".join(lines) + "\n\\end{gathered}$$"


def theory(name: str) -> Callable[[Callable[..., Iterable[Rule]]], Theory]:
    """Make a theory of a generator of rules whose parameters are annotated with kinds.

    The rules are made when they are first asked for, so that a catalogue costs no work at import.
    """

    def decorate(function: Callable[..., Iterable[Rule]]) -> Theory:
        kinds: dict[Variable, Kind] = {}
        arguments: list[Any] = []
        for parameter in _parameters(name, function):
            kind = parameter.annotation
            if not isinstance(kind, Kind):
                raise RuleError(
                    f"theory {name}: {parameter.name} needs a kind, as `x: Real` or "
                    f"`A: Matrix[m, n]`; {_found(kind)}"
                )
            if kind.name == "Number":
                arguments.append(sp.Symbol(parameter.name, real=True))
                continue
            variable = Variable(parameter.name, kind.shape, kind.dtype, kind.properties, SCOPE)
            kinds[variable] = kind
            arguments.append(variable)

        def made() -> Iterator[Rule]:
            for rule in function(*arguments):
                if not isinstance(rule, Rule):
                    raise RuleError(f"theory {name}: a generator of rules gave {rule!r}")
                rule.kinds = kinds
                yield rule

        return Theory(name, inspect.getdoc(function) or "", made)

    return decorate


def _parameters(name: str, function: Callable[..., Any]) -> Iterable[inspect.Parameter]:
    try:
        return inspect.signature(function, eval_str=True).parameters.values()
    except NameError as error:
        raise RuleError(f"theory {name}: an annotation is not known: {error}") from error


def _found(annotation: Any) -> str:
    if annotation is inspect.Parameter.empty:
        return "it has none"
    if hasattr(annotation, "rank"):
        return f"{annotation.name} needs the names of its sizes in brackets"
    return f"got {annotation!r}"


def bare(side: Tensor) -> Tensor:
    """A side of a rule with its variables under their own names, for reading."""
    return transform([side], _without_scope)[0]


def _without_scope(node: Tensor) -> Tensor | None:
    """A pattern variable under its bare name, for reading."""
    if isinstance(node, Variable) and node.scope == SCOPE:
        plain: Tensor = Variable(node.name, node.shape, node.dtype, node.properties)
        return plain
    return None


def _variables(node: Tensor) -> set[Variable]:
    return {v for v in postorder([node]) if isinstance(v, Variable) and v.scope == SCOPE}


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
        self.screen = Screen(root)

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
        return self._made(binding, node)

    def _made(self, binding: Binding, node: Tensor) -> Built:
        return Builder(binding, node.dtype).build(self.right)


class _Watched(_Sides):
    """Both sides of a rule, with an eye on what its variables are bound to."""

    def __init__(self, rule: Rule) -> None:
        super().__init__(rule)
        self.last: Binding | None = None

    def _made(self, binding: Binding, node: Tensor) -> Built:
        self.last = binding
        return super()._made(binding, node)

    def named(self) -> dict[str, Any]:
        assert self.last is not None
        tensors = {variable.name: node for variable, node in self.last.nodes.items()}
        return {**tensors, **{symbol.name: size for symbol, size in self.last.dims.items()}}


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
