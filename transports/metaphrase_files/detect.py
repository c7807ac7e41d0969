"""Which protocol and which kind a document is: told from its top-level keys, by a table.

Only the keys are looked at, and one or two short values; a body of 5 MB is passed over once, not decoded.
"""

from __future__ import annotations

import msgspec

import metaphrase as mp

Keys = dict[str, msgspec.Raw]
_KEYS = msgspec.json.Decoder(Keys)
_FIRST = msgspec.json.Decoder(list[msgspec.Raw])
_BOM = b"\xef\xbb\xbf"
_SSE = (b"data:", b"event:", b"id:", b"retry:", b":")
_STREAMED = ("chat.response", "failure")  # what the first event of a stream may look like


class Undetected(mp.MetaphraseError):
    """The document's protocol or kind cannot be told from its looks."""


class Guess(msgspec.Struct, frozen=True):
    """What a document is."""

    protocol: str
    kind: str


class Rule(msgspec.Struct, frozen=True):
    """A document with one of these keys, and this value of `object` where one is given, is of that kind."""

    protocol: str
    kind: str
    keys: frozenset[str]
    named: str | None = None
    inside: tuple[str, bytes] | None = None
    """A key, and a text that its value must hold."""

    def fits(self, found: Keys) -> bool:
        """Whether the rule speaks of a document with these keys."""
        if self.named is not None and _text(found.get("object")) != self.named:
            return False
        if self.inside is not None and self.inside[1] not in bytes(found.get(self.inside[0], b"")):
            return False
        return not self.keys.isdisjoint(found)


def _rule(name: str, *keys: str, named: str | None = None, inside: tuple[str, bytes] | None = None) -> Rule:
    protocol, _, kind = name.partition(" ")
    return Rule(protocol, kind, frozenset(keys), named, inside)


# The first that fits counts, so what is most telling stands first.
RULES = (
    _rule("openai chat.response", "object", named="chat.completion"),
    _rule("openai chat.request", "messages"),
    _rule("openai chat.response", "choices"),
    _rule("gemini tokens.request", "generateContentRequest", "generate_content_request"),
    _rule("gemini chat.request", "contents", "systemInstruction", "system_instruction"),
    _rule("gemini chat.request", "generationConfig", "generation_config", "safetySettings", "cachedContent"),
    _rule("gemini chat.response", "candidates", "promptFeedback", "prompt_feedback"),
    _rule("gemini chat.response", "usageMetadata", "usage_metadata", "modelVersion"),
    _rule("openai embedding.response", "data", named="list", inside=("data", b'"embedding"')),
    _rule("openai models.response", "data", named="list"),
    _rule("openai model.response", "object", named="model"),
    _rule("openai embedding.request", "input"),
    _rule("gemini tokens.response", "totalTokens", "total_tokens"),
    _rule("gemini embedding.response", "embeddings", "embedding"),
    _rule("gemini embedding.request", "requests", "content"),
    _rule("gemini models.response", "models"),
    _rule("gemini model.response", "supportedGenerationMethods", "inputTokenLimit"),
    _rule("gemini failure", "error", inside=("error", b'"status"')),
    _rule("openai failure", "error"),
)


def detect(body: bytes, source: str | None = None, kind: str | None = None) -> Guess:
    """What the document is, as far as the caller does not know it already."""
    if source is not None and kind is not None:
        return Guess(source, kind)
    text = body.removeprefix(_BOM).lstrip()
    stream = text.startswith(_SSE)
    found = keys_of(_first_event(text) if stream else text)
    if found is None:
        found = _keys_of_first(text)
        stream = found is not None and "error" not in found
    if found is None:
        raise Undetected("no protocol known: the document is no JSON object")
    for rule in RULES:
        told = "chat.stream" if stream and rule.kind in _STREAMED else rule.kind
        if source in {None, rule.protocol} and kind in {None, told} and rule.fits(found):
            return Guess(rule.protocol, told)
    raise Undetected(_unknown(source, kind))


def keys_of(body: bytes) -> Keys | None:
    """The top-level keys of a JSON object with their values as raw JSON; None where it is nothing of the kind."""
    try:
        return _KEYS.decode(body.removeprefix(_BOM))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _unknown(source: str | None, kind: str | None) -> str:
    if source is not None:
        return f"no kind of {source} document has these keys: give --kind"
    if kind is not None:
        return f"no protocol's {kind} has these keys: give --from"
    return "no protocol known has these keys: give --from and --kind"


def _keys_of_first(text: bytes) -> Keys | None:
    """A stream without SSE is one JSON array of responses; an error may come as an array of one."""
    if not text.startswith(b"["):
        return None
    try:
        items = _FIRST.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return keys_of(bytes(items[0])) if items else None


def _first_event(text: bytes) -> bytes:
    lines = (line.strip() for line in text.splitlines())
    data = (line.removeprefix(b"data:").strip() for line in lines if line.startswith(b"data:"))
    return next((line for line in data if line.startswith(b"{")), b"")


def _text(raw: msgspec.Raw | None) -> str | None:
    if raw is None:
        return None
    try:
        return msgspec.json.decode(raw, type=str)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
