"""Write ``coverage.md``: every public function of JAX's namespaces, whether and how it is here."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from itertools import product
from pathlib import Path
from types import ModuleType
from typing import Any

import jax
import jax.nn
import jax.numpy
import jax.scipy.linalg
import jax.scipy.special
import jax.scipy.stats

import symflow.linalg as linalg
import symflow.nn as nn
import symflow.numpy as snp
import symflow.special as special
import symflow.stats as stats
from rewrites.differentials import standard
from symflow.core import Apply, Tensor, dtypes, matrix, tensor, vector
from symflow.ops.absent import reason
from symflow.ops.table import TABLE

# JAX's module, ours, the section of the table.
SPACES = (
    (jax.numpy, snp, ""),
    (jax.numpy.linalg, snp.linalg, "linalg"),
    (jax.numpy.fft, snp.fft, "fft"),
    (jax.nn, nn, "nn"),
    (jax.scipy.special, special, "special"),
    (jax.scipy.linalg, linalg, "linalg"),
    (jax.scipy.stats, stats, "stats"),
)
PAGE = Path(__file__).resolve().parent / "coverage.md"
_HEAD = """# Coverage

Every public function of `jax.numpy`, `jax.nn`, `jax.scipy.special`, `jax.scipy.linalg` and
`jax.scipy.stats`; `make docs` writes this page. *Operation*: a node of its own, with its
differential. *Formula*: built from other operations, whose differentials apply. *Same as*: another
name of a function. What is absent is so for the reason given, which the namespace also gives when
it is asked for the name. Types, constants and functions that neither take nor give arrays of
numbers (files, text, printing) count apart.
"""
# Names that are no functions of arrays: files, memory, text, printing, Python's own objects.
_APART = (
    *("load", "save", "savez", "fromfile", "frombuffer", "fromstring", "fromiter"),
    *("from_dlpack", "array_repr", "array_str", "printoptions", "get_printoptions"),
    *("set_printoptions", "frompyfunc", "iterable", "einsum_path", "dtype", "ufunc", "ndarray"),
    *("object_", "get_scaled_dot_general_config"),
)
_TYPES = (
    *("can_cast", "isdtype", "issubdtype", "promote_types", "result_type", "isscalar"),
    *("iscomplexobj", "isrealobj", "broadcast_shapes", "ndim", "shape", "size"),
)


def coverage() -> str:
    """The text of ``coverage.md``."""
    sections = [_section(*space) for space in SPACES]
    summary = ["| namespace | functions of arrays | here | share |", "|---|---|---|---|"]
    summary += [
        f"| `{name}` | {total} | {here} | {100 * here / total:.0f} % |"
        for name, total, here, _ in sections
    ]
    return "\n".join([_HEAD, *summary, *(text for *_, text in sections)]).rstrip() + "\n"


def shares() -> Mapping[str, float]:
    """The share of the functions of each namespace that are here."""
    sections = [_section(*space) for space in SPACES]
    return {name: here / total for name, total, here, _ in sections}


def names(module: ModuleType) -> Iterator[str]:
    """The public functions of a module, those of its distributions with their module's name."""
    for name in sorted(dir(module)):
        value = getattr(module, name)
        if name.startswith("_"):
            continue
        if inspect.ismodule(value) and module.__name__ == "jax.scipy.stats":
            yield from (f"{name}.{inner}" for inner in sorted(dir(value)) if _is_one(value, inner))
        elif _is_one(module, name):
            yield name


def _is_one(module: ModuleType, name: str) -> bool:
    value = getattr(module, name)
    if name.startswith("_") or not callable(value) or inspect.isclass(value):
        return False
    return type(value).__name__ != "_ScalarMeta" and value is not jax.numpy.dtype


def _section(there: ModuleType, here: ModuleType, section: str) -> tuple[str, int, int, str]:
    rows, apart, total, present = [], [], 0, 0
    for name in names(there):
        function = _found(here, name)
        if name in _APART:
            apart.append(f"`{name}`")
            continue
        total += 1
        if function is None:
            rows.append((name, "absent", reason(section, name) or "not there yet"))
            continue
        present += 1
        rows.append((name, *_how(function, name, section, here)))
    lines = [f"\n## `{there.__name__}`\n", f"{present} of {total}, as `{here.__name__}`.", ""]
    lines += ["| function | how | differential, or why not |", "|---|---|---|"]
    lines += [
        f"| `{name}` | {how} | {what.replace('|', chr(92) + '|')} |" for name, how, what in rows
    ]
    if apart:
        lines += ["", f"Apart: {', '.join(apart)}."]
    return there.__name__, total, present, "\n".join(lines)


def _found(module: ModuleType, name: str) -> Callable[..., Any] | None:
    value: Any = module
    for part in name.split("."):
        value = getattr(value, part, None)
    return value if callable(value) else None


def _how(
    function: Callable[..., Any], name: str, section: str, module: ModuleType
) -> tuple[str, str]:
    own = getattr(function, "__name__", name)
    last = name.rpartition(".")[2]
    if own != last and getattr(module, own, None) is function:
        return f"same as `{own}`", _differential(function, own, section)
    record = TABLE.get(f"{section}.{name}" if section else name)
    return ("operation" if record else "formula"), _differential(function, name, section)


def _differential(function: Callable[..., Any], name: str, section: str) -> str:
    record = TABLE.get(f"{section}.{name}" if section else name)
    if record is not None:
        return law_of(record)
    if name in _TYPES:
        return "speaks of types and shapes"
    found = _result(function)
    if found is None:
        return "of its parts"
    return _of_parts(*found)


def _of_parts(results: list[Tensor], arguments: tuple[Any, ...]) -> str:
    """The differential of a formula, by what it is built of."""
    nodes = list({part for node in results for part in node.walk()})
    parts = [node for node in nodes if isinstance(node, Apply)]
    moving = sorted({f"`{p.operation.name}`" for p in parts if not p.operation.piecewise_constant})
    if all(dtypes.kind(node.dtype) in ("int", "bool") for node in results):
        return "piecewise constant"
    if not any(node in arguments for node in nodes):
        return "constant"
    return "of its parts: " + ", ".join(moving) if moving else "linear in each operand"


def law_of(record: Any) -> str:
    """The law of the differential of an operation, as its table says it."""
    calculus = standard()
    if record.piecewise_constant:
        return "piecewise constant"
    rule = calculus.differentials.get(record) or calculus.adjoints.get(record)
    if rule is not None:
        return f"`{rule.law}`"
    return "of its definition" if record.definition is not None else "none: refused"


@cache
def _operands() -> Mapping[str, list[Tensor]]:
    return {
        "float": [matrix("A", 3, 3), vector("x", 3), tensor("t", 2, 3, 3)],
        "int": [tensor("k", 3, dtype="int"), tensor("K", 2, 3, dtype="int")],
        "bool": [tensor("b", 3, dtype="bool")],
    }


def _result(function: Callable[..., Any]) -> tuple[list[Tensor], tuple[Any, ...]] | None:
    """What a function gives for some operands that it takes, floats where it can."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    needed = [
        p
        for p in parameters
        if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]
    kinds = _operands()
    choices: list[Any] = [*kinds["float"][:2], kinds["int"][0], 2, kinds["float"][2]]
    other = None
    for arguments in product(choices, repeat=min(len(needed), 4)):
        try:
            found = function(*arguments)
        except Exception:  # noqa: BLE001  whatever a function does not take
            continue
        nodes = list(found) if isinstance(found, (tuple, list)) else [found]
        if not nodes or not all(isinstance(node, Tensor) for node in nodes):
            continue
        if dtypes.kind(nodes[0].dtype) in ("float", "complex"):
            return nodes, arguments
        other = other or (nodes, arguments)
    return other


if __name__ == "__main__":
    PAGE.write_text(coverage(), encoding="utf-8")
    print(f"wrote {PAGE}")
