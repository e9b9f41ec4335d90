"""Derivations laid out: sections, what a brief reading leaves out, text and LaTeX."""

import pytest

import symflow as sf
import symflow.numpy as snp
from symflow.rewriting.reading import as_html, as_markdown, as_text
from symflow.rewriting.worksheet import worksheet

x = sf.vector("x", "n")


def chain(depth):
    h = x
    for k in range(depth):
        h = snp.tanh(sf.matrix(f"M{k}", "n", "n") @ h)
    return sf.derive(snp.sum(h), x)


def test_sections_follow_the_way_of_a_solution():
    titles = [section.title for section in worksheet(chain(2)).sections]
    assert titles[:4] == ["", "Let", "Differentials", "Collect dx"]
    assert titles[4].startswith("Read off")
    assert worksheet(chain(2), figures=True).verdict.ok


def test_the_middle_of_long_sections_is_left_out():
    derivation = chain(12)
    brief, full = worksheet(derivation), worksheet(derivation, "full")
    cut = next(section for section in brief.sections if section.title == "Let")
    whole = next(section for section in full.sections if section.title == "Let")
    assert cut.omitted == len(whole.lines) - len(cut.lines) > 0
    assert f"... ({cut.omitted} more" in as_text(brief)
    assert "more" not in as_text(full)
    assert "⋮" in as_html(brief)
    assert r"\vdots" in as_markdown(brief)
    assert all(section.lines[section.kept].left is not None for section in brief.sections)


def test_nothing_is_said_twice():
    for derivation in (chain(3), sf.derive(x @ x, x), sf.derive(snp.sum(x), x, order=2)):
        lines = [
            line for line in as_text(worksheet(derivation, "full")).splitlines() if "=" in line
        ]
        assert len(lines) == len(set(lines))


def test_rewriting_alone_has_no_function():
    d = sf.derivation(snp.log(snp.exp(x)))
    assert "log(exp(x)) = x  [log-exp]" in as_text(worksheet(d))
    assert d.html().count("<math") >= 3
    assert "$$" in d.markdown()


def test_unknown_ways_are_refused():
    with pytest.raises(sf.DomainError, match="brief, full"):
        worksheet(chain(1), "long")
    with pytest.raises(sf.DomainError, match="layout"):
        worksheet(chain(1), layout="upside down")
