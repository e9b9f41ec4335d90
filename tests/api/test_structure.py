"""Verbs of tensors as linear maps: what they take and refuse, and what programs compute by them."""

import numpy as np
import pytest

import symflow as sf
import symflow.numpy as snp
from tests.test_facade import in_fresh_interpreter

n, m, k = sf.dims("n m k")
A, U, V = sf.matrix("A", n, m), sf.matrix("U", n, k), sf.matrix("V", m, k)
M, R = sf.matrix("M", n, m), sf.matrix("R", n, k)
x, y = sf.vector("x", n), sf.vector("y", n)
p = sf.vector("p", n, positive=True)
T = sf.tensor("T", n, m, k)
FIT = sf.hessian(snp.sum((A - U @ V.T) ** 2), U)
MASKED = sf.hessian(snp.sum((M * (A - U @ V.T)) ** 2), U)


def test_the_first_use_loads_the_verbs():
    code = "from symflow import matrix; print(matrix('A', 'n', 'n').structure)"
    assert in_fresh_interpreter(code) == "A"


def test_structure_of_a_hessian_is_a_value():
    found = FIT.structure
    assert str(found) == "2 * (I (x) V.T @ V)"
    assert found == FIT.structure
    assert found.pretty() == sf.pretty(found) == "2 (I ⊗ VᵀV)"
    assert found.latex() == sf.latex(found) == r"2 \, \left(I \otimes V^{\top} V\right)"
    assert sf.text(found) == str(found)
    assert found.cost == k**2 * n
    assert found.symmetric
    assert found.positive_semidefinite
    with pytest.raises(AttributeError):
        found.rows = 3
    assert str(MASKED.structure) == "blockdiag(2 * (M[i] ** 2 * V.T) @ V, i < n)"
    assert MASKED.structure.pretty().endswith(", i < n)")
    assert "M_{i}" in MASKED.structure.latex()


def test_a_split_that_is_not_in_halves():
    assert sf.structure(T, 2).row_shape == (n,)
    assert sf.structure(T, 0).column_shape == ()
    assert T.dense(columns=1).shape == (m * n, k)
    with pytest.raises(sf.RankError, match=r"3 axes, which is odd.*columns="):
        _ = T.structure
    with pytest.raises(sf.RankError, match="columns must be from 0 to 3"):
        sf.structure(T, 4)


def test_products_take_the_last_axes():
    assert FIT.matvec(R) == sf.simplify(2 * R @ V.T @ V)
    assert T.matvec(sf.vector("v", k)).shape == (n, m)
    assert x.matvec(y) == sf.simplify(x @ y)
    with pytest.raises(sf.ShapeError, match=r"shape \(n, m\), its argument \(n,\)"):
        A.matvec(x)
    with pytest.raises(sf.ShapeError):
        x.matvec(A)


def test_solutions_by_structure():
    assert snp.diag(p).solve(x) == x / p
    assert FIT.solve(R) == sf.simplify(R @ snp.linalg.inv(V.T @ V) / 2)
    assert "inv" not in str((snp.diag(p) + snp.outer(x, y)).solve(x))
    assert "eye(k)" in str((snp.diag(p) + U @ U.T).solve(x))
    # nothing is known of the entries of y: Woodbury only when one asks for it
    unknown = snp.diag(y) + snp.outer(x, x)
    assert "inv" in str(unknown.solve(x))
    assert "inv" not in str(unknown.solve(x, regular=True))


def test_sizes_decide_what_is_low_rank():
    wide = snp.diag(p) + U @ U.T
    assert sf.structure(wide, sizes={"n": 3, "k": 500}).kind.startswith("dense")
    assert sf.structure(wide, sizes={"n": 500, "k": 3}).kind == "plus low rank"


z = sf.vector("z", n)
SINGULAR = [
    (snp.zeros((n, n)), "it is zero"),
    (snp.outer(x, y), "its rank is at most 1"),
    (sf.matrix("L", 5, 2) @ sf.matrix("N", 2, 5), "its rank is at most 2, it has 5 rows"),
    (snp.einsum("i,j,kl->ikjl", x, x, snp.eye(m)), "of its factor outer"),
    (snp.einsum("ia,ij,ib->iajb", U, snp.eye(n), U), "of its blocks, its rank is at most 1"),
    (sf.hessian(sf.nn.logsumexp(z), z), "vanishes"),
    (sf.hessian(snp.linalg.norm(z), z), "vanishes"),
]


@pytest.mark.parametrize(("map_", "why"), SINGULAR)
def test_singular_maps_are_refused_with_the_reason(map_, why):
    b = sf.tensor("b", *map_.shape[: map_.rank // 2])
    with pytest.raises(sf.DomainError, match="singular") as caught:
        map_.solve(b)
    assert why in str(caught.value)


def test_other_refusals():
    with pytest.raises(sf.ShapeError, match=r"square.*n rows.*m columns"):
        A.solve(x)
    with pytest.raises(sf.ShapeError, match="first axes"):
        A.solve(sf.vector("q", m))
    with pytest.raises(sf.ShapeError, match="first axes"):
        x.solve(A)


@pytest.mark.parametrize("sizes", [(4, 5, 2), (1, 3, 1)])
def test_programs(sizes):
    rng = np.random.default_rng(0)
    shape = dict(zip("nmk", sizes, strict=True))
    given = {
        v.name: rng.normal(size=tuple(shape[str(s)] for s in v.shape)) for v in (M, V, U, R, x)
    }
    given["p"] = np.abs(rng.normal(size=shape["n"])) + 0.5
    plain = snp.diag(p) + U @ U.T
    run = sf.lower(
        *(FIT.solve(R), MASKED.solve(R), plain.solve(x), MASKED.matvec(R)), precision="float64"
    )
    names = [v.name for v in run.inputs if hasattr(v, "dtype")]
    fit, masked, woodbury, product = run(**{name: given[name] for name in names})
    v, u, mask = given["V"], given["U"], given["M"]
    np.testing.assert_allclose(fit, np.linalg.solve(2 * v.T @ v, given["R"].T).T, rtol=1e-8)
    blocks = [2 * v.T @ np.diag(row**2) @ v for row in mask]
    rows = [np.linalg.solve(block, r) for block, r in zip(blocks, given["R"], strict=True)]
    np.testing.assert_allclose(masked, rows, rtol=1e-7)
    wanted = [block @ r for block, r in zip(blocks, given["R"], strict=True)]
    np.testing.assert_allclose(product, wanted)
    whole = np.diag(given["p"]) + u @ u.T
    np.testing.assert_allclose(woodbury, np.linalg.solve(whole, given["x"]), rtol=1e-8)


def _laplacian(axes, *, symmetric, shift):
    """A map of each axis, their sum's map of a tensor of ``axes`` axes, and its parts."""
    dims = sf.dims("n m k")[:axes]
    maps = [sf.matrix(f"A{k}", d, d, symmetric=symmetric) for k, d in enumerate(dims)]
    F = sf.tensor("F", *dims)
    inputs, terms = "ijk"[:axes], [shift * F]
    for place, (matrix, letter) in enumerate(zip(maps, inputs, strict=True)):
        taken = inputs.replace(letter, "p")
        terms.append((place + 1) * snp.einsum(f"{letter}p,{taken}->{inputs}", matrix, F))
    return maps, F, sf.jacobian(sum(terms), F)


@pytest.mark.parametrize(
    ("axes", "symmetric", "shift"), [(2, True, 2), (3, True, 0), (2, False, 2), (2, False, 0)]
)
@pytest.mark.parametrize("sizes", [(4, 3, 2), (1, 3, 1)])
def test_sums_of_maps_of_one_axis_each(axes, symmetric, shift, sizes):
    maps, F, H = _laplacian(axes, symmetric=symmetric, shift=shift)
    assert H.structure.kind == "Kronecker sum"
    rng = np.random.default_rng(0)
    b, several = F, sf.tensor("G", *F.shape, 2)
    given = {x.name: rng.normal(size=(size, size)) for x, size in zip(maps, sizes, strict=False)}
    if symmetric:
        given = {name: a + a.T for name, a in given.items()}
    given |= {"F": rng.normal(size=sizes[:axes]), "G": rng.normal(size=(*sizes[:axes], 2))}
    run = sf.lower(H, H.solve(b), H.structure.solve(several), backend="numpy", precision="float64")
    names = [x.name for x in run.inputs if hasattr(x, "dtype")]
    dense, alone, beside = run(**{name: given[name] for name in names})
    matrix = dense.reshape(given["F"].size, -1)
    for found, right in ((alone, given["F"]), (beside, given["G"])):
        wanted = np.linalg.solve(matrix, right.reshape(len(matrix), -1))
        np.testing.assert_allclose(found.ravel(), wanted.ravel(), rtol=1e-8, atol=1e-10)


def test_other_sums_of_kronecker_products_are_dense_to_solve():
    for options in ({"axes": 3, "symmetric": False}, {"axes": 1, "symmetric": True}):
        _, _, H = _laplacian(**options, shift=1)
        assert H.structure.kind != "Kronecker sum"
