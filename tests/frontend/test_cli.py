"""The command line: exit codes, messages, help, and how soon it answers."""

import os
import subprocess
import sys

import pytest

from symflow.frontend.cli import main
from tests.architecture.tree import ROOT

LEAST_SQUARES = ["sum((X*w - y)^2)", "--var", "X: n d"]


def run(capsys, *arguments):
    """Exit code, standard output and standard error."""
    code = main(arguments)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["derive", "sum((X*w - )", "--var", "X: n d", "--wrt", "w"], "^"),
        (["derive", "sum((X*w - y)^2)", "--wrt", "w"], "add --var"),
        (["derive", *LEAST_SQUARES, "--wrt", "v"], "the formula has no variable 'v'"),
        (["derive", "x .^ 2", "--var", "x: n", "--wrt", "x", "--var", "q"], "cannot read --var"),
        (["derive", "X*w", "--var", "X: n d", "--var", "w: n", "--wrt", "w"], "(n, d)"),
        (["derive", "det(A)", "--var", "A: n d", "--wrt", "A"], "square"),
        (["graph", "sum(x)", "--var", "x: n", "--size", "m=3"], "--size names 'm'"),
        (["export", "x", "--var", "x: n", "-o", "/proc/none/file"], "/proc/none"),
    ],
)
def test_errors_exit_with_2(capsys, arguments, message):
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert "symflow: error:" in err
    assert message in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["derive"],
        ["derive", "x"],
        ["derive", "x", "--wrt", "x", "--order", "0"],
        ["derive", "x", "--wrt", "x", "--order", "9"],
        ["demo", "--epochs", "none"],
        ["derive", "x", "--wrt", "x", "--format", "word"],
        ["graph", "x", "--size", "n"],
        ["integrate", "x"],
    ],
)
def test_bad_usage_exits_with_2(capsys, arguments):
    with pytest.raises(SystemExit) as error:
        main(arguments)
    assert error.value.code == 2
    assert "usage:" in capsys.readouterr().err


@pytest.mark.parametrize("verb", [[], ["derive"], ["graph"], ["simplify"], ["export"]])
def test_help_shows_examples(capsys, verb):
    with pytest.raises(SystemExit) as error:
        main([*verb, "--help"])
    assert error.value.code == 0
    assert 'symflow derive "sum((X*w - y)^2)"' in capsys.readouterr().out


def in_shell(*arguments):
    """Run the command as a process; return it with the modules that it loaded last."""
    program = (
        "import sys\nfrom symflow.frontend.cli import main\ncode = main()\n"
        "print('jax' in sys.modules, file=sys.stderr)\nsys.exit(code)"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-P", "-W", "error", "-c", program, *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True)


@pytest.mark.parametrize("form", ["text", "latex", "unicode", "json"])
def test_jax_is_loaded_only_to_run(form):
    result = in_shell("derive", *LEAST_SQUARES, "--wrt", "w", "--format", form)
    assert result.returncode == 0, result.stderr
    assert result.stderr.splitlines()[-1] == "False"


def test_a_closed_pipe_is_no_error():
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    arguments = ["graph", "sum(x)", "--var", "x: n"]
    program = "from symflow.frontend.cli import main; raise SystemExit(main())"
    process = subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    process.stdout.close()
    error = process.stderr.read()
    process.stderr.close()
    assert process.wait() == 0
    assert error == b""
