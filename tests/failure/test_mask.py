"""Keys and tokens in what upstreams say."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metaphrase.mask import mask
from tests.operations import convert, encode

SECRETS = [
    ("sk-proj-abcdEFGH1234567890", "sk-***"),
    ("gsk_abcdEFGH1234567890", "gsk_***"),
    ("AIza" + "SyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY", "AIza***"),
    ("ya29.a0AfH6SMBx-abc_def1234", "ya29.***"),
    ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dozjgNryP4J3jVmNHl0w", "eyJ***"),
    ("Bearer abc.def-ghi_jkl0123", "Bearer ***"),
    ("bearer 0123456789abcdef==", "bearer ***"),
    ("?key=0123456789abcdefXYZ", "?key=***"),
    ('{"api_key": "hunter2 is short"}', '{"api_key": "***"}'),
]
INNOCENT = [
    "Incorrect API key provided: sk-. You can find your API key at https://platform.openai.com/account/api-keys.",
    "Bearer authentication is required",
    "the key = value form",
    "a task-force-of-many-people",
    "Your api key: ****-key is invalid",
    "monkey=banana",
    "Invalid JWT: eyJ",
]


@pytest.mark.parametrize(("secret", "masked"), SECRETS)
def test_secrets_are_masked_wherever_they_stand(secret: str, masked: str) -> None:
    assert mask(secret) == masked
    assert mask(f"Wrong key ({secret}), try again.") == f"Wrong key ({masked}), try again."


@pytest.mark.parametrize("text", INNOCENT)
def test_other_words_stay(text: str) -> None:
    assert mask(text) == text


@pytest.mark.parametrize(("secret", "masked"), [pair for pair in SECRETS if '"' not in pair[0]])
@pytest.mark.parametrize(
    ("source", "target"), [("openai", "gemini"), ("gemini", "openai"), ("openai", "openai"), ("gemini", "gemini")]
)
def test_no_secret_gets_through(secret: str, masked: str, source: str, target: str) -> None:
    error = {"message": f"bad {secret}", "code": 400, "param": secret, "details": [{"@type": "x", "detail": secret}]}
    for body in (
        encode({"error": error}),
        f"<p>{secret}</p>".encode(),
        encode({"error": {"message": "m", "metadata": {"raw": secret}}}),
    ):
        done = convert(body, source, target, "failure", status=400)  # type: ignore[arg-type]  # on purpose
        assert secret.encode() not in done.body
        assert masked.encode() in done.body


@given(st.text())
def test_masking_twice_is_masking_once(text: str) -> None:
    assert mask(mask(text)) == mask(text)


@pytest.mark.parametrize(
    "piece",
    ["sk-", "eyJ", "eyJaaaaaa-", "eyJaaaaaaa.", "eyJaaaaaaa.b.", "AIza", "bearer ", "Bearer      ", "key=", "key =   ",
     'api_key":"', 'api_key\\"', "<", "<a", "</", "<title", "a.b", "ya29."],
)  # fmt: skip
def test_the_time_is_linear(piece: str) -> None:
    """Ten times the text may take some ten times as long, not a hundred times."""

    def seconds(size: int) -> float:
        body = (piece * (size // len(piece))).encode()
        start = time.perf_counter()
        convert(body, "gemini", "openai", "failure", status=500)
        return time.perf_counter() - start

    seconds(10_000)
    assert seconds(300_000) < 40 * max(seconds(30_000), 0.05)
