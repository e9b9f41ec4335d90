"""Rules of a user's own: checked on random values when they are made, then used like any other."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import sympy as sp

from symflow.api.evaluation import prepared, rough
from symflow.core import (
    Add,
    Apply,
    Einsum,
    Scalar,
    Tensor,
    Variable,
    as_tensor,
    constant,
    postorder,
    split,
    transform,
)
from symflow.core.dims import show_shape
from symflow.errors import RuleError, SymflowError
from symflow.ops.arithmetic import POWER, power_node
from symflow.rewriting import rule as rules
from symflow.rewriting.building import Binding
from symflow.rewriting.checking import checked, numbers_of, with_numbers
from symflow.rewriting.engine import normalise
from symflow.rewriting.kinds import Kind
from symflow.rewriting.normal import Form
from symflow.rewriting.rule import SCOPE, Condition, Rule, Theory, bare
from symflow.rewriting.ruleset import RuleSet

Where = Condition | Sequence[Condition]
_MOST_AXES = 2
_KINDS = ("Real", "Vector", "Matrix")
_EXPONENT = sp.Rational(-3, 2)  # any number, to see that a rule is met


def rule(
    left: Any,
    right: Any,
    *,
    where: Where = (),
    name: str = "",
    source: str = "",
    grade: str = "exact",
) -> Rule:
    """An equation to be used from left to right, once random values have confirmed it.

    The variables of the left side stand for anything of their kind: a scalar variable for an
    entry of a tensor of any shape, ``sf.vector("v", "n")`` for a tensor along an axis,
    ``sf.matrix("A", "m", "n")`` for a matrix; declared properties are conditions.  A SymPy symbol
    in an exponent stands for a number.  The equation is met inside longer sums and products, too.

    Args:
        left: what is met.
        right: what it becomes.
        where: conditions: functions of the binding, see :mod:`symflow.rewriting.conditions`;
            ``binding[x]`` is what a variable stands for, ``binding.size(n)`` a size.
        name: of the rule, as derivations show it (default: the equation).
        source: where it is stated.
        grade: ``"exact"``; ``"widens"`` where the right side is defined at more values (``x / x``
            is not at 0, 1 is); ``"narrows"`` where it is defined at fewer.

    Raises:
        RuleError: for a wrong rule, with the values at which the sides differ; for a domain that
            changes undeclared; for sides of other shapes, equal sides, variables that stand on
            the right alone, and for what patterns cannot hold.

    >>> import symflow as sf, symflow.numpy as snp
    >>> x = sf.scalar("x")
    >>> double = sf.rule(snp.sin(x) * snp.cos(x), snp.sin(2 * x) / 2, name="double-angle")
    >>> print(double)
    cos(x) * sin(x) = sin(2 * x) / 2
    >>> v, w = sf.vector("v", "n"), sf.vector("w", "n")
    >>> sf.rewrite(snp.sum(snp.sin(v) * w * snp.cos(v)), double)
    w @ sin(2 * v) / 2
    >>> sf.rule(snp.sqrt(x * x), x)
    Traceback (most recent call last):
    symflow.errors.RuleError: rule sqrt(x ** 2) = x is wrong: sqrt(x ** 2) = x
    the two sides differ, at
      x = -...
      sqrt(x ** 2) = ...
      x = -...
    """
    sides = [_side(value, which) for value, which in ((left, "left"), (right, "right"))]
    sides = _with_numbers(sides)
    if not isinstance(name, str):
        raise RuleError(f"the name of a rule is text, got {name!r}")
    title = name or " = ".join(map(str, sides))
    names = _pattern_variables(title, sides[0])
    _check_bound(title, sides[1], names)
    before, after = transform(sides, lambda node: names.get(node))
    conditions = _conditions(title, where)
    made = Rule(
        title,
        before,
        after,
        where=[_renamed(condition, names) for condition in conditions],
        source=source,
        grade=grade,
        kinds={variable: _kind(variable) for variable in names.values()},
    )
    return _confirmed(made)


def theory(name: str) -> Callable[[Callable[..., Iterable[Rule]]], Theory]:
    """A theory of a generator of rules, whose parameters are annotated with kinds.

    Every rule is confirmed on random values when the theory is made.

    Raises:
        RuleError: as :func:`rule` does; for a parameter without a kind; for two rules of one
            name, and for a rule that follows from another one.

    >>> import symflow as sf, symflow.numpy as snp
    >>> from symflow.kinds import Real
    >>> @sf.theory("angles")
    ... def angles(x: Real):
    ...     '''Laws of sines.'''
    ...     yield sf.rule(snp.sin(x) * snp.cos(x), snp.sin(2 * x) / 2, name="double")
    ...     yield sf.rule(1 - snp.sin(x) ** 2, snp.cos(x) ** 2, name="pythagoras")
    >>> print(angles)
    angles
      double: cos(x) * sin(x) = sin(2 * x) / 2
      pythagoras: 1 - sin(x) ** 2 = cos(x) ** 2
    """

    def decorate(function: Callable[..., Iterable[Rule]]) -> Theory:
        if not callable(function):
            raise RuleError(f"theory {name}: decorate a generator of rules, got {function!r}")
        made = rules.theory(name)(function)
        _check_names(made)
        for law in made.rules:
            if isinstance(law, Rule):
                _confirmed(law)
        _check_twins(made)
        return made

    if not isinstance(name, str):
        raise RuleError('a theory has a name: write @sf.theory("name") before the generator')
    return decorate


def _side(value: Any, which: str) -> Tensor:
    if isinstance(value, str):
        raise RuleError(
            f"the {which} side of a rule is an expression, got the text {value!r}: "
            "read it first, sf.parse(text, variables)"
        )
    try:
        return as_tensor(value)
    except SymflowError as error:
        raise RuleError(f"the {which} side of a rule is an expression: {error}") from error


def _with_numbers(sides: list[Tensor]) -> list[Tensor]:
    """The sides with the symbols that stand in exponents on the left as numbers."""
    exponents = {
        node.operands[1]
        for node in postorder(sides[:1])
        if isinstance(node, Apply) and node.operation is POWER
    }
    numbers = {node: constant(node.symbol) for node in exponents if isinstance(node, Scalar)}

    def change(node: Tensor) -> Tensor | None:
        if isinstance(node, Apply) and node.operation is POWER:
            base, exponent = node.operands
            number, core = split(exponent)
            if isinstance(core, Einsum) and not core.operands:
                return power_node(base, number * core.coefficient)
        return None

    return transform(sides, change, dict(numbers)) if numbers else sides


def _pattern_variables(title: str, left: Tensor) -> dict[Tensor, Variable]:
    """What the leaves of an equation become in a pattern."""
    found: dict[Tensor, Variable] = {}
    for node in postorder([left]):
        if isinstance(node, Scalar):
            found[node] = Variable(node.symbol.name, (), node.dtype, _facts(node.symbol), SCOPE)
        elif isinstance(node, Variable):
            _check_variable(title, node)
            name = node.name if node.scope == SCOPE else node.full_name
            found[node] = Variable(name, node.shape, node.dtype, node.properties, SCOPE)
    if not found:
        raise RuleError(f"rule {title}: the left side has no variables; a rule speaks of any value")
    if left in found:
        raise RuleError(f"rule {title}: the left side {left} alone would be met everywhere")
    return found


def _check_bound(title: str, right: Tensor, names: dict[Tensor, Variable]) -> None:
    leaves = (node for node in postorder([right]) if isinstance(node, (Scalar, Variable)))
    unbound = sorted({str(node) for node in leaves if node not in names})
    if unbound:
        raise RuleError(
            f"rule {title}: the right side has variables of its own: {', '.join(unbound)}"
        )


def _check_variable(title: str, node: Variable) -> None:
    if node.dtype not in ("float", "bool"):
        raise RuleError(
            f"rule {title}: {node.name} has data type {node.dtype}; variables of rules are float "
            "or bool (declare whole numbers with integer=True)"
        )
    fixed = [size for size in node.shape if not isinstance(size, sp.Symbol)]
    if fixed:
        raise RuleError(
            f"rule {title}: {node.name} has shape {show_shape(node.shape)}; sizes in a rule are "
            f"names, as in sf.vector('v', 'n'), not {fixed[0]}"
        )
    if node.rank > _MOST_AXES:
        raise RuleError(
            f"rule {title}: {node.name} has rank {node.rank}; variables of rules have up to two "
            "axes, and a rule about matrices is met along any two axes of larger tensors"
        )


def _facts(symbol: sp.Symbol) -> frozenset[str]:
    known = {
        "positive": symbol.is_positive,
        "nonnegative": symbol.is_nonnegative,
        "nonzero": symbol.is_nonzero,
        "integer": symbol.is_integer,
    }
    return frozenset(name for name, holds in known.items() if holds)


def _kind(variable: Variable) -> Kind:
    names = tuple(str(size) for size in variable.shape)
    return Kind(_KINDS[variable.rank], names, tuple(sorted(variable.properties)), variable.dtype)


def _conditions(title: str, where: Any) -> tuple[Condition, ...]:
    several = tuple(where) if isinstance(where, (list, tuple)) else (where,)
    wrong = [condition for condition in several if not callable(condition)]
    if wrong:
        raise RuleError(
            f"rule {title}: a condition is a function of the binding, got {wrong[0]!r}; "
            "for example where=lambda binding: binding.size(n) != 1"
        )
    return several


class _Renamed(Binding):
    """A binding asked for by the variables that the author of a rule wrote."""

    def __init__(self, binding: Binding, names: dict[Tensor, Variable]) -> None:
        super().__init__(binding.state, binding.sizes)
        self.nodes, self.dims = binding.nodes, binding.dims
        self.names = names

    def __getitem__(self, variable: Tensor) -> Tensor:
        known = self.names.get(variable, variable)
        if known not in self.nodes:
            raise RuleError(f"a condition asks for {variable}, which the rule does not have")
        return super().__getitem__(known)


def _renamed(condition: Condition, names: dict[Tensor, Variable]) -> Condition:
    """The condition on the author's variables; what cannot be decided does not hold."""

    def holds(binding: Binding) -> bool:
        try:
            return bool(condition(_Renamed(binding, names)))
        except TypeError as error:
            if "truth value of Relational" in str(error):  # SymPy's word on `n < 3`
                return False
            raise

    return holds


def _confirmed(made: Rule) -> Rule:
    """The rule, once it can be matched and its values agree."""
    checked(made, prepared, rough)
    left = _instance(made)
    try:
        met = made.apply(left) is not None
    except RuleError:
        raise
    except ValueError as error:
        raise RuleError(f"rule {made.name} cannot be matched: {error}") from error
    if not met and not made.where:
        raise RuleError(f"rule {made.name} cannot be matched: {_why_not_met(made, left)}")
    return made


def _why_not_met(made: Rule, left: Tensor) -> str:
    before, after = bare(made.left), bare(left)
    if before is not after and str(before) != str(after):
        return f"in normal form its left side is {after}"
    return (
        f"nothing in {after} tells its variables apart, or which axes they have; "
        "variables that stand for entries are scalars, sf.scalar('x'), whatever the shape"
    )


def _instance(made: Rule) -> Tensor:
    """The left side in normal form, as the engine would meet it."""
    numbers = dict.fromkeys(numbers_of(made.left), _EXPONENT)
    (left,) = normalise([with_numbers(made.left, numbers)], Form(shared=True))
    core = split(left)[1]
    return core if isinstance(core, Add) else left


def _check_names(made: Theory) -> None:
    seen: dict[str, Any] = {}
    for law in made.rules:
        if law.name in seen:
            raise RuleError(
                f"theory {made.name}: two rules are named {law.name!r}: {seen[law.name]} and {law}"
            )
        seen[law.name] = law


def _check_twins(made: Theory) -> None:
    """Refuse a rule that another one of the theory gives already."""
    laws = [law for law in made.rules if isinstance(law, Rule)]
    form = Form(shared=True)
    for law in laws:
        left, right = normalise([law.left, law.right], form)
        others = RuleSet("others", [other for other in laws if other is not law])
        for other in others.candidates(left):
            after = other.apply(left)
            if after is not None and normalise([after], form)[0] is right:
                raise RuleError(
                    f"theory {made.name}: rule {law.name} follows from rule {other.name}, "
                    f"{bare(law.left)} = {bare(law.right)}; leave it out"
                )
