"""Samples of complex numbers."""

from tests.ops.samples.spec import Spec, Specs, complexes, d, given, n

_CASES = given(*(((shape,), ()) for shape in ((), (0,), (3,), (n, d))))

SPECS: Specs = {
    name: Spec(_CASES, draw=complexes, dtype="complex") for name in ("conj", "real", "imag")
}
