"""Protocol and kind, told from the looks of a document."""

from pathlib import Path

import pytest

from metaphrase_files import Guess, Undetected, detect

FIXTURES = sorted(Path(__file__).resolve().parents[2].glob("fixtures/*_re*.json"))

DOCUMENTS = [
    (b'{"messages": []}', "openai chat.request"),
    (b'{"choices": []}', "openai chat.response"),
    (b'{"object": "chat.completion"}', "openai chat.response"),
    (b'{"input": "text", "model": "m"}', "openai embedding.request"),
    (b'{"object": "list", "data": [{"object": "embedding", "embedding": [1]}]}', "openai embedding.response"),
    (b'{"object": "list", "data": [{"object": "model", "id": "m"}]}', "openai models.response"),
    (b'{"object": "model", "id": "m"}', "openai model.response"),
    (b'{"error": {"message": "no", "type": "invalid_request_error"}}', "openai failure"),
    (b'{"contents": []}', "gemini chat.request"),
    (b'{"system_instruction": {}}', "gemini chat.request"),
    (b'{"candidates": []}', "gemini chat.response"),
    (b'{"promptFeedback": {}}', "gemini chat.response"),
    (b'{"generateContentRequest": {"contents": []}}', "gemini tokens.request"),
    (b'{"totalTokens": 3}', "gemini tokens.response"),
    (b'{"requests": []}', "gemini embedding.request"),
    (b'{"embeddings": []}', "gemini embedding.response"),
    (b'{"models": []}', "gemini models.response"),
    (b'{"name": "models/m", "inputTokenLimit": 7}', "gemini model.response"),
    (b'{"error": {"code": 400, "message": "no", "status": "INVALID_ARGUMENT"}}', "gemini failure"),
    (b'[{"error": {"code": 400, "message": "no", "status": "INVALID_ARGUMENT"}}]', "gemini failure"),
    (b'[{"candidates": []}, {"candidates": []}]', "gemini chat.stream"),
    (b'data: {"candidates": []}\r\n\r\n', "gemini chat.stream"),
    (b': ping\n\ndata: {"choices": []}\n\ndata: [DONE]\n\n', "openai chat.stream"),
    (b'\xef\xbb\xbf {"messages": []}', "openai chat.request"),
]

UNKNOWN = [
    b"",
    b"{}",
    b"[]",
    b"[3]",
    b"3",
    b'{"a": ',
    b'{"object": 3}',
    b'{"object": "response"}',
    b"data: [DONE]\n\n",
    b"[" * 9000,
]


@pytest.mark.parametrize(("body", "name"), DOCUMENTS, ids=lambda value: value if isinstance(value, str) else None)
def test_documents(body: bytes, name: str) -> None:
    protocol, _, kind = name.partition(" ")
    guess = Guess(protocol, kind)
    assert detect(body) == guess
    assert detect(body, source=protocol) == guess
    assert detect(body, kind=kind) == guess


@pytest.mark.parametrize("file", FIXTURES, ids=lambda file: file.stem)
def test_fixtures_are_what_they_are_called(file: Path) -> None:
    protocol, kind, _ = file.stem.split("_", 2)
    assert detect(file.read_bytes()) == Guess(protocol, f"chat.{kind}")


@pytest.mark.parametrize("body", UNKNOWN)
def test_what_is_not_known(body: bytes) -> None:
    with pytest.raises(Undetected):
        detect(body)


def test_what_the_caller_says_is_not_questioned() -> None:
    assert detect(b"anything", "openai", "chat.request") == Guess("openai", "chat.request")


def test_what_the_caller_says_narrows_the_choice() -> None:
    with pytest.raises(Undetected, match="--kind"):
        detect(b'{"messages": []}', source="gemini")
    with pytest.raises(Undetected, match="--from"):
        detect(b'{"messages": []}', kind="chat.response")
