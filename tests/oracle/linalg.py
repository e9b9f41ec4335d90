"""Matrix functions."""

import numpy as np

from tests.oracle.formula import Formula, entries, output_of

FORMULAS: dict[str, Formula] = {
    **{f"linalg.{name}": entries(getattr(np.linalg, name)) for name in ("inv", "det", "cholesky")},
    "linalg.solve": entries(np.linalg.solve),
    **{f"linalg.{name}": output_of(getattr(np.linalg, name)) for name in ("slogdet", "eigh", "qr")},
}
