"""Certificates: checked, always."""

from __future__ import annotations

import datetime as dt
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest
import trustme
from anyio.abc import ByteStream, SocketAttribute
from anyio.streams.tls import TLSListener

from metaphrase.http import Request
from metaphrase_http import Client, Origin, Patience, UpstreamBroken, UpstreamTimeout, UpstreamUnreachable
from metaphrase_http.tls import context, unchecked

pytestmark = pytest.mark.anyio

CA = trustme.CA()
OTHER = trustme.CA()
PAST = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def server(certificate: trustme.LeafCert, most: ssl.TLSVersion | None = None) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(made)
    if most is not None:
        made.minimum_version = ssl.TLSVersion.TLSv1
        made.maximum_version = most
        made.set_ciphers("DEFAULT:@SECLEVEL=0")
    return made


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    CA.cert_pem.write_to_path(str(path))
    return path


@asynccontextmanager
async def upstream(tls: ssl.SSLContext, data: bytes = OK) -> AsyncIterator[tuple[Origin, list[bytes]]]:
    """An HTTPS server that gives one answer a read; hangs up without a farewell where the answer has no length."""
    seen: list[bytes] = []

    async def serve(stream: ByteStream) -> None:
        try:
            while True:
                seen.append(await stream.receive())
                await stream.send(data)
                if data is not OK:
                    await anyio.aclose_forcefully(stream)
        except (anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError):
            pass
        finally:
            await anyio.aclose_forcefully(stream)

    class Quiet(TLSListener):
        @staticmethod
        async def handle_handshake_error(exc: BaseException, stream: object) -> None:
            await anyio.aclose_forcefully(stream)  # type: ignore[arg-type]  # on purpose
            if isinstance(exc, anyio.get_cancelled_exc_class()):
                raise exc

    plain = await anyio.create_tcp_listener(local_host="127.0.0.1")
    port = plain.extra(SocketAttribute.local_port)
    async with plain, anyio.create_task_group() as tasks:
        tasks.start_soon(Quiet(plain, tls, standard_compatible=False).serve, serve)
        yield Origin("https", "localhost", port), seen
        tasks.cancel_scope.cancel()


async def call(client: Client, origin: Origin) -> bytes:
    async with await client.call(origin, Request("POST", "/", (("authorization", "Bearer key"),), b"{}")) as answer:
        return await answer.read()


async def test_a_good_certificate_and_the_connection_is_used_again(authority: Path) -> None:
    async with upstream(server(CA.issue_cert("localhost"))) as (origin, seen), Client(tls=context(authority)) as client:
        for _ in range(3):
            assert await call(client, origin) == b"ok"
        assert (len(seen), len(client.pool)) == (3, 1)


BAD: dict[str, tuple[Callable[[], ssl.SSLContext], str]] = {
    "expired": (lambda: server(CA.issue_cert("localhost", not_after=PAST)), "expired"),
    "another host's": (lambda: server(CA.issue_cert("elsewhere.example")), "[Hh]ostname mismatch"),
    "of another authority": (lambda: server(OTHER.issue_cert("localhost")), "local issuer"),
    "old TLS": (lambda: server(CA.issue_cert("localhost"), ssl.TLSVersion.TLSv1_1), "TLS|cannot connect"),
}


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize("name", BAD)
async def test_a_bad_certificate_is_refused_before_anything_is_sent(name: str, authority: Path) -> None:
    make, complaint = BAD[name]
    async with upstream(make()) as (origin, seen), Client(tls=context(authority)) as client:
        with pytest.raises(UpstreamUnreachable, match=complaint) as caught:
            await call(client, origin)
        assert caught.value.retryable
        assert seen == []


async def test_by_default_the_system_is_asked() -> None:
    async with upstream(server(CA.issue_cert("localhost"))) as (origin, seen), Client() as client:
        with pytest.raises(UpstreamUnreachable, match="certificate"):
            await call(client, origin)
        assert seen == []


async def test_one_origin_may_go_unchecked_and_no_other_does() -> None:
    async with upstream(server(OTHER.issue_cert("x"))) as (origin, seen), Client() as client:
        loose = Origin(origin.scheme, origin.host, origin.port, unchecked())
        assert await call(client, loose) == b"ok"
        with pytest.raises(UpstreamUnreachable):
            await call(client, origin)
        assert (len(seen), len(client.pool)) == (1, 1)


async def test_a_body_up_to_the_end_of_the_connection_needs_a_farewell(authority: Path) -> None:
    data = b"HTTP/1.1 200 OK\r\n\r\nok"  # who can cut the connection could cut the body
    async with (
        upstream(server(CA.issue_cert("localhost")), data) as (origin, _),
        Client(tls=context(authority)) as client,
    ):
        with pytest.raises(UpstreamBroken):
            await call(client, origin)


@pytest.mark.parametrize("watched", [True, False], ids=["watched", "alone"])
async def test_an_upstream_that_stalls(authority: Path, watched: bool) -> None:
    async def serve(stream: ByteStream) -> None:
        try:
            await stream.receive()
            await stream.send(OK[:-1])
            await anyio.sleep_forever()
        finally:
            await anyio.aclose_forcefully(stream)

    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    origin = Origin("https", "localhost", listener.extra(SocketAttribute.local_port))
    secure = TLSListener(listener, server(CA.issue_cert("localhost")), standard_compatible=False)
    client = Client(Patience(idle=0.15), tls=context(authority))
    async with listener, anyio.create_task_group() as tasks, client:
        tasks.start_soon(secure.serve, serve)
        if watched:
            tasks.start_soon(client.deadlines.run)
        with pytest.raises(UpstreamTimeout) as caught:
            await call(client, origin)
        assert (caught.value.phase, client.deadlines.running, len(client.deadlines)) == ("idle", watched, 0)
        tasks.cancel_scope.cancel()


async def test_no_tls_on_the_other_side(authority: Path) -> None:
    async def serve(stream: ByteStream) -> None:
        async with stream:
            await stream.receive()
            await stream.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    async with listener, anyio.create_task_group() as tasks, Client(tls=context(authority)) as client:
        tasks.start_soon(listener.serve, serve)
        with pytest.raises(UpstreamUnreachable, match="TLS"):
            await call(client, Origin("https", "localhost", listener.extra(SocketAttribute.local_port)))
        tasks.cancel_scope.cancel()
