"""Rules of a user's own: made, refused, used."""

from typing import Any

import pytest
import sympy as sp

import symflow as sf
import symflow.numpy as snp
from symflow import kinds
from symflow.errors import RuleError, SymflowError

n = sf.dim("n")
x, y = sf.scalar("x"), sf.scalar("y")
p = sf.scalar("p", positive=True)
v, w, u = (sf.vector(name, "n") for name in "vwu")
A, B = sf.matrix("A", "n", "n"), sf.matrix("B", "n", "n")
c = sp.Symbol("c", real=True)
inv, det = snp.linalg.inv, snp.linalg.det


def turned() -> Any:
    return sf.rule(snp.sin(x) * snp.cos(x), snp.sin(2 * x) / 2, name="turned")


@pytest.mark.parametrize(
    ("left", "right", "node", "expected"),
    [
        (snp.sin(x) * snp.cos(x), snp.sin(2 * x) / 2, w @ (snp.sin(v) * snp.cos(v)),
         w @ snp.sin(2 * v) / 2),
        (snp.log(p) + snp.log(1 + p), snp.log(p * (1 + p)),
         snp.log(snp.exp(v)) + snp.log(1 + snp.exp(v)), snp.log(snp.exp(v) * (1 + snp.exp(v)))),
        (snp.sum(snp.cos(v) ** 2) + snp.sum(snp.sin(v) ** 2), snp.sum(snp.ones(n)),
         snp.sum(snp.cos(u) ** 2) + snp.sum(snp.sin(u) ** 2), snp.sum(snp.ones(n))),
        (det(A.T @ A), det(A) ** 2, 3 * det(B.T @ B), 3 * det(B) ** 2),
        (snp.sum(snp.exp(v)), snp.exp(sf.special.logsumexp(v)), w * snp.sum(snp.exp(u)),
         w * snp.exp(sf.special.logsumexp(u))),
        (snp.sum(snp.exp(v) * w), snp.exp(sf.special.logsumexp(v)) * (w @ sf.nn.softmax(v)),
         snp.exp(u) @ w, snp.exp(sf.special.logsumexp(u)) * (w @ sf.nn.softmax(u))),
        (snp.log(p**c), snp.log(p) * c, snp.log(snp.exp(v) ** sp.Rational(1, 3)),
         snp.log(snp.exp(v)) / 3),
    ],
)  # fmt: skip
def test_equations_are_used_from_left_to_right(
    left: Any, right: Any, node: Any, expected: Any
) -> None:
    made = sf.rule(left, right, name="made")
    after = sf.rewrite(node, made)
    assert after is sf.rewrite(expected, made)
    assert after is not sf.normalise(node)
    assert sf.derivation(node, strategy=made).check()


def test_sympy_symbols_are_scalars() -> None:
    t = sp.Symbol("t", real=True)
    made = sf.rule(sp.sin(t) * sp.cos(t), sp.sin(2 * t) / 2, name="turned")
    assert sf.rewrite(snp.sin(v) * snp.cos(v), made) is sf.rewrite(snp.sin(2 * v) / 2, made)


def test_properties_are_conditions() -> None:
    made = sf.rule(snp.log(p * x), snp.log(p) + snp.log(x), name="split")
    q = sf.vector("q", "n", positive=True)
    assert sf.rewrite(snp.log(v * w), made) is snp.log(v * w)
    assert sf.rewrite(snp.log(v * q), made) is sf.normalise(snp.log(v) + snp.log(q))


def refused(*args: Any, **options: Any) -> RuleError:
    with pytest.raises(RuleError) as caught:
        sf.rule(*args, **options)
    assert isinstance(caught.value, SymflowError)
    assert isinstance(caught.value, ValueError)
    return caught.value


WRONG = [
    (snp.sqrt(x * x), x),
    (snp.exp(x + y), snp.exp(x) + snp.exp(y)),
    (inv(A @ B), inv(A) @ inv(B)),
    (snp.sum(v) ** 2, snp.sum(v**2)),
    (snp.log(x**2), 2 * snp.log(x)),
    (snp.sqrt(x) * snp.sqrt(x), x),
    (x / x, 1),
    (inv(A) @ A, snp.eye(n)),
    (snp.abs(x), x * snp.sign(x) + 1e-6),
    (det(A + B), det(A) + det(B)),
]


@pytest.mark.parametrize(("left", "right"), WRONG)
def test_wrong_rules_are_refused_with_the_values(left: Any, right: Any) -> None:
    error = refused(left, right, name="wrong")
    assert error.counterexample is not None
    for name, value in error.counterexample.values.items():
        assert f"{name} = " in str(error)
        assert value is not None


@pytest.mark.parametrize(
    ("left", "right", "grade"),
    [(snp.sqrt(x) * snp.sqrt(x), x, "widens"), (x / x + y, 1 + y, "widens"),
     (inv(A) @ A @ B, B, "widens"), (2 * snp.sin(x), 2 * snp.sin(snp.exp(snp.log(x))), "narrows")],
)  # fmt: skip
def test_changes_of_the_domain_are_declared(left: Any, right: Any, grade: str) -> None:
    assert "grade" in str(refused(left, right))
    try:
        assert sf.rule(left, right, grade=grade).grade == grade
    except RuleError as error:  # right, but the normal form does it already
        assert "in normal form" in str(error)  # noqa: PT017


REFUSED = [
    (("sin(x)", x), {}, "sf.parse"),
    ((snp.sin(x), "x"), {}, "right side of a rule is an expression"),
    ((None, x), {}, "left side of a rule is an expression"),
    ((snp.sin(x), snp.sin(x)), {}, "both sides are sin(x)"),
    ((snp.sin(x), snp.sin(y)), {}, "variables of its own: y"),
    ((snp.sum(v), v), {}, "shapes () and (n,)"),
    ((x, snp.abs(x)), {}, "met everywhere"),
    ((2, 3), {}, "no variables"),
    ((snp.sum(sf.vector("v", 3)), x), {}, "sizes in a rule are names"),
    ((snp.sum(sf.vector("v", n + 1)), x), {}, "sizes in a rule are names"),
    ((snp.sum(sf.tensor("T", "a", "b", "c")), x), {}, "up to two axes"),
    ((snp.sum(sf.tensor("k", "n", dtype="int")), x), {}, "data type int"),
    ((snp.sin(v[1:]), snp.sin(v)[1:]), {}, "cannot be matched"),
    ((snp.sin(x), snp.cos(x)), {"grade": "perhaps"}, "grade 'perhaps'"),
    ((snp.sin(x), snp.cos(x)), {"name": 3}, "the name of a rule is text"),
    ((snp.tanh(v), -snp.tanh(-v)), {}, "sf.scalar"),
    ((snp.exp(x + y), snp.exp(x) * snp.exp(y)), {}, "tells its variables apart"),
    ((snp.sin(x) + 1, snp.cos(x)), {"where": 3}, "condition"),
    ((snp.sin(x) + 1, snp.cos(x)), {"where": ["x > 0"]}, "function of the binding"),
    ((snp.sin(x) + 1, snp.cos(x)), {"where": lambda b: b[y].rank == 0}, "does not have"),
    ((snp.sin(x) + 1, snp.cos(x)), {"where": lambda b: False}, "no values were found"),
    ((snp.exp(snp.sin(x)) ** 2 / snp.exp(snp.sin(x)) ** 2, 1), {"grade": "widens"}, "normal form"),
]


@pytest.mark.parametrize(("sides", "options", "message"), REFUSED)
def test_what_a_user_may_type_by_mistake(sides: Any, options: Any, message: str) -> None:
    assert message in str(refused(*sides, **options))


def test_a_condition_that_cannot_be_decided_does_not_hold() -> None:
    made = sf.rule(
        snp.sum(v) * snp.sum(v),
        snp.sum(v * v),
        where=lambda b: b.size(n) < 2,
        name="one",
    )
    assert made.apply(snp.sum(w) * snp.sum(w)) is None


def test_rules_read_as_mathematics() -> None:
    made = turned()
    assert str(made) == "cos(x) * sin(x) = sin(2 * x) / 2"
    assert made.latex().count("=") == 1
    assert made._repr_latex_() == f"$${made.latex()}$$"
    assert "?" not in str(made) + made.latex()


def test_the_equation_is_the_name_unless_one_is_given() -> None:
    made = sf.rule(snp.sin(x) * snp.cos(x), snp.sin(2 * x) / 2, source="school")
    assert made.name == str(made)
    assert made.source == "school"


@sf.theory("mine")
def mine(x: kinds.Real, y: kinds.Real, A: kinds.Square["n"], s: kinds.Symmetric[n]):
    """Two laws."""
    yield sf.rule(snp.sin(x) * snp.cos(x), snp.sin(2 * x) / 2, name="turned")
    yield sf.rule(det(A.T @ A), det(A) ** 2, name="gram")


def test_theories() -> None:
    assert [law.name for law in mine] == ["turned", "gram"]
    assert len(mine) == 2
    assert "gram: linalg.det(A.T @ A) = linalg.det(A) ** 2" in str(mine)
    assert r"\text{(gram)}" in mine._repr_latex_()
    both = sf.rewrite(det(B.T @ B) * snp.sum(snp.sin(v) * snp.cos(v)), mine)
    assert both is sf.rewrite(det(B) ** 2 * snp.sum(snp.sin(2 * v)) / 2, mine)


def make(body: Any, name: Any = "bad") -> None:
    sf.theory(name)(body)


def test_theories_that_are_refused() -> None:
    def no_kind(x):
        yield turned()

    def a_family(A: kinds.Matrix):
        yield turned()

    def text(x: "Rael"):  # noqa: F821
        yield turned()

    def no_rule(x: kinds.Real):
        yield snp.sin(x)

    def twice(x: kinds.Real):
        yield sf.rule(snp.sin(x) * snp.cos(x), snp.sin(2 * x) / 2, name="same")
        yield sf.rule(snp.exp(x) * snp.cos(x), snp.cos(x) * snp.exp(x) + 0 * x, name="same")

    def wrong(x: kinds.Real):
        yield sf.rule(snp.sin(x) * snp.cos(x), snp.sin(x), name="wrong")

    for body, message in (
        (no_kind, "x needs a kind"),
        (a_family, "Matrix needs the names of its sizes"),
        (text, "an annotation is not known"),
        (no_rule, "a generator of rules gave"),
        (wrong, "rule wrong is wrong"),
        (3, "decorate a generator"),
    ):
        with pytest.raises(RuleError, match=message):
            make(body)
    with pytest.raises(RuleError, match="a theory has a name"):
        sf.theory(mine)
    with pytest.raises(RuleError):
        make(twice)


def test_a_rule_that_follows_from_another_is_refused() -> None:
    def twins(x: kinds.Real, y: kinds.Real):
        yield sf.rule(snp.sin(x) * snp.cos(x), snp.sin(2 * x) / 2, name="turned")
        yield sf.rule(
            snp.sin(snp.exp(y)) * snp.cos(snp.exp(y)), snp.sin(2 * snp.exp(y)) / 2, name="special"
        )

    with pytest.raises(RuleError, match="special follows from rule turned"):
        make(twins)


def test_two_rules_of_one_name_are_refused() -> None:
    def twice(x: kinds.Real):
        yield sf.rule(snp.sin(x) * snp.cos(x), snp.sin(2 * x) / 2, name="same")
        yield sf.rule(snp.sin(x) ** 2 + snp.cos(x) ** 2 + x, 1 + x, name="same")

    with pytest.raises(RuleError, match="two rules are named 'same'"):
        make(twice)


def test_annotations_may_be_text() -> None:
    def later(x: "kinds.Real"):
        yield sf.rule(snp.sin(x) * snp.cos(x), snp.sin(2 * x) / 2, name="turned")

    assert len(sf.theory("later")(later)) == 1
