"""The functions of ``jax.scipy.linalg``."""

from symflow.ops.linalg import cholesky as cholesky
from symflow.ops.linalg import det as det
from symflow.ops.linalg import inv as inv
from symflow.ops.linalg import solve as solve
