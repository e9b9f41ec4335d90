"""Mixed precision: factors of matrix products in 16 bits, their sums and all else in float32.

The products of two vectors stay as they are: they are sums, over which nothing is gained.
P. Micikevicius et al., "Mixed precision training", 2018.
"""

from collections.abc import Callable, Mapping, Sequence

from symflow.lowering.precision import FACTORS
from symflow.lowering.values import Value
from symflow.notation.tree import Binary, Call, Tree

_BITS = {"bfloat16": "8, 7", "float16": "5, 10"}  # of exponent and mantissa
_MATMUL, _EINSUM = "matmul_{}", "einsum_{}"


def narrowing(precision: str) -> Callable[[Tree, Sequence[Value], str], Tree] | None:
    """What rewrites the trees of products at a precision; None where they stay."""
    factors = FACTORS.get(precision)
    if factors is None:
        return None
    matmul, einsum = _MATMUL.format(factors), _EINSUM.format(factors)

    def narrow(tree: Tree, given: Sequence[Value], dtype: str) -> Tree:
        if dtype != "float32" or max((value.rank for value in given), default=0) < 2:
            return tree
        if isinstance(tree, Binary) and tree.operator == "@":
            return Call(matmul, (tree.left, tree.right))
        if isinstance(tree, Call) and tree.function == "jnp.einsum":
            return Call(einsum, tree.arguments)
        return tree

    return narrow


def helpers() -> Mapping[str, str]:
    """The functions that programs in mixed precision bring, by name."""
    found = {}
    for factors in FACTORS.values():
        found[_MATMUL.format(factors)] = _definition(_MATMUL.format(factors), "", factors)
        found[_EINSUM.format(factors)] = _definition(
            _EINSUM.format(factors), "subscripts, ", factors
        )
    return found


def _definition(name: str, first: str, factors: str) -> str:
    function, bits = name.partition("_")[0], _BITS[factors]
    return f'''
def {name}({first}a, b):
    """The product of {factors} factors, summed in float32."""
    if jax.default_backend() == "cpu":  # XLA has not all such products there
        a, b = (jax.lax.reduce_precision(x, {bits}) for x in (a, b))
    else:
        a, b = a.astype(jnp.{factors}), b.astype(jnp.{factors})
    return jnp.{function}({first}a, b, preferred_element_type=jnp.float32)
'''
