"""The names of ``jax.numpy.linalg``."""

from typing import TYPE_CHECKING as _TYPE_CHECKING

from symflow.ops.absent import refusing as _refusing
from symflow.ops.composite import matrix_power as matrix_power
from symflow.ops.composite import norm as norm
from symflow.ops.contraction import matmul as matmul
from symflow.ops.contraction import matrix_transpose as matrix_transpose
from symflow.ops.contraction import tensordot as tensordot
from symflow.ops.factorisations import svd as svd
from symflow.ops.factorisations import svdvals as svdvals
from symflow.ops.linalg import cholesky as cholesky
from symflow.ops.linalg import det as det
from symflow.ops.linalg import eigh as eigh
from symflow.ops.linalg import eigvalsh as eigvalsh
from symflow.ops.linalg import inv as inv
from symflow.ops.linalg import qr as qr
from symflow.ops.linalg import slogdet as slogdet
from symflow.ops.linalg import solve as solve
from symflow.ops.matrix_functions import matrix_rank as matrix_rank
from symflow.ops.matrix_functions import pinv as pinv
from symflow.ops.norms import cond as cond
from symflow.ops.norms import matrix_norm as matrix_norm
from symflow.ops.norms import vector_norm as vector_norm
from symflow.ops.products import matrix_diagonal as diagonal  # noqa: F401
from symflow.ops.products import matrix_trace as trace  # noqa: F401
from symflow.ops.products import multi_dot as multi_dot
from symflow.ops.products import vecdot as vecdot
from symflow.ops.products import vector_cross as cross  # noqa: F401
from symflow.ops.products import vector_outer as outer  # noqa: F401
from symflow.ops.solving import lstsq as lstsq
from symflow.ops.solving import tensorinv as tensorinv
from symflow.ops.solving import tensorsolve as tensorsolve

if not _TYPE_CHECKING:  # type checkers know the names that there are
    __getattr__ = _refusing("symflow.numpy.linalg", "linalg")
