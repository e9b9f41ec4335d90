"""Contractions written: the right value, few operators, any size in good time."""

import random
import time

import numpy as np
import pytest

from symflow.notation.cost import operator_count
from symflow.notation.forms import forms
from symflow.notation.pairs import Writer, join
from symflow.notation.recipes import Problem, solved
from symflow.notation.search import Item, written
from symflow.notation.tree import Name, Tree, python_text
from symflow.notation.views import Piece

SCOPE = {
    name: getattr(np, name) for name in ("diag", "einsum", "outer", "sum", "trace", "transpose")
}
SIZES = {letter: 2 + number % 3 for number, letter in enumerate("abcdefghijklmnop")}


def labels(letters: str) -> tuple[int, ...]:
    return tuple(map(ord, letters))


def write(spec: str, names: str, inverse: str = "") -> Tree:
    inputs, _, output = spec.partition("->")
    items = [
        Item(Name(name), labels(part), inverse=name in inverse)
        for name, part in zip(names.split(), inputs.split(","), strict=True)
    ]
    return written(items, labels(output), Writer()).tree


def value(tree: Tree, arrays: dict[str, np.ndarray]) -> np.ndarray:
    return np.asarray(eval(python_text(tree), SCOPE | arrays))


def random_spec(rng: random.Random) -> tuple[str, list[str]]:
    """A contraction without loose labels: each is in the output or in two operands."""
    letters = "abcdef"[: rng.choice((2, 3, 4, 5))]
    inputs = ["".join(rng.sample(letters, min(len(letters), rng.choice((1, 2, 2, 3)))))
              for _ in range(rng.choice((1, 2, 3, 4, 5)))]  # fmt: skip
    used = sorted({letter for part in inputs for letter in part})
    output = rng.sample(used, rng.randrange(min(4, len(used) + 1)))
    return f"{','.join(inputs)}->{''.join(output)}", inputs


@pytest.mark.parametrize("seed", range(200))
def test_random_contractions_have_the_value_of_einsum(seed):
    rng = random.Random(seed)
    spec, inputs = random_spec(rng)
    names = [rng.choice("ABC") + part for part in inputs]  # equal parts may be one operand
    draw = np.random.default_rng(seed)
    arrays = {name: draw.normal(size=[SIZES[c] for c in name[1:]]) for name in sorted(set(names))}
    tree = write(spec, " ".join(names))
    wanted = np.einsum(spec, *(arrays[name] for name in names))
    got = value(tree, arrays)
    assert got.shape == wanted.shape, python_text(tree)
    np.testing.assert_allclose(got, wanted, rtol=1e-9, atol=1e-9, err_msg=python_text(tree))


@pytest.mark.parametrize("seed", range(60))
def test_remembered_structures_give_the_same_as_a_fresh_search(seed):
    rng = random.Random(seed)
    spec, inputs = random_spec(rng)
    output = labels(spec.partition("->")[2])
    for letters in ("ABC", "PQR"):
        items = tuple(Item(Name(rng.choice(letters) + p), labels(p)) for p in inputs)
        main = solved(Problem(items, output), Writer())
        draw = np.random.default_rng(seed)
        arrays = {item.tree.word: draw.normal(size=[SIZES[c] for c in item.tree.word[1:]])
                  for item in items}  # fmt: skip
        wanted = np.einsum(spec, *(arrays[item.tree.word] for item in items))
        product = np.ones(())
        for draft in (*main.scalars, *([main.main] if main.main else [])):
            product = product * value(draft.tree, arrays)
        np.testing.assert_allclose(product, wanted, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("spec", "names", "text"),
    [
        ("ij,i->j", "X r", "X.T @ r"),
        ("i,ij,j->", "a X b", "a @ X @ b"),
        ("ij,jk,ki->", "A B C", "trace(A @ B @ C)"),
        ("ij,ji->", "A B", "trace(A @ B)"),
        ("ij,ij->", "A B", "sum(A * B)"),
        ("ki,k,kj->ij", "X s X", "(X.T * s) @ X"),
        ("i,j->ij", "u v", "outer(u, v)"),
        ("i,j->ji", "u v", "outer(v, u)"),
        ("ik,ki->i", "A B", "diag(A @ B)"),
        ("ji,kj->ik", "A B", "(B @ A).T"),
        ("ij,j,ik,k->i", "X w X w", "(X @ w) ** 2"),
        ("ij,kj,kl->il", "A B C", "A @ B.T @ C"),
        ("ijk,jr,kr->ir", "T B C", "einsum('ijk,jl,kl->il', T, B, C)"),
        ("ir,jr,ks,js->ik", "A B C D", "A @ B.T @ D @ C.T"),
        ("bij,bjk->bik", "A B", "A @ B"),
        ("ij,j,jk,k,kl->il", "A x B y C", "(A * x) @ (B * y) @ C"),
    ],
)
def test_what_an_author_writes(spec, names, text):
    assert python_text(write(spec, names)) == text


def test_denominators_stay_below_the_line():
    assert python_text(write("ij,j->ij", "A v", "v")) == "A / v"
    assert python_text(write("i,i,i,i->i", "a b x y", "xy")) == "a * b / (x * y)"
    assert python_text(write("i,i->", "x y", "y")) == "sum(x / y)"
    assert python_text(write("ij,i->j", "A v", "v")) == "sum(A / v[:, None], axis=0)"


def test_what_is_printed_elsewhere_costs_nothing():
    inputs = [Item(Name("A"), (0, 1)), Item(Name("B"), (1, 2)), Item(Name("x"), (2,))]
    free = python_text(written(inputs, (0,), Writer()).tree)
    product = join(Piece(Name("A"), (0, 1)), Piece(Name("B"), (1, 2)), (0, 2))
    shared = Writer(printed=lambda digest: digest == product.digest)
    assert free == "A @ (B @ x)"
    assert python_text(written(inputs, (0,), shared).tree) == "A @ B @ x"


def test_a_conversion_is_written_once_where_nothing_else_decides():
    items = [Item(Name("p"), (0,), soft=True), Item(Name("q"), (0,), soft=True)]
    assert python_text(written(items, (), Writer("float")).tree) == "q @ p.astype('float')"
    items = [Item(Name("p"), (0,), soft=True), Item(Name("q"), (0,))]
    assert python_text(written(items, (), Writer("float")).tree) == "p @ q"


def test_symmetric_operands_need_no_transpose():
    items = [Item(Name("X"), (0, 1)), Item(Name("S"), (2, 1), symmetric=True)]
    assert python_text(written(items, (0, 2), Writer()).tree) == "X @ S"


@pytest.mark.parametrize("count", [8, 12, 20])
def test_long_chains_are_written_in_good_time(count):
    letters = "abcdefghijklmnopqrstuvwxyz"
    spec = ",".join(letters[i : i + 2] for i in range(count)) + f"->{letters[0]}{letters[count]}"
    start = time.process_time()
    tree = write(spec, " ".join(f"M{i:02}" for i in range(count)))
    assert time.process_time() - start < 2
    assert operator_count([tree]) == count - 1


def test_a_dense_network_of_twelve_operands_is_written_in_good_time():
    rng = random.Random(0)
    inputs = ["".join(rng.sample("abcdefgh", 3)) for _ in range(12)]
    start = time.process_time()
    write(",".join(inputs) + "->a", " ".join(f"T{i:02}" for i in range(12)))
    assert time.process_time() - start < 10


def test_pairs_in_any_order_of_axes():
    draw = np.random.default_rng(0)
    for first in ("ij", "ji", "j", "jki"):
        for second in ("jk", "kj", "j", "ij", "jkl"):
            held = sorted(set(first + second))
            for output in ("", "i", "k", "ik", "ki", "ijk"):
                if not set(output) <= set(held):
                    continue
                arrays = {"A": draw.normal(size=[SIZES[c] for c in first]),
                          "B": draw.normal(size=[SIZES[c] for c in second])}  # fmt: skip
                pieces = Piece(Name("A"), labels(first)), Piece(Name("B"), labels(second))
                loose = [c for c in held if c not in output and (first + second).count(c) == 1]
                if loose:
                    continue
                tree = join(*pieces, labels(output))
                wanted = np.einsum(f"{first},{second}->{output}", arrays["A"], arrays["B"])
                np.testing.assert_allclose(value(tree, arrays), wanted, rtol=1e-10)


def test_forms_are_found_from_labels_alone():
    kinds = {form.kind for form in forms((0, 1), (1, 2), (0, 2))}
    assert kinds == {"matmul", "sum", "einsum"}
    assert forms((0,), (0,), ())[0].kind == "dot"
    assert [form.order for form in forms((0,), (1,), (0, 1)) if form.kind == "outer"] == [(0, 1)]
