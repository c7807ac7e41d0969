"""What stands beside the text of an answer: citations, logprobs, usage."""

from __future__ import annotations

from metaphrase import ir
from metaphrase.loss import Report

from ..leftovers import Json
from ..names import CODEC


def write_annotations(citations: tuple[ir.Citation, ...], report: Report) -> list[Json]:
    """``url_citation`` annotations; a source without a span gets 0 to 0, as OpenRouter writes it."""
    found: list[Json] = []
    for one in citations:
        if one.license is not None:
            report.lose("dropped", one, "license", "citations.license", CODEC)
        citation: Json = {
            "start_index": one.start or 0,
            "end_index": one.end or 0,
            "url": one.url,
            "title": one.title or "",
        }
        found.append({"type": "url_citation", "url_citation": citation})
    return found


def write_logprobs(tokens: tuple[ir.TokenLogprob, ...], report: Report) -> Json:
    """Logprobs of the content. The bytes are the token's own where the source gave none."""
    content = [{**_token(one, report), "top_logprobs": [_token(top, report) for top in one.top]} for one in tokens]
    return {"content": content, "refusal": None}


def _token(one: ir.TokenLogprob, report: Report) -> Json:
    if one.id is not None:
        report.lose("dropped", one, "id", "logprobs.id", CODEC)
    data = one.token.encode("utf-8", "surrogatepass") if one.bytes is None else one.bytes
    return {"token": one.token, "logprob": one.logprob, "bytes": list(data)}


# OpenAI's names for the modalities that its details know.
_DETAILS = {"text": "text_tokens", "audio": "audio_tokens", "image": "image_tokens"}


def write_usage(counts: ir.Usage, report: Report) -> Json:
    """Counts as OpenAI adds them up: the prompt with what tools read, the completion with its reasoning."""
    prompt, completion, total = counts.input or 0, counts.output or 0, counts.total
    if counts.tool_input:
        prompt += counts.tool_input
        report.lose("approximated", counts, "tool_input", "usage.tool_input", CODEC, "Within prompt_tokens")
    before = _details(counts, "input_by", counts.input_by, report) if counts.input_by else {}
    after = _details(counts, "output_by", counts.output_by, report) if counts.output_by else {}
    if counts.cached is not None:
        before["cached_tokens"] = counts.cached
    if counts.cache_write is not None:
        before["cache_write_tokens"] = counts.cache_write
    if counts.reasoning is not None:
        completion += counts.reasoning
        after["reasoning_tokens"] = counts.reasoning
    if total is None:
        total = prompt + completion
    out: Json = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": total}
    if before:
        out["prompt_tokens_details"] = before
    if after:
        out["completion_tokens_details"] = after
    return out


def _details(counts: ir.Usage, field: str, split: tuple[tuple[str, int], ...], report: Report) -> Json:
    """The split by modality. Video and documents have no field."""
    found: Json = {}
    for i, (kind, count) in enumerate(split):
        name = _DETAILS.get(kind)
        if name is None or name in found:
            report.lose("dropped", counts, field, f"usage.{field}", CODEC, below=(i,))
        else:
            found[name] = count
    return found
