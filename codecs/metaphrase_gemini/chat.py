"""Chat as this codec speaks it: requests and whole answers, read and written."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from metaphrase import ir
from metaphrase.http import Request, Response
from metaphrase.loss import Report

from .names import tool_name
from .numbers import numbered, wants_numbers
from .options import Options
from .read.request import read_request
from .read.response import read_response
from .write.request import write_request
from .write.response import write_response


class Chat(Struct, frozen=True):
    """generateContent, with a caller's options."""

    options: Options = Options()

    def read_request(self, wire: Request, report: Report) -> ir.ChatRequest:
        """A client's request."""
        return read_request(wire, report)

    def write_request(self, chat: ir.ChatRequest, report: Report) -> Request:
        """A request for the server."""
        return write_request(chat, report, self.options)

    def read_response(self, wire: Response, report: Report) -> ir.ChatResponse:
        """The server's answer."""
        return read_response(wire, report)

    def write_response(self, chat: ir.ChatResponse, asked: ir.ChatRequest | None, report: Report) -> Response:
        """An answer for a client, with enums by name or by number, as it asked for them."""
        answer = write_response(chat, report, self.options)
        return replace(answer, body=numbered(answer.body)) if wants_numbers(asked) else answer

    def tool_name(self, name: str) -> str:
        """The name under which a function can be declared."""
        return tool_name(name)
