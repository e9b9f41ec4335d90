"""The public kinds: all there are, and sizes by any name."""

import symflow as sf
from symflow import kinds
from symflow.rewriting import kinds as inner


def test_every_kind_is_public() -> None:
    given = {
        name
        for name, value in vars(inner).items()
        if isinstance(value, inner.Kind) or hasattr(value, "rank")
    } - {"Tensor"}
    assert given
    assert given | {"k", "m", "n", "p"} == {name for name in vars(kinds) if name[0] != "_"}
    assert all(getattr(kinds, name) is getattr(inner, name) for name in given)


def test_sizes_by_name_text_or_dimension() -> None:
    r = sf.dim("r")
    assert kinds.Vector["r"] == kinds.Vector[r]
    assert kinds.Matrix[kinds.m, "r"].dims == ("m", "r")
    assert kinds.Symmetric[r].dims == ("r", "r")
