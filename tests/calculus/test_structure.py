"""The forms of linear maps: what they are, and that what is computed by them is right."""

import numpy as np
import pytest
import sympy as sp

import symflow as sf
import symflow.numpy as snp
from symflow.calculus.structure import (
    BlockDiagonal,
    Dense,
    Diagonal,
    Kronecker,
    KroneckerSum,
    LowRank,
    Manner,
    ScaledIdentity,
    Updated,
    Zero,
    structure_of,
)
from symflow.core import contract
from symflow.core.walk import postorder
from tests.oracle import evaluate

n, m, k = sf.dims("n m k")
A, B, U, V = (
    sf.matrix("A", n, n),
    sf.matrix("B", m, m),
    sf.matrix("U", n, k),
    sf.matrix("V", n, k),
)
M, C = sf.matrix("M", n, m), sf.matrix("C", m, k)
x, y, p = sf.vector("x", n), sf.vector("y", n), sf.vector("p", n, positive=True)
S = sf.tensor("S", n, n, positive_definite=True)
ONE, TWO = snp.eye(n), snp.eye(m)

CASES = [
    (snp.zeros((n, n)), Zero, "0", 0),
    (3 * ONE, ScaledIdentity, "3 * I", 1),
    (snp.sum(x) * ONE, ScaledIdentity, "sum(x) * I", 1),
    (2 * n * ONE, ScaledIdentity, "2*n * I", 1),
    (snp.einsum("ik,jl->ijkl", ONE, TWO), ScaledIdentity, "I", 1),
    (snp.diag(snp.exp(x)), Diagonal, "diag(exp(x))", n),
    (snp.einsum("ij,ik,jl->ijkl", M, ONE, TWO), Diagonal, "diag(ravel(M))", n * m),
    (sf.tensor("D", n, n, diagonal=True), Diagonal, "diag(diag(D))", n),
    (snp.einsum("ik,jl->ijkl", ONE, B), Kronecker, "I (x) B", m**2),
    (2 * snp.einsum("ik,jl->ijkl", A, TWO), Kronecker, "2 * (A (x) I)", n**2),
    (snp.einsum("ik,jl->ijkl", A, B), Kronecker, "A (x) B", n**2 + m**2),
    (snp.einsum("ik,jl->ijkl", A + A.T, TWO), Kronecker, "(A + A.T) (x) I", n**2),
    (snp.einsum("i,ik,jl->ijkl", x, ONE, TWO), Kronecker, "diag(x) (x) I", n),
    (snp.einsum("il,jk->ijkl", ONE, TWO), Kronecker, "(I (x) I) K", 0),
    (snp.einsum("ij,ja,jb,ik->iakb", M, C, C, ONE), BlockDiagonal, None, n * k**2),
    (snp.outer(x, y), LowRank, "outer(x, y)", 2 * n),
    (snp.outer(x, x), LowRank, "outer(x, x)", n),
    (snp.diag(x) - snp.outer(x, x), Updated, "diag(x) - outer(x, x)", 2 * n),
    (ONE + U @ V.T, Updated, "I + U @ V.T", 1 + 2 * n * k),
    (S, Dense, "S", n**2),
    (A + A.T, Dense, "A + A.T", n**2),
    (
        snp.einsum("ik,jl->ijkl", A, TWO) + snp.einsum("ik,jl->ijkl", ONE, B),
        KroneckerSum,
        "I (x) B + A (x) I",
        n**2 + m**2,
    ),
]


@pytest.mark.parametrize(("map_", "kind", "text", "stored"), CASES)
def test_the_form_is_found(map_, kind, text, stored):
    found = map_.structure
    assert type(found) is kind
    assert text is None or str(found) == text
    assert sp.expand(found.stored - stored) == 0


SIZES = ({"n": 3, "m": 2, "k": 2}, {"n": 1, "m": 3, "k": 1}, {"n": 4, "m": 1, "k": 3})


def values_of(expressions, sizes, rng):
    """Random values of all variables, positive where declared so."""
    given = {}
    for node in postorder(expressions):
        if isinstance(node, type(x)):
            shape = tuple(int(sizes.get(str(size), size)) for size in node.shape)
            value = rng.normal(size=shape)
            if "positive" in node.properties:
                value = np.abs(value) + 0.3
            if "diagonal" in node.properties:
                value = np.diag(np.diag(value))
            if "positive_definite" in node.properties:
                value = value @ value.T + np.eye(len(value))
            given[node] = value
    return given


def check_against_dense(map_, rows, sizes, rng, manner=None):
    """Products and solutions agree with those of the matrix; False where it is singular."""
    columns = map_.rank - rows
    v = sf.tensor("v_", *map_.shape[map_.rank - columns :])
    b = sf.tensor("b_", *map_.shape[:rows])
    found = structure_of(map_, rows)
    given = values_of([map_, v, b], sizes, rng)
    matrix = np.asarray(evaluate(map_, given, sizes), float)
    flat = matrix.reshape(int(np.prod(given[b].shape)), -1)
    product = evaluate(found.matvec(v), given, sizes)
    np.testing.assert_allclose(product.ravel(), flat @ given[v].ravel(), atol=1e-9)
    dense = evaluate(found.dense(), given, sizes)
    np.testing.assert_allclose(dense, flat, atol=1e-9)
    if not found.is_square:
        with pytest.raises(sf.ShapeError, match="square"):
            found.solve(b)
        return False
    if found.why_singular:
        with pytest.raises(sf.DomainError, match="singular"):
            found.solve(b)
        return False
    if flat.shape[0] != flat.shape[1] or np.linalg.cond(flat) > 1e7:
        return False
    solution = evaluate(found.solve(b, manner), given, sizes)
    wanted = np.linalg.solve(flat, given[b].ravel())
    np.testing.assert_allclose(solution.ravel(), wanted, rtol=1e-6, atol=1e-6)
    assert solution.shape == tuple(given[v].shape)
    return True


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("map_", [case[0] for case in CASES])
def test_products_and_solutions_are_those_of_the_matrix(map_, sizes):
    rng = np.random.default_rng(3)
    for regular in (False, True):
        check_against_dense(map_, map_.rank // 2, sizes, rng, Manner(regular=regular))


def random_term(rng, rows, columns, sizes, pool):
    """A product of random tensors; some columns share their label with a row."""
    output = list(range(len(rows)))
    axes = dict(enumerate(rows))
    for size in columns:
        same = [a for a in range(len(rows)) if axes[a] == size and a not in output[len(rows) :]]
        if same and rng.random() < 0.6:
            output.append(int(rng.choice(same)))
        else:
            axes[len(axes)] = size
            output.append(len(axes) - 1)
    for _ in range(rng.integers(0, 2)):
        axes[len(axes)] = list(sizes)[rng.integers(len(sizes))]
    operands, subscripts = [], []
    for _ in range(rng.integers(0, 4)):
        labels = tuple(int(a) for a in rng.permutation(len(axes))[: rng.integers(0, 3)])
        shape = tuple(axes[a] for a in labels)
        name = f"{pool[rng.integers(len(pool))]}{'_'.join(map(str, shape))}"
        operands.append(sf.tensor(name, *shape))
        subscripts.append(labels)
    held = {a for labels in subscripts for a in labels}.union(output)
    coefficient = sp.Integer(int(rng.integers(1, 4)))
    used = {a: axes[a] for a in held}
    return contract(coefficient, operands, subscripts, output, used)


@pytest.mark.parametrize("seed", range(150))
def test_random_maps(seed):
    rng = np.random.default_rng(seed)
    dims = {"n": n, "m": m, "k": k} if seed % 3 else {"n": 3, "m": 2, "k": 1}
    rows = [list(dims.values())[rng.integers(3)] for _ in range(rng.integers(1, 3))]
    columns = list(rng.permutation(np.array(rows, object)))
    if rng.random() < 0.15:
        columns.append(dims["k"])
    terms = [
        random_term(rng, rows, columns, list(dims.values()), "PQ")
        for _ in range(rng.integers(1, 4))
    ]
    map_ = sum(terms[1:], start=terms[0])
    sizes = SIZES[seed % len(SIZES)] if seed % 3 else {}
    check_against_dense(map_, len(rows), sizes, rng)


def test_random_maps_are_of_every_kind_and_often_solved():
    """The draw above is worth something only when it meets the kinds that there are."""
    kinds, solved = set(), 0
    for seed in range(150):
        rng = np.random.default_rng(seed)
        rows = [[n, m, k][rng.integers(3)] for _ in range(rng.integers(1, 3))]
        columns = list(rng.permutation(np.array(rows, object)))
        terms = [
            random_term(rng, rows, columns, [n, m, k], "PQ") for _ in range(rng.integers(1, 4))
        ]
        found = structure_of(sum(terms[1:], start=terms[0]), len(rows))
        kinds.add(type(found))
        solved += found.is_square and not found.why_singular
    assert kinds >= {BlockDiagonal, Dense, Diagonal, Kronecker, LowRank, ScaledIdentity, Updated}
    assert solved > 50


WEIGHTED = snp.einsum("ji,j,jk->ik", M, x**2 * snp.exp(y), M)


def test_what_is_known_of_definiteness():
    assert WEIGHTED.structure.positive_semidefinite
    assert WEIGHTED.structure.kind == "dense, positive semidefinite"
    assert not snp.einsum("ji,j,jk->ik", M, x, M).structure.positive_semidefinite
    assert (snp.diag(p) + snp.outer(x, x)).structure.positive_definite
    assert not (snp.diag(p) - snp.outer(x, x)).structure.positive_definite
    assert snp.einsum("ik,jl->ijkl", S, ONE).structure.positive_definite
    assert not snp.einsum("il,jk->ijkl", S, ONE).structure.positive_definite
    Z = sf.matrix("Z", n, k, dtype="complex128")
    assert not (Z @ Z.T).structure.positive_semidefinite
    assert snp.einsum("il,jk->ijkl", ONE, ONE).structure.symmetric
