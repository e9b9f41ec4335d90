"""Functions of ``jax.nn`` for numbers of 4 and 8 bits: named, and refused with a reason."""

from typing import Any, NoReturn

import numpy as np

from symflow.errors import DTypeError


def scaled_matmul(
    lhs: Any, rhs: Any, lhs_scales: Any, rhs_scales: Any, preferred_element_type: Any = np.float32
) -> NoReturn:
    """Refused: the product of matrices in blocks of 4 or 8 bits.

    Raises:
        DTypeError: always; symflow has no such data types.
    """
    _refuse("scaled_matmul", "write the product as (lhs * scales) @ (rhs * scales)")


def scaled_dot_general(
    lhs: Any,
    rhs: Any,
    dimension_numbers: Any,
    preferred_element_type: Any = np.float32,
    configs: Any = None,
    implementation: Any = None,
) -> NoReturn:
    """Refused: a contraction that is quantised to 4 or 8 bits.

    Raises:
        DTypeError: always; symflow has no such data types.
    """
    _refuse("scaled_dot_general", "write the contraction as snp.einsum")


def get_scaled_dot_general_config(mode: Any, global_scale: Any = None) -> NoReturn:
    """Refused: how :func:`scaled_dot_general` quantises.

    Raises:
        DTypeError: always; symflow has no such data types.
    """
    _refuse("get_scaled_dot_general_config", "symflow quantises nothing")


def _refuse(name: str, instead: str) -> NoReturn:
    raise DTypeError(
        f"nn.{name} is not supported: it computes in floats of 4 and 8 bits, which symflow "
        f"does not have; {instead}"
    )
