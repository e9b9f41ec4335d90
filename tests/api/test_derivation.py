"""``sf.derive``: derivatives worked out step by step."""

from dataclasses import replace

import pytest

import symflow as sf
import symflow.numpy as snp
from symflow.api.worked import Worked
from tests.random_programs import random_program, symflow_space

n = sf.dim("n")
X, w, y = sf.matrix("X", "n", "d"), sf.vector("w", "d"), sf.vector("y", "n")
A, x, z = sf.matrix("A", "n", "n"), sf.vector("x", "n"), sf.vector("z", "n")
W1, W2 = sf.matrix("W1", "k", "d"), sf.matrix("W2", "d", "k")
b, t, v = sf.vector("b", "k"), sf.vector("t", "d"), sf.vector("v", "d")
LOSS = snp.sum((X @ w - y) ** 2) / n
NETWORK = snp.sum((W2 @ snp.tanh(W1 @ v + b) - t) ** 2)
COMMON = {
    "least squares": (LOSS, w, 1),
    "logdet": (snp.linalg.slogdet(A)[1], A, 1),
    "cross-entropy": (-snp.sum(y * sf.nn.log_softmax(z)), z, 1),
    "quadratic form": (x @ A @ x, x, 1),
    "network": (NETWORK, W1, 1),
    "Jacobian": (sf.nn.softmax(A @ z), z, 1),
    "Hessian": (snp.log(snp.sum(snp.exp(z))), z, 2),
    "inverse": (w @ snp.linalg.inv(X.T @ X + snp.eye(sf.dim("d"))) @ w, X, 1),
    "logistic": (snp.sum(snp.log(1 + snp.exp(-y * (X @ w)))), w, 2),
    "unit": (x / snp.sqrt(snp.sum(x * x)), x, 1),
    "scalar": (sf.scalar("a") ** 3, sf.scalar("a"), 2),
    "constant": (snp.sum(y), w, 1),
}


@pytest.mark.parametrize("name", COMMON)
def test_every_step_holds_and_the_whole_agrees_with_jax(name: str) -> None:
    f, variable, order = COMMON[name]
    derivation = sf.derive(f, variable, order=order)
    assert all(step.check() for step in derivation.steps)
    assert derivation.check()
    assert derivation.verify().ok
    expected = sf.grad(f, variable) if not f.shape else sf.jacobian(f, variable)
    assert derivation.result is (sf.hessian(f, variable) if order == 2 else expected)
    assert derivation.form(0) is derivation.start
    assert derivation.form(len(derivation.steps)) is derivation.result


@pytest.mark.parametrize("name", COMMON)
def test_a_common_problem_fits_on_a_screen(name: str) -> None:
    f, variable, order = COMMON[name]
    lines = sf.derive(f, variable, order=order).text().splitlines()
    assert len(lines) <= 24 * order
    assert max(map(len, lines)) <= 130


def test_a_network_reads_as_on_paper() -> None:
    derivation = sf.derive(NETWORK, W1)
    assert derivation.text() == (
        """\
f = sum((W2 @ tanh(W1 @ v + b) - t) ** 2)
Let
  z = W1 @ v + b  (k,)
  h = tanh(z)     (k,)
  r = W2 @ h - t  (d,)
  f = r @ r
Differentials
  df = 2 * r @ dr         [d-square]
  dr = W2 @ dh            [d-linear]
  dh = (1 - h ** 2) * dz  [d-tanh]
  dz = dW1 @ v            [d-linear]
Collect dW1
  df = <2 * r, dr>                                     [transpose]
     = <2 * W2.T @ r, dh>                              [transpose]
     = <2 * (W2.T @ r) * (1 - h ** 2), dz>             [transpose]
     = <2 * outer((W2.T @ r) * (1 - h ** 2), v), dW1>  [transpose]
Read off (output + variable layout)
  df/dW1 = 2 * outer((W2.T @ r) * (1 - h ** 2), v)  [read off]  (k, d)
         = """
        + f"{derivation.result}  (k, d)"
    )


def test_in_full_every_rule_has_its_line() -> None:
    derivation = sf.derive(LOSS, w)
    brief, full = derivation.text(), derivation.text("full")
    assert "d(X @ w - y) = d(X @ w)" in full
    assert "d(A + B) = dA + dB" in full
    assert "d(A + B)" not in brief
    assert len(full.splitlines()) > len(brief.splitlines())
    logdet = sf.derive(snp.linalg.slogdet(A)[1], A).text()
    assert "Cookbook" in logdet
    assert derivation.text("full", figures=True).count("agrees") >= 5
    with pytest.raises(sf.DomainError, match="detail"):
        derivation.text("short")


def test_a_gradient_is_simplified_after_it_is_read_off() -> None:
    text = sf.derive(x @ A @ x, x).text()
    assert "df/dx = A @ x + A.T @ x  [read off]  (n,)" in text
    assert "= (A + A.T) @ x    [factor]" in text


def test_names_are_none_of_the_variables() -> None:
    r, f = sf.vector("r", "n"), sf.vector("f", "n")
    derivation = sf.derive(snp.sum((X @ w - r + f) ** 2), w)
    text = derivation.text()
    assert derivation.check()
    assert "\n  r = " not in text
    assert not text.startswith("f =")


def test_a_residual_has_the_sign_of_an_author() -> None:
    assert "r = X @ w - y" in sf.derive(snp.sum(snp.exp((y - X @ w) ** 2)), w).text()
    assert "r = X @ w - y" in sf.derive(LOSS, w).text()


def test_latex_markdown_and_html() -> None:
    derivation = sf.derive(NETWORK, W1)
    latex = derivation.latex("full")
    assert latex.startswith(r"\begin{aligned}")
    assert r"\left\langle 2 \, r, \mathrm{d} r \right\rangle" in latex
    assert r"\mathrm{d} h &= \left(1 - h^{\odot 2}\right) \odot \mathrm{d} z" in latex
    assert latex.count("{") == latex.count("}")
    assert "Ξ" not in latex
    markdown = derivation.markdown("full")
    assert markdown.count("$$") % 2 == 0
    assert "- d-tanh: `d(tanh(x)) = (1 - tanh(x)**2) * dx`" in markdown


def test_html_is_well_formed_and_escaped() -> None:
    from xml.etree import ElementTree as ET

    odd = sf.vector("a<b&c", "n")
    derivation = sf.derive(snp.sum(snp.where(odd > 0, snp.sin(odd), odd)), odd)
    html = derivation.html()
    ET.fromstring(html)
    assert "<b&c" not in html
    assert "<script" not in html
    assert "http" not in html
    assert "<details>" in sf.derive(NETWORK, W1).html()
    assert "<details>" not in sf.derive(NETWORK, W1).html("brief")
    ET.fromstring(sf.derive(NETWORK, W1).html(figures=True))


def test_shared_entries_are_a_step() -> None:
    S = sf.matrix("S", "n", "n", symmetric=True)
    f = snp.linalg.slogdet(S)[1] + snp.trace(A @ S)
    free, shared = sf.derive(f, S), sf.derive(f, S, structured=True)
    assert "shared entries" in shared.text()
    assert "shared entries" not in free.text()
    for derivation in (free, shared):
        assert all(step.check() for step in derivation.steps)
        assert derivation.check()
    assert sf.verify(f, shared.result, S, structured=True).ok


def test_long_derivatives_stay_linear() -> None:
    """Steps and the sizes of what they hold grow with the graph, not with its square."""
    lengths = []
    for depth in (8, 16):
        h = v
        for k in range(depth):
            h = snp.tanh(sf.matrix(f"M{k}", "d", "d") @ h + sf.vector(f"c{k}", "d"))
        derivation = sf.derive(snp.sum(h * h), sf.matrix("M0", "d", "d"))
        text = derivation.text("full").rpartition("Rewriting of the whole form")[0]
        text = text or derivation.text("full")
        lengths.append((len(derivation.steps), len(text)))
        assert len(derivation.text().splitlines()) < 70
    (steps, length), (more, longer) = lengths
    assert more < 2.3 * steps
    assert longer < 2.6 * length


def test_a_wrong_step_does_not_hold() -> None:
    derivation = sf.derive(snp.sum(snp.sin(w)), w)
    for rule in ("d-sin", "transpose"):
        steps = [
            replace(step, after=2 * step.after) if rule in step.rule else step
            for step in derivation.steps
        ]
        wrong = replace(derivation, steps=steps)
        with pytest.raises(sf.SymflowError, match="does not hold"):
            wrong.check()
        assert not all(step.check() for step in wrong.steps)


def test_a_wrong_result_is_found_by_the_sweep() -> None:
    derivation = sf.derive(snp.sum(snp.sin(w)), w)
    wrong = replace(derivation, result=2 * derivation.result)
    with pytest.raises(sf.SymflowError, match="a step is missing"):
        wrong.check()


def test_the_derivative_that_pairings_lead_to_is_swept_again() -> None:
    derivation = sf.derive(snp.sum(snp.sin(snp.exp(w))), w)
    assert derivation.stages
    stages = [
        replace(passage, result=2 * passage.result) if passage.result.shape else passage
        for passage in derivation.stages
    ]
    with pytest.raises(sf.SymflowError, match="do not lead to the form"):
        replace(derivation, stages=tuple(stages)).check()


def test_a_step_alone_cannot_be_evaluated() -> None:
    step = sf.derive(LOSS, w).steps[0]
    with pytest.raises(sf.SymflowError, match="belongs to no derivation"):
        replace(step, measure=None).check()


def test_orders_below_one_are_refused() -> None:
    with pytest.raises(sf.DomainError, match="order"):
        sf.derive(LOSS, w, order=0)


def test_no_step_is_missing_at_a_higher_order() -> None:
    derivation = sf.derive(snp.sum(snp.log(1 + snp.exp(X @ w)) * y), w, order=3)
    assert derivation.check()
    assert derivation.verify().ok


@pytest.mark.parametrize("seed", range(12))
def test_derivatives_of_random_graphs_replay(seed: int) -> None:
    program = random_program(seed, steps=5)
    leaves = [sf.tensor(f"v{k}", *shape) for k, shape in enumerate(program.shapes)]
    f = snp.sum(program.run(symflow_space(), leaves))
    try:
        derivation = sf.derive(f, leaves[0])
    except sf.DifferentialError:
        pytest.skip("no differential")
    assert derivation.result is sf.grad(f, leaves[0])
    assert derivation.check()
    assert derivation.text("full")


def test_steps_may_be_mapped_for_reading() -> None:
    derivation = sf.derive(snp.sum(snp.sin(w)), w)
    (step,) = [s for s in derivation.steps if isinstance(s, Worked) and s.rule == "read off"]
    u = sf.vector("u", "d")
    assert step.mapped(lambda node: node.xreplace({w: u})).equation() == ("df/dw", "cos(u)")


def test_derivatives_by_entries_and_by_structured_variables_say_what_they_are() -> None:
    A, x = sf.matrix("A", "n", "n"), sf.vector("x", "n")
    S = sf.matrix("S", "n", "n", symmetric=True)
    by_entries = sf.derive(snp.sum((A @ x) ** 2), x[1:3])
    assert by_entries.result is sf.grad(snp.sum((A @ x) ** 2), x[1:3])
    assert "entries" in [step.rule for step in by_entries.steps]
    free, shared = (sf.derive(snp.trace(S @ S @ A), S, structured=flag) for flag in (False, True))
    assert "independent entries of S, symmetric" in str(free)
    assert "shared entries" in str(shared)
    twice = sf.derive(snp.trace(S @ S @ S), S, order=2)
    for derivation in (by_entries, free, shared, twice):
        assert derivation.check()
        assert derivation.verify().ok
