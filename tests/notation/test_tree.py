"""Trees as Python: precedence, brackets, prefixes, depth."""

import ast
import random

import pytest

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
    Tree,
    Unary,
    call,
    nodes_of,
    python_text,
    transposed,
)

x, y, z = Name("x"), Name("y"), Name("z")


class Word:
    """A value that records how Python combined it, all brackets shown."""

    def __init__(self, text):
        self.text = text

    def _two(sign):  # noqa: N805
        return lambda self, other: Word(f"({self.text} {sign} {_text(other)})")

    __add__, __sub__, __mul__, __truediv__ = map(_two, "+-*/")
    __matmul__, __pow__, __mod__, __floordiv__ = map(_two, ("@", "**", "%", "//"))
    __lt__, __ge__ = map(_two, ("<", ">="))

    def __neg__(self):
        return Word(f"(-{self.text})")

    @property
    def T(self):
        return Word(f"{self.text}.T")

    def __getitem__(self, key):
        return Word(f"{self.text}[{_text(key)}]")

    def __call__(self, *arguments):
        return Word(f"{self.text}({', '.join(map(_text, arguments))})")


def _text(value):
    return value.text if isinstance(value, Word) else str(value)


def _meant(tree: Tree) -> str:
    """What a tree means, all brackets shown."""
    match tree:
        case Name():
            return tree.text
        case Binary() | Compare():
            return f"({_meant(tree.left)} {tree.operator} {_meant(tree.right)})"
        case Unary():
            return f"(-{_meant(tree.operand)})"
        case Attribute():
            return f"{_meant(tree.value)}.T"
        case Index():
            return f"{_meant(tree.value)}[{_meant(tree.keys[0])}]"
        case Call():
            return f"{tree.function}({', '.join(map(_meant, tree.arguments))})"
    raise TypeError(tree)


def random_tree(rng: random.Random, depth: int) -> Tree:
    if depth == 0 or rng.random() < 0.1:
        return rng.choice((x, y, z))
    kind = rng.randrange(10)
    part = random_tree(rng, depth - 1)
    if kind < 6:
        sign = rng.choice(("+", "-", "*", "/", "@", "**", "%", "//"))
        return Binary(sign, part, random_tree(rng, depth - 1))
    if kind == 6:
        return Unary("-", part)
    if kind == 7:
        return Attribute(part, "T")
    if kind == 8:
        return Compare(rng.choice(("<", ">=")), part, random_tree(rng, depth - 1))
    return rng.choice((Call("f", (part, y)), Index(part, (x,))))


@pytest.mark.parametrize("seed", range(300))
def test_exact_text_keeps_the_order_of_evaluation(seed):
    tree = random_tree(random.Random(seed), 5)
    scope = {name: Word(name) for name in "fxyz"}
    assert eval(python_text(tree, exact=True), scope).text == _meant(tree)


@pytest.mark.parametrize("seed", range(200))
def test_relaxed_text_means_the_same_for_numbers(seed):
    rng = random.Random(seed)

    def tree(depth: int) -> Tree:
        if depth == 0:
            return rng.choice((x, y, z, Number("2")))
        kind = rng.randrange(7)
        if kind < 4:
            return Binary(rng.choice("+-*/"), tree(depth - 1), tree(depth - 1))
        if kind == 4:
            return Unary("-", tree(depth - 1))
        return Scaled(tree(0), tree(depth - 1))

    made = tree(5)
    exact, relaxed = python_text(made, exact=True), python_text(made)
    scope = {"x": 1.7, "y": -0.6, "z": 2.3}
    try:
        wanted = eval(exact, scope)
    except ZeroDivisionError:
        return
    assert eval(relaxed, scope) == pytest.approx(wanted, rel=1e-9)


def test_scalar_factors_and_signs_stand_before_products_without_brackets():
    product = Binary("@", transposed(Name("X")), Binary("-", Binary("@", Name("X"), x), y))
    two = Scaled(Number("2"), product)
    assert python_text(two) == "2 * X.T @ (X @ x - y)"
    assert python_text(two, exact=True) == "2 * (X.T @ (X @ x - y))"
    assert python_text(Unary("-", product)) == "-X.T @ (X @ x - y)"
    assert python_text(Unary("-", Group(product))) == "-(X.T @ (X @ x - y))"
    assert python_text(Binary("/", two, Name("n"))) == "2 * X.T @ (X @ x - y) / n"
    assert python_text(Unary("-", Binary("+", x, y))) == "-(x + y)"


def test_products_of_both_kinds_side_by_side_have_brackets():
    product = Binary("@", x, y)
    assert python_text(Binary("*", product, z)) == "(x @ y) * z"
    assert python_text(Binary("@", Binary("*", x, y), z)) == "(x * y) @ z"
    assert python_text(Binary("@", x, product)) == "x @ (x @ y)"


def test_calls_indices_and_literals():
    value = call("linalg.norm", x, axis=Sequence((Number("0"), Number("1"))))
    assert python_text(value, prefix="jnp.") == "jnp.linalg.norm(x, axis=(0, 1))"
    assert python_text(value, lambda name: f"<{name}>") == "<linalg.norm>(x, axis=(0, 1))"
    keys = (Slice(Number("1"), None, Number("2")), Name("None"))
    assert python_text(Index(Binary("+", x, y), keys)) == "(x + y)[1::2, None]"
    assert python_text(Sequence((x,))) == "(x,)"
    assert python_text(Sequence((x,), "[")) == "[x]"
    assert python_text(Method(x, "astype", (Text("int32"),))) == "x.astype('int32')"


def test_a_transpose_of_a_transpose_is_the_tree_itself():
    assert transposed(transposed(x)) is x


def test_equal_trees_are_equal_and_others_are_not():
    assert Binary("+", x, y) == Binary("+", Name("x"), Name("y"))
    assert hash(Binary("+", x, y)) == hash(Binary("+", Name("x"), Name("y")))
    assert Binary("+", x, y) != Binary("-", x, y)
    assert Binary("+", x, y) != Binary("+", y, x)
    assert Name("2") != Number("2")


def test_depth_is_no_matter():
    tree: Tree = x
    for _ in range(100_000):
        tree = Call("f", (tree,))
    text = python_text(tree)
    assert text == "f(" * 100_000 + "x" + ")" * 100_000
    assert sum(1 for _ in nodes_of(tree)) == 100_001


def test_the_width_of_a_shared_tree_is_bounded():
    tree: Tree = x
    for _ in range(200):
        tree = Binary("*", tree, tree)
    assert tree.width < 1 << 50
    assert sum(1 for _ in nodes_of(tree)) == 201


def test_every_text_is_python():
    for seed in range(50):
        ast.parse(python_text(random_tree(random.Random(seed), 6)))
