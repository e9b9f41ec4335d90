"""Indexing as NumPy and JAX do it: integers, slices, ``...``, ``None``, and integer tensors.

An index is read once, as a :class:`Selection`, which takes entries (``x[index]``), puts values into
zeros (the adjoint) and writes values over entries (``x.at[index]``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from symflow.core import dtypes
from symflow.core.apply import apply
from symflow.core.convert import as_tensor
from symflow.core.dims import Shape, broadcast, show_shape
from symflow.core.einsum import contract
from symflow.core.node import Tensor
from symflow.errors import DTypeError, ShapeError
from symflow.ops.arithmetic import broadcast_to
from symflow.ops.gathering import distinct, gather, scatter
from symflow.ops.runs import run_of_position, run_of_slice
from symflow.ops.structure import Run, place, take_runs
from symflow.ops.updates import SCATTER_SET, SLICE_SET


@dataclass(frozen=True)
class Selection:
    """The entries of a tensor that an index names.

    Runs of positions are taken in every axis first; axes of integers are dropped, those addressed
    by integer tensors are brought together and looked up jointly, new axes come last.

    Attributes:
        shape: of the tensor that is indexed.
        runs: a run of positions for every axis.
        before: the axes that stay, before those addressed jointly.
        joint: the axes addressed jointly.
        after: the axes that stay, behind.
        indices: an integer tensor for each joint axis, all of one shape.
        new: the places of axes of size 1 that the index inserts into the result.
    """

    shape: Shape
    runs: tuple[Run, ...]
    before: tuple[int, ...]
    joint: tuple[int, ...]
    after: tuple[int, ...]
    indices: tuple[Tensor, ...]
    new: tuple[int, ...]

    @property
    def unique(self) -> bool:
        """Whether no entry is known to be named twice."""
        return not self.indices or distinct(self.indices)

    @property
    def result(self) -> Shape:
        """The shape of what the index gives."""
        addressed: Shape = self.indices[0].shape if self.indices else ()
        sizes = [
            *(self.runs[axis][1] for axis in self.before),
            *addressed,
            *(self.runs[axis][1] for axis in self.after),
        ]
        for slot in self.new:
            sizes.insert(slot, 1)
        return tuple(sizes)

    def take(self, x: Tensor) -> Tensor:
        """The entries of ``x``."""
        found = self._lined_up(take_runs(x, self.runs))
        if self.indices:
            found = gather(found, self.indices, len(self.before))
        return self._widened(found)

    def put(self, values: Tensor) -> Tensor:
        """Zeros with values added at the entries: the adjoint of :meth:`take`."""
        flat = self._narrowed(values)
        if self.indices:
            sizes = tuple(self.runs[axis][1] for axis in self.joint)
            flat = scatter(flat, self.indices, sizes, len(self.before))
        return place(self._laid_back(flat), self.runs, self.shape)

    def write(self, x: Tensor, values: Tensor) -> Tensor:
        """``x`` with values at the entries; of those named twice, some value."""
        flat = self._narrowed(values)
        if self.indices:
            flat = self.update(SCATTER_SET, x, flat)
        return apply(SLICE_SET, (x, self._laid_back(flat)), (self.runs,))

    def updated(self, operation: Any, x: Tensor, values: Tensor) -> Tensor:
        """``x`` with entries updated by an operation of :mod:`symflow.ops.gathering`."""
        flat = self.update(operation, x, self._narrowed(values))
        return apply(SLICE_SET, (x, self._laid_back(flat)), (self.runs,))

    def update(self, operation: Any, x: Tensor, flat: Tensor) -> Tensor:
        """The joint axes of the runs of ``x``, updated."""
        lines = self._lined_up(take_runs(x, self.runs))
        return apply(operation, (lines, flat, *self.indices), (len(self.before),))

    # ------------------------------------------------------------------ views there and back

    @property
    def _order(self) -> tuple[int, ...]:
        return (*self.before, *self.joint, *self.after)

    def _lined_up(self, x: Tensor) -> Tensor:
        """Axes of integers dropped, joint axes side by side."""
        return _view(x, range(x.rank), self._order, x.shape)

    def _laid_back(self, x: Tensor) -> Tensor:
        """The inverse of :meth:`_lined_up`."""
        sizes = dict.fromkeys(range(len(self.shape)), 1) | dict(
            zip(self._order, x.shape, strict=True)
        )
        return _view(x, self._order, range(len(self.shape)), sizes)

    def _kept(self) -> tuple[int, ...]:
        return tuple(k for k in range(len(self.result)) if k not in self.new)

    def _widened(self, x: Tensor) -> Tensor:
        return _view(x, self._kept(), range(len(self.result)), self.result)

    def _narrowed(self, x: Tensor) -> Tensor:
        return _view(x, range(x.rank), self._kept(), x.shape)


def _view(x: Tensor, labels: Any, output: Any, sizes: Any) -> Tensor:
    given = sizes if isinstance(sizes, dict) else dict(enumerate(sizes))
    return contract(sp.S.One, (x,), (tuple(labels),), tuple(output), given, x.dtype)


# ------------------------------------------------------------------------- reading an index


def selection(shape: Shape, index: Any) -> Selection:
    """What an index means for a tensor of a shape.

    Raises:
        ShapeError: for an index out of range, too many indices, positions that do not broadcast.
        DTypeError: for floats and for masks that are no arrays of known values.
    """
    entries = _expanded(index if isinstance(index, tuple) else (index,), shape)
    runs: list[Run] = []
    stays: list[int] = []
    new: list[bool] = []  # of what stays, in order: whether it is a new axis
    indices: list[tuple[int, Tensor]] = []
    advanced: list[tuple[int, int]] = []  # place among the entries, and among what stays
    axis = 0
    for number, entry in enumerate(entries):
        if entry is None or entry is Ellipsis:
            new += [True] if entry is None else []
            continue
        size = shape[axis]
        if isinstance(entry, slice):
            runs.append(run_of_slice(entry, size))
            stays.append(axis)
            new.append(False)
        elif isinstance(entry, Tensor):
            runs.append((0, size, 1))
            indices.append((axis, entry))
            advanced.append((number, len(new)))
        else:
            runs.append(run_of_position(entry, size, axis))
            advanced.append((number, len(new)))
        axis += 1
    first = _place_of_joint(advanced) if indices else 0
    before = sum(1 for inserted in new[:first] if not inserted)
    joint = tuple(axis for axis, _ in indices)
    positions = _jointly([index for _, index in indices])
    extra = positions[0].rank if positions else 0
    slots = [k if k < first else k + extra for k, inserted in enumerate(new) if inserted]
    return Selection(
        tuple(shape),
        tuple(runs),
        tuple(stays[:before]),
        joint,
        tuple(stays[before:]),
        tuple(positions),
        tuple(slots),
    )


def _place_of_joint(advanced: Sequence[tuple[int, int]]) -> int:
    """Integers and integer tensors side by side give their axes there, else in front (NumPy)."""
    numbers = [number for number, _ in advanced]
    adjacent = numbers[-1] - numbers[0] + 1 == len(numbers)
    return advanced[0][1] if adjacent else 0


def _jointly(indices: list[Tensor]) -> list[Tensor]:
    """Integer tensors broadcast to one shape."""
    if not indices:
        return []
    shape = broadcast(*(index.shape for index in indices))
    return [broadcast_to(index, shape) for index in indices]


def _expanded(index: tuple[Any, ...], shape: Shape) -> list[Any]:
    """One entry an axis, beside ``None`` and ``...``, which is followed by what it stands for.

    It stays because it separates integer tensors even where it stands for no axis.
    """
    entries: list[Any] = []
    for entry in index:
        entries.extend(_read(entry))
    given = sum(1 for entry in entries if entry is not None and entry is not Ellipsis)
    if given > len(shape):
        raise ShapeError(f"{given} indices for a tensor of rank {len(shape)}")
    if sum(1 for entry in entries if entry is Ellipsis) > 1:
        raise ShapeError("an index holds at most one ellipsis")
    _check_masks(index, shape)
    fill = [slice(None)] * (len(shape) - given)
    if not any(entry is Ellipsis for entry in entries):
        return entries + fill
    place_ = next(k for k, entry in enumerate(entries) if entry is Ellipsis)
    return entries[: place_ + 1] + fill + entries[place_ + 1 :]


def _read(entry: Any) -> list[Any]:
    """An entry of an index: arrays of integers as tensors, masks as their positions."""
    if entry is None or entry is Ellipsis or isinstance(entry, (slice, int, sp.Integer)):
        if isinstance(entry, bool):
            raise DTypeError("a single bool is no index here; use sf.numpy.where for a condition")
        return [entry]
    if isinstance(entry, Tensor):
        return [_positions(entry)]
    if isinstance(entry, (list, tuple)):
        raise DTypeError(
            f"an index holds the sequence {entry!r:.40}, which NumPy and JAX read differently; "
            "make it an array: x[snp.array([0, 2])]"
        )
    if isinstance(entry, sp.Expr) or np.ndim(entry) == 0:
        return [entry]
    array = np.asarray(entry)
    if array.dtype == bool:
        return [as_tensor(line) for line in np.nonzero(array)]
    return [_positions(as_tensor(array))]


def _positions(index: Tensor) -> Tensor:
    kind = dtypes.kind(index.dtype)
    if kind == "int":
        return index
    if kind == "bool":
        raise DTypeError(
            "a mask as an index gives a result whose shape depends on its values; use "
            "sf.numpy.where(mask, x, 0), or the mask as an array of known values"
        )
    raise DTypeError(f"positions are integers, got a tensor of dtype {index.dtype}")


def _check_masks(index: tuple[Any, ...], shape: Shape) -> None:
    """A mask has the sizes of the axes that it stands for."""
    axis = 0
    for entry in index:
        if entry is Ellipsis:
            return
        rank = 1 if entry is not None else 0
        if isinstance(entry, np.ndarray) and entry.dtype == bool:
            rank = entry.ndim
            sizes = tuple(shape[axis : axis + rank])
            if sizes != entry.shape:
                raise ShapeError(
                    f"a mask of shape {entry.shape} does not fit the axes {show_shape(sizes)}"
                )
        axis += rank


def getitem(x: Any, index: Any) -> Tensor:
    """``x[index]`` with integers, slices, ``...``, ``None`` and integer tensors or arrays.

    Raises:
        ShapeError: for an index out of range or too many indices.
        DTypeError: for floats, for lists, and for masks that are no arrays.

    >>> from symflow.core import matrix, tensor
    >>> getitem(matrix("A", "n", 3), (slice(None), tensor("i", 5, dtype="int"))).shape
    (n, 5)
    """
    node = as_tensor(x)
    return selection(node.shape, index).take(node)
