"""All tables on a GPU in one command, under eight minutes: ``python -m tests.benchmarks.gpu``.

Prints the name of the device and, for each program, its time over that of hand-written JAX and
the fraction of the roof that it reaches: operations a second over the least of what the device
computes and of what it can move for them. Both are measured in the same run, by a product of
matrices and a sum of arrays; operations and bytes are those of the program's report. Figures go to
``gpu.json``.
"""

import argparse
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp

from tests.benchmarks import tables
from tests.benchmarks.programs import GPU, SMALL, cases

_LIMIT = 420.0  # seconds, after which no further program is begun


@dataclass(frozen=True)
class Roof:
    """What a device can do.

    Attributes:
        flops: operations a second, by data type.
        bandwidth: bytes a second.
    """

    flops: dict[str, float]
    bandwidth: float

    def fraction(self, row: tables.Row) -> float:
        """How near a program comes to it."""
        kind = "bfloat16" if row.name.endswith(("bfloat16", "mixed")) else "float32"
        least = max(row.flops / self.flops[kind], row.bytes / self.bandwidth)
        return least / row.seconds


def measured_roof(size: int) -> Roof:
    """The fastest product of matrices and the fastest sum of arrays."""
    flops = {}
    for kind in ("float32", "bfloat16"):
        matrix = jnp.ones((size, size), kind)
        seconds = _best(jax.jit(lambda a: a @ a), matrix)
        flops[kind] = 2.0 * size**3 / seconds
    long = jnp.ones(16 * size * size, "float32")
    seconds = _best(jax.jit(lambda a: a + 1), long)
    return Roof(flops, 2.0 * long.nbytes / seconds)


def _best(call: Any, argument: Any) -> float:
    best = float("inf")
    for _ in range(12):
        start = time.perf_counter()
        jax.block_until_ready(call(argument))
        best = min(best, time.perf_counter() - start)
    return best


def main(arguments: list[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="sizes for a CPU: that all of it runs")
    parser.add_argument("--json", type=Path, default=Path("gpu.json"), help="where figures go")
    options = parser.parse_args(arguments)
    start = time.perf_counter()
    device = jax.devices()[0]
    print(f"{device.device_kind} ({device.platform}), JAX {jax.__version__}")
    roof = measured_roof(128 if options.small else 8192)
    print(
        ", ".join(f"{kind} {rate / 1e12:.3g} Tflop/s" for kind, rate in roof.flops.items())
        + f", {roof.bandwidth / 1e9:.4g} GB/s"
    )
    sizes, seconds = (SMALL, 0.01) if options.small else (GPU, 3.0)
    rows = tables.run(cases(sizes), seconds, start + _LIMIT)
    print("\n" + tables.grouped(rows) + "\n\nfraction of the roof")
    for row in rows:
        print(f"    {row.name}: {roof.fraction(row):.2f}")
    tables.write(
        rows,
        options.json,
        device=device.device_kind,
        platform=device.platform,
        jax=jax.__version__,
        flops=roof.flops,
        bandwidth=roof.bandwidth,
        roofline={row.name: roof.fraction(row) for row in rows},
        seconds=time.perf_counter() - start,
    )
    print(f"{time.perf_counter() - start:.0f} seconds; figures in {options.json}")


if __name__ == "__main__":
    main()
