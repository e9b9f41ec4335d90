"""What a program does when it is called: names bound to places by Python itself.

Each program has a class of its own whose ``__call__`` has the names of the inputs as parameters, so
that the interpreter binds them without a dictionary in between; whatever is unusual about a call
(arguments by position and by name, unknown or missing ones) is left to the binder, which says what
is wrong.
"""

import keyword
from collections.abc import Callable, Mapping, Sequence
from typing import Any

_MOST_NAMES = 24  # Python looks for each keyword among all parameters


class Missing:
    """The place of an argument that was not given."""

    def __repr__(self) -> str:
        return "<missing>"


MISSING = Missing()


class Line:
    """The function behind the calls of one program.

    Args:
        names: of the inputs.
        ordered: all arguments in order, from those by position and by name.
        start: gives the function that takes all arguments in order; called once, when first needed.
        failed: errors that ``recover`` deals with.
        recover: the result in spite of an error, or a better error.
        within: gives a context in which every call is made; None for none.
    """

    def __init__(
        self,
        names: Sequence[str],
        ordered: Callable[[Sequence[Any], Mapping[str, Any]], tuple[Any, ...]],
        start: Callable[[], Callable[..., Any]],
        *,
        failed: tuple[type[BaseException], ...] = (),
        recover: Callable[..., Any] | None = None,
        within: Callable[[], Any] | None = None,
    ) -> None:
        self._start = start
        self._space: dict[str, Any] = {
            "__ordered": ordered,
            "__run": self._first,
            "__failed": failed,
            "__recover": recover,
            "__within": within,
            "__missing": MISSING,
        }
        exec(_text(names, within is not None), self._space)
        self.call: Callable[..., Any] = self._space["__call"]

    @property
    def run(self) -> Callable[..., Any]:
        """The function that takes all arguments in order."""
        if self._space["__run"] == self._first:
            self._space["__run"] = self._start()
        found: Callable[..., Any] = self._space["__run"]
        return found

    def _first(self, *args: Any) -> Any:
        return self.run(*args)

    def class_of(self, base: type) -> type:
        """A class whose instances are called so; its ``__call__`` binds no instance."""
        space = {"__call__": staticmethod(self.call), "__doc__": base.__doc__}
        return type(base.__name__, (base,), {**space, "__module__": base.__module__})


def _text(names: Sequence[str], guarded: bool) -> str:  # noqa: FBT001  (of two forms)
    plain = len(names) <= _MOST_NAMES and all(map(_is_plain, names))
    lines = _by_parameters(names) if plain else _by_dictionary()
    given = ", ".join(names) if plain else "*__args"
    lines.append("    try:")
    if guarded:
        lines.append("        with __within():")
    indent = "            " if guarded else "        "
    lines.append(f"{indent}return __run({given})")
    lines.append("    except __failed as __error:")
    lines.append(f"        return __recover(__error, {given})")
    return "\n".join(lines) + "\n"


def _by_parameters(names: Sequence[str]) -> list[str]:
    parameters = "".join(f", {name}=__missing" for name in names)
    given = ", ".join(f"{name!r}: {name}" for name in names)
    lines = [f"def __call(*__args{parameters}, **__others):", "    if __args or __others:"]
    if names:
        none = " is ".join([*names, "__missing"])
        lines.append(f"        if __others or len(__args) != {len(names)} or not ({none}):")
        lines.append(
            f"            __others.update((k, v) for k, v in {{{given}}}.items() "
            "if v is not __missing)"
        )
        lines.append("            __args = __ordered(__args, __others)")
        lines.append(f"        {', '.join(names)}, = __args")
    else:
        lines.append("        __ordered(__args, __others)")
    return lines


def _by_dictionary() -> list[str]:
    return [
        "def __call(*__args, **__others):",
        "    __args = __ordered(__args, __others)",
    ]


def _is_plain(name: str) -> bool:
    """Whether a parameter may have the name as it is."""
    return (
        name.isascii()
        and name.isidentifier()
        and not keyword.iskeyword(name)
        and not name.startswith("__")
    )
