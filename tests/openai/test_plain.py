"""Messages of a model that are read at once mean what they would mean if they were read member by member."""

from __future__ import annotations

from typing import Any

import pytest

from metaphrase import ir
from metaphrase.loss import steps_of
from tests.openai.helpers import CALL, USER, assistant, dropped, read, read_answer, request, response

FUNCTION = {"name": "f", "arguments": "{}"}
PLAIN: dict[str, dict[str, Any]] = {
    "text": assistant("a"),
    "calls": assistant(None, tool_calls=[CALL, CALL | {"id": "c2"}]),
    "thoughts": assistant(None, reasoning_content="t"),
    "everything": assistant("a", reasoning_content="t", tool_calls=[CALL], refusal=None, annotations=[]),
    "OpenAI's own": assistant("a", refusal=None, annotations=[]),
    "empty objects": assistant("a", annotations={}),
}
OTHERS: dict[str, dict[str, Any]] = {
    "nothing": assistant(None),
    "an empty text": assistant(""),
    "an empty text beside others": assistant("", reasoning_content="t", tool_calls=[CALL]),
    "no content": {"role": "assistant", "tool_calls": [CALL]},
    "a list": assistant([{"type": "text", "text": "a"}]),
    "an object": assistant({"a": 1}),
    "an image": assistant("![image](data:image/png;base64,AAAA)"),
    "an empty thought": assistant("a", reasoning_content=""),
    "no thought": assistant("a", reasoning_content=None),
    "a thought elsewhere": assistant("a", reasoning="t"),
    "null calls": assistant("a", tool_calls=None),
    "no calls": assistant("a", tool_calls=[]),
    "a call without an id": assistant("a", tool_calls=[{"type": "function", "function": FUNCTION}]),
    "a call without a function": assistant("a", tool_calls=[{"id": "c", "type": "custom", "custom": {"name": "f"}}]),
    "a call without arguments": assistant("a", tool_calls=[{**CALL, "function": {"name": "f"}}]),
    "a call with a member of its own": assistant("a", tool_calls=[{**CALL, "x": 1}]),
    "a function with a member of its own": assistant("a", tool_calls=[{**CALL, "function": {**FUNCTION, "x": 1}}]),
    "a signature in the id": assistant("a", tool_calls=[{**CALL, "id": "c1__thought__AAAA"}]),
    "a refusal": assistant(None, refusal="no"),
    "an empty refusal": assistant("a", refusal=""),
    "a citation": assistant("a", annotations=[{"type": "url_citation", "url_citation": {"url": "u"}}]),
    "a name": assistant("a", name="n"),
    "another role": assistant("a") | {"role": "model"},
    "a member of its own": assistant("a", x=1),
}
EVERY = PLAIN | OTHERS


def places(parts: tuple[ir.Part, ...]) -> list[tuple[str | int, ...]]:
    return [steps_of(part.at) for part in parts]


def slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("response", "message"):
        monkeypatch.setattr(f"metaphrase_openai.read.{module}.plain_parts", lambda *_: ())


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("options", [{}, {"read_think_tags": True}, {"signatures": "store", "store": {"c1": "SIG="}}])
def test_an_answer(name: str, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    document = response(EVERY[name])
    found, lost = read_answer(document, **options), dropped(document, "chat.response")
    slowly(monkeypatch)
    again = read_answer(document, **options)
    assert found == again
    assert places(found.choices[0].parts) == places(again.choices[0].parts)
    assert lost == dropped(document, "chat.response")


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("options", [{}, {"read_think_tags": True}, {"signatures": "store", "store": {"c1": "SIG="}}])
def test_a_message_of_a_request(name: str, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    document = request(USER, EVERY[name])
    found, lost = read(document, **options), dropped(document)
    slowly(monkeypatch)
    again = read(document, **options)
    assert found == again
    assert places(found.messages[1].parts) == places(again.messages[1].parts)
    assert lost == dropped(document)


@pytest.mark.parametrize("name", EVERY)
def test_which_messages_are_plain(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("metaphrase_openai.read.response.Draft", None)  # which reads member by member
    document = response(EVERY[name])
    if name in PLAIN:
        assert read_answer(document).choices[0].parts
    else:
        with pytest.raises(TypeError):
            read_answer(document)
