"""Metaphrase translates between the wire protocols of model APIs, and loses nothing in silence."""

from . import ir
from .clients import client_of
from .codec import ChatCodec, Codec, Dialects, Operation, StreamReader, StreamWriter
from .defaults import Defaults
from .document import Converted, convert
from .errors import EventError, LossRefused, MetaphraseError, ReadError, RouteError, WriteError
from .exchange import Exchange
from .http import Request, Response
from .ir import Failure
from .loss import Loss, Report
from .reencoder import Reencoder
from .registry import codecs

__version__ = "0.1.0"

__all__ = [
    "ChatCodec",
    "Codec",
    "Converted",
    "Defaults",
    "Dialects",
    "EventError",
    "Exchange",
    "Failure",
    "Loss",
    "LossRefused",
    "MetaphraseError",
    "Operation",
    "ReadError",
    "Reencoder",
    "Report",
    "Request",
    "Response",
    "RouteError",
    "StreamReader",
    "StreamWriter",
    "WriteError",
    "client_of",
    "codecs",
    "convert",
    "ir",
]
