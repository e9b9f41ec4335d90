"""The steps of a worked derivative: names, differentials, pairings, what is read off."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import sympy as sp

from rewrites.differentials import standard
from symflow.api.simplify import derivation, simplify
from symflow.calculus import shared_entries, unstructured
from symflow.calculus.derivatives import identity_seed
from symflow.calculus.entries import owned, read_entries
from symflow.calculus.forward import zeros_like
from symflow.calculus.structured import entries_of
from symflow.calculus.worked import Part, Use, differential_of, parts_of, shares_of, uses_of
from symflow.core import Tensor, Variable, add_terms, contract
from symflow.core.bridge import substitute
from symflow.core.dims import Dim
from symflow.core.walk import postorder, transform
from symflow.notation.formula import Formula
from symflow.notation.meaning import named, wished
from symflow.rewriting.derivation import Step
from symflow.rewriting.sides import Moved, Pairs, Quotient, Side, Value, is_name, move_of

_RESERVED = frozenset({"e", "pi", "inf", "nan", "I", "d"})
_FUNCTIONS = (("f", "phi", "f_"), ("g", "gamma", "g_"), ("H", "Gamma", "H_"), ("T", "U", "T_"))
_TRANSPOSE = "<g, A @ dx> = <A.T @ g, dx>"
_LONGEST = 40  # characters of a cotangent without a name
_MOST_NODES = 12  # beyond which nobody counts them
_WIDEST = 3  # pairings in a line


@dataclass(frozen=True)
class Worked(Step):
    """A step of a worked derivative: an equation of sides, in names.

    Attributes:
        left: what is written on the left.
        right: what is written on the right.
        where: what the names in ``before`` and ``after`` stand for.
        body: for a differential, what it is the differential of.
        moves: for a differential, the ``d`` of what varies.
    """

    left: Side = field(default=None, repr=False, compare=False)  # type: ignore[assignment]
    right: Side = field(default=None, repr=False, compare=False)  # type: ignore[assignment]
    where: Mapping[Tensor, Tensor] = field(default_factory=dict, repr=False, compare=False)
    body: Tensor | None = field(default=None, repr=False, compare=False)
    moves: Mapping[Tensor, Tensor] = field(default_factory=dict, repr=False, compare=False)

    @property
    def sides(self) -> tuple[Side, Side]:
        """The left and the right side of the step, as a reader sees them."""
        return self.left, self.right

    def mapped(self, change: Callable[[Tensor], Tensor]) -> Step:
        """The step with its nodes passed through a function, for reading."""
        left, right = self.left.mapped(change), self.right.mapped(change)
        return replace(super().mapped(change), left=left, right=right)  # type: ignore[call-arg]


class Solution:
    """One order of a derivative, worked out.

    Args:
        function: with its composites recognised.
        variable: what it is differentiated by: a variable, or entries of one.
        result: the derivative.
        order: of the derivative: the name of the function follows it.
        origin: the function before its composites were recognised.
        structured: whether tied entries of the variable count as one parameter.
    """

    def __init__(
        self,
        function: Tensor,
        variable: Tensor,
        result: Tensor,
        order: int = 1,
        *,
        origin: Tensor | None = None,
        structured: bool = False,
    ) -> None:
        self.calculus = standard()
        self.origin = function if origin is None else origin
        self.named, variable = variable, owned(variable)
        free = unstructured(variable)
        if free is not variable:
            function = simplify(substitute([function], {variable: free})[0], goal="recognise")
        self.function = function
        self.variable = free
        self.declared = variable
        self.structured = structured
        self.result = result
        self.order = order
        self.taken = _names_in([function, result]) | _RESERVED
        letter = _free(_FUNCTIONS[min(order, len(_FUNCTIONS)) - 1], self.taken)
        self.parts = parts_of(function, free, self.calculus, self._named(letter))
        self.root = self.parts[-1]
        nodes = substitute([part.node for part in self.parts], {free: variable})
        self.where = dict(zip((part.name for part in self.parts), nodes, strict=True))
        self.where[free] = variable

    def _named(self, letter: str) -> Callable[[Sequence[Tensor]], Sequence[str]]:
        def names(nodes: Sequence[Tensor]) -> list[str]:
            wishes = [wish_of(node) for node in nodes[:-1]]
            return [*named(wishes, self.taken | {letter}), letter]

        return names

    # ------------------------------------------------------------------ steps

    def steps(self) -> list[Step]:
        """Names, then differentials, then pairings, then the derivative."""
        active = [part for part in reversed(self.parts) if part.inputs]
        total, chain = self._chain(active)
        return [
            *self._function(),
            *(self._let(part) for part in self.parts if len(self.parts) > 1),
            *(step for part in active for step in self._differentials(part)),
            *chain,
            *self._read_off(total),
        ]

    def _step(self, rule: str, before: Tensor, after: Tensor, **options: Any) -> Worked:
        return Worked(rule, before, after, where=self.where, **options)

    def _function(self) -> list[Step]:
        """The function as it was given, and with its composites recognised."""
        name, recognised = self.root.name, self.where[self.root.name]
        left = Value(name)
        given = self._step("", name, self.origin, left=left, right=Value(self.origin))
        steps: list[Step] = [replace(given, phase="function")]
        if recognised is not self.origin:
            right = Value(recognised)
            again = self._step("recognised", self.origin, recognised, left=left, right=right)
            steps.append(replace(again, phase="function"))
        return steps

    def _let(self, part: Part) -> Worked:
        left, right = Value(part.name), Value(part.body)
        return self._step("", part.name, part.body, left=left, right=right, phase="let")

    def _differentials(self, part: Part) -> list[Step]:
        d = tidied(differential_of(part, self.calculus))
        uses = uses_of(part, self.calculus)
        whole = self._step(
            ", ".join(dict.fromkeys(use.rule for use in uses if use.rule != "d-sum")) or "d-linear",
            move_of(part.name),
            d,
            source="; ".join(dict.fromkeys(use.source for use in uses if use.source)),
            note="; ".join(dict.fromkeys(_law(use) for use in uses if _law(use))),
            left=Moved(part.name),
            right=Value(d),
            phase="differential",
            body=part.body,
            moves={x: move_of(x) for x in part.inputs},
        )
        if len(uses) < 2:
            return [whole]
        return [whole, *(self._detail(use) for use in uses)]

    def _detail(self, use: Use) -> Worked:
        return self._step(
            use.rule,
            use.node,
            use.differential,
            source=use.source,
            note=use.law,
            left=Moved(use.node),
            right=Value(use.differential, use.moved),
            phase="differential",
            detail=True,
            body=use.node,
            moves=use.moves,
        )

    # ------------------------------------------------------------------ pairings

    def _chain(self, active: Sequence[Part]) -> tuple[Tensor | None, list[Step]]:
        """The pairings from the function's differential down to that of the variable."""
        shape = self.function.shape
        seed = identity_seed(self.function)
        pending: dict[Tensor, list[Tensor]] = {self.root.name: [seed]}
        frontier: dict[Tensor, Tensor] = {}
        steps: list[Step] = []
        state: Side | None = Moved(self.root.name)  # None where the last line tells but a part
        for part in active:
            if part.name not in pending:
                continue
            cotangent = self._total(part.name, pending.pop(part.name))
            if part is not self.root and _is_long(cotangent):
                steps.append(self._cotangent(part.name, cotangent))
                cotangent = steps[-1].before
                state = None
            frontier.pop(part.name, None)
            shares = [
                (x, self._light(x, h)) for x, h in shares_of(part, cotangent, shape, self.calculus)
            ]
            for x, share in shares:
                pending.setdefault(x, []).append(share)
                frontier[x] = self._total(x, pending[x])
            step, state = self._pairing(part, cotangent, shares, state, frontier)
            steps.append(step)
        total = frontier.get(self.variable)
        return total, steps

    def _total(self, name: Tensor, shares: Sequence[Tensor]) -> Tensor:
        if len(shares) == 1:
            return shares[0]
        shape = (*self.function.shape, *name.shape)
        total = add_terms([(sp.S.One, h) for h in shares], shape, shares[0].dtype)
        return self._light(name, total)

    def _light(self, name: Tensor, share: Tensor) -> Tensor:
        """A share in readable form; that of the variable is simplified after it is read off."""
        result: Tensor = simplify(share, "normal") if name is self.variable else tidied(share)
        return result

    def _cotangent(self, name: Tensor, value: Tensor) -> Worked:
        wish = f"G_{name}" if is_name(name) else "G"
        while wish in self.taken:
            wish += "_"
        self.taken = self.taken | {wish}
        variable: Tensor = Variable(wish, value.shape, value.dtype)
        (self.where[variable],) = transform([value], lambda node: None, dict(self.where))
        left, right = Value(variable), Value(value)
        return self._step("name", variable, value, left=left, right=right, phase="pairing")

    def _pairing(
        self,
        part: Part,
        cotangent: Tensor,
        shares: Sequence[tuple[Tensor, Tensor]],
        state: Side | None,
        frontier: Mapping[Tensor, Tensor],
    ) -> tuple[Worked, Side | None]:
        """One part's differential replaced by those of its inputs."""
        d = differential_of(part, self.calculus)
        terms = [(sp.S.One, paired(h, move_of(x))) for x, h in shares]
        before = paired(cotangent, d)
        after = add_terms(terms, before.shape, before.dtype)
        local = part is not self.root and len(frontier) > _WIDEST
        local = local or state is None
        left = self._written([(cotangent, part.name)]) if state is None or local else state
        right = self._written([(h, x) for x, h in (shares if local else frontier.items())])
        step = self._step(
            "transpose", before, after, left=left, right=right, phase="pairing", note=_TRANSPOSE
        )
        whole = not local or len(frontier) <= len(shares)
        return step, (right if whole else None)

    def _written(self, pairs: Iterable[tuple[Tensor, Tensor]]) -> Side:
        """Pairings: inner products for a scalar function, products of Jacobians for others."""
        given = list(pairs)
        if self.function.shape and all(g.rank <= 2 for g, _ in given):
            terms = [(sp.S.One, paired(g, move_of(x))) for g, x in given]
            return Value(add_terms(terms, self.function.shape, self.function.dtype))
        return Pairs(tuple(given))

    def _read_off(self, total: Tensor | None) -> list[Step]:
        """What stands before ``dx``, its simplification in names, and the names put back."""
        value = zeros_like(self.variable, self.function.shape) if total is None else total
        left = Quotient(self.root.name, self.variable)
        said = "" if self.structured else entries_of(self.declared, structured=False)
        steps: list[Step] = [self._result("read off", left, value, value, said)]
        (value,) = substitute([value], {self.variable: self.declared})
        if self.structured and self.variable is not self.declared:
            shared = shared_entries(value, self.declared)
            steps.append(self._result("shared entries", left, shared, shared, "Cookbook 2.8"))
            value = shared
        if self.named is not self.declared:
            value = read_entries(value, self.named, self.declared)
            left = Quotient(self.root.name, self.named)
            steps.append(self._result("entries", left, value, value))
        found = derivation(value)
        if found.result is not value:
            steps += [replace(step, detail=True, phase="result") for step in found.steps]
            rules = ", ".join(dict.fromkeys(step.rule for step in found.shown))
            steps.append(self._result(rules or "tidy", left, value, found.result))
        steps.append(self._result("", left, found.result, self.result))
        return steps

    def _result(
        self, rule: str, left: Side, before: Tensor, after: Tensor, source: str = ""
    ) -> Worked:
        options: dict[str, Any] = {"left": left, "right": Value(after), "phase": "result"}
        return self._step(rule, before, after, source=source, **options)


def paired(cotangent: Tensor, tangent: Tensor) -> Tensor:
    """The contraction of a cotangent's last axes with a tangent."""
    rank, extra = cotangent.rank, cotangent.rank - tangent.rank
    sizes: dict[int, Dim] = dict(enumerate(cotangent.shape))
    labels = tuple(range(rank))
    operands, subscripts = (cotangent, tangent), (labels, labels[extra:])
    return contract(sp.S.One, operands, subscripts, labels[:extra], sizes, cotangent.dtype)


def tidied(node: Tensor) -> Tensor:
    """A short formula in readable form."""
    result: Tensor = simplify(node)
    return result


def wish_of(node: Tensor) -> tuple[str, ...]:
    """The names that suit a node."""
    (tree,) = Formula([node]).trees
    return wished(tree, node.rank)


def _is_long(node: Tensor) -> bool:
    return len(postorder([node])) > _MOST_NODES or len(str(node)) > _LONGEST


def _law(use: Use) -> str:
    return use.law if use.rule not in ("d-sum", "d-linear") else ""


def _free(candidates: Sequence[str], taken: Iterable[str]) -> str:
    used = set(taken)
    return next((name for name in candidates if name not in used), candidates[-1] * 2)


def _names_in(nodes: Sequence[Tensor]) -> frozenset[str]:
    found: set[str] = set()
    for node in nodes:
        for item in node.free_symbols:
            found.add(item.full_name if isinstance(item, Variable) else str(item.name))
    return frozenset(found)
