"""Vectors as JSON text: number arrays handed on, base64 of float32 made and unmade bit for bit."""

import math
import struct
from base64 import b64decode, b64encode

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from metaphrase import vectors

FLOAT32 = st.floats(width=32, allow_nan=False, allow_infinity=False)


def packed(values: list[float]) -> bytes:
    return struct.pack(f"<{len(values)}f", *values)


@given(st.lists(FLOAT32, max_size=20))
def test_base64_becomes_numbers_that_are_the_same_float32(values: list[float]) -> None:
    raw = Raw(msgspec.json.encode(b64encode(packed(values)).decode()))
    numbers = msgspec.json.decode(vectors.to_numbers(raw))
    assert packed(numbers) == packed(values)
    assert b64decode(msgspec.json.decode(vectors.to_base64(vectors.to_numbers(raw)))) == packed(values)


@given(st.lists(st.floats(-3e38, 3e38), max_size=20))
def test_numbers_become_the_nearest_float32(values: list[float]) -> None:
    raw = Raw(msgspec.json.encode(values))
    assert b64decode(msgspec.json.decode(vectors.to_base64(raw))) == packed(values)


@pytest.mark.parametrize("text", ["[]", "[1,-2.5,\n 3e-5 ]", "[0.1e-10,1e-7]", "[1E5]", "[1e+5,2e5]", "[-0.0]"])
def test_finite_numbers_pass_as_they_are(text: str) -> None:
    raw = Raw(text.encode())
    assert vectors.check_numbers(raw) is raw


@pytest.mark.parametrize(
    "text", ["[1e39]", "[1e400]", "[1e-5,1e+60]", "[1,null]", "[[1]]", '["1"]', "[true]", "null", "{}", "[1e-5,[e]]"]
)
def test_what_is_not_finite_or_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="finite numbers"):
        vectors.check_numbers(Raw(text.encode()))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_base64_that_holds_no_finite_number_is_refused(value: float) -> None:
    raw = Raw(msgspec.json.encode(b64encode(packed([1.0, value])).decode()))
    with pytest.raises(ValueError, match="finite"):
        vectors.to_numbers(raw)


def test_infinities_that_cancel_are_refused() -> None:
    raw = Raw(msgspec.json.encode(b64encode(packed([math.inf, -math.inf])).decode()))
    with pytest.raises(ValueError, match="finite"):
        vectors.to_numbers(raw)


@pytest.mark.parametrize("text", ['"AAAA"', '"A"', '"!!!!"', '"\\ud800"', '"AAAAAA==x"', '"é"'])
def test_base64_that_holds_no_float32_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="base64 of float32"):
        vectors.to_numbers(Raw(text.encode()))


def test_base64_without_padding_and_in_the_other_alphabet() -> None:
    data = packed([-1.0000001, 65504.0, 1e-30])
    plain = b64encode(data).decode()
    other = plain.replace("+", "-").replace("/", "_").rstrip("=")
    assert vectors.to_numbers(Raw(f'"{other}"'.encode())) == vectors.to_numbers(Raw(f'"{plain}"'.encode()))


def test_numbers_beyond_float32_cannot_be_base64() -> None:
    with pytest.raises(ValueError, match="finite"):
        vectors.to_base64(Raw(b"[400000000000000000000000000000000000000]"))
    with pytest.raises(ValueError, match="finite"):
        vectors.to_base64(Raw(b"[null]"))
