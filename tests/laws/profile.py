"""How much to try: little in every test run, everything with `make long` or METAPHRASE_LONG=1."""

import os

import hypothesis


def long() -> bool:
    if os.environ.get("METAPHRASE_LONG"):
        return True
    return hypothesis.settings.get_current_profile_name() == "long"
