"""The names and functions that a formula may use, and what is said about the ones it may not."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from symflow.language.faults import Fault, closest, shorten
from symflow.language.names import dotted_base, function_key, split_known, without_module
from symflow.language.operators import Function
from symflow.language.syntax import Name, SyntaxName
from symflow.language.vocabulary import SEARCHED

__all__ = ["Method", "Scope"]

_LISTED = 8  # known names that a message lists

# Names that are unknown because the blackboard writes the thing in another way.
_BLACKBOARD = {"T": "the transpose is X'", "I": "the identity is eye(n)"}


class Method(NamedTuple):
    """A method of a named value: the value, the attributes to read from it, the method's name."""

    owner: tuple[Any, tuple[str, ...]]
    name: str


class Scope:
    """Values by name, functions by name, and the names assigned so far."""

    def __init__(
        self,
        names: Mapping[str, Any],
        functions: Mapping[str, Function],
        constants: Mapping[str, Any],
        syntax: SyntaxName,
    ) -> None:
        self._names = names
        self._functions = functions
        self._constants = constants
        self._syntax = syntax
        self._assigned: dict[str, Any] = {}

    def assign(self, name: str, value: Any) -> None:
        """Give a name a value; it hides an earlier one."""
        self._assigned[name] = value

    def find(self, name: str) -> Function | None:
        """Return the function of a name, or None."""
        key = function_key(name, self._functions, self._syntax)
        return None if key is None else self._functions[key]

    def value(self, name: Name) -> tuple[Any, tuple[str, ...]]:
        """Return the value that a dotted name begins with, and the attributes that follow."""
        split = split_known(name.text, self._is_value)
        if split is not None:
            return self._get(split.base), split.rest
        key = without_module(name.text) or name.text
        if key in self._constants:
            return self._constants[key], ()
        if self.find(name.text) is not None:
            raise Fault(name.position, f"'{name.text}' is a function", f"write {name.text}(...)")
        raise self._unknown(name)

    def function(self, name: Name) -> Function | Method:
        """Return the function that is called by a name, or the method of a named value."""
        split = split_known(name.text, self._is_value)
        if split is not None and split.rest and name.text not in self._functions:
            *path, method = split.rest
            return Method((self._get(split.base), tuple(path)), method)
        found = self.find(name.text)
        if found is not None:
            return found
        if split is not None:
            hint = f"did you mean the product `{shorten(name.text)}*(...)`?"
            raise Fault(name.position, f"'{shorten(name.text)}' is not a function", hint)
        raise self._unknown_function(name)

    def _is_value(self, name: str) -> bool:
        return name in self._assigned or name in self._names

    def _get(self, name: str) -> Any:
        return self._assigned[name] if name in self._assigned else self._names[name]

    def _unknown(self, name: Name) -> Fault:
        written = dotted_base(name.text).base
        base = without_module(written) or written
        known = [*self._assigned, *self._names]
        near = closest(base, known)
        if self._syntax == "blackboard" and base in _BLACKBOARD:
            hint = _BLACKBOARD[base]
        elif near:
            hint = f"did you mean `{shorten(near)}`?"
        else:
            more = ", ..." * (len(known) > _LISTED)
            listed = ", ".join(shorten(other) for other in known[:_LISTED])
            hint = f"known names: {listed}{more}" if known else ""
        return Fault(name.position, f"there is no name '{shorten(written)}' here", hint)

    def _unknown_function(self, name: Name) -> Fault:
        text = without_module(name.text) or name.text
        sections = {f"{section}." for section in SEARCHED if section}
        short = {
            key.partition(".")[2]: key for key in self._functions if key.startswith(tuple(sections))
        }
        near = closest(text, [*self._functions, *short])
        hint = f"did you mean `{shorten(near)}`?" if near else ""
        return Fault(name.position, f"there is no function '{shorten(name.text)}' here", hint)
