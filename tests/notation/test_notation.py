"""The smaller parts of notation: names, numbers, networks, templates, walks, costs."""

import pytest
import sympy as sp

import symflow as sf
import symflow.numpy as snp
from symflow.core import dims, matrix, scalar, tensor, vector
from symflow.core.walk import postorder
from symflow.errors import SymflowError
from symflow.notation.cost import operator_count
from symflow.notation.names import Names, safe_name
from symflow.notation.network import network_of
from symflow.notation.numbers import scalar_tree, split_factor, with_factor
from symflow.notation.templates import filled
from symflow.notation.tree import (
    Attribute,
    Binary,
    Call,
    Compare,
    Group,
    Index,
    Method,
    Name,
    Number,
    Scaled,
    Sequence,
    Slice,
    Text,
    Unary,
    call,
    python_text,
)
from symflow.notation.views import Piece, collapsed, inserted, squeezed, view
from symflow.notation.walks import parts_first, rebuilt, transformed

n, m, k = dims("n m k")
x, A = Name("x"), Name("A")


class TestNames:
    @pytest.mark.parametrize(
        ("name", "written"),
        [
            ("w", "w"), ("encoder.W", "encoder.W"), ("x̂", "x̂"), ("my var", "my_var"),
            ("lambda", "lambda_"), ("2nd", "_2nd"), ("__x", "x__x"), ("a-b", "a_b"), ("", "_"),
            ("pi", "pi_"), ("nan", "nan_"), ("float", "float_"), ("layers.0.W", "layers._0.W"),
            ("True", "True_"), ("net.lambda", "net.lambda_"), ("self", "self"),
        ],
    )  # fmt: skip
    def test_a_written_name_is_an_identifier(self, name, written):
        assert safe_name(name) == written
        assert all(part.isidentifier() for part in written.split("."))

    def test_leaves_of_one_name_are_told_apart(self):
        one, two = vector("w", n), vector("w", m)
        names = Names([one, two])
        assert {names.of_variable(one), names.of_variable(two)} == {"w", "w_2"}

    def test_a_dimension_keeps_its_name(self):
        variable = vector("n", n)
        names = Names(postorder([variable]))
        assert names.of_symbol(n) == "n"
        assert names.of_variable(variable) == "n_2"

    def test_fresh_names_are_not_taken(self):
        names = Names([vector("t1", n)])
        assert names.fresh("t1") == "t1_2"
        assert names.fresh("t1") == "t1_3"

    def test_the_same_names_in_any_order(self):
        leaves = [vector("w", n), vector("w", m), matrix("w", n, m)]
        one, two = Names(leaves), Names(leaves[::-1])
        assert all(one.of_variable(v) == two.of_variable(v) for v in leaves)


class TestNumbers:
    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (sp.Integer(3), "3"), (sp.Integer(-3), "-3"), (sp.Rational(1, 2), "0.5"),
            (sp.Rational(-3, 4), "-0.75"), (sp.Rational(1, 3), "1 / 3"), (2 / n, "2 / n"),
            (n - 1, "n - 1"), (1 - n, "1 - n"), ((n - 1) / 2, "(n - 1) / 2"), (n * m, "m * n"),
            (sp.sqrt(n), "sqrt(n)"), (1 / sp.sqrt(n), "1 / sqrt(n)"), (n**2, "n ** 2"),
            (sp.floor(n / 2), "floor(n / 2)"), (sp.ceiling(n / 2) + 1, "ceil(n / 2) + 1"),
            (sp.Mod(n, 2), "n % 2"), (sp.Max(n, m), "maximum(m, n)"), (sp.Float("0.1"), "0.1"),
            (sp.pi, "pi"), (sp.oo, "inf"), (-sp.oo, "-inf"), (sp.nan, "nan"), (sp.I, "1j"),
            (sp.exp(1), "exp(1)"), (sp.log(n), "log(n)"), (n * (m + 1), "n * (m + 1)"),
            (sp.Float("1e-30"), "1e-30"), (2 * sp.pi * n, "2 * pi * n"),
        ],
    )  # fmt: skip
    def test_scalars(self, value, text):
        assert python_text(scalar_tree(value)) == text

    @pytest.mark.parametrize(
        ("value", "text", "negative"),
        [
            (sp.Integer(1), "x", False), (sp.Integer(-2), "2 * x", True), (1 / n, "x / n", False),
            (sp.Rational(1, 2), "x / 2", False), (sp.Rational(3, 2), "1.5 * x", False),
            (-2 / (3 * n), "2 / (3 * n) * x", True), ((n - 1) / n, "(n - 1) / n * x", False),
        ],
    )  # fmt: skip
    def test_coefficients(self, value, text, negative):
        factor = split_factor(value)
        assert (python_text(with_factor(factor, x)), factor.negative) == (text, negative)

    def test_every_scalar_evaluates_to_itself(self):
        scope = {"n": 5, "m": 3, "sqrt": sp.sqrt, "floor": sp.floor, "log": sp.log}
        for value in (
            (n - 1) / (2 * n),
            sp.sqrt(n * m) / 3,
            sp.floor(n / 2) - m,
            n**-2 * sp.log(m),
        ):
            text = python_text(scalar_tree(value))
            assert sp.simplify(eval(text, scope) - value.subs({n: 5, m: 3})) == 0

    def test_what_has_no_name_is_refused(self):
        with pytest.raises(SymflowError, match="no NumPy notation"):
            scalar_tree(sp.Symbol("z") * sp.S.ComplexInfinity)


class TestViews:
    def test_sums_diagonals_and_traces(self):
        def text(labels, kept):
            return python_text(collapsed(Piece(A, labels), kept).tree)

        assert text((0, 1), set()) == "sum(A)"
        assert text((0, 1), {0}) == "sum(A, axis=1)"
        assert text((0, 0), {0}) == "diag(A)"
        assert text((0, 0), set()) == "trace(A)"
        assert text((0, 1, 0), {0, 1}) == "einsum('iji->ij', A)"
        assert text((0, 1, 2), {1}) == "sum(A, axis=(0, 2))"

    def test_views_of_exact_shape(self):
        def text(labels, output, **sizes):
            known = dict(enumerate((n, m, k, 1, 1))) | {int(key[1:]): v for key, v in sizes.items()}
            return python_text(view(Piece(A, labels), output, known))

        assert text((0, 1), (1, 0)) == "A.T"
        assert text((0, 1, 2), (2, 0, 1)) == "transpose(A, (2, 0, 1))"
        assert text((0,), (0, 0)) == "diag(A)"
        assert text((), (0, 1)) == "broadcast_to(A, (n, m))"
        assert text((0,), (0, 1)) == "broadcast_to(A[:, None], (n, m))"
        assert text((0,), (1, 0)) == "broadcast_to(A, (m, n))"
        assert text((0, 3), (0,)) == "A[:, 0]"
        assert text((0,), (0, 3)) == "A[:, None]"
        assert text((0, 1), (0, 0, 1)) == "einsum('ik,ij->ijk', A, eye(n))"

    def test_inserting_what_was_dropped_gives_the_value_back(self):
        assert inserted(squeezed(A, [1], 2), (True, False)) is A
        assert squeezed(inserted(A, (False, True)), [0], 2) is A
        both = inserted(inserted(A, (True, False)), (False, True, True))
        assert python_text(both) == "A[None, :, None]"

    def test_an_index_of_a_slice(self):
        row = Index(A, (Slice(Number("2"), Number("3")),))
        assert python_text(squeezed(row, [0], 2)) == "A[2]"
        assert inserted(squeezed(row, [0], 2), (False, True)) is row


class TestNetworks:
    def test_nested_products_are_opened(self):
        inner = matrix("B", m, k) @ vector("x", k)
        outer = matrix("A", n, m) @ inner
        assert len(network_of(outer, lambda node: True).members) == 3
        assert len(network_of(outer, lambda node: False).members) == 2

    def test_a_reshape_of_the_result_is_a_merged_axis(self):
        net = network_of(matrix("A", n, m).reshape(-1), lambda node: True)
        assert [len(entry) for entry in net.entries] == [2]
        assert len(net.members) == 1

    def test_a_reshape_of_an_operand_splits_its_axis(self):
        net = network_of(matrix("A", n * m, k).reshape(n, m, k), lambda node: True)
        (one,) = net.members
        assert one.is_reshaped
        assert [len(labels) for _, labels in one.groups] == [2, 1]

    def test_regrouped_axes_are_one_reshape(self):
        assert sf.text(tensor("A", 4, 6).reshape(8, 3)) == "A.reshape(8, 3)"
        assert sf.text(tensor("A", 4, 6).reshape(3, 8)) == "A.reshape(3, 8)"
        assert sf.text(tensor("A", 2, 3, 4).reshape(6, 4)) == "A.reshape(6, 4)"

    def test_a_placement_among_zeros_is_padding(self):
        gradient = sf.grad(snp.sum(vector("x", n)[1:] ** 2) / 2, vector("x", n))
        assert sf.text(gradient) == "pad(x[1:], (1, 0))"


class TestTemplates:
    def test_holes_are_filled(self):
        holes = {"0": Binary("+", x, A), "order": Number("2")}
        assert python_text(filled("special.polygamma({order}, {0})", holes)) == (
            "special.polygamma(2, x + A)"
        )
        assert python_text(filled("{0}.astype({order})", holes)) == "(x + A).astype(2)"
        assert python_text(filled("f({0}, axis=-1)[0] ** 2", holes)) == "f(x + A, axis=-1)[0] ** 2"
        assert python_text(filled("g(({0}, 'a'))", holes)) == "g((x + A, 'a'))"

    def test_what_no_template_may_hold(self):
        with pytest.raises(ValueError, match="Lambda"):
            filled("lambda: {0}", {"0": x})


class TestWalks:
    TREES = (
        Binary("+", x, A), Unary("-", x), Scaled(x, A), Compare("<", x, A), Group(x),
        Call("f", (x,), (("axis", Number("1")),)), Method(x, "reshape", (A,)), Attribute(x, "T"),
        Index(x, (Slice(None, A, x), Number("0"))), Sequence((x, A)), Sequence((x,), "["),
        Slice(x, None, A), Text("a"), x,
    )  # fmt: skip

    @pytest.mark.parametrize("tree", TREES, ids=lambda tree: type(tree).__name__)
    def test_a_tree_is_rebuilt_from_its_parts(self, tree):
        assert rebuilt(tree, tree.children) == tree
        if tree.children:
            others = tuple(Name(f"p{place}") for place in range(len(tree.children)))
            assert rebuilt(tree, others).children == others

    def test_parts_come_first_and_once(self):
        shared = Binary("*", x, x)
        order = parts_first([Binary("+", shared, shared)])
        assert [python_text(tree) for tree in order] == ["x", "x * x", "x * x + x * x"]

    def test_transformed(self):
        tree = Binary("+", Call("f", (x,)), A)
        (result,) = transformed([tree], lambda t: Name("y") if t == x else t)
        assert python_text(result) == "f(y) + A"


class TestCost:
    @pytest.mark.parametrize(
        ("tree", "count"),
        [
            (Binary("+", Binary("@", x, x), Binary("@", x, x)), 2),
            (Unary("-", Number("2")), 0), (Unary("-", x), 1), (Attribute(x, "T"), 1),
            (call("eye", Binary("*", x, x)), 0), (call("sum", x, axis=Number("0")), 1),
            (Call("einsum", (Text("i,j,k->ijk"), x, x, x)), 2),
            (Method(Binary("+", x, A), "reshape", (Number("2"),)), 1),
            (Index(Binary("+", x, A), (Name("None"),)), 1), (call("broadcast_to", x, A), 0),
            (Compare("<", x, A), 1), (Scaled(Number("2"), x), 1),
        ],
    )  # fmt: skip
    def test_operators_are_counted_once(self, tree, count):
        assert operator_count([tree]) == count
        assert operator_count([tree, tree]) == count


class TestSigns:
    def test_a_sign_goes_into_a_difference(self):
        a, b = vector("a", n), vector("b", n)
        assert {sf.text(-(a - b)), sf.text(a - b)} == {"a - b", "b - a"}
        assert sf.text((a - b) / snp.linalg.norm(a - b)) == "(a - b) / linalg.norm(a - b)"
        assert sf.text((b - a) / snp.linalg.norm(b - a)) == "(b - a) / linalg.norm(b - a)"

    def test_the_highest_degree_comes_first_where_the_sign_does_not_matter(self):
        X, w, y = matrix("X", n, m), vector("w", m), vector("y", n)
        assert sf.text(snp.linalg.norm(y - X @ w)) == "linalg.norm(X @ w - y)"
        assert sf.text(snp.sum((y - X @ w) ** 2)) == "sum((X @ w - y) ** 2)"

    @pytest.mark.parametrize("pair", [("x", "mu"), ("x", "a"), ("x", "y"), ("a", "b")])
    def test_variables_come_before_constants(self, pair):
        first, second = (vector(name, n) for name in pair)
        wanted = f"linalg.norm({pair[0]} - {pair[1]})"
        assert sf.text(snp.linalg.norm(first - second)) == wanted
        assert sf.text(snp.linalg.norm(second - first)) == wanted
        assert sf.text(snp.sum((second - first) ** 2)).startswith(f"sum(({pair[0]} - ")

    def test_twice_a_minus_is_none(self):
        x, mu, S = vector("x", n), vector("mu", n), matrix("S", n, n)
        for difference in (x - mu, mu - x):
            t = S @ difference
            assert sf.text(snp.outer(t, t)) == "outer(S @ (x - mu), S @ (x - mu))"

    def test_terms_stand_in_an_author_s_order(self):
        y, s = vector("y", n), scalar("s")
        v = vector("x", n)
        assert sf.text(1 + y + v * s + v**3) == "x ** 3 + s * x + y + 1"
        assert sf.text(3 - v**2) == "3 - x ** 2"
        assert sf.text(v - y) == "x - y"
        assert sf.text(v**3 + v + v**2) == "x ** 3 + x ** 2 + x"
