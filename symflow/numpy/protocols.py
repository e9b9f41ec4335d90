"""NumPy's protocols on symbolic tensors: ``np.sin(x)``, ``np.sum(x, axis=0)``, ``np.where(...)``.

NumPy hands a call that meets a tensor to the tensor (NEP 13 for ufuncs, NEP 18 for all other
functions); the function of the same name in :mod:`symflow.numpy` answers it, ``np.fft.fft`` under
``fft``.  What has no answer is refused with the nearest name that has one.
"""

import difflib
import inspect
import operator
from collections.abc import Callable, Mapping
from functools import partial
from types import ModuleType
from typing import Any

import sympy as sp

from symflow.core.convert import as_tensor
from symflow.core.dims import show_shape
from symflow.core.einsum import Einsum
from symflow.core.node import Tensor, attach
from symflow.errors import DTypeError
from symflow.ops.absent import reason
from symflow.ops.arithmetic import absolute, elementwise
from symflow.ops.reshaping import reshape
from symflow.ops.table import TABLE

Function = Callable[..., Any]

# Where a namespace has no function of the name: what an operator of Python does.
_OPERATORS: Mapping[str, Function] = {
    "bitwise_and": lambda x, y: operator.and_(as_tensor(x), y),
    "bitwise_or": lambda x, y: operator.or_(as_tensor(x), y),
    "invert": lambda x: ~as_tensor(x),
    "divmod": lambda x, y: divmod(as_tensor(x), y),
    "fabs": absolute,
    "shape": lambda a: as_tensor(a).shape,
    "ndim": lambda a: as_tensor(a).rank,
    "size": lambda a: as_tensor(a).size,
}
# NumPy's names of arguments that JAX names otherwise.
_RENAMED: Mapping[str, Mapping[str, str]] = {
    "clip": {"a": "arr", "a_min": "min", "a_max": "max"},
}
# How NumPy computes, which says nothing about the result.
_IGNORED: Mapping[str, frozenset[str]] = {"einsum": frozenset({"optimize"})}
_REDUCTIONS: Mapping[str, str] = {
    "add": "sum",
    "multiply": "prod",
    "maximum": "max",
    "minimum": "min",
    "logical_and": "all",
    "logical_or": "any",
}
_CUMULATIVE: Mapping[str, str] = {"add": "cumsum", "multiply": "cumprod"}
_METHOD_ARGUMENTS = ("axis", "dtype", "out", "keepdims", "initial", "where")
# SciPy's names of functions that the table has under another one.
_SCIPY: Mapping[str, str] = {"psi": "digamma", "expit": "sigmoid"}


def install(namespace: ModuleType) -> None:
    """Let tensors answer NumPy's calls with the functions of a namespace; called once by it."""
    protocols = _Protocols(namespace)

    def array_ufunc(self: Tensor, ufunc: Any, method: str, /, *inputs: Any, **options: Any) -> Any:
        return protocols.ufunc(ufunc, method, inputs, options)

    def array_function(
        self: Tensor, function: Any, types: Any, arguments: Any, options: Any
    ) -> Any:
        return protocols.function(function, arguments, options)

    def array_namespace(self: Tensor, *, api_version: str | None = None) -> ModuleType:
        return namespace

    def rounded(self: Tensor, ndigits: int | None = None) -> Any:
        return protocols.called("round", "round", (self, ndigits or 0), {})

    def truncated(self: Tensor) -> Any:
        return protocols.called("trunc", "trunc", (self,), {})

    attach(
        {
            "__array_ufunc__": array_ufunc,
            "__array_function__": array_function,
            "__array_namespace__": array_namespace,
            "__round__": rounded,
            "__trunc__": truncated,
            "__contains__": _contains,
            "__float__": lambda self: float(_number(self, "float")),
            "__int__": lambda self: int(_number(self, "int")),
            "__complex__": lambda self: complex(_number(self, "complex")),
        }
    )


class _Protocols:
    """The answers of one namespace."""

    def __init__(self, namespace: ModuleType) -> None:
        self.namespace = namespace

    def function(self, function: Any, arguments: Any, options: Mapping[str, Any]) -> Any:
        """A function of NumPy that is no ufunc."""
        section = function.__module__.removeprefix("numpy").lstrip(".")
        path = f"{section}.{function.__name__}" if section else function.__name__
        return self.called(path, f"np.{path}", arguments, options)

    def ufunc(
        self, ufunc: Any, method: str, inputs: tuple[Any, ...], options: dict[str, Any]
    ) -> Any:
        """A ufunc, or one of its methods."""
        name = ufunc.__name__
        shown = f"np.{name}" if method == "__call__" else f"np.{name}.{method}"
        _no_output(shown, options)
        if method == "__call__":
            return self.called(name, shown, inputs, options)
        if method == "outer" and len(inputs) == 2:
            x, y = map(as_tensor, inputs)
            wide = reshape(x, (*x.shape, *(1,) * y.rank))
            return self.called(name, shown, (wide, y), options)
        table = {"reduce": _REDUCTIONS, "accumulate": _CUMULATIVE}.get(method, {})
        if name not in table:
            known = ", ".join(f"np.{known}" for known in table) or "none"
            raise DTypeError(
                f"{shown} is not supported on symbolic tensors; of this method there are: {known}"
            )
        first, *rest = inputs
        given = {"axis": 0} | dict(zip(_METHOD_ARGUMENTS, rest, strict=False)) | options
        _no_output(shown, given)
        return self.called(table[name], shown, (first,), given)

    def called(self, path: str, shown: str, arguments: Any, options: Mapping[str, Any]) -> Any:
        """The function of the namespace with a path, on these arguments."""
        function = self.found(path, shown)
        names = _RENAMED.get(path, {})
        ignored = _IGNORED.get(path, frozenset())
        renamed = {names.get(k, k): value for k, value in options.items() if k not in ignored}
        try:
            inspect.signature(function).bind(*arguments, **renamed)
        except TypeError as error:
            raise DTypeError(
                f"{shown} on symbolic tensors: {error}; the arguments are "
                f"{inspect.signature(function)}"
            ) from None
        return function(*arguments, **renamed)

    def found(self, path: str, shown: str) -> Function:
        """The function of the namespace with a path.

        Raises:
            DTypeError: where there is none, naming the nearest.
        """
        *sections, name = path.split(".")
        space: Any = self.namespace
        for section in sections:
            space = getattr(space, section, None)
        function = getattr(space, name, None)
        if callable(function) and not isinstance(function, type):
            return function  # type: ignore[no-any-return]
        if not sections:
            other = _OPERATORS.get(name) or _of_table(name)
            if other is not None:
                return other
        why = reason(".".join(sections), name)
        if why:
            raise DTypeError(f"{shown} is not supported on symbolic tensors: {why}")
        names = [known for known in dir(space) if callable(getattr(space, known))]
        names = [known for known in names if not known.startswith("_")]
        near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
        prefix = ".".join(["snp", *sections])
        hint = ", ".join(f"{prefix}.{known}" for known in near) or "sf.lower, then NumPy"
        raise DTypeError(
            f"{shown} is not supported on symbolic tensors; the nearest that is: {hint}"
        )


def _of_table(name: str) -> Function | None:
    """The elementwise operation that SciPy's ufunc of this name computes."""
    short = _SCIPY.get(name, name)
    for section in ("special", "nn"):
        record = TABLE.get(f"{section}.{short}")
        if record is not None and record.elementwise and not record.parameters:
            return partial(elementwise, record)
    return None


def _no_output(shown: str, options: dict[str, Any]) -> None:
    if options.pop("out", None) is not None:
        raise DTypeError(
            f"{shown} cannot write a symbolic tensor into an array (out=, +=): "
            "every result is a new tensor; write y = y + x"
        )


def _contains(self: Tensor, value: object) -> bool:
    raise DTypeError(
        "whether a symbolic tensor contains a value is not known before it has numbers; "
        "snp.any(snp.equal(x, value)) is the condition, expression.has(node) looks for a part"
    )


def _number(x: Tensor, kind: str) -> sp.Expr:
    """The value of a scalar that is a literal.

    Raises:
        DTypeError: for all others.
    """
    if isinstance(x, Einsum) and not x.operands and not x.shape and x.coefficient.is_number:
        return x.coefficient
    what = "a symbolic scalar" if not x.shape else f"a tensor of shape {show_shape(x.shape)}"
    raise DTypeError(
        f"{kind}(...) of {what}, which holds no number: sf.lower(x)(...) computes it; "
        "functions of Python's math are those of symflow.numpy here"
    )
