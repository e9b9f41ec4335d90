"""Special functions, by SciPy."""

from typing import Any

import numpy as np
import scipy.special

from symflow.core import Apply
from tests.oracle.formula import Array, Formula, Sizes, entries, output_of

_NAMES = """
    beta betainc betaln boxcox boxcox1p dawsn entr erfinv exp1 expi gamma gammainc gammaincc
    gammasgn hyp1f1 hyp2f1 i0 i0e i1 i1e kl_div log_ndtr logit ndtr ndtri owens_t poch rel_entr
    spence zeta
"""


def _of_order(node: Apply, inputs: list[Array], sizes: Sizes) -> Any:
    return scipy.special.expn(node.params[0], inputs[0])


def _bessel(node: Apply, inputs: list[Array], sizes: Sizes) -> Any:
    return np.asarray(scipy.special.jv(node.params[-1], inputs[0]))


FORMULAS: dict[str, Formula] = {
    **{f"special.{name}": entries(getattr(scipy.special, name)) for name in _NAMES.split()},
    "special.fresnel": output_of(scipy.special.fresnel),
    "special.sici": output_of(scipy.special.sici),
    "special.expn": _of_order,
    "special.bessel_jn": _bessel,
}
