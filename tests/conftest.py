"""Settings for the whole run."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers

# `make test` gives the same answer every time; `make long` looks further, and elsewhere each time.
_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
settings.register_profile("quick", deadline=None, derandomize=True, suppress_health_check=_SLOW)
settings.register_profile("long", deadline=None, max_examples=20_000, suppress_health_check=_SLOW)
settings.load_profile("quick")


def pytest_configure(config: pytest.Config) -> None:
    """Keep the source out of the quick run's examples.

    Hypothesis collects the constants of all local modules that have been imported, and draws from them now and then.
    An edit anywhere, or another choice of tests, would then change the examples of every test: a test that fails would
    fail in a change that has nothing to do with it. There is no setting for it; a long run keeps the constants.
    """
    if config.getoption("--hypothesis-profile") != "long":
        assert callable(providers._get_local_constants)  # it may move: then this has to be thought of again
        providers._get_local_constants = lambda: providers._local_constants
