"""The functions of ``jax.nn``."""

from symflow.nn._scaled import get_scaled_dot_general_config as get_scaled_dot_general_config
from symflow.nn._scaled import scaled_dot_general as scaled_dot_general
from symflow.nn._scaled import scaled_matmul as scaled_matmul
from symflow.ops.activation import celu as celu
from symflow.ops.activation import elu as elu
from symflow.ops.activation import gelu as gelu
from symflow.ops.activation import glu as glu
from symflow.ops.activation import hard_sigmoid as hard_sigmoid
from symflow.ops.activation import hard_silu as hard_silu
from symflow.ops.activation import hard_silu as hard_swish
from symflow.ops.activation import hard_tanh as hard_tanh
from symflow.ops.activation import identity as identity
from symflow.ops.activation import leaky_relu as leaky_relu
from symflow.ops.activation import log1mexp as log1mexp
from symflow.ops.activation import mish as mish
from symflow.ops.activation import relu6 as relu6
from symflow.ops.activation import selu as selu
from symflow.ops.activation import sigmoid as sigmoid
from symflow.ops.activation import silu as silu
from symflow.ops.activation import silu as swish
from symflow.ops.activation import soft_sign as soft_sign
from symflow.ops.activation import sparse_plus as sparse_plus
from symflow.ops.activation import sparse_sigmoid as sparse_sigmoid
from symflow.ops.activation import squareplus as squareplus
from symflow.ops.activation import standardize as standardize
from symflow.ops.attention import dot_product_attention as dot_product_attention
from symflow.ops.composite import log_sigmoid as log_sigmoid
from symflow.ops.composite import relu as relu
from symflow.ops.composite import softplus as softplus
from symflow.ops.creation import one_hot as one_hot
from symflow.ops.elementwise import tanh as tanh
from symflow.ops.softmax import log_softmax as log_softmax
from symflow.ops.softmax import logmeanexp as logmeanexp
from symflow.ops.softmax import logsumexp as logsumexp
from symflow.ops.softmax import softmax as softmax

__all__ = [
    "celu",
    "dot_product_attention",
    "elu",
    "gelu",
    "get_scaled_dot_general_config",
    "glu",
    "hard_sigmoid",
    "hard_silu",
    "hard_swish",
    "hard_tanh",
    "identity",
    "leaky_relu",
    "log1mexp",
    "log_sigmoid",
    "log_softmax",
    "logmeanexp",
    "logsumexp",
    "mish",
    "one_hot",
    "relu",
    "relu6",
    "scaled_dot_general",
    "scaled_matmul",
    "selu",
    "sigmoid",
    "silu",
    "soft_sign",
    "softmax",
    "softplus",
    "sparse_plus",
    "sparse_sigmoid",
    "squareplus",
    "standardize",
    "swish",
    "tanh",
]
