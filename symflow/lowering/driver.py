"""Programs as loops of calls: a compiled function for a layer, and ones for what stands around.

XLA compiles a layer once, whatever their number, and arrays of the layers stay where they lie.
What is outside the loops is compiled in stages: what loops of one stage need, then what they give.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import sympy as sp

from symflow.core.dims import Shape
from symflow.lowering import source as text
from symflow.lowering.naming import Names
from symflow.lowering.scanning import Turns
from symflow.lowering.sizes import sources
from symflow.lowering.values import Builder, Value
from symflow.notation.tree import Index, Name, Number, Tree, nodes_of, python_text

_LINE = 96
Within = Callable[[list[str]], list[str]]


@dataclass
class Driver:
    """A program before it is written.

    Attributes:
        builder: made its values.
        names: that are taken.
        values: its results.
        parameters: its inputs: their identifiers and values.
        turns: its loops.
        dimensions: the symbol of each identifier of a size.
        within: puts the lines of a compiled body into a context.
    """

    builder: Builder
    names: Names
    values: Sequence[Value]
    parameters: Mapping[str, Value]
    turns: Mapping[Value, Turns]
    dimensions: Mapping[str, sp.Symbol]
    within: Within
    known: dict[Value, str] = field(default_factory=dict)  # how the program itself calls a value
    stages: dict[Value, int] = field(default_factory=dict)
    functions: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def code(self) -> str:
        """The compiled functions, and the program that calls them."""
        self.known = {value: name for name, value in self.parameters.items()}
        live = self._live()
        needed = self._needed(live)
        self.temporaries = self.names.numbered("t")
        last = max(self.stages.values(), default=0)
        for stage in range(last + 1):
            word = "before" if stage == 0 else "after" if stage == last else "between"
            self._part(word, [v for v in needed if self.stages[v] == stage])
            for value in live:
                if value in self.turns and self.stages[value] == stage:
                    self._loop(self.turns[value])
        results = [self._text(value) for value in self.values]
        program = [
            text.signature(list(self.parameters)),
            *self.lines,
            *_listed("    return ", results),
        ]
        return "\n\n\n".join([*self.functions, "\n".join(program)])

    # ------------------------------------------------------------------ what is computed when

    def _live(self) -> list[Value]:
        """What is needed outside the loops, in order, each with its stage."""
        seen: set[Value] = set()
        stack = list(self.values)
        while stack:
            value = stack.pop()
            if value not in seen:
                seen.add(value)
                stack.extend(value.args)
                if value in self.turns:  # a loop gives all that it gives
                    stack += (*self.turns[value].finals, *self.turns[value].kept)
        order = sorted(seen, key=lambda value: value.number)
        for value in order:
            later = any(arg in self.turns for arg in value.args)
            self.stages[value] = later + max((self.stages[a] for a in value.args), default=0)
        return order

    def _is_given(self, value: Value) -> bool:
        """Whether the program itself has a value, without computing anything."""
        if value in self.known or any(arg in self.turns for arg in value.args):
            return True
        return self._place(value) is not None

    def _place(self, value: Value) -> int | None:
        """The layer of which a value is what a loop keeps."""
        if len(value.args) != 1 or not value.args[0].args:
            return None
        turns = self.turns.get(value.args[0].args[0])
        if turns is None or value.args[0] not in turns.kept:
            return None
        tree = value.build(Name("kept"))
        if isinstance(tree, Index) and len(tree.keys) == 1 and isinstance(tree.keys[0], Number):
            return int(tree.keys[0].text)
        return None

    def _needed(self, live: Sequence[Value]) -> list[Value]:
        """The values computed outside the loops that something else than their stage reads."""
        wanted = set(self.values)
        for value in live:
            if value in self.turns:
                wanted.update(value.args)
            elif not self._is_given(value):
                stage = self.stages[value]
                wanted.update(arg for arg in value.args if self.stages[arg] < stage and arg.args)
        found = [v for v in live if v in wanted and v not in self.turns]
        return [value for value in found if not self._is_given(value)]

    # ------------------------------------------------------------------ functions

    def _part(self, word: str, outputs: Sequence[Value]) -> None:
        """A function for what is computed at one stage, and its call."""
        if not outputs:
            return
        inputs, given = self._read(outputs)
        lines = text.Lines(self.temporaries, self.builder)
        trees = lines.write(outputs, given)
        name = self.names.of(word)
        arguments = self._function(name, inputs, given, lines, trees)
        targets = [self.names.of("value") for _ in outputs]
        self.known |= dict(zip(outputs, targets, strict=True))
        called = f"{name}({', '.join(arguments)})"
        self.lines += _assigned(targets, called)

    def _read(self, outputs: Iterable[Value]) -> tuple[dict[str, str], dict[Value, Tree]]:
        """What values read that the program has: names inside with texts outside, and the trees."""
        inputs: dict[str, str] = {}
        given: dict[Value, Tree] = {}
        seen: set[Value] = set()
        stack = list(outputs)
        while stack:
            value = stack.pop()
            if value in seen:
                continue
            seen.add(value)
            if value in self.known or self._is_given(value):
                outside = self._text(value)
                inside = outside if outside.isidentifier() else self.names.of(_word(outside))
                inputs[inside] = outside
                given[value] = Name(inside)
            else:
                stack.extend(value.args)
        return inputs, given

    def _text(self, value: Value) -> str:
        """How the program writes a value that it has."""
        place = self._place(value)
        if place is not None:
            return f"{self.known[value.args[0]]}[{place}]"
        kept = any(value in self.turns[arg].kept for arg in value.args if arg in self.turns)
        return f"stacked(*{self.known[value]})" if kept else self.known[value]

    def _function(
        self,
        name: str,
        inputs: Mapping[str, str],
        given: Mapping[Value, Tree],
        lines: text.Lines,
        results: Sequence[Tree],
        first: Sequence[Value] = (),
    ) -> list[str]:
        """Write a compiled function; gives the texts of its arguments after the first ones."""
        trees = [*lines.trees, *results]
        used = {node.text for tree in trees for node in nodes_of(tree) if isinstance(node, Name)}
        shapes = {tree.word: value.shape for value, tree in given.items()}
        chosen = {inside: outside for inside, outside in inputs.items() if inside in used}
        own = {value.tree.word: value.shape for value in first}
        sizes = text.used_sizes(trees, self.dimensions)
        shown = [*own.values(), *(shapes[inside] for inside in chosen)]
        missing = sizes - {source.symbol for source in sources(shown)}
        for parameter, value in self.parameters.items():  # read where nothing else shows them
            if parameter not in chosen and missing & _symbols(value.shape):
                chosen[parameter], shapes[parameter] = parameter, value.shape
                missing -= _symbols(value.shape)
        arguments = [*own, *sorted(chosen)]
        known = sources([(own | shapes)[argument] for argument in arguments])
        body = [
            *text.statements(lines, self.builder),
            *_listed("    return ", [python_text(tree, exact=True) for tree in results]),
        ]
        code = [
            "@jax.jit",
            text.signature(arguments, name),
            *text.size_lines(self.builder, sizes, known, arguments),
            *self.within(body),
        ]
        self.functions.append("\n".join(code))
        return [chosen[inside] for inside in sorted(chosen)]

    # ------------------------------------------------------------------ loops

    def _loop(self, turns: Turns) -> None:
        """The function of a layer, and the loop that calls it."""
        inputs, given = self._read(turns.outer)
        leaves = {
            value: Name(name) for name, value in self.parameters.items() if value not in given
        }
        inputs |= {tree.text: tree.text for tree in leaves.values()}
        given |= leaves
        inside = dict(zip(turns.given, (value.tree for value in turns.given), strict=True))
        lines = text.Lines(self.temporaries, self.builder)
        results = lines.write(turns.outputs, inside | given)
        rest = self._function(turns.name, inputs, given, lines, results, turns.given)
        for final in turns.finals:
            self.known[final] = self.names.of("state")
        states = [self.known[final] for final in turns.finals]
        lists = [self.names.of(value.tree.word) for value in turns.kept]
        self.known |= dict(zip(turns.kept, lists, strict=True))
        self._turn(turns, states, lists, rest)

    def _turn(
        self, turns: Turns, states: Sequence[str], lists: Sequence[str], rest: Sequence[str]
    ) -> None:
        for state, start in zip(states, turns.starts, strict=True):
            self.lines.append(f"    {state} = {self._text(start)}")
        if lists:
            self.lines.append(f"    {', '.join(lists)} = {', '.join('[]' for _ in lists)}")
        runs = [self._run(values, turns) for values in turns.items]
        names = list(turns.steps)
        if turns.number is not None:
            names.append(turns.number)
            run = f"range({turns.count})"
            runs.append(f"reversed({run})" if turns.backwards else run)
        self.lines += _heading(names, runs, turns.count)
        new = [self.names.of(f"new_{name}") for name in lists]
        called = f"{turns.name}({', '.join([*states, *names, *rest])})"
        self.lines += [f"    {line}" for line in _assigned([*states, *new], called)]
        self.lines += [
            f"        {name}.append({one})" for name, one in zip(lists, new, strict=True)
        ]
        if turns.backwards:
            self.lines += [f"    {name}.reverse()" for name in lists]

    def _run(self, values: Sequence[Value], turns: Turns) -> str:
        """The values of all layers in the order of the turns."""
        places = [self._place(value) for value in values]
        sources_ = {value.args[0] for value in values if value.args}
        first = places[0]
        following = first is not None and places == list(range(first, first + len(values)))
        if following and len(sources_) == 1:
            name = self.known[values[0].args[0]]
            return f"{name}[{first}:{(first or 0) + len(values)}]{'[::-1]' * turns.backwards}"
        texts = [self._text(value) for value in values]
        return f"({', '.join(texts[::-1] if turns.backwards else texts)},)"


def _symbols(shape: Shape) -> set[sp.Basic]:
    return {symbol for size in shape for symbol in sp.sympify(size).free_symbols}


def _word(outside: str) -> str:
    """An identifier for an entry of a list: ``kept[3]`` becomes ``kept_3``."""
    name = outside.removeprefix("stacked(*")
    return "_".join("".join(c if c.isalnum() else " " for c in name).split())


def _assigned(targets: Sequence[str], called: str) -> list[str]:
    line = f"    {', '.join(targets)} = {called}"
    if len(line) <= _LINE:
        return [line]
    function, _, arguments = called.partition("(")
    names = arguments.removesuffix(")").split(", ")
    left = _listed("    ", targets, " = ")
    return [*left[:-1], f"{left[-1]}{function}(", *(f"        {name}," for name in names), "    )"]


def _heading(names: Sequence[str], runs: Sequence[str], count: int) -> list[str]:
    """The first lines of a loop."""
    if not names:
        return [f"    for _ in range({count}):"]
    if len(names) == 1:
        return [f"    for {names[0]} in {runs[0]}:"]
    return [
        f"    for {', '.join(names)} in zip(",
        *(f"        {run}," for run in runs),
        "        strict=True,",
        "    ):",
    ]


def _listed(head: str, items: Sequence[str], tail: str = "") -> list[str]:
    """Items after each other, one a line where they are too many for one."""
    line = f"{head}{', '.join(items)}{tail}"
    if len(line) <= _LINE or len(items) == 1:
        return [line]
    return [f"{head}(", *(f"        {item}," for item in items), f"    ){tail}"]
