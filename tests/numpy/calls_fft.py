"""Calls of the functions of complex numbers and of Fourier transforms."""

import numpy as np

x = np.array([[0.3, 0.8, 0.5, -0.2], [0.9, 0.2, 0.7, 0.1]])
z = x + 1j * x[::-1, ::-1]
v, u = x[0], z[1]
cube = np.arange(12.0).reshape(2, 3, 2)
waves = cube + 1j * cube[::-1]
whole = np.array([[1, 0, 3], [2, 1, 5]])

_ONE = [
    ((z,), {}), ((v,), {}), ((z, 3), {}), ((x, 6), {"axis": 0}), ((z,), {"axis": -2}),
    ((u,), {"norm": "ortho"}), ((u, 5), {"norm": "forward"}), ((whole,), {}), ((u[:1],), {}),
]  # fmt: skip
_TWO = [((waves,), {}), ((waves, (2, 4)), {}), ((cube,), {"axes": (0, 2), "norm": "ortho"})]
_MANY = [*_TWO, ((waves,), {"axes": (1,)}), ((u,), {}), ((waves, (3,)), {"axes": (0,)})]
_REAL = [call for call in _ONE if not np.iscomplexobj(call[0][0])]
_REAL_MANY = [
    ((cube,), {}), ((cube, (2, 3)), {"axes": (0, 1)}), ((cube,), {"axes": (0, 2), "norm": "ortho"}),
    ((cube, (4, 3)), {"axes": (1, 0), "norm": "forward"}),
]  # fmt: skip
_HALF = [((z,), {}), ((z, 5), {}), ((z, 6), {"norm": "ortho"}), ((z, 3), {"norm": "forward"})]
_HALF_MANY = [
    ((waves,), {"axes": (0, 1)}), ((waves, (2, 3)), {"axes": (0, 1)}),
    ((waves, (4, 3)), {"axes": (1, 0), "norm": "ortho"}),
]  # fmt: skip
_SHIFT = [((x,), {}), ((z, 1), {}), ((cube, (0, 1)), {}), ((cube[:, :, 0],), {"axes": -1})]
_PART = [((z,), {}), ((x,), {}), ((whole,), {})]

CALLS = {
    "numpy.angle": [*_PART, ((z, True), {})],
    "numpy.conj": _PART,
    "numpy.conjugate": _PART,
    "numpy.imag": _PART,
    "numpy.iscomplex": _PART,
    "numpy.isreal": _PART,
    "numpy.real": _PART,
    **{f"numpy.fft.{name}": _ONE for name in ("fft", "ifft")},
    **{f"numpy.fft.{name}": _TWO for name in ("fft2", "ifft2")},
    **{f"numpy.fft.{name}": _MANY for name in ("fftn", "ifftn")},
    **{f"numpy.fft.{name}": _REAL for name in ("rfft", "ihfft")},
    **{f"numpy.fft.{name}": _REAL_MANY for name in ("rfftn",)},
    "numpy.fft.rfft2": [((cube,), {}), ((cube, (2, 3)), {"axes": (0, 1)})],
    **{f"numpy.fft.{name}": _HALF for name in ("irfft", "hfft")},
    "numpy.fft.irfftn": _HALF_MANY,
    "numpy.fft.irfft2": _HALF_MANY,
    "numpy.fft.fftfreq": [((n,), {}) for n in (1, 4, 5)] + [((5, 0.5), {}), ((4,), {"d": 2})],
    "numpy.fft.rfftfreq": [((n,), {}) for n in (1, 4, 5)] + [((5, 0.5), {}), ((4,), {"d": 2})],
    "numpy.fft.fftshift": _SHIFT,
    "numpy.fft.ifftshift": _SHIFT,
}

# besides those of real numbers
MORE = {
    "numpy.abs": [((z,), {}), ((x,), {})],
    "numpy.astype": [((z, "complex64"), {}), ((x, "complex128"), {}), ((x, "int32"), {})],
    "numpy.exp": [((z,), {}), ((x,), {})],
    "numpy.log": [((z,), {}), ((np.abs(x),), {})],
    "numpy.matmul": [((z, z.T), {}), ((x, z.T), {})],
    "numpy.mean": [((z,), {}), ((x, 0), {})],
    "numpy.multiply": [((z, 2j), {}), ((x, z), {}), ((x, 1 + 2j), {}), ((x, 0.5), {})],
    "numpy.power": [((z, 2), {}), ((z, 0.5), {}), ((np.abs(x), 1j), {}), ((x, 2), {})],
    "numpy.sign": [((z,), {}), ((x,), {})],
    "numpy.sqrt": [((z,), {}), ((np.abs(x),), {})],
    "numpy.sum": [((z,), {}), ((x, 0), {})],
    "numpy.vdot": [((z, z), {}), ((x, z), {}), ((x, x), {})],
}
