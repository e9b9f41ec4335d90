"""Exponentials and pseudoinverses of matrices."""

from collections.abc import Iterator

from symflow.core import Apply, Einsum, Tensor, apply, dims
from symflow.core.add import scaled
from symflow.ops.contraction import diag, diagonal, matmul, trace
from symflow.ops.creation import eye, zeros
from symflow.ops.elementwise import exp
from symflow.ops.linalg import det
from symflow.ops.matrix_functions import EXPM_FRECHET, expm, pinv
from symflow.rewriting import network
from symflow.rewriting.conditions import fits
from symflow.rewriting.kinds import Diagonal, Matrix, Orthonormal, Square, k, m, n, p
from symflow.rewriting.rule import Procedure, Rule, Theory, theory

N, K, TALL = dims("n k p")


@theory("matrix functions")
def matrix_functions(
    A: Square[n], D: Diagonal[n], M: Matrix[m, n], V: Orthonormal[p, k]
) -> Iterator[Rule]:
    """Higham, "Functions of Matrices" (2008), chapter 10; Penrose's equations (1955)."""
    yield Rule("exponential-of-diagonal", expm(D), diag(exp(diagonal(D))), source="Higham 10.1")
    yield Rule("exponentials-cancel", expm(A) @ expm(-A), eye(N), source="Higham 10.2")
    yield Rule("exponential-squared", expm(A) @ expm(A), expm(2 * A), source="Higham 10.2")
    yield Rule("det-of-exponential", det(expm(A)), exp(trace(A)), source="Higham 10.2")
    yield Rule("pseudoinverse-twice", pinv(pinv(M)), M, source="Penrose")
    yield Rule("pseudoinverse-inside", M @ pinv(M) @ M, M, source="Penrose 1")
    yield Rule("pseudoinverse-outside", pinv(M) @ M @ pinv(M), pinv(M), source="Penrose 2")
    yield Rule(
        "pseudoinverse-of-orthonormal", pinv(V), V.T, where=[fits(K, TALL)], source="Penrose"
    )
    yield Rule("pseudoinverse-from-left", pinv(M.T @ M) @ M.T, pinv(M), source="Penrose")
    yield Rule("pseudoinverse-from-right", M.T @ pinv(M @ M.T), pinv(M), source="Penrose")
    yield Rule("exponential-of-zero", expm(zeros((N, N))), eye(N), source="Higham 10.1")


def _is_identity(node: Tensor) -> bool:
    return isinstance(node, Einsum) and not node.operands and node.output == (0, 0)


def exponential_along_commuting(node: Apply) -> Tensor | None:
    """``L(A, c * I) = c * expm(A)`` and ``L(t * A, s * A) = s * A @ expm(t * A)``."""
    a, e = node.operands
    if _is_identity(e):
        return scaled(e.coefficient, expm(a))
    return matmul(e, expm(a)) if _core(a) is _core(e) else None


def _core(x: Tensor) -> Tensor:
    """A matrix without the number and the scalars before it."""
    split_up = network.factored(x, (x.rank - 2, x.rank - 1))
    return x if split_up is None else split_up[2]


def exponential_moved_across(node: Einsum) -> Tensor | None:
    """``sum(L(A.T, E) * B) = sum(L(A, B) * E)``, for one ``A`` and ``B``.

    Done for many ``E`` together, and where ``A`` and ``B`` commute.
    """
    parts = network.items(node)
    uses = network.label_uses(node)
    for place, (operand, labels) in enumerate(parts):
        matrix = _direction_apart(operand)
        inner = labels[-2:]
        if matrix is None or any(uses[t] != 2 or t in node.output for t in inner):
            continue
        back = network.transposed(matrix, (1, 0))
        for there, (other, own) in enumerate(parts):
            if there != place and other.rank == 2 and set(own) == set(inner):
                turned = other if own == inner else network.transposed(other, (1, 0))
                if operand.rank == 2 and _core(turned) is not _core(back):
                    continue
                whole = apply(EXPM_FRECHET, (back, turned))
                rest = [item for number, item in enumerate(parts) if number not in (place, there)]
                return network.rebuilt(node, [*rest, (whole, inner), (operand.operands[1], labels)])
    return None


def _direction_apart(node: Tensor) -> Tensor | None:
    """``A`` of ``L(A, E)``, one for all the directions ``E``."""
    if not isinstance(node, Apply) or node.operation is not EXPM_FRECHET:
        return None
    a = node.operands[0]
    riding = frozenset(range(node.rank - 2))
    return network.without_axes(a, riding) if riding <= network.broadcast_axes(a) else None


def exponential_along(node: Apply | Einsum) -> Tensor | None:
    """Derivatives of the exponential in a direction, alone and summed with other factors."""
    if isinstance(node, Einsum):
        return exponential_moved_across(node)
    return exponential_along_commuting(node)


exponential_derivatives = Theory(
    "derivatives of matrix exponentials",
    "The derivative of the exponential in a direction (Higham 10.2).",
    (
        Procedure(
            "exponential-along",
            exponential_along,
            ((EXPM_FRECHET, None), (Einsum, EXPM_FRECHET)),
            law="L(t * A, A) = A @ expm(t * A); sum(L(A.T, E) * B) = sum(L(A, B) * E)",
        ),
    ),
)
