"""What ``import symflow`` costs beside ``import sympy``."""

import os
import subprocess
import sys

import pytest

from tests.architecture.tree import ROOT
from tests.benchmarks.conftest import best_of

PROGRAMS = {
    "import sympy": "import sympy",
    "import symflow": "import symflow",
    "an expression": "import symflow as sf; sf.vector('x', 'n') + 1",
    "all verbs": "import symflow as sf; sf.vector('x', 'n') + 1; sf.grad",
}


def run(code):
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-P", "-c", code], env=environment, check=True)


@pytest.mark.parametrize("program", PROGRAMS)
def test_import(benchmark, program):
    benchmark.pedantic(run, (PROGRAMS[program],), rounds=5, warmup_rounds=1)


def test_import_ratio(benchmark, note):
    times = {}

    def compare():
        for name, code in PROGRAMS.items():
            times[name] = best_of(lambda code=code: run(code), 7)

    benchmark.pedantic(compare, rounds=1)
    empty = best_of(lambda: run("pass"), 7)
    for name in list(PROGRAMS)[1:]:
        ratio = times[name] / times["import sympy"]
        benchmark.extra_info[name] = ratio
        note(
            f"{name} / import sympy = {ratio:.2f} ({times[name]:.3f} s, Python alone {empty:.3f} s)"
        )
