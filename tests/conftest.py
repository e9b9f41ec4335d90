"""What every test shares; nothing here changes symflow or JAX globally."""

from hypothesis import HealthCheck, settings

# Examples build graphs and compile programs, whose first run is slow: no deadline.
# `make test` draws the same examples every time; `make fuzz` draws new ones.
_SLOW = [HealthCheck.too_slow]
settings.register_profile("test", deadline=None, derandomize=True, suppress_health_check=_SLOW)
settings.register_profile("fuzz", deadline=None, print_blob=True, suppress_health_check=_SLOW)
settings.load_profile("test")
