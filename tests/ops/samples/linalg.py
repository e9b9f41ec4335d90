"""Samples of matrix functions."""

from collections.abc import Iterator

from symflow.core import Operation
from tests.ops.samples.spec import SQUARES, Case, Spec, Specs, definite


def _qr(operation: Operation) -> Iterator[Case]:
    for shape in (*SQUARES, (4, 2), (2, 5), (0, 3), (3, 0), (2, 3, 1)):
        for output in (0, 1):
            yield (shape,), (output,)


def _solve(operation: Operation) -> Iterator[Case]:
    for shape in SQUARES:
        yield (shape, (*shape[:-1], 2)), ()


SPECS: Specs = {
    "linalg.qr": Spec(_qr),
    "linalg.solve": Spec(_solve),
    "linalg.cholesky": Spec(draw=definite),
    "linalg.eigh": Spec(draw=definite),
}
