"""What the commands do; each returns False where a verification failed."""

from argparse import Namespace
from typing import Any

import symflow as sf
from symflow.errors import ParseError
from symflow.frontend.formulas import Formula, read
from symflow.frontend.output import (
    as_json,
    deliver,
    described,
    figures_of,
    formatted,
    notes,
    rank_and_shape,
    screen,
    show_steps,
    steps_of,
)


def _read(options: Namespace) -> Formula:
    formula = read(options.formula, options.var, options.syntax)
    if formula.inferred:
        notes().print(f"taking {formula.assumed()}")
    return formula


def derive(options: Namespace) -> bool:
    """``symflow derive``: derivatives by one or several variables."""
    formula = _read(options)
    derivations: dict[str, Any] = {}
    for name in options.wrt:
        derivations[_derivative_name(name, options.order)] = sf.derive(
            formula.expression,
            formula.variable(name),
            order=options.order,
            structured=options.structured,
        )
    return _finish(formula, derivations, options)


def _derivative_name(name: str, order: int) -> str:
    return f"d/d{name}" if order == 1 else f"d{order}/d{name}{order}"


def simplify(options: Namespace) -> bool:
    """``symflow simplify``: an equal expression in simpler form."""
    formula = _read(options)
    derivation = sf.derivation(formula.expression, goal=options.goal)
    return _finish(formula, {"result": derivation}, options)


def _finish(formula: Formula, derivations: dict[str, Any], options: Namespace) -> bool:
    """Show steps, results and figures in the format asked for."""
    results = {name: derivation.result for name, derivation in derivations.items()}
    figures = {
        name: derivation.verify() for name, derivation in derivations.items() if options.verify
    }
    if options.format == "json":
        deliver(as_json(_report(formula, derivations, figures)), options.output)
        return all(figure.ok for figure in figures.values())
    if options.steps:
        for name, derivation in derivations.items():
            show_steps(name, derivation, screen())
    for name, result in results.items():
        notes().print(f"{name}: {rank_and_shape(result)}")
    deliver(formatted(results, options.format), options.output)
    for name, figure in figures.items():
        notes().print(f"{name}: {figure}")
    return all(figure.ok for figure in figures.values())


def _report(
    formula: Formula, derivations: dict[str, Any], figures: dict[str, Any]
) -> dict[str, Any]:
    return {
        "formula": formula.text,
        "expression": described(formula.expression),
        "variables": {
            name: {
                "shape": [s if isinstance(s, int) else str(s) for s in variable.shape],
                "dtype": variable.dtype,
                "properties": sorted(variable.properties),
                "inferred": name in formula.inferred,
            }
            for name, variable in formula.variables.items()
        },
        "results": [
            {
                "name": name,
                **described(derivation.result),
                "steps": steps_of(derivation),
                **({"verification": figures_of(figures[name])} if name in figures else {}),
            }
            for name, derivation in derivations.items()
        ],
    }


def graph(options: Namespace) -> bool:
    """``symflow graph``: the data flow of a formula, of its gradients too where asked for."""
    formula = _read(options)
    named = {"value": formula.expression}
    for name in options.wrt:
        named[f"d{name}"] = sf.jacobian(formula.expression, formula.variable(name))
    sizes = dict(options.size)
    unknown = sorted(set(sizes) - set(sf.graph(*named.values()).typical))
    if unknown:
        raise ParseError(f"--size names {unknown[0]!r}, which no shape of this formula has")
    flow = sf.graph(*named.values(), sizes=sizes, names=named)
    shown = {"table": flow.__str__, "tree": flow.tree, "svg": flow.svg}
    deliver(shown[options.format](), options.output)
    return True


def export(options: Namespace) -> bool:
    """``symflow export``: a formula as it stands in another format."""
    formula = _read(options)
    if options.format == "json":
        deliver(as_json(_report(formula, {}, {})), options.output)
    else:
        deliver(formatted({"value": formula.expression}, options.format), options.output)
    return True
