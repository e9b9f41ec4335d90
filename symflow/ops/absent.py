"""What JAX's namespaces have and symflow has not, each with the reason.

The namespaces give it when they are asked for the name, the page on coverage lists it.
"""

from collections.abc import Callable, Mapping
from typing import Any, NoReturn

_VALUES = "the shape of the result depends on values, which a symbolic tensor does not have"
_FILES = "files, buffers and text are NumPy's; give the loaded array to the program"
_PYTHON = "a Python function has no formula; write it in operations, or give a SymPy function"
_SCHUR = "the form is not unique and has no derivative that JAX or the literature define"


def _for(names: str, why: str) -> dict[str, str]:
    return dict.fromkeys(names.split(), why)


_REASONS: Mapping[str, Mapping[str, str]] = {
    "": {
        **_for("argwhere flatnonzero nonzero trim_zeros", _VALUES),
        **_for("unique unique_all unique_counts unique_inverse unique_values", _VALUES),
        **_for("union1d intersect1d setdiff1d setxor1d", _VALUES),
        **_for("load save savez fromfile frombuffer fromstring fromiter from_dlpack", _FILES),
        **_for("array_repr array_str printoptions", _FILES),
        **_for("get_printoptions set_printoptions", _FILES),
        "frompyfunc": _PYTHON,
        "mask_indices": _VALUES,
        "sort_complex": "complex numbers have no order; sort their parts or absolute values",
        "einsum_path": "the order of a contraction is chosen when a program is lowered",
        "iterable": "a question about Python objects, not about tensors",
        "packbits": "bits of a byte are a matter of memory, not of mathematics",
        "unpackbits": "bits of a byte are a matter of memory, not of mathematics",
        "place": "which entries take which values depends on values; use snp.where or x.at",
        "roots": "leading zeros are stripped by value; use linalg.eigvals of linalg.companion",
        "histogram2d": "use snp.digitize and x.at[...].add with edges that are known",
        "histogramdd": "use snp.digitize and x.at[...].add with edges that are known",
    },
    "linalg": {
        **_for("hessenberg rsf2csf schur funm", _SCHUR),
        "eig": "eigenvectors of general matrices are complex and known up to a factor only",
        "eigvals": "eigenvalues of general matrices are complex; eigvalsh takes symmetric ones",
    },
    "stats": {
        "gaussian_kde": "an object with data and methods; write the density as a formula",
        "mode": "the most frequent value jumps with the values; use snp.sort and differences",
        "rankdata": "ranks jump with the values; use snp.argsort twice, where no two are equal",
    },
}


def reason(section: str, name: str) -> str:
    """Why a function of JAX is absent; empty for what is no name of JAX.

    >>> reason("", "unique")
    'the shape of the result depends on values, which a symbolic tensor does not have'
    """
    return _REASONS.get(section, {}).get(name, "")


def refusing(space: str, section: str) -> Callable[[str], Any]:
    """The ``__getattr__`` of a namespace: an absent name is answered with its reason.

    >>> refusing("symflow.numpy", "")("unique")
    Traceback (most recent call last):
        ...
    AttributeError: symflow.numpy has no 'unique': the shape of the result depends on values, ...
    """

    def refuse(name: str) -> NoReturn:
        why = reason(section, name)
        told = f": {why}" if why else ""
        raise AttributeError(f"{space} has no {name!r}{told}", name=name)

    return refuse
