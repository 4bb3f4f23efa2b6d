"""Every way to log in that a real Prosody has, and a real slixmpp at our own server."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from lab import Lab

import xmpp_core as xmpp
from xmpp_core.adapters import asyncio as xmpp_asyncio
from xmpp_core.adapters import errors
from xmpp_core.adapters.session import Session
from xmpp_core.adapters.tls import ClientTls, ServerTls
from xmpp_core.server.authority import Authority
from xmpp_core.server.hub import HubConfig
from xmpp_core.server.runner import Listen, Server, running
from xmpp_core.server.store import MemoryAccounts

pytestmark = pytest.mark.interop
LEAST = 4096


def run(work: Callable[[], Awaitable[None]]) -> None:
    """Run an async function; half a minute is the safety net."""

    async def bounded() -> None:
        await asyncio.wait_for(work(), 30)

    asyncio.run(bounded())


def connect(
    lab: Lab, jid: str, *, tls: dict[str, Any] | None = None, direct: bool = False, **config: Any
) -> AbstractAsyncContextManager[Session]:
    return xmpp_asyncio.connect(
        config=xmpp.ClientConfig(jid=jid, **config),
        host=lab.host,
        port=lab.ports["c2s_direct_tls" if direct else "c2s_starttls"],
        direct_tls=direct,
        tls=ClientTls(ca=lab.ca, **(tls or {})),
    )


def of(session: Session) -> tuple[str, str | None]:
    """The mechanism, and the version of TLS."""
    assert session.authenticated is not None
    assert session.connection.tls is not None
    assert session.connection.tls.verified
    return session.authenticated.mechanism, session.connection.tls.version


@pytest.mark.feature("SASL-05", "SASL-11", "MTI-01")
@pytest.mark.parametrize("direct", [False, True], ids=["starttls", "direct"])
@pytest.mark.parametrize(
    ("host", "mechanism"),
    [("", "SCRAM-SHA-1"), ("", "SCRAM-SHA-256"), ("", "PLAIN"), ("sha1.", "SCRAM-SHA-1"), ("sha256.", "SCRAM-SHA-256")],
)
def test_a_password_logs_in(prosody: Lab, host: str, mechanism: str, direct: bool) -> None:
    async def work() -> None:
        jid = f"alice@{host}{prosody.domain}"
        login: dict[str, Any] = {"password": prosody.users["alice"], "mechanisms": (mechanism,)}
        async with connect(prosody, jid, direct=direct, **login) as session:
            assert of(session)[0] == mechanism
            assert session.authenticated is not None
            keys = session.authenticated.keys
            assert (keys is None) is (mechanism == "PLAIN")
        if keys is not None and host:
            # A host that keeps keys has the same salt again. The keys alone, pinned to what was reached.
            again: dict[str, Any] = {
                "credentials": xmpp.Keys((keys,)),
                "mechanisms": (mechanism,),
                "pin": session.authenticated.pin,
            }
            async with connect(prosody, jid, direct=direct, **again) as session:
                assert of(session)[0] == mechanism

    run(work)


@pytest.mark.feature("SASL-07", "SASL-10", "TLS-06")
@pytest.mark.parametrize("direct", [False, True], ids=["starttls", "direct"])
@pytest.mark.parametrize(
    ("tls", "version"),
    [
        ({"exporter": True}, "TLSv1.3"),
        ({"exporter": True, "maximum_version": ssl.TLSVersion.TLSv1_2}, "TLSv1.2"),
        ({"maximum_version": ssl.TLSVersion.TLSv1_2}, "TLSv1.2"),
    ],
    ids=["exporter, 1.3", "exporter, 1.2", "unique"],
)
@pytest.mark.parametrize("hash", ["SHA-1", "SHA-256"])
def test_the_channel_is_bound_where_both_can(
    prosody: Lab, tls: dict[str, Any], version: str, hash: str, direct: bool
) -> None:
    """What Prosody has of TLS decides: its offer is in the features, and a -PLUS it makes is taken."""
    found: list[str] = []

    async def work() -> None:
        login: dict[str, Any] = {
            "password": prosody.users["romeo"],
            "mechanisms": (f"SCRAM-{hash}-PLUS", f"SCRAM-{hash}"),
            "trace": lambda record: found.append(f"{record.way} {record.text}"),
        }
        async with connect(prosody, f"romeo@{prosody.domain}", tls=tls, direct=direct, **login) as session:
            mechanism, spoken = of(session)
            assert spoken == version
            offered = [one for one in found if one.startswith("received") and "<mechanism>" in one][-1]
            announced = "urn:xmpp:sasl-cb:0" in offered
            usable = (announced and "tls-exporter" in offered) if "exporter" in tls else version == "TLSv1.2"
            bound = f"<mechanism>SCRAM-{hash}-PLUS</mechanism>" in offered and (usable or version == "TLSv1.2")
            assert (mechanism == f"SCRAM-{hash}-PLUS") is bound, offered

    run(work)


@pytest.mark.feature("SASL-12")
@pytest.mark.parametrize("direct", [False, True], ids=["starttls", "direct"])
@pytest.mark.parametrize("named", [False, True], ids=["=", "authzid"])
def test_a_certificate_logs_in(prosody: Lab, named: bool, direct: bool) -> None:
    certs = prosody.ca.parent / "certs"
    certificate = certs / "client-alice.crt"

    async def work() -> None:
        async with connect(
            prosody,
            f"alice@external.{prosody.domain}",
            tls={"certificate": certificate, "key": certificate.with_suffix(".key")},
            direct=direct,
            credentials=xmpp.Certificate(name_account=named),
        ) as session:
            assert of(session)[0] == "EXTERNAL"
            assert session.jid is not None
            assert session.jid.bare == xmpp.JID(f"alice@external.{prosody.domain}")

    run(work)


@pytest.mark.feature("SASL-12", "SASL-02")
def test_without_a_certificate_there_is_no_external(prosody: Lab) -> None:
    async def work() -> None:
        with pytest.raises(errors.ConnectError) as caught:
            async with connect(prosody, f"alice@external.{prosody.domain}", credentials=xmpp.Certificate()):
                raise AssertionError("there is a session")
        assert type(caught.value) in (errors.AuthenticationFailed, errors.NegotiationFailed)

    run(work)


@pytest.mark.feature("SASL-13")
@pytest.mark.parametrize("direct", [False, True], ids=["starttls", "direct"])
def test_nobody_logs_in(prosody: Lab, direct: bool) -> None:
    async def work() -> None:
        domain = f"anon.{prosody.domain}"
        async with connect(prosody, domain, direct=direct, credentials=xmpp.Anonymous()) as session:
            assert of(session)[0] == "ANONYMOUS"
            assert session.jid is not None
            assert session.jid.domain == domain
            assert session.jid.local

    run(work)


@pytest.mark.feature("SASL-03", "SASL-02")
def test_a_pin_above_what_the_server_has_is_refused_before_anything_is_sent(prosody: Lab) -> None:
    async def work() -> None:
        login: dict[str, Any] = {"password": prosody.users["alice"], "pin": int(xmpp.Strength.SCRAM_SHA3_512)}
        with pytest.raises(errors.AuthenticationFailed) as caught:
            async with connect(prosody, f"alice@sha1.{prosody.domain}", **login):
                raise AssertionError("there is a session")
        assert "weaker than the one used before" in str(caught.value)

    run(work)


@pytest.mark.feature("SASL-06", "SASL-11", "SASL-08")
@pytest.mark.parametrize("direct", [False, True], ids=["starttls", "direct"])
@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-512", "PLAIN", None])
def test_a_real_client_logs_in_at_our_server(mechanism: str | None, direct: bool) -> None:
    """With XEP-0474 and XEP-0515 switched on, which such a client passes over."""
    slixmpp = pytest.importorskip("slixmpp")
    authority = Authority.create()
    issued = authority.issue(("example.com",))
    accounts = MemoryAccounts(iterations=LEAST)
    accounts.add("juliet@example.com", "pencil")
    trace: list[str] = []
    server = Server(
        hub=HubConfig(domains={"example.com"}),
        accounts=accounts,
        listen=(Listen("127.0.0.1", 0, direct_tls=direct),),
        tls=ServerTls(certificate=issued.certificate, key=issued.key, maximum_version=ssl.TLSVersion.TLSv1_2),
        mechanisms=None if mechanism is None else (mechanism,),
        trace=lambda record: trace.append(f"{record.way} {record.text}"),
    )

    async def work() -> None:
        async with running(xmpp_asyncio.shell, server) as ours:
            client = slixmpp.ClientXMPP("juliet@example.com", "pencil")
            context = client.get_ssl_context()
            context.load_verify_locations(cadata=authority.certificate)
            client.get_ssl_context = lambda: context
            ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()

            def end(word: str) -> Callable[[object], None]:
                return lambda _: None if ended.done() else ended.set_result(word)

            client.add_event_handler("session_start", end("started"))
            client.add_event_handler("failed_all_auth", end("refused"))
            host, port = ours.addresses[0]
            client.enable_direct_tls, client.enable_starttls = direct, not direct
            client.connect(host, port)
            assert await ended == "started", trace
            await client.disconnect()

    run(work)
    chosen = next(one for one in trace if one.startswith("received") and "<auth " in one)
    assert mechanism is None or f"mechanism='{mechanism}'" in chosen
