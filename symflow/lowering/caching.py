"""A folder in which JAX keeps what it has compiled, for one compilation."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_OPTIONS = (
    "jax_compilation_cache_dir",
    "jax_persistent_cache_min_compile_time_secs",
    "jax_persistent_cache_min_entry_size_bytes",
    "jax_enable_compilation_cache",
)


@contextmanager
def kept_at(folder: str | Path) -> Iterator[None]:
    """Compile with a folder for what is compiled, then put JAX's settings back.

    JAX has one such setting for the whole process: what another thread compiles in the meantime is
    kept there, too.

    Args:
        folder: made where it is not there. Whoever may write to it may run code here.
    """
    import jax
    from jax.experimental.compilation_cache import compilation_cache

    before: dict[str, Any] = {name: getattr(jax.config, name) for name in _OPTIONS}
    Path(folder).mkdir(parents=True, exist_ok=True)
    wanted = dict(zip(_OPTIONS, (str(folder), 0.0, -1, True), strict=True))
    try:
        _set(wanted)
        compilation_cache.reset_cache()
        yield
    finally:
        _set(before)
        compilation_cache.reset_cache()


def _set(values: dict[str, Any]) -> None:
    import jax

    config: Any = jax.config
    for name, value in values.items():
        config.update(name, value)
