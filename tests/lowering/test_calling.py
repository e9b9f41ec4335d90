"""Names of arguments bound to places, whatever the names and their number."""

import inspect

import pytest

from symflow.errors import LoweringError
from symflow.lowering.calling import MISSING, Line


def ordered(args, kwargs):
    raise LoweringError(f"{len(args)} by position, {sorted(kwargs)} by name")


def line(names, **options):
    return Line(names, ordered, lambda: lambda *args: args, **options).call


@pytest.mark.parametrize("number", [1, 3, 24])
def test_by_name_and_by_position(number):
    names = [f"v{k}" for k in range(number)]
    call = line(names)
    values = tuple(range(number))
    assert call(*values) == values
    assert call(**dict(zip(names, values, strict=True))) == values
    assert call(**dict(reversed(list(zip(names, values, strict=True))))) == values


def test_what_is_unusual_goes_to_the_binder():
    call = line(["a", "b"])
    for args, kwargs, told in (
        ((1,), {}, r"1 by position, \[\] by name"),
        ((1,), {"b": 2}, r"1 by position, \['b'\]"),
        ((1, 2), {"b": 2}, r"2 by position, \['b'\]"),
        ((1, 2, 3), {}, r"3 by position"),
        ((), {"a": 1, "b": 2, "c": 3}, r"\['a', 'b', 'c'\]"),
    ):
        with pytest.raises(LoweringError, match=told):
            call(*args, **kwargs)
    assert call(b=1) == (MISSING, 1)  # what runs says what it lacks


def test_no_inputs():
    assert line([])() == ()
    with pytest.raises(LoweringError):
        line([])(1)


@pytest.mark.parametrize(
    "names", [["x.y", "b"], ["lambda"], ["ﬁ"], ["__run"], [f"v{k}" for k in range(40)]]
)
def test_other_names_are_bound_in_the_end(names):
    with pytest.raises(LoweringError, match="0 by position"):
        line(names)(**dict.fromkeys(names, 1))


def test_failures_and_contexts():
    entered = []

    class Context:
        def __enter__(self):
            entered.append(1)

        def __exit__(self, *error):
            pass

    def start():
        def run(x):
            return 1 / x

        return run

    call = Line(
        ["x"],
        ordered,
        start,
        failed=(ZeroDivisionError,),
        recover=lambda error, x: (type(error), x),
        within=Context,
    ).call
    assert call(x=2) == 0.5
    assert call(0) == (ZeroDivisionError, 0)
    assert len(entered) == 2
    with pytest.raises(TypeError):
        call("no number")


def test_the_parameters_can_be_read():
    parameters = inspect.signature(line(["a", "b"])).parameters
    assert [name for name in parameters if not name.startswith("__")] == ["a", "b"]
