"""Settings for the whole run."""

from hypothesis import HealthCheck, settings

# `make test` gives the same answer every time; `make long` looks further, and elsewhere each time.
_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
settings.register_profile("quick", deadline=None, derandomize=True, suppress_health_check=_SLOW)
settings.register_profile("long", deadline=None, max_examples=20_000, suppress_health_check=_SLOW)
settings.load_profile("quick")
