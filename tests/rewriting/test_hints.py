"""Representative sizes."""

from symflow.core.dims import dims
from symflow.rewriting.hints import size_hints

n, d = dims("n d")


def test_given_sizes_count_before_usual_ones() -> None:
    hints = size_hints({"n": 7})
    assert hints(n) == 7.0
    assert hints(d) == 64.0
    assert hints(n * d + 1) == 449.0
    assert hints(5) == 5.0
    assert size_hints()(n) == 256.0


def test_a_size_is_at_least_one() -> None:
    assert size_hints({"n": 2})(n - 10) == 1.0
