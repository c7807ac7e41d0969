"""Sockets: an HTTP/1.1 server and client that move bytes, and leave every decision about content to others."""

from __future__ import annotations

from .answer import Answer as Answer
from .client import Client as Client
from .connection import Handler as Handler
from .deadlines import Deadlines as Deadlines
from .errors import BodyTooLarge as BodyTooLarge
from .errors import ClientLeft as ClientLeft
from .errors import FramingError as FramingError
from .errors import Refused as Refused
from .errors import UpstreamBroken as UpstreamBroken
from .errors import UpstreamError as UpstreamError
from .errors import UpstreamTimeout as UpstreamTimeout
from .errors import UpstreamTooLarge as UpstreamTooLarge
from .errors import UpstreamUnreachable as UpstreamUnreachable
from .head import clean as clean
from .incoming import Incoming as Incoming
from .limits import Limits as Limits
from .limits import Patience as Patience
from .origin import Origin as Origin
from .refusal import Dress as Dress
from .respond import Respond as Respond
from .server import Server as Server
