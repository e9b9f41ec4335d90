"""What a program costs and how it computes, before it runs."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from symflow.core import Tensor, postorder
from symflow.core.dims import Shape
from symflow.lowering.compiled import Memory
from symflow.lowering.liveness import ITEM
from symflow.lowering.precision import concrete
from symflow.lowering.rematerialising import Trade, shown
from symflow.lowering.rolling_scan import Scan
from symflow.lowering.writing import Written
from symflow.rewriting.saturation.cost import Cost, CostModel, Machine

_KERNELS = (
    (r"(?:cho_factor|cholesky)\(", "Cholesky factorisation"),
    (r"cho_solve\(", "solve by a Cholesky factor"),
    (r"solve_triangular\(", "triangular solve"),
    (r"lu_factor\(|linalg\.solve\(", "solve by LU factorisation"),
    (r"tridiagonal_solve\(|solveh?_banded\(", "banded solve"),
    (r"linalg\.inv\(", "inverse"),
    (r"(?:slogdet|linalg\.det)\(", "determinant by LU factorisation"),
    (r"eigh\w*\(", "eigenvalues of a symmetric matrix"),
    (r"svd\w*\(", "singular values"),
    (r"linalg\.qr\(", "QR factorisation"),
    (r"\.fft\.\w+\(", "Fourier transform"),
    (r"lax\.scan\(|    for .+:$|    for .+ zip\($", "loop"),
    (r" @ |matmul_\w+\(", "matrix product"),
    (r"einsum\w*\(", "contraction by einsum"),
    (r"anew\(", "value computed anew"),
)
_PRODUCT = re.compile(r" @ |einsum|matmul_|linalg|cho_|solve")


@dataclass(frozen=True)
class Told:
    """What was asked for and what became of it, at some sizes.

    Attributes:
        asked: the expressions as they were typed.
        chosen: those that are computed.
        rules: the rules that led from one to the other, in order.
        written: the program, its memory measured.
        scans: the loops whose results the chosen expressions use.
    """

    asked: Sequence[Tensor]
    chosen: Sequence[Tensor]
    rules: Sequence[str]
    written: Written
    scans: Sequence[Scan] = ()


@dataclass(frozen=True)
class Report:
    """What a program costs and how it computes.

    Operations, bytes and seconds are those of a model (one core, 1e11 operations and 2e10 bytes a
    second): they compare programs and predict no times.

    Attributes:
        sizes: of the dimensions, by name; others count as usual for their name.
        flops: floating point operations.
        bytes: read and written.
        kernels: computations started.
        seconds: by the model.
        asked: the same figures of the formulas as they were typed.
        peak: bytes in use at most, an estimate from above: XLA fuses what is entrywise.
        rewritten: the rules used, each with the number of times.
        plan: kernels and their number, in words.
        steps: the statements that contract or solve, in order, with the shapes of their results.
        trade: what is computed again to save memory, and the choices there were.
        compiled: memory as XLA says, where the program was compiled for these sizes.
        source: the module.
    """

    sizes: Mapping[str, int]
    flops: float
    bytes: float
    kernels: int
    seconds: float
    asked: Cost
    peak: float
    rewritten: Mapping[str, int]
    plan: Mapping[str, int]
    steps: tuple[str, ...]
    trade: Trade | None
    compiled: Memory | None
    source: str

    @property
    def intensity(self) -> float:
        """Operations for each byte moved."""
        return self.flops / self.bytes if self.bytes else 0.0

    @property
    def speedup(self) -> float:
        """The seconds of the formulas as typed, over those of the program, by the model."""
        return self.asked.seconds / self.seconds if self.seconds else 1.0

    def __str__(self) -> str:
        sizes = ", ".join(f"{name} = {size}" for name, size in self.sizes.items())
        lines = [
            f"at {sizes or 'usual sizes'}",
            f"operations  {_count(self.flops)} (as typed {_count(self.asked.flops)})",
            f"bytes       {shown(self.bytes)} moved (as typed {shown(self.asked.traffic)})",
            f"intensity   {self.intensity:.3g} operations a byte",
            f"memory      {shown(self.peak)} at most, estimated",
        ]
        if self.compiled is not None:
            have = self.compiled
            lines.append(
                f"compiled    {shown(have.peak)}: inputs {shown(have.inputs)}, results "
                f"{shown(have.outputs)}, temporaries {shown(have.temporaries)}"
            )
        lines.append(f"saves       {self.speedup:.3g} times the time as typed, by the model")
        lines.append(f"rewritten   {_listed(self.rewritten) or 'nothing'}")
        lines.append(f"plan        {_listed(self.plan) or 'entrywise only'}")
        lines += [f"    {step}" for step in self.steps]
        return "\n".join([*lines, *_traded(self.trade)])


def report(
    told: Told, sizes: Mapping[str, int], compiled: Memory | None, *, bounded: bool
) -> Report:
    """The report of a program at some sizes.

    Args:
        told: what was asked for and what became of it.
        sizes: of the dimensions, by name.
        compiled: what XLA says of it.
        bounded: whether a budget of memory was set.
    """
    written = told.written
    entry = ITEM[concrete("float", written.precision)]
    model = CostModel(sizes, Machine(entry=float(entry)))
    cost = _cost(model, told)
    counts: dict[str, int] = {}
    for name in told.rules:
        counts[name] = counts.get(name, 0) + 1
    code = _program(written.source)
    return Report(
        sizes=dict(sizes),
        flops=cost.flops,
        bytes=cost.traffic,
        kernels=cost.kernels,
        seconds=cost.seconds,
        asked=model.cost(told.asked),
        peak=_looped_peak(told, model) if written.trade is None else written.trade.chosen.peak,
        rewritten=counts,
        plan=_plan(code),
        steps=tuple(line.strip() for line in code if _PRODUCT.search(line)),
        trade=written.trade if bounded else None,
        compiled=compiled,
        source=written.source,
    )


def _cost(model: CostModel, told: Told) -> Cost:
    """What the chosen expressions cost, every turn of their loops counted."""
    operands = [node for scan in told.scans for node in scan.operands]
    parts = [(1, model.cost([*told.chosen, *operands]))]
    parts += [(scan.count, model.cost(scan.outputs)) for scan in told.scans]
    return Cost(
        flops=sum(count * cost.flops for count, cost in parts),
        traffic=sum(count * cost.traffic for count, cost in parts),
        kernels=sum(count * cost.kernels for count, cost in parts),
        seconds=sum(count * cost.seconds for count, cost in parts),
    )


def _looped_peak(told: Told, model: CostModel) -> float:
    """Bytes in use at most: what is given and returned, what loops keep, and the largest turn."""
    written = told.written
    known = [(p.shape, p.dtype) for p in written.parameters if p.shape is not None]
    total = sum(_held(model, shape, dtype) for shape, dtype in (*known, *written.outputs))
    turns = [0.0]
    for scan in told.scans:
        total += sum(_held(model, v.shape, concrete(v.dtype, written.precision)) for v in scan.kept)
        inside = [node for node in postorder(scan.outputs) if node.operands]
        turns.append(
            sum(_held(model, n.shape, concrete(n.dtype, written.precision)) for n in inside)
        )
    return total + max(turns)


def _held(model: CostModel, shape: Shape, dtype: str) -> float:
    product = float(ITEM.get(dtype, 0))
    for size in shape:
        product *= model.hints(size)
    return product


def _program(source: str) -> list[str]:
    """The statements of a module's functions, without the helpers that it brings."""
    found = source.split("\n\n\n")[1:] or [source]
    kept = [
        part
        for part in found
        if not re.match(r"def (matmul|einsum|anew|placed|changed|stacked|layer_of)\b", part)
    ]
    lines = [line for part in kept for line in part.splitlines()]
    return [line for line in lines if line.startswith("    ") or line.startswith("return")]


def _plan(code: Sequence[str]) -> dict[str, int]:
    text = "\n".join(line.partition("  # ")[0] for line in code)
    counts = {words: len(re.findall(pattern, text, re.M)) for pattern, words in _KERNELS}
    return {words: count for words, count in counts.items() if count}


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} ({k})" if k > 1 else name for name, k in counts.items())


def _count(number: float) -> str:
    return f"{number:.3g}"


def _traded(trade: Trade | None) -> list[str]:
    if trade is None:
        return []
    lines = [f"budget      {shown(trade.budget)}: {trade.chosen.name}"]
    for choice in trade.choices:
        mark = "*" if choice is trade.chosen else " "
        lines.append(
            f"  {mark} {choice.name}: {shown(choice.peak)}, {choice.again} values again, "
            f"{100 * choice.work:.0f} % more work"
        )
    return lines


Explain = Callable[[Mapping[str, int]], Told]
