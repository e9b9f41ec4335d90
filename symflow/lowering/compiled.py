"""A program compiled ahead of time for given shapes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from symflow.errors import ShapeError


@dataclass(frozen=True)
class Memory:
    """What a compiled program holds, in bytes, as XLA says.

    Attributes:
        inputs: its arguments.
        outputs: its results.
        temporaries: what it needs in between.
        shared: results that take the place of donated arguments.
    """

    inputs: int
    outputs: int
    temporaries: int
    shared: int = 0

    @property
    def peak(self) -> int:
        """All of it."""
        return self.inputs + self.outputs + self.temporaries - self.shared


class Compiled:
    """A program for given shapes; call it as the program itself.

    Attributes:
        sizes: of the dimensions, by name.
        source: the module that was compiled.
        memory: what XLA says that it holds; None where it does not say.
        flops: operations as XLA counts them (calls of LAPACK are not among them); None likewise.
    """

    def __init__(
        self,
        call: Callable[..., Any],
        sizes_of: Callable[..., Mapping[str, int]],
        sizes: Mapping[str, int],
        source: str,
        executable: Any,
    ) -> None:
        self._call = call
        self._sizes_of = sizes_of
        self.sizes = dict(sizes)
        self.source = source
        self.executable = executable
        self.memory = memory_of(executable)
        costs = executable.cost_analysis() or {}
        self.flops: float | None = costs.get("flops")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the program.

        Raises:
            ShapeError: for other sizes than it was compiled for; and as the program itself.
        """
        given = self._sizes_of(args, kwargs)
        for name, size in given.items():
            if self.sizes.get(name, size) != size:
                raise ShapeError(
                    f"compiled for {name} = {self.sizes[name]}, got {name} = {size}: call the "
                    "program itself, or compile it for these shapes"
                )
        return self._call(*args, **kwargs)

    def __repr__(self) -> str:
        sizes = ", ".join(f"{name} = {size}" for name, size in self.sizes.items())
        return f"<Compiled at {sizes or 'fixed sizes'}>"


def memory_of(executable: Any) -> Memory | None:
    """What XLA says of the memory of an executable."""
    told = executable.memory_analysis()
    if told is None:
        return None
    return Memory(
        int(told.argument_size_in_bytes),
        int(told.output_size_in_bytes),
        int(told.temp_size_in_bytes),
        int(told.alias_size_in_bytes),
    )
