"""Programs whose results come as nested tuples, in the form of what was lowered."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

from symflow.api.blocks.matrix import BlockMatrix
from symflow.lowering import Program

Form: TypeAlias = "int | tuple[Form, ...]"


def in_form(expressions: Sequence[Any], program: Program) -> Program:
    """A program of some expressions that gives matrices of blocks in rows.

    Args:
        expressions: tensors, tuples of them, matrices of blocks.
        program: gives all tensors side by side.

    Returns:
        The program itself where there is no matrix of blocks.
    """
    if not any(isinstance(expression, BlockMatrix) for expression in expressions):
        return program
    forms: list[Form] = []
    count = 0
    for expression in expressions:
        if isinstance(expression, BlockMatrix):
            form = _form([len(row) for row in expression], count)
            forms.append(form)
            count += sum(map(len, expression))
        else:
            entries = len(expression) if isinstance(expression, (tuple, list)) else 1
            forms.extend(range(count, count + entries))
            count += entries
    made: Any = NestedProgram(program, forms[0] if len(expressions) == 1 else tuple(forms))
    return made  # type: ignore[no-any-return]


def _form(counts: Sequence[int], start: int) -> Form:
    places: Iterator[int] = iter(range(start, start + sum(counts)))
    return tuple(tuple(next(places) for _ in range(count)) for count in counts)


class NestedProgram:
    """A program that gives a matrix of blocks as a tuple of rows; else as the program it holds.

    Attributes:
        program: gives all blocks side by side.
        form: the places of its results in the nested tuples.
    """

    def __init__(self, program: Program, form: Form) -> None:
        self.program = program
        self.form = form

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        """Run the program; arguments and errors as of :class:`symflow.lowering.Program`."""
        return _nested(self.form, self.program(*args, **kwargs))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "program":
            raise AttributeError(name)
        return getattr(self.program, name)

    def __reduce__(self) -> Any:
        return NestedProgram, (self.program, self.form)

    def __repr__(self) -> str:
        return repr(self.program)


def _nested(form: Form, values: Sequence[Any]) -> Any:
    if isinstance(form, int):
        return values[form]
    return tuple(_nested(part, values) for part in form)
