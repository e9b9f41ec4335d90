"""The demonstration: a dense network from its formula to a trained reader of handwritten digits."""

import time
from argparse import Namespace
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

import symflow as sf
from symflow.frontend import digits
from symflow.frontend.output import rank_and_shape, screen, show_steps
from symflow.frontend.plot import Curve, line_chart

EPOCHS = 40
WANTED = 0.95
_SIZES = {"n": digits.BATCH, "d": digits.PIXELS, "h": digits.HIDDEN, "k": digits.CLASSES}


def run(options: Namespace) -> bool:
    """``symflow demo``; False where a figure is not what it should be."""
    start = time.perf_counter()
    console = screen()
    data = digits.load(digits.find(options.data))
    model = digits.network()
    _show_model(model, console)
    derivations, verified = _show_derivation(model, console)
    _write_files(model, derivations, options.out, console)
    accuracy = _show_training(model, data, options, console)
    console.rule(style="dim")
    console.print(f"{time.perf_counter() - start:.1f} s in all")
    good = accuracy >= WANTED
    if not good:
        console.print(f"the accuracy is below {WANTED:.0%}", style="bold red")
    return verified and good


def _heading(console: Console, text: str) -> None:
    console.print()
    console.rule(text, align="left", style="cyan")


def _show_model(model: digits.Network, console: Console) -> None:
    _heading(console, "The model")
    console.print("relu(X W1 + b1) W2 + b2 with softmax cross-entropy on a batch of n images\n")
    console.print(str(sf.graph(model.loss, names=model.names)))
    both = _whole_graph(model)
    widest = max(both.levels[1:], key=len)
    console.print("\nwith its gradients: " + both.summary())
    console.print(
        f"level {widest[0].level} alone runs {len(widest)} operations in parallel: "
        + ", ".join(f"{node.name} = {node.operation}" for node in widest)
    )


def _whole_graph(model: digits.Network) -> Any:
    """Loss and gradients together, at the sizes of the training."""
    gradients = dict(zip(model.gradient_names, model.gradients, strict=True))
    names = {**model.names, **gradients}
    return sf.graph(model.loss, *model.gradients, names=names, sizes=_SIZES)


def _show_derivation(model: digits.Network, console: Console) -> tuple[dict[str, Any], bool]:
    """Steps, closed forms, and how far they are from JAX's automatic differentiation."""
    _heading(console, "The derivation")
    derivations = {
        name: sf.derive(model.loss, parameter)
        for name, parameter in zip(model.gradient_names, model.parameters, strict=True)
    }
    short = {name: shortened(found, model.layers) for name, found in derivations.items()}
    console.print("with")
    for layer, definition in where(model.layers):
        console.print(f"    {layer} = {definition}")
    console.print()
    for name, derivation in derivations.items():
        show_steps(name, derivation, console)
    _heading(console, "The gradients in closed form")
    for name, derivation in short.items():
        console.print(f"{name}: {rank_and_shape(derivation.result)}", style="bold")
        console.print(f"    {derivation.result}")
    _heading(console, "Checked against JAX's automatic differentiation in float64")
    figures = {name: derivation.verify() for name, derivation in derivations.items()}
    for name, figure in figures.items():
        console.print(f"{name} {figure}")
    return derivations, all(figure.ok for figure in figures.values())


def shortened(derivation: Any, layers: Mapping[Any, Any]) -> Any:
    """A derivation with variables in place of the layers that they stand for."""
    steps = tuple(step.mapped(lambda node: node.xreplace(layers)) for step in derivation.steps)
    start, result = derivation.start.xreplace(layers), derivation.result.xreplace(layers)
    return replace(derivation, start=start, steps=steps, result=result)


def where(layers: Mapping[Any, Any]) -> Iterator[tuple[Any, Any]]:
    """The variables that stand for layers, each with its definition in terms of the others."""
    for layer, name in layers.items():
        yield name, layer.xreplace({k: v for k, v in layers.items() if k is not layer})


def _write_files(
    model: digits.Network, derivations: Mapping[str, Any], folder: Path, console: Console
) -> None:
    _heading(console, "Files")
    folder.mkdir(parents=True, exist_ok=True)
    network = sf.graph(model.loss, names=model.names).svg(
        "A dense network with softmax cross-entropy"
    )
    gradients = _whole_graph(model).svg("The network and its gradients")
    program = sf.export([model.loss, *model.gradients], "jax")
    for name, text, what in (
        ("network.svg", network, "data flow of the loss"),
        ("gradients.svg", gradients, "data flow of the loss and its gradients"),
        (
            "derivation.tex",
            latex_document(derivations, model.layers),
            "the derivation step by step",
        ),
        ("gradients.py", program, "loss and gradients as a program over jax.numpy"),
        ("training_step.py", digits.training_step(model).source, "the program that trains"),
    ):
        (folder / name).write_text(text, encoding="utf-8")
        console.print(f"{folder / name}  {what}")


def latex_document(derivations: Mapping[str, Any], layers: Mapping[Any, Any]) -> str:
    """Derivations as a LaTeX document, with names for the layers."""
    lines = [
        r"\documentclass{article}",
        r"\usepackage[a3paper,landscape,margin=15mm]{geometry}",
        r"\usepackage{amsmath}",
        r"\begin{document}",
    ]
    for name, definition in where(layers):
        lines += [r"\[", f"{sf.latex(name)} = {sf.latex(definition)}", r"\]"]
    for name, derivation in derivations.items():
        result = sf.latex(shortened(derivation, layers).result)
        lines += [rf"\section*{{{name}}}", r"\[", derivation.latex(), r"\]"]
        lines += ["that is,", r"\[", result, r"\]"]
    return "\n".join([*lines, r"\end{document}", ""])


def _show_training(
    model: digits.Network, data: digits.Digits, options: Namespace, console: Console
) -> float:
    _heading(console, "Training on handwritten digits")
    console.print(
        f"{len(data.train_images)} images to learn from, {len(data.test_images)} held back; "
        f"on {_device()}"
    )
    history: list[digits.Epoch] = []
    columns = (
        TextColumn("epoch"),
        MofNCompleteColumn(),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("", total=options.epochs)
        for epoch in digits.train(data, options.epochs, model=model):
            history.append(epoch)
            words = f"loss {epoch.train_loss:.4f}  test accuracy {epoch.test_accuracy:.1%}"
            progress.update(task, advance=1, description=words)
    rounds = [epoch.number for epoch in history]
    curves = [
        Curve("training", rounds, [epoch.train_loss for epoch in history]),
        Curve("test", rounds, [epoch.test_loss for epoch in history]),
    ]
    chart = line_chart("Handwritten digits: loss", "epoch", "cross-entropy", curves)
    (options.out / "loss.svg").write_text(chart, encoding="utf-8")
    last = history[-1]
    console.print(f"test accuracy {last.test_accuracy:.1%}, test loss {last.test_loss:.4f}")
    console.print(f"{options.out / 'loss.svg'}  loss by epoch")
    return last.test_accuracy


def _device() -> str:
    import jax

    device = jax.devices()[0]
    return f"{device.platform.upper()} ({device.device_kind})"
