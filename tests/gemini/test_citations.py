"""Grounding and recitations: bytes of a part there, code points of the answer here."""

from __future__ import annotations

from typing import Any

import pytest

from metaphrase import ir
from metaphrase.ir import At
from tests.gemini.helpers import bare, crossing, read_answer, write_answer

ANSWER = [{"text": "thought", "thought": True}, {"text": "Héllo "}, {"text": "wörld 🙂!"}]
"""As one text: `Héllo wörld 🙂!`, 14 code points; the second part has 7 bytes, the third 12."""
W, X = {"web": {"uri": "https://w", "title": "W"}}, {"retrievedContext": {"uri": "gs://x"}}


def body(grounding: Any = None, recited: Any = None, parts: Any = None) -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"role": "model", "parts": parts or ANSWER}}
    if grounding is not None:
        candidate["groundingMetadata"] = grounding
    if recited is not None:
        candidate["citationMetadata"] = recited
    return {"candidates": [candidate]}


def cited(grounding: Any = None, recited: Any = None, parts: Any = None) -> tuple[ir.Citation, ...]:
    found: tuple[ir.Citation, ...] = bare(read_answer(body(grounding, recited, parts)).choices[0].citations)
    return found


def left(grounding: Any = None, recited: Any = None) -> list[str]:
    found = crossing(read_answer, body(grounding, recited))
    return [f"{kind} {path.removeprefix('$.candidates[0].')}" for kind, path, _ in found]


def support(segment: Any, *indices: int) -> dict[str, Any]:
    return {"segment": segment, "groundingChunkIndices": list(indices)}


SPANS: list[tuple[dict[str, Any], tuple[int, int]]] = [
    ({"partIndex": 1, "endIndex": 6, "text": "Héllo"}, (0, 5)),
    ({"partIndex": 2, "startIndex": 0, "endIndex": 6, "text": "wörld"}, (6, 11)),
    ({"partIndex": 2, "startIndex": 7, "endIndex": 11, "text": "🙂"}, (12, 13)),
    ({"partIndex": 2, "startIndex": 7, "endIndex": 11}, (12, 13)),
    ({"endIndex": 6, "text": "Héllo"}, (0, 5)),
    ({"startIndex": 7, "endIndex": 13, "text": "wörld"}, (6, 11)),
    ({"startIndex": 7}, (6, 6)),
]


@pytest.mark.parametrize(("segment", "span"), SPANS)
def test_trap_76_offsets_are_bytes_of_a_part(segment: dict[str, Any], span: tuple[int, int]) -> None:
    grounding = {"groundingChunks": [W], "groundingSupports": [support(segment, 0)]}
    assert cited(grounding) == (ir.Citation("https://w", "W", *span),)
    assert left(grounding) == []


def test_every_source_of_a_span_is_a_citation() -> None:
    grounding = {
        "groundingChunks": [W, X, {"maps": {"uri": "m"}}, {"image": {"sourceUri": "i", "title": "I"}}],
        "groundingSupports": [support({"endIndex": 1}, 1, 0), {"groundingChunkIndices": [2]}],
    }
    assert cited(grounding) == (
        ir.Citation("gs://x", None, 0, 1),
        ir.Citation("https://w", "W", 0, 1),
        ir.Citation("m"),
        ir.Citation("i", "I"),
    )


def test_what_citations_do_not_express_is_left_over() -> None:
    grounding = {
        "groundingChunks": [
            {"web": {"uri": "w", "domain": "d"}},
            {"web": {"title": "no address"}},
            {"maps": {}, "image": {"title": "nor here"}},
            {"retrievedContext": {"text": "t"}},
        ],
        "groundingSupports": [
            support({"partIndex": 1, "endIndex": 3, "text": "Hé"}, 0, 1, 7) | {"confidenceScores": [1]},
            support({"partIndex": 1, "endIndex": 3, "text": "other"}, 0),
            support({"partIndex": 1, "endIndex": 2}, 0),
            support({"partIndex": 9, "endIndex": 99}, 0),
            support({"endIndex": 1}),
        ],
        "webSearchQueries": ["q"],
    }
    assert sorted(left(grounding)) == [
        "approximated groundingMetadata.groundingSupports[*].segment.endIndex",
        "dropped groundingMetadata.groundingChunks[0].web.domain",
        "dropped groundingMetadata.groundingChunks[1].web.title",
        "dropped groundingMetadata.groundingChunks[2].image.title",
        "dropped groundingMetadata.groundingChunks[3].retrievedContext.text",
        "dropped groundingMetadata.groundingSupports[0].confidenceScores",
        "dropped groundingMetadata.groundingSupports[0].groundingChunkIndices[*]",
        "dropped groundingMetadata.groundingSupports[1].segment.text",
        "dropped groundingMetadata.groundingSupports[3].segment.partIndex",
        "dropped groundingMetadata.groundingSupports[4].segment",
        "dropped groundingMetadata.webSearchQueries",
    ]


@pytest.mark.parametrize("key", ["citationSources", "citations"])
def test_trap_77_recitations_have_two_names(key: str) -> None:
    sources = [
        {"startIndex": 7, "endIndex": 13, "uri": "u", "license": "MIT", "title": "T"},
        {"endIndex": 1, "uri": "v"},
        {"startIndex": 0, "license": "X"},
        {"uri": "w"},
    ]
    assert cited(None, {key: sources}) == (
        ir.Citation("u", "T", 6, 11, "MIT"),
        ir.Citation("v", None, 0, 1),
        ir.Citation("", None, 0, None, "X"),
        ir.Citation("w"),
    )


def test_what_recitations_leave_over() -> None:
    recited = {"citationSources": [{"startIndex": 1, "endIndex": 2, "odd": 1}, {"endIndex": 2, "uri": "u"}], "odd": 1}
    assert left(None, recited) == [
        "dropped citationMetadata.citationSources[0].endIndex",
        "dropped citationMetadata.citationSources[0].odd",
        "dropped citationMetadata.citationSources[0].startIndex",
        "approximated citationMetadata.citationSources[1].endIndex",
        "dropped citationMetadata.odd",
    ]


AT = At(At(At(None, "choices"), 0), "annotations")


def grounded(*citations: ir.Citation, parts: tuple[ir.Part, ...] | None = None) -> Any:
    made = parts or (ir.Thinking("thought"), ir.Text("Héllo "), ir.Text("wörld 🙂!"))
    answer = ir.ChatResponse((ir.Choice(0, made, citations=citations),), origin="elsewhere")
    return write_answer(answer)["candidates"][0]


def test_citations_become_grounding() -> None:
    found = grounded(
        ir.Citation("u", "U", 6, 11), ir.Citation("u", "U", 12, 13), ir.Citation("v"), ir.Citation("w", None, 0, 5)
    )
    assert found["groundingMetadata"] == {
        "groundingChunks": [{"web": {"uri": "u", "title": "U"}}, {"web": {"uri": "v"}}, {"web": {"uri": "w"}}],
        "groundingSupports": [
            support({"partIndex": 2, "endIndex": 6, "text": "wörld"}, 0),
            support({"partIndex": 2, "startIndex": 7, "endIndex": 11, "text": "🙂"}, 0),
            support({"partIndex": 1, "endIndex": 6, "text": "Héllo"}, 2),
        ],
    }


def test_citations_with_a_licence_are_recitations() -> None:
    found = grounded(ir.Citation("u", None, 6, 11, "MIT"), ir.Citation("v", license="X"))
    assert found["citationMetadata"] == {
        "citationSources": [
            {"startIndex": 7, "endIndex": 13, "uri": "u", "license": "MIT"},
            {"uri": "v", "license": "X"},
        ]
    }
    assert "groundingMetadata" not in found


def test_a_span_at_the_end_belongs_to_the_last_part() -> None:
    found = grounded(ir.Citation("u", None, 14, 14))["groundingMetadata"]["groundingSupports"]
    assert found == [support({"partIndex": 2, "startIndex": 12, "endIndex": 12, "text": ""}, 0)]


@pytest.mark.parametrize(
    ("start", "end", "kind", "ends"),
    [
        (0, 14, "approximated", ["end"]),
        (50, 60, "approximated", ["end", "start"]),
        (50, 3, "approximated", ["end", "start"]),
        (3, 1, "approximated", ["end"]),
        (-1, 3, "approximated", ["end", "start"]),
        (3, None, "dropped", ["start"]),
        (None, 3, "dropped", ["end"]),
    ],
)
def test_spans_that_do_not_fit_are_reported(start: int | None, end: int | None, kind: str, ends: list[str]) -> None:
    from metaphrase import Report

    report = Report()
    citation = ir.Citation("u", None, start, end, at=At(AT, 0))
    choices = (ir.Choice(0, (ir.Text("Héllo "), ir.Text("wörld 🙂!")), citations=(citation,)),)
    write_answer(ir.ChatResponse(choices, origin="elsewhere"), report)
    found = [(loss.kind, loss.path) for loss in report.losses]
    assert found == [(kind, f"$.choices[0].annotations[0].{name}") for name in ends]


def test_recited_spans_that_do_not_fit_are_reported() -> None:
    from metaphrase import Report

    report = Report()
    citations = (ir.Citation("u", None, 2, 99, "MIT", at=At(AT, 0)), ir.Citation("u", None, -1, 2, "MIT", at=At(AT, 1)))
    choices = (ir.Choice(0, (ir.Text("Héllo"),), citations=citations),)
    write_answer(ir.ChatResponse(choices, origin="elsewhere"), report)
    assert [loss.path for loss in report.losses] == [
        "$.choices[0].annotations[0].end", "$.choices[0].annotations[1].start",
    ]  # fmt: skip


def test_an_end_that_was_left_out_is_not_named() -> None:
    grounding = {"groundingChunks": [{"web": {"uri": "u"}}], "groundingSupports": [support({"startIndex": 99}, 0)]}
    assert left(grounding) == ["approximated groundingMetadata.groundingSupports[0].segment.startIndex"]


def test_an_answer_without_text_has_no_spans() -> None:
    picture = ir.Media("image", ir.Inline.of("AAAA"), "image/png")
    found = grounded(ir.Citation("u", None, 0, 1), parts=(picture,))["groundingMetadata"]["groundingSupports"]
    assert found == [support({"endIndex": 0}, 0)]


def test_there_and_back() -> None:
    citations = (ir.Citation("u", "U", 0, 5), ir.Citation("v", None, 0, 5), ir.Citation("u", "U", 8, 13))
    found = grounded(*citations)
    assert bare(read_answer({"candidates": [found]}).choices[0].citations) == citations


def test_supports_without_a_source_say_nothing() -> None:
    grounding: Any = {"groundingSupports": [{"groundingChunkIndices": []}, {}]}
    assert cited(grounding) == ()
    assert left(grounding) == []
    assert left(None, {"citationSources": [{"endIndex": 1}]}) == [
        "dropped citationMetadata.citationSources[0].endIndex"
    ]
