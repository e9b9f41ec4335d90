"""Calls of linear algebra to compare with JAX."""

import numpy as np

rng = np.random.default_rng(7)
wide = rng.normal(size=(2, 3))
tall = rng.normal(size=(4, 2))
square = rng.normal(size=(3, 3))
symmetric = square @ square.T + np.eye(3)
stack = rng.normal(size=(2, 3, 3))
vector = rng.normal(size=3)
pair = rng.normal(size=2)
cube = rng.normal(size=(2, 3, 2, 3))
whole = np.array([[1, 2], [3, 4]])
empty = np.zeros((0, 3))
INF = float("inf")
ORDERS = (None, "fro", "nuc", INF, -INF, 1, -1, 2, -2)

# A function of single matrices that JAX gives its own signs or order to is compared elsewhere, in
# tests/linalg; so are those that take the results of another.
ELSEWHERE = "cho_factor cho_solve lu_solve sqrtm pascal"  # JAX rounds that one

CALLS = {
    **{f"linalg.{name}": [] for name in ELSEWHERE.split()},
    "numpy.cross": [
        ((vector, vector[::-1]), {}),
        ((wide, vector), {}),
        ((pair, pair[::-1]), {}),
        ((pair, vector), {}),
        ((wide.T, wide.T), {"axis": 0}),
        ((stack, stack[:1]), {"axisc": 0}),
        ((whole, whole[::-1]), {}),
    ],
    "numpy.linalg.cond": [((square, p), {}) for p in (None, 2, -2, 1, "nuc")]
    + [((stack,), {}), ((wide,), {})],
    "numpy.linalg.cross": [((vector, vector[::-1]), {}), ((square, stack), {"axis": -2})],
    "numpy.linalg.diagonal": [((stack,), {}), ((wide,), {"offset": 1})],
    "numpy.linalg.cholesky": [((symmetric,), {}), ((symmetric,), {"upper": True})],
    "numpy.linalg.eigh": [((symmetric,), {}), ((square,), {}), ((symmetric, "U"), {})],
    "numpy.linalg.eigvalsh": [((symmetric,), {}), ((square, "U"), {})],
    "numpy.linalg.lstsq": [((tall, tall[:, 0]), {}), ((tall, tall[:, ::-1]), {}),
                           ((wide, wide[:, 1]), {}), ((tall, tall[:, 1], 0.1), {})],
    "numpy.linalg.matmul": [((wide, square), {}), ((stack, vector), {})],
    "numpy.linalg.matrix_norm": [((stack,), {"ord": p}) for p in ("fro", "nuc", -1)]
    + [((wide,), {"keepdims": True}), ((whole,), {}), ((empty,), {"ord": 1})],
    "numpy.linalg.matrix_rank": [((stack,), {}), ((wide,), {}), ((vector,), {}),
                                 ((square, 1.5), {}), ((symmetric,), {"hermitian": True})],
    "numpy.linalg.matrix_transpose": [((stack,), {})],
    "numpy.linalg.multi_dot": [(([wide, square, vector],), {}), (([pair, wide],), {})],
    "numpy.linalg.norm": [((wide, p), {}) for p in ORDERS]
    + [((stack, p, (2, 0)), {"keepdims": True}) for p in ("nuc", 1)]
    + [((stack, p, 1), {}) for p in (0, 1, -1, 0.5, -INF)]
    + [((cube,), {}), ((vector, 3), {}), ((whole,), {}), ((empty, INF, 0), {}), ((wide, "f"), {})],
    "numpy.linalg.outer": [((vector, pair), {})],
    "numpy.linalg.pinv": [((tall,), {}), ((wide, 0.1), {}), ((stack,), {}), ((empty,), {}),
                          ((square,), {"hermitian": True}), ((tall,), {"rcond": 0.2})],
    "numpy.linalg.qr": [((tall,), {}), ((wide,), {}), ((wide, "complete"), {})],
    "numpy.linalg.slogdet": [((stack,), {}), ((square,), {"method": "qr"})],
    "numpy.linalg.svd": [((tall,), {}), ((wide,), {}), ((stack, False), {}),
                         ((tall,), {"compute_uv": False}),
                         ((symmetric,), {"hermitian": True, "compute_uv": False})],
    "numpy.linalg.svdvals": [((tall,), {}), ((stack,), {}), ((empty,), {})],
    "numpy.linalg.tensordot": [((wide, wide), {}), ((wide, wide), {"axes": ((0,), (0,))})],
    "numpy.linalg.tensorinv": [((cube,), {}), ((square,), {"ind": 1})],
    "numpy.linalg.tensorsolve": [((cube, wide), {}), ((square, vector), {}),
                                 ((cube, wide.T), {"axes": (0,)})],
    "numpy.linalg.trace": [((stack,), {}), ((wide,), {"offset": 1}), ((whole,), {})],
    "numpy.linalg.vecdot": [((wide, vector), {}), ((wide, wide[::-1]), {"axis": 0})],
    "numpy.matvec": [((stack, wide), {}), ((wide, vector), {})],
    "numpy.vecmat": [((wide, stack), {}), ((pair, wide), {})],
    "numpy.vecdot": [((wide, vector), {})],
    "numpy.linalg.vector_norm": [((stack,), {"axis": a, "ord": p}) for a, p in
                                 ((None, 3), (1, 2), ((0, 2), INF), (None, 0), ((0, 2), 2))]
    + [((wide,), {"keepdims": True, "ord": 3}), ((wide,), {"axis": 0, "keepdims": True})],
    "linalg.block_diag": [((wide, vector, 2.0, tall), {}), ((whole, wide), {}), ((), {})],
    "linalg.cholesky": [((symmetric,), {}), ((symmetric, True), {})],
    "linalg.circulant": [((vector,), {}), ((whole,), {}), ((vector[:1],), {})],
    "linalg.companion": [((vector,), {}), ((vector[:2],), {}), ((np.array([2, 3, 5]),), {})],
    "linalg.convolution_matrix": [((vector, n, mode), {}) for n in (2, 5)
                                  for mode in ("full", "same", "valid")] + [((whole, 3), {})],
    "linalg.det": [((stack,), {})],
    "linalg.dft": [((4,), {}), ((3, "sqrtn"), {}), ((2, "n"), {}), ((0,), {})],
    "linalg.eigh": [((symmetric,), {}), ((square,), {"eigvals_only": True})],
    "linalg.eigh_tridiagonal": [((vector, pair), {"eigvals_only": True})],
    "linalg.expm": [((square,), {}), ((stack,), {}),
                    ((np.triu(square),), {"upper_triangular": True})],
    "linalg.expm_frechet": [((square, symmetric), {}),
                            ((square, symmetric), {"compute_expm": False})],
    "linalg.fiedler": [((vector,), {}), ((whole,), {})],
    "linalg.fiedler_companion": [((rng.normal(size=k) + 3,), {}) for k in (1, 2, 6)],
    "linalg.hadamard": [((1,), {}), ((4,), {}), ((2, "float32"), {})],
    "linalg.hankel": [((vector,), {}), ((vector, tall[:, 0]), {}), ((wide, wide[:, :1]), {})],
    "linalg.helmert": [((4,), {}), ((3, True), {}), ((1,), {})],
    "linalg.hilbert": [((3,), {}), ((1,), {}), ((0,), {})],
    "linalg.inv": [((stack,), {})],
    "linalg.invhilbert": [((4,), {})],
    "linalg.invpascal": [((4, kind), {}) for kind in (None, "lower", "upper")],
    "linalg.leslie": [((vector, pair), {}), ((np.array([1, 2]), np.array([3])), {})],
    "linalg.lu": [((square,), {}), ((tall,), {}), ((wide,), {"permute_l": True})],
    "linalg.lu_factor": [((square,), {}), ((stack,), {})],
    "linalg.polar": [((square,), {}), ((tall,), {}), ((wide,), {"side": "left"}),
                     ((wide,), {"method": "svd"})],
    "linalg.qr": [((square,), {}), ((tall,), {"mode": "economic"})],
    "linalg.qr_multiply": [((tall, wide @ rng.normal(size=(3, 4))), {}),
                           ((wide, pair, "left"), {}), ((square, vector), {})],
    "linalg.solve": [((symmetric, vector), {}), ((symmetric, square), {"assume_a": "pos"})],
    "linalg.solve_sylvester": [((square + 4 * np.eye(3), symmetric, square), {}),
                               ((symmetric, whole, square[:, :2]), {})],
    "linalg.solve_triangular": [
        ((square, vector), {}),
        ((square, symmetric, 1), {"lower": True}),
        ((square, vector, "N", True, True), {}),
        ((stack, wide[..., None]), {"trans": "C"}),
    ],
    "linalg.svd": [((tall, False), {}), ((square,), {}), ((square,), {"compute_uv": False})],
    "linalg.toeplitz": [((vector,), {}), ((vector, tall[:, 1]), {}), ((vector[:1], pair), {}),
                        ((wide, tall[:2]), {}), ((np.array([1, 2]), pair), {}), ((2.0,), {})],
}  # fmt: skip
