"""What large media cost: memory, and no more than a look at their ends."""

import json
import tracemalloc
from base64 import b64encode

import pytest

import metaphrase as mp
from tests.media.helpers import PATH

DATA = b64encode(bytes(range(256)) * 6000).decode()  # 2 MB
LINES = "\n".join([DATA[i : i + 76] for i in range(0, len(DATA), 76)])


@pytest.mark.parametrize("data", [DATA, LINES, DATA.replace("+", "-").replace("/", "_"), DATA + "*"])
@pytest.mark.parametrize("source", ["openai", "gemini"])
def test_memory_is_at_most_four_times_the_document(source: str, data: str) -> None:
    image = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}}
    blob = {"inlineData": {"mimeType": "image/png", "data": data}}
    asked = {
        "openai": {"model": "m", "messages": [{"role": "user", "content": [image]}]},
        "gemini": {"contents": [{"role": "user", "parts": [blob]}]},
    }[source]
    body = json.dumps(asked).encode()
    target = "gemini" if source == "openai" else "openai"
    tracemalloc.start()
    done = mp.convert(body, source=source, target=target, kind="chat.request", path=PATH)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most <= 4 * len(body)
    assert len(done.losses) == data.endswith("*")
