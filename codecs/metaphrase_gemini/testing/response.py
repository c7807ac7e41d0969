"""`GenerateContentResponse`: https://ai.google.dev/api/generate-content#generatecontentresponse."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from metaphrase.testing.strategies import texts
from metaphrase.testing.wire import Strategy, notes, objects, rarely, some, words

from .parts import free_objects, models, numerals

_URLS = ("https://example.org/a", "https://example.org/b?x=1")
_FINISHES = (
    "STOP", "MAX_TOKENS", "SAFETY", "RECITATION", "LANGUAGE", "OTHER", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII",
    "IMAGE_SAFETY", "TOO_MANY_TOOL_CALLS", "FINISH_REASON_UNSPECIFIED", "A_NEW_REASON", 1,
)  # fmt: skip


def ratings() -> Strategy:
    """How likely one kind of harm is; what more of it Vertex AI says."""
    harms = words("HARM_CATEGORY_HARASSMENT", "HARM_CATEGORY_HATE_SPEECH", 7)
    more = {"blocked": st.booleans(), "severity": words("HARM_SEVERITY_LOW"), "probabilityScore": words(0.25)}
    return objects({"category": harms, "probability": words("NEGLIGIBLE", "HIGH", 2)}, more)


def spans() -> dict[str, Strategy]:
    """Where something begins and ends, in bytes of a text that may be shorter; a start of 0 is left out."""
    return {"startIndex": numerals(st.integers(1, 6)), "endIndex": numerals(st.integers(0, 9))}


def citations() -> Strategy:
    """Recitations, under either name."""
    source = objects({}, {"uri": words(*_URLS), "license": words("mit"), "title": texts(), **spans()}, most=5)
    return objects({}, {"citationSources": some(source, 2, 1)}) | objects({}, {"citations": some(source, 2, 1)})


def grounding() -> Strategy:
    """What an answer is based on."""
    page = objects({"uri": words(*_URLS)}, {"title": texts(), "domain": words("example.org")})
    chunk = st.one_of(
        objects({"web": page}),
        objects({"retrievedContext": objects({}, {"uri": words(*_URLS), "title": texts(), "text": texts()})}),
        objects({"maps": objects({"uri": words(*_URLS)}, {"title": texts(), "placeId": words("places/x")})}),
        objects({"image": objects({"sourceUri": words(*_URLS)}, {"imageUri": words(*_URLS), "title": texts()})}),
    )
    segment = objects({}, {"partIndex": st.integers(0, 1), "text": texts(), **spans()}, most=4)
    support = objects(
        {"segment": segment, "groundingChunkIndices": some(st.integers(0, 2), 2, 1)},
        {"confidenceScores": some(words(0.5), 2)},
    )
    optional: dict[str, Strategy] = {
        "groundingChunks": some(chunk, 3, 1).map(_apart),
        "groundingSupports": some(support, 2, 1),
        "webSearchQueries": some(notes(), 2),
        "searchEntryPoint": objects({"renderedContent": texts()}),
        "retrievalMetadata": free_objects(),
    }
    return objects({}, optional, most=4)


def _apart(chunks: list[dict[str, dict[str, Any]]]) -> list[dict[str, dict[str, Any]]]:
    """Chunks with an address each, so that it matters which one is meant."""
    return [
        {
            kind: {key: f"{value}{place}" if key in ("uri", "sourceUri") else value for key, value in source.items()}
            if kind in ("web", "retrievedContext", "maps", "image")
            else source
            for kind, source in chunk.items()
        }
        for place, chunk in enumerate(chunks)
    ]


def logprobs() -> Strategy:
    """What was chosen and, in a list beside it, what else was likely."""
    one = objects({"token": texts()}, {"logProbability": words(-0.5, -1.25), "tokenId": st.integers(0, 9)}, open_=False)
    rivals = objects({"candidates": some(one, 2)}, open_=False)
    return some(st.tuples(one, rivals), 3).map(
        lambda steps: {"chosenCandidates": [a for a, _ in steps], "topCandidates": [b for _, b in steps]}
    )


def candidates() -> Strategy:
    """One answer, its index left to the list."""
    content = objects({"role": words("model")}, {"parts": some(models(), 3)})
    optional: dict[str, Strategy] = {
        "content": content,
        "finishReason": words(*_FINISHES),
        "finishMessage": texts(),
        "avgLogprobs": words(-0.25),
        "safetyRatings": some(ratings(), 2),
        "citationMetadata": citations(),
        "groundingMetadata": grounding(),
        "logprobsResult": logprobs(),
        "tokenCount": st.integers(0, 99),
        "urlContextMetadata": free_objects(),
        "groundingAttributions": some(free_objects(), 2),
    }
    usual = objects({"content": content, "finishReason": words(*_FINISHES)}, optional)
    return rarely(usual, objects({}, optional))


def feedbacks() -> Strategy:
    """What was found in the prompt."""
    reasons = words("SAFETY", "PROHIBITED_CONTENT", "BLOCKLIST", "OTHER", 2)
    return objects({}, {"blockReason": reasons, "blockReasonMessage": notes(), "safetyRatings": some(ratings(), 2)})


def usages() -> Strategy:
    """Token counts; what is 0 is left out, and nobody promises that the sum is right."""
    count = numerals(st.integers(0, 200))
    split = some(objects({"modality": words("TEXT", "IMAGE", "AUDIO", 1), "tokenCount": count}), 2)
    optional: dict[str, Strategy] = {
        "promptTokenCount": count,
        "candidatesTokenCount": count,
        "totalTokenCount": count,
        "thoughtsTokenCount": count,
        "cachedContentTokenCount": count,
        "toolUsePromptTokenCount": count,
        "promptTokensDetails": split,
        "candidatesTokensDetails": split,
        "cacheTokensDetails": split,
        "toolUsePromptTokensDetails": split,
        "serviceTier": words("standard", "flex"),
        "trafficType": words("ON_DEMAND"),
    }
    usual = st.builds(_counted, st.integers(1, 99), st.integers(1, 99), st.integers(0, 99), st.integers(0, 9))
    return usual | objects({}, optional, most=6)


def _counted(prompt: int, said: int, thought: int, cached: int) -> dict[str, int]:
    """Counts as the server makes them."""
    counts = {
        "promptTokenCount": prompt,
        "candidatesTokenCount": said,
        "totalTokenCount": prompt + said + thought,
        "thoughtsTokenCount": thought,
        "cachedContentTokenCount": min(cached, prompt),
    }
    return {key: count for key, count in counts.items() if count}


def responses() -> st.SearchStrategy[dict[str, Any]]:
    """Whole answers, with candidates or with what was wrong with the prompt."""
    optional: dict[str, Strategy] = {
        "usageMetadata": usages(),
        "modelVersion": words("gemini-2.5-flash"),
        "responseId": words("r-1", "r_2"),
        "createTime": words("2026-01-02T03:04:05.123456Z", "2026-01-02T03:04:05Z"),
        "promptFeedback": feedbacks(),
        "modelStatus": free_objects(),
    }
    usual = objects({"candidates": some(candidates(), 3, 1).map(_numbered)}, optional, most=4)
    return rarely(usual, objects({}, optional, most=4))


def _numbered(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Candidates with their indexes, of which proto3 leaves out the first one's."""
    return [{**one, "index": place} if place else one for place, one in enumerate(found)]
