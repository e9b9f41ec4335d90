"""A contraction as a network of factors, simplified, then contracted pair by pair.

Broadcast operands drop their loose labels, diagonal operands unite theirs, merged axes
(``fuse`` constants) become reshapes, equal factors powers, and what no label connects a scale.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import sympy as sp

from symflow.core.dims import Dim, is_one, product
from symflow.core.einsum import Einsum
from symflow.lowering.forms import Form, Slot, dense
from symflow.lowering.order import contraction_order, measured
from symflow.lowering.pairs import Factor, combined, inverted, summed
from symflow.lowering.solving import Inverse, solved
from symflow.lowering.values import Builder, Value, integer_power
from symflow.ops.facts import facts

Labels = tuple[int, ...]
Hints = Callable[[Dim], float]


class Network:
    """The factors of one contraction under construction."""

    def __init__(self, builder: Builder, node: Einsum, dtype: str, hints: Hints) -> None:
        self.builder = builder
        self.dtype = dtype
        self.hints = hints
        self.node = node
        self.coefficient: sp.Expr = node.coefficient
        self.sizes: dict[int, Dim] = dict(enumerate(node.sizes))
        self.output: list[list[int]] = [[label] for label in node.output]
        self.factors: list[Factor] = []
        self.inverses: list[Inverse] = []
        self.fuses: list[tuple[int, Labels]] = []
        self._parent: dict[int, int] = {}

    # ------------------------------------------------------------------ filling

    def add_form(self, form: Form, labels: Labels, *, divisor: bool = False) -> None:
        """Take an operand in."""
        seen: dict[int, int] = {}
        for slot, label in zip(form.output, labels, strict=True):
            if slot in seen:
                self._unite(seen[slot], label)
            else:
                seen[slot] = label
        scale = 1 / form.coefficient if divisor else form.coefficient
        if scale != 1:
            self.coefficient = self.coefficient * scale
        if form.value is not None:
            held = tuple(None if slot is None else seen[slot] for slot in form.held)
            value = self.builder.cast(form.value, self.dtype)
            self.factors.append(Factor(value, held, divisor))
            self._mark_triangle(value, form, labels)

    def _mark_triangle(self, value: Value, form: Form, labels: Labels) -> None:
        """Remember a triangular matrix: its products leave out what is zero."""
        if value.rank != 2 or value in self.builder.triangles or None in form.held:
            return
        operands = zip(self.node.operands, self.node.subscripts, strict=True)
        (operand, *others) = (operand for operand, own in operands if own == labels)
        shapes = {"lower_triangular", "upper_triangular"} & facts(operand)
        if others or len(shapes) != 1 or set(form.held) != set(form.output):
            return
        lower = "lower_triangular" in shapes
        self.builder.triangles[value] = lower == (form.held == form.output)

    def add_fuse(self, labels: Labels) -> None:
        """Take in a ``fuse`` constant."""
        self.fuses.append((labels[0], labels[1:]))

    def add_inverse(self, inverse: Inverse) -> None:
        """Take in an inverse that may be solved with."""
        self.inverses.append(inverse)

    def _find(self, label: int) -> int:
        while label in self._parent:
            label = self._parent[label]
        return label

    def _unite(self, a: int, b: int) -> None:
        a, b = self._find(a), self._find(b)
        if a != b:
            self._parent[b] = a

    def _renamed(self) -> None:
        """Bring all labels to their representatives."""
        find = self._find
        for label in list(self.sizes):
            if find(label) != label:
                del self.sizes[label]
        self.output = [[find(label) for label in group] for group in self.output]
        self.factors = [
            replace(f, labels=tuple(None if s is None else find(s) for s in f.labels))
            for f in self.factors
        ]
        self.inverses = [replace(i, labels=tuple(map(find, i.labels))) for i in self.inverses]
        self.fuses = [(find(whole), tuple(map(find, parts))) for whole, parts in self.fuses]

    # ------------------------------------------------------------------ merged axes

    def _unfuse(self) -> None:
        """Replace every merged axis by its parts, or merge the parts of one factor."""
        while self.fuses:
            wholes = [whole for whole, _ in self.fuses]
            place = next((k for k, w in enumerate(wholes) if wholes.count(w) == 1), None)
            if place is not None:
                self._split(*self.fuses.pop(place))
            else:
                self._merge_one()

    def _split(self, whole: int, parts: Labels) -> None:
        """The merged axis is written as its parts, in every factor and in the output."""
        self.inverses, forced = (
            [i for i in self.inverses if whole not in i.labels],
            [i for i in self.inverses if whole in i.labels],
        )
        self.factors += [inverse.computed(self.builder) for inverse in forced]
        self.factors = [self._split_factor(factor, whole, parts) for factor in self.factors]
        self.output = [_replaced(group, whole, parts) for group in self.output]
        self.fuses = [(w, tuple(_replaced(list(p), whole, parts))) for w, p in self.fuses]
        del self.sizes[whole]

    def _split_factor(self, factor: Factor, whole: int, parts: Labels) -> Factor:
        if whole not in factor.labels:
            return factor
        labels: list[Slot] = []
        shape: list[Dim] = []
        for label, size in zip(factor.labels, factor.value.shape, strict=True):
            split = label == whole
            labels.extend(parts if split else [label])
            shape.extend([self.sizes[part] for part in parts] if split else [size])
        value = self.builder.reshape(factor.value, tuple(shape))
        return replace(factor, value=value, labels=tuple(labels))

    def _merge_one(self) -> None:
        """Make one axis of the parts of a merged axis that stand nowhere but in factors."""
        for place, (whole, parts) in enumerate(self.fuses):
            others = [self.fuses[k][1] for k in range(len(self.fuses)) if k != place]
            shown = {label for group in (*self.output, *others) for label in group}
            if not shown & set(parts) and len(set(parts)) == len(parts):
                del self.fuses[place]
                holder = self._joined(set(parts), shown)
                if holder is not None:
                    self.factors.append(self._merged(holder, whole, parts))
                for part in parts:
                    del self.sizes[part]
                return
        whole, parts = self.fuses.pop()
        self.factors.append(self._dense_fuse(whole, parts))

    def _joined(self, parts: set[int], shown: set[int]) -> Factor | None:
        """One factor of all those that hold the parts, with what is summed between them.

        None where no factor holds any: a ``fuse`` summed over its parts is 1.
        """
        pool: list[Factor | Inverse] = [*self.factors, *self.inverses]
        shown = shown | {whole for whole, _ in self.fuses}
        group: list[Factor | Inverse] = []
        reached = set(parts)
        while True:
            found = [part for part in pool if reached & set(part.kept)]
            pool = [part for part in pool if part not in found]
            if not found:
                break
            group.extend(found)
            reached.update(label for part in found for label in part.kept if label not in shown)
        self.factors = [part for part in pool if isinstance(part, Factor)]
        self.inverses = [part for part in pool if isinstance(part, Inverse)]
        keep = shown | parts | {label for part in pool for label in part.kept}
        for label in reached - keep:
            del self.sizes[label]
        return self._contracted(group, keep, []) if group else None

    def _merged(self, factor: Factor, whole: int, parts: Labels) -> Factor:
        rest = tuple(label for label in factor.kept if label not in parts)
        order = (*rest, *parts)
        shape = tuple(self.sizes[label] for label in order)
        form = Form(factor.value, factor.labels, order, shape, self.dtype)
        laid = dense(self.builder, form)
        value = self.builder.reshape(laid, (*shape[: len(rest)], self.sizes[whole]))
        return replace(factor, value=value, labels=(*rest, whole))

    def _dense_fuse(self, whole: int, parts: Labels) -> Factor:
        sizes = tuple(self.sizes[part] for part in parts)
        return Factor(dense_fuse(self.builder, sizes, self.dtype), (whole, *parts))

    # ------------------------------------------------------------------ contraction

    def form(self) -> Form:
        """The contracted network."""
        self._renamed()
        self._unfuse()
        shown = {label for group in self.output for label in group}
        self._powers()
        self._loose(shown)
        columns = {inverse.labels[-1] for inverse in self.inverses}
        self.factors.sort(key=lambda factor: columns.isdisjoint(factor.kept))
        parts: list[Factor | Inverse] = [*self.factors, *self.inverses]
        parts = [self._reduced(k, parts, shown) for k in range(len(parts))]
        scalars = [part for part in parts if isinstance(part, Factor) and not part.kept]
        parts = [part for part in parts if part.kept]
        scale = self._scale(scalars)
        want = list(dict.fromkeys(label for group in self.output for label in group))
        if not parts:
            return self._finished(scale, want)
        if scale is not None:
            scale = self._scale_smallest(scale, parts, want)
        if self.dtype == "bool" and (len(parts) > 1 or not shown.issuperset(parts[0].kept)):
            last = self._in_integers(parts, shown, want)
        else:
            last = self._contracted(parts, shown, want)
        if scale is not None:
            last = combined(self.builder, last, scale, shown, want)
        return self._finished(last, want)

    def _powers(self) -> None:
        """Equal factors as one power."""
        counts: dict[tuple[Value, tuple[Slot, ...], bool], int] = {}
        for factor in self.factors:
            key = (factor.value, factor.labels, factor.divisor)
            counts[key] = counts.get(key, 0) + 1
        if self.dtype == "bool":
            counts = dict.fromkeys(counts, 1)
        self.factors = [
            Factor(integer_power(self.builder, value, count), labels, divisor)
            for (value, labels, divisor), count in counts.items()
        ]

    def _loose(self, shown: set[int]) -> None:
        """A summed label that no factor holds counts its size."""
        held = {label for factor in self.factors for label in factor.labels}
        held |= {label for inverse in self.inverses for label in inverse.labels}
        for label, size in self.sizes.items():
            if label not in held and label not in shown and not is_one(size):
                self.coefficient = self.coefficient * size

    def _scale(self, scalars: Sequence[Factor]) -> Factor | None:
        """The product of factors without labels."""
        above = [factor for factor in scalars if not factor.divisor]
        below = [factor for factor in scalars if factor.divisor]
        parts = []
        for group in (above, below):
            group.sort(key=lambda factor: factor.value.number)
            if group:
                total = group[0]
                for factor in group[1:]:
                    total = combined(self.builder, total, factor, (), ())
                parts.append(total)
        if len(parts) == 2:
            return combined(self.builder, parts[0], parts[1], (), ())
        return parts[0] if parts else None

    def _scale_smallest(
        self, scale: Factor, parts: list[Factor | Inverse], want: list[int]
    ) -> Factor | None:
        """Scale a factor instead of the result, where it is much smaller."""
        result = measured(want, self.sizes, self.hints)
        costs = [
            measured(part.kept, self.sizes, self.hints) if isinstance(part, Factor) else result
            for part in parts
        ]
        least = min(costs)
        if least * 4 > result:
            return scale
        place = costs.index(least)
        factor = parts[place]
        assert isinstance(factor, Factor)
        parts[place] = combined(self.builder, factor, scale, factor.kept, factor.kept)
        return None

    def _contracted(self, parts: list[Factor | Inverse], keep: set[int], want: list[int]) -> Factor:
        """Factors contracted to the labels to keep, pair by pair in the order of least work."""
        parts = [self._reduced(k, parts, keep) for k in range(len(parts))]

        def turns(first: int, second: int) -> int:
            return _turns(parts[first], parts[second])

        while len(parts) > 1:
            first, second = contraction_order(
                [frozenset(part.kept) for part in parts],
                keep,
                self.sizes,
                self.hints,
                turns,
            )
            y, x = parts.pop(max(first, second)), parts.pop(min(first, second))
            needed = keep | {label for part in parts for label in part.kept}
            parts.append(self._combined(x, y, needed, want))
            parts = [self._reduced(k, parts, keep) for k in range(len(parts))]
        (last,) = parts
        last = last.computed(self.builder) if isinstance(last, Inverse) else last
        return summed(self.builder, last, keep)

    def _in_integers(
        self, parts: list[Factor | Inverse], keep: set[int], want: list[int]
    ) -> Factor:
        """Sums of products of truth values: counted, then compared with 0."""
        factors = [
            replace(part, value=self.builder.cast(part.value, "int32"))
            for part in parts
            if isinstance(part, Factor)
        ]
        last = self._contracted([*factors], keep, want)
        return replace(last, value=self.builder.cast(last.value, "bool"))

    def _reduced(
        self, place: int, parts: list[Factor | Inverse], shown: set[int]
    ) -> Factor | Inverse:
        """A factor with what only it holds summed."""
        part = parts[place]
        others = {label for k, other in enumerate(parts) if k != place for label in other.kept}
        keep = shown | others
        if isinstance(part, Inverse):
            if keep.issuperset(part.labels) and len(set(part.labels)) == len(part.labels):
                return part
            part = part.computed(self.builder)
        return summed(self.builder, part, keep)

    def _combined(
        self, x: Factor | Inverse, y: Factor | Inverse, keep: set[int], want: list[int]
    ) -> Factor:
        if isinstance(y, Inverse) and not isinstance(x, Inverse):
            x, y = y, x
        if isinstance(y, Inverse):
            y = y.computed(self.builder)
        if isinstance(x, Inverse):
            y = inverted(self.builder, y)
            result = solved(self.builder, x, y, keep, self.hints)
            if result is not None:
                return result
            x = x.computed(self.builder)
        return combined(self.builder, x, y, keep, want)

    def _finished(self, last: Factor | None, want: list[int]) -> Form:
        """The result as a form of the node, merged axes reshaped."""
        shape = self.node.shape
        value, held = (None, ()) if last is None else (last.value, last.labels)
        if last is not None and last.divisor:
            value = inverted(self.builder, last).value
        if all(len(group) == 1 for group in self.output):
            output = tuple(group[0] for group in self.output)
            return Form(value, held, output, shape, self.dtype, self.coefficient)
        return self._reshaped(value, held)

    def _reshaped(self, value: Value | None, held: tuple[Slot, ...]) -> Form:
        """Lay the parts of merged axes side by side and merge them."""
        shape = self.node.shape
        flat = tuple(label for group in self.output for label in group)
        parts = tuple(self.sizes[label] for label in flat)
        form = Form(value, held, flat, parts, self.dtype, self.coefficient)
        spread: list[int] = []
        sizes: list[Dim] = []
        slots: list[Slot] = []
        place = 0
        for axis, group in enumerate(self.output):
            places = range(place, place + len(group))
            place += len(group)
            free = all(label not in held and flat.count(label) == 1 for label in group)
            if free:
                slots.append(None)
                sizes.append(1)
            else:
                spread.extend(places)
                slots.append(axis)
                sizes.append(shape[axis])
        laid = dense(self.builder, form, spread)
        merged = self.builder.reshape(laid, tuple(sizes))
        axes = tuple(range(len(shape)))
        return Form(merged, tuple(slots), axes, shape, self.dtype)


def _turns(x: Factor | Inverse, y: Factor | Inverse) -> int:
    """1 for ``x @ A`` with a vector, which reads ``A`` against its rows, else 0."""
    vector, matrix = sorted((x.kept, y.kept), key=len)
    return int(len(vector) == 1 and len(matrix) == 2 and matrix[-1] not in vector)


def dense_fuse(builder: Builder, sizes: Sequence[Dim], dtype: str) -> Value:
    """The 0/1 array that numbers the entries of axes of these sizes."""
    total = product(sizes)
    label = Form(None, (), (0, 0), (total, total), dtype)
    return builder.reshape(dense(builder, label), (total, *sizes))


def _replaced(group: list[int], whole: int, parts: Labels) -> list[int]:
    return [part for label in group for part in (parts if label == whole else (label,))]
