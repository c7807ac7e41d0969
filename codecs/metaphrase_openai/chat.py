"""Chat requests and answers of OpenAI's protocol, in one dialect."""

from __future__ import annotations

from msgspec import Struct

from metaphrase import ir
from metaphrase.http import Request, Response
from metaphrase.loss import Report

from .names import tool_name
from .options import Options
from .read.request import read_request
from .read.response import read_response
from .write.request import write_request
from .write.response import write_response


class Chat(Struct, frozen=True):
    """Reads and writes; satisfies ``metaphrase.ChatCodec``."""

    options: Options = Options()

    def read_request(self, wire: Request, report: Report) -> ir.ChatRequest:
        """A request of an OpenAI client."""
        return read_request(wire, report, self.options)

    def write_request(self, chat: ir.ChatRequest, report: Report) -> Request:
        """A request for a server of OpenAI's protocol."""
        return write_request(chat, report, self.options)

    def read_response(self, wire: Response, report: Report) -> ir.ChatResponse:
        """The answer of such a server."""
        return read_response(wire, report, self.options)

    def write_response(self, chat: ir.ChatResponse, asked: ir.ChatRequest | None, report: Report) -> Response:
        """An answer for an OpenAI client."""
        return write_response(chat, asked, report, self.options)

    def tool_name(self, name: str) -> str:
        """The name under which OpenAI accepts a tool."""
        return tool_name(name)
