"""The functions of ``jax.nn``."""

from symflow.ops.composite import log_sigmoid as log_sigmoid
from symflow.ops.composite import log_softmax as log_softmax
from symflow.ops.composite import logsumexp as logsumexp
from symflow.ops.composite import relu as relu
from symflow.ops.composite import sigmoid as sigmoid
from symflow.ops.composite import silu as silu
from symflow.ops.composite import softmax as softmax
from symflow.ops.composite import softplus as softplus
from symflow.ops.creation import one_hot as one_hot
