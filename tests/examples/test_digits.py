"""The example runs as a program, and learns."""

import os
import subprocess
import sys

from tests.architecture.tree import ROOT


def test_the_example_learns(tmp_path):
    command = [sys.executable, str(ROOT / "examples" / "digits.py"), "25"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    result = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    last = result.stdout.strip().splitlines()[-1]
    assert last.startswith("epoch 25")
    assert float(last.rpartition(" ")[2].rstrip("%")) >= 95
