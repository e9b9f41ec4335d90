"""The catalogue is found beside symflow, even where a script of the same name is first."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def _run(folder: Path, code: str) -> subprocess.CompletedProcess[str]:
    script = folder / "main.py"
    script.write_text(f"import sys\nsys.path.append({str(ROOT)!r})\n{code}")
    return subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)


def test_a_script_named_rewrites_does_not_hide_the_catalogue(tmp_path: Path) -> None:
    (tmp_path / "rewrites.py").write_text("raise SystemExit('the wrong module')")
    code = "import symflow, rewrites.presets\nprint(rewrites.presets.__file__)"
    done = _run(tmp_path, code)
    assert done.stdout.strip() == str(ROOT / "rewrites" / "presets.py"), done.stderr


def test_a_foreign_module_that_is_loaded_already_is_named(tmp_path: Path) -> None:
    (tmp_path / "rewrites.py").write_text("")
    done = _run(tmp_path, "import rewrites\nimport symflow")
    assert "another module named 'rewrites'" in done.stderr
