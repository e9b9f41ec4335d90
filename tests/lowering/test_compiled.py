"""Programs compiled ahead of time, reported, donated to, kept in a folder."""

import pickle

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import symflow as sf
import symflow.numpy as snp

n, d = sf.dims("n d")
X, w, y = sf.matrix("X", n, d), sf.vector("w", d), sf.vector("y", n)
LOSS = snp.sum((X @ w - y) ** 2) / n
SHAPES = {"X": (50, 4)}


@pytest.fixture(scope="module")
def program():
    return sf.lower(LOSS, sf.grad(LOSS, w))


def arrays(rows=50, columns=4):
    return [np.ones((rows, columns), "f"), np.ones(columns, "f"), np.zeros(rows, "f")]


def test_ahead_of_time(program):
    compiled = program.compile(**SHAPES)
    assert compiled.sizes == {"n": 50, "d": 4}
    assert compiled.memory.inputs == 4 * (200 + 4 + 50)
    assert compiled.memory.peak >= compiled.memory.inputs + compiled.memory.outputs
    assert compiled is program.compile(X=(50, 4), w=4, y=(50,))
    with jax.log_compiles(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(program, "_function_at", None)  # nothing is traced again
        value, gradient = compiled(*arrays())
    assert float(value) == 16
    np.testing.assert_allclose(gradient, np.full(4, 8.0))
    with pytest.raises(sf.ShapeError, match="compiled for n = 50, got n = 49"):
        compiled(*arrays(49))


def test_what_cannot_be_compiled(program):
    with pytest.raises(sf.LoweringError, match="the shape of X is not known: give it, too"):
        program.compile(w=4)
    with pytest.raises(sf.LoweringError, match="no input Z"):
        program.compile(Z=4)
    with pytest.raises(sf.ShapeError):
        program.compile(X=(50, 4), w=5)
    with pytest.raises(sf.LoweringError, match="numpy backend compiles nothing"):
        sf.lower(LOSS, backend="numpy").compile(**SHAPES)
    with pytest.raises(sf.DomainError, match="divides by n"):
        program.compile(X=(0, 4))


def test_sizes_as_inputs_and_64_bits():
    m = sf.dim("m")
    f = sf.lower(snp.eye(m) * n, y, precision="float64")
    with pytest.raises(sf.LoweringError, match="the size of m is not known"):
        f.compile(y=3)
    compiled = f.compile(y=3, m=2)
    np.testing.assert_array_equal(compiled(np.ones(3), 2)[0], 3 * np.eye(2))
    assert not jax.config.jax_enable_x64


def test_donated_inputs():
    f = sf.lower(w - 0.1 * sf.grad(LOSS, w), donate="w")
    given = [jnp.asarray(value) for value in arrays()]
    first = f(*given)
    assert given[1].is_deleted()
    assert f.compile(**SHAPES).memory.shared == 16
    np.testing.assert_allclose(f(given[0], first, given[2]).shape, (4,))
    assert pickle.loads(pickle.dumps(f)).compile(**SHAPES).memory.shared == 16
    with pytest.raises(sf.LoweringError, match="donate: there is no array v; the program takes"):
        sf.lower(LOSS, donate=("v",))
    with pytest.raises(sf.LoweringError, match="NumPy gives no memory on"):
        sf.lower(LOSS, donate="w", backend="numpy")


def test_a_folder_for_what_is_compiled(tmp_path):
    folder = tmp_path / "kept"
    before = jax.config.jax_compilation_cache_dir
    f = sf.lower(snp.sum(snp.sin(X) * 3.25), cache=folder)
    assert float(f(np.zeros((2, 3), "f"))) == 0
    assert len(list(folder.glob("*-cache"))) == 1
    f(np.zeros((2, 3), "f"))
    jax.grad(f)(jnp.zeros((5, 5)))  # a part of another program: that one's affair
    assert len(list(folder.glob("*-cache"))) == 1
    f.compile(X=(7, 7))
    assert len(list(folder.glob("*-cache"))) == 2
    with pytest.raises(sf.ShapeError):
        f(np.zeros(3))
    assert jax.config.jax_compilation_cache_dir == before
    again = sf.lower(snp.sum(snp.sin(X) * 3.25), cache=str(folder))
    assert float(again(np.zeros((2, 3), "f"))) == 0
    assert len(list(folder.glob("*-cache"))) == 2  # found there


# -------------------------------------------------------------------------------- reports


def test_report(program):
    plain = sf.lower(LOSS)
    report = plain.report(**SHAPES)
    assert report.sizes == {"n": 50, "d": 4}
    assert 2 * 200 <= report.flops <= 4 * 200
    assert report.peak >= 4 * (200 + 4 + 50)
    assert report.compiled is None
    assert report.plan == {"matrix product": 1}
    plain.compile(**SHAPES)
    assert plain.report(**SHAPES).compiled.inputs == 4 * (200 + 4 + 50)
    assert "compiled    " in str(plain.report(**SHAPES))
    assert "at usual sizes" in str(program.report())


def test_a_report_says_what_was_saved():
    U, v = sf.matrix("U", n, "k"), sf.vector("v", n)
    D = sf.matrix("D", n, n, diagonal=True, positive_definite=True)
    report = sf.lower(snp.linalg.inv(D + U @ U.T) @ v).report(U=(2000, 5))
    assert report.flops < 1e6 < 1e9 < report.asked.flops
    assert report.speedup > 50
    assert "inverse-of-update" in report.rewritten
    assert report.plan["Cholesky factorisation"] == 1
    assert any("cho_solve" in step for step in report.steps)
    text = str(report)
    for word in ("at n = 2000, k = 5", "operations", "intensity", "rewritten   inverse-of-update"):
        assert word in text


def test_reports_count_bytes_by_precision():
    bytes_ = [sf.lower(LOSS, precision=p).report(**SHAPES).bytes for p in ("float64", "float32")]
    assert bytes_[0] == 2 * bytes_[1]
    typed = sf.lower(LOSS, optimise=False, backend="numpy").report(**SHAPES)
    assert typed.flops == typed.asked.flops
    assert typed.rewritten == {}


def test_no_report_of_a_text(program):
    with pytest.raises(sf.LoweringError, match="has its text only"):
        pickle.loads(pickle.dumps(program)).report(**SHAPES)
