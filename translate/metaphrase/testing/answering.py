"""What a request asks of its own answer: what shows there is not lost, even where the upstream is not told of it."""

from __future__ import annotations

from collections.abc import Callable

from metaphrase import Codec, Report, Request, ir
from metaphrase.reencoder import Reencoder

_SAID = (
    ir.Start("r-1", "m", 1),
    ir.Begin(0, 0, ir.Text("")),
    ir.Delta(0, 0, "a"),
    ir.End(0, 0),
    ir.Finished(0, ir.Finish("stop")),
    ir.UsageSeen(ir.Usage(input=1, output=1, total=2)),
    ir.Done(),
)


def answering(client: Codec, upstream: Codec) -> Callable[[bytes, str | None], bytes] | None:
    """What a client gets for its request from an upstream that always streams the same; None without streams."""
    chat = client.chat
    if client.stream is None or chat is None or upstream.stream is None:
        return None
    writer = upstream.stream.writer(ir.ChatRequest((), stream=True, include_usage=True), Report())
    said = b"".join([*[writer.feed(event) for event in _SAID], writer.close()])

    def answer(body: bytes, path: str | None) -> bytes:
        asked = chat.read_request(Request("POST", path or "", (), body), Report())
        again = Reencoder(upstream, client, asked=asked)
        return again.feed(said) + again.close()

    return answer
