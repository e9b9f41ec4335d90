"""From a syntax tree to a value: names and functions are looked up, operators are applied.

The language knows no operation. The caller gives the values of the names and the functions, and
whatever these are (symbolic tensors, arrays, numbers), a formula only combines them.
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from functools import partial, reduce
from types import EllipsisType
from typing import Any

from symflow.errors import SymflowError
from symflow.language.blackboard import Blackboard
from symflow.language.faults import Fault, closest, locate, shorten
from symflow.language.operators import Find, Function, Meaning, NumPy, binary_operators
from symflow.language.scope import Method, Scope
from symflow.language.syntax import (
    Attribute,
    Binary,
    Call,
    Compare,
    Constant,
    Index,
    ListNode,
    Module,
    Name,
    Node,
    Number,
    Position,
    Slice,
    String,
    TupleNode,
    Unary,
    children,
    walk,
)
from symflow.language.vocabulary import ATTRIBUTES, CONSTANTS, METHODS

__all__ = ["build"]

# What Python and NumPy raise where an operation does not take its operands.
_REFUSALS = (
    ArithmeticError,
    AttributeError,
    LookupError,
    NotImplementedError,
    TypeError,
    ValueError,
)

_MEANINGS: Mapping[str, Callable[[Find, Mapping[str, Function]], Meaning]] = {
    "numpy": NumPy,
    "blackboard": Blackboard,
}


def build(
    tree: Module,
    names: Mapping[str, Any],
    functions: Mapping[str, Function],
    *,
    constants: Mapping[str, Any] = CONSTANTS,
    ratio: Function = operator.truediv,
) -> Any:
    """Return the value of a formula.

    Args:
        tree: A syntax tree of `parse_tree`; it knows its syntax.
        names: The values of the names; a key may be dotted, `encoder.W`.
        functions: The functions by name, with the section in front: `sum`, `linalg.inv`,
            `nn.softmax`, `special.erf`. A formula may leave out the section, and may put a module
            in front (`np.sum`, `jax.nn.softmax`). `equal`, `not_equal`, `outer` and `linalg.inv`
            serve the operators `==`, `!=`, `x*y'` and `A^-1`.
        constants: Names that are not variables (`pi`, `inf`, `newaxis`, data types).
        ratio: What the quotient of two whole numbers is, `1/3`; an exact fraction, say.

    Raises:
        ParseError: A name is unknown, or an operation does not take its operands; the message
            points at the place and names the nearest known name.
        SymflowError: What an operation raised, with the place in the formula in its message.

    >>> import numpy as np
    >>> from symflow.language import parse_tree
    >>> X, w = np.ones((3, 2)), np.array([1.0, 2.0])
    >>> tree = parse_tree("sum((X*w - 1).^2)", "blackboard")
    >>> float(build(tree, {"X": X, "w": w}, {"sum": np.sum}))
    12.0
    >>> build(parse_tree("X @ v"), {"X": X, "w": w}, {})
    Traceback (most recent call last):
        ...
    symflow.errors.ParseError: line 1, column 5: there is no name 'v' here
        X @ v
            ^
    known names: X, w
    """
    scope = Scope(names, functions, constants, tree.syntax)
    try:
        return _Evaluation(tree, scope, ratio).run()
    except Fault as fault:
        raise fault.error(tree.text) from fault.__cause__


class _Evaluation:
    def __init__(self, tree: Module, scope: Scope, ratio: Function) -> None:
        self.tree = tree
        self.scope = scope
        self.meaning = _MEANINGS[tree.syntax](scope.find, binary_operators(ratio))
        self.handlers: Mapping[type, Callable[[Any, list[Any]], Any]] = {
            Number: lambda node, _: _number(node.text),
            Constant: lambda node, _: node.value,
            String: lambda node, _: node.value,
            Name: lambda node, _: self._read(*scope.value(node), node.position),
            Unary: self._unary,
            Binary: self._binary,
            Compare: self._compare,
            Call: self._call,
            Attribute: lambda node, values: self._read(values[0], (node.name,), node.position),
            Index: self._index,
            Slice: self._slice,
            TupleNode: lambda _, values: tuple(self.meaning.bare(value) for value in values),
            ListNode: lambda _, values: [self.meaning.bare(value) for value in values],
        }

    def run(self) -> Any:
        for assignment in self.tree.assignments:
            self.scope.assign(assignment.name, self._value(assignment.value))
        return self.meaning.bare(self._value(self.tree.result))

    def _value(self, root: Node) -> Any:
        values: list[Any] = []
        for node in walk(root):
            first = len(values) - len(children(node))
            operands = values[first:]
            del values[first:]
            values.append(self.handlers[type(node)](node, operands))
        return values[0]

    def _guarded(self, position: Position, operation: Callable[[], Any], hint: str = "") -> Any:
        try:
            return operation()
        except SymflowError as error:
            locate(error, self.tree.text, position, hint)
            raise
        except _REFUSALS as error:
            raise Fault(position, str(error) or type(error).__name__, hint) from error

    def _unary(self, node: Unary, values: list[Any]) -> Any:
        _refuse_containers(node.position, values)
        return self._guarded(node.position, lambda: self.meaning.unary(node.operator, values[0]))

    def _binary(self, node: Binary, values: list[Any]) -> Any:
        _refuse_containers(node.position, values)
        hint = "did you mean `**`?" if (node.operator, self.tree.syntax) == ("^", "numpy") else ""
        return self._guarded(
            node.position, lambda: self.meaning.binary(node.operator, *values), hint
        )

    def _compare(self, node: Compare, values: list[Any]) -> Any:
        _refuse_containers(node.position, values)

        def chain() -> Any:
            pairs = [
                self.meaning.binary(sign, left, right)
                for sign, left, right in zip(node.operators, values, values[1:], strict=False)
            ]
            return reduce(partial(self.meaning.binary, "&"), pairs)

        return self._guarded(node.position, chain)

    def _call(self, node: Call, values: list[Any]) -> Any:
        owner: list[Any] = []
        if isinstance(node.function, Attribute):
            owner, function = [values.pop(0)], _method(node.function.name, node.position)
        else:
            target = self.scope.function(node.function)
            if isinstance(target, Method):
                base, path = target.owner
                owner = [self._read(base, path, node.position)]
                function = _method(target.name, node.position)
            else:
                function = target
        _refuse_containers(node.position, owner)
        count = len(node.arguments)
        names = [keyword.name for keyword in node.keywords]
        keywords = dict(zip(names, values[count:], strict=True))
        return self._guarded(
            node.position, lambda: self.meaning.call(function, owner + values[:count], keywords)
        )

    def _read(self, value: Any, path: tuple[str, ...], position: Position) -> Any:
        for name in path:
            _refuse_containers(position, [value])
            if name not in ATTRIBUTES:
                raise _no_attribute(name, position)
            value = self._guarded(position, partial(self.meaning.attribute, value, name))
        return value

    def _index(self, node: Index, values: list[Any]) -> Any:
        value, key = values[0], self.meaning.bare(values[1])
        if not isinstance(value, tuple | list):
            _refuse_containers(node.position, [value])

        def item(owner: Any) -> Any:
            return owner[key]

        return self._guarded(node.position, lambda: self.meaning.call(item, [value], {}))

    def _slice(self, node: Slice, values: list[Any]) -> slice:
        rest = iter([self.meaning.bare(value) for value in values])
        parts = (node.start, node.stop, node.step)
        return slice(*(None if part is None else next(rest) for part in parts))


def _number(text: str) -> complex:
    if text[-1] in "jJ":
        return complex(text)
    return int(text) if text.replace("_", "").isdigit() else float(text)


def _refuse_containers(position: Position, values: Sequence[Any]) -> None:
    for value in values:
        if value is None or isinstance(value, str | tuple | list | EllipsisType | slice):
            what = "None" if value is None else f"a {type(value).__name__}"
            raise Fault(position, f"an operand is expected here, not {what}")


def _method(name: str, position: Position) -> Function:
    if name not in METHODS:
        raise _no_attribute(name, position)

    def method(owner: Any, *arguments: Any, **keywords: Any) -> Any:
        return getattr(owner, name)(*arguments, **keywords)

    return method


def _no_attribute(name: str, position: Position) -> Fault:
    if name in METHODS:
        return Fault(position, f"'{name}' is a method: it is called, .{name}()")
    if name in ATTRIBUTES:
        return Fault(position, f"'{name}' is no method: it is read without brackets, .{name}")
    near = closest(name, sorted(ATTRIBUTES | METHODS))
    hint = f"did you mean `.{near}`?" if near else ""
    return Fault(position, f"there is no attribute '{shorten(name)}' in a formula", hint)
