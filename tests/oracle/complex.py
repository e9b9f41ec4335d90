"""Complex numbers."""

import numpy as np

from tests.oracle.formula import Formula, entries

FORMULAS: dict[str, Formula] = {
    "conj": entries(np.conj),
    "real": entries(np.real),
    "imag": entries(np.imag),
}
