"""Every way in which no session comes about ends in one typed error that names the step."""

from __future__ import annotations

import datetime
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from networks import DOMAIN, HOST, PASSWORD, Net, Post, Tap, authority, read_until

import xmpp_core as xmpp
from xmpp_core.adapters import finding, reaching
from xmpp_core.adapters.errors import HostNotFound
from xmpp_core.adapters.session import Session
from xmpp_core.adapters.shell import Wire
from xmpp_core.adapters.tls import ClientTls, ServerTls
from xmpp_core.discovery import Candidate
from xmpp_core.server.authority import Authority, Period

HEADER = (
    b"<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
    b"from='example.com' id='s1' version='1.0'>"
)
STARTTLS = (
    b"<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>"
)
PROCEED = b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
Script = Callable[[Wire], Awaitable[None]]


async def idle(session: Session) -> None:
    async for _ in session:
        pass


def in_the_clear(tap: Tap) -> bytes:
    """What a client wrote before its first TLS record (type 22, version 3.x)."""
    return bytes(tap.sent).partition(b"\x16\x03")[0]


def assert_nothing_leaked(tap: Tap) -> None:
    clear = in_the_clear(tap)
    for secret in (b"juliet", b"balcony", b"<auth", b"pencil", b" from="):
        assert secret not in clear
    assert clear == b"" or clear.count(b"<") <= 3  # declaration, header, starttls


# TLS that is not to be trusted.


def expired() -> ServerTls:
    then = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    keys = authority().issue([DOMAIN], period=Period(then, then + datetime.timedelta(days=1)))
    return ServerTls(certificate=keys.certificate, key=keys.key)


def of_another_domain() -> ServerTls:
    keys = authority().issue(["other.example"])
    return ServerTls(certificate=keys.certificate, key=keys.key)


def of_another_authority() -> ServerTls:
    keys = Authority.create().issue([DOMAIN])
    return ServerTls(certificate=keys.certificate, key=keys.key)


def signed_by_itself() -> ServerTls:
    keys = authority().issue([DOMAIN], self_signed=True)
    return ServerTls(certificate=keys.certificate, key=keys.key)


UNTRUSTED = {
    "expired": (expired, "has expired (valid until 2020-01-02"),
    "of another domain": (of_another_domain, "is not for example.com: it is for other.example"),
    "of another authority": (of_another_authority, "authority"),
    "self-signed": (signed_by_itself, "self-signed"),
}


@pytest.mark.feature("TLS-09", "ADP-04")
@pytest.mark.parametrize("direct", [False, True], ids=["starttls", "direct"])
@pytest.mark.parametrize("kind", UNTRUSTED)
async def test_a_certificate_that_is_not_to_be_trusted_ends_it(net: Net, kind: str, direct: bool) -> None:
    make, words = UNTRUSTED[kind]
    async with net.serve(idle, tls=make(), direct_tls=direct) as serving:
        with pytest.raises(net.module.TlsNotEstablished, match="TLS could not be established") as caught:
            async with net.login(serving.port, direct_tls=direct):
                pass
        assert words in str(caught.value)
        await net.shell.quiet()
    assert caught.value.failure.cause is xmpp.Cause.TLS_FAILED
    tap = net.wire_of_client()
    assert_nothing_leaked(tap)
    # After the refusal at most an alert leaves: no record of application data (type 23) but in TLS 1.3's disguise.
    assert b"juliet" not in tap.sent


@pytest.mark.feature("TLS-09")
async def test_the_insecure_switch_works_by_its_name_alone(net: Net) -> None:
    loud = ClientTls(insecure_accept_any_certificate=True)
    async with net.serve(idle, tls=of_another_domain()) as serving:
        async with net.login(serving.port, tls=loud) as session:
            assert session.connection.tls is not None
            assert not session.connection.tls.verified
        config = xmpp.ClientConfig(jid=f"juliet@{DOMAIN}", password=PASSWORD, insecure_unverified_certificate=True)
        with pytest.raises(net.module.TlsNotEstablished):
            async with net.login(serving.port, config=config):
                pass
        config = xmpp.ClientConfig(jid=f"juliet@{DOMAIN}", password=PASSWORD, insecure_plaintext_authentication=True)
        with pytest.raises(net.module.TlsNotEstablished):
            async with net.login(serving.port, config=config):
                pass


@pytest.mark.feature("TLS-09")
async def test_without_tls_both_sides_must_say_so(net: Net) -> None:
    said = xmpp.ServerConfig(domains={DOMAIN}, insecure_plaintext_authentication=True)
    with pytest.raises(xmpp.LocalProtocolError, match="give a certificate"):
        net.serve(idle, tls=None)
    with pytest.raises(xmpp.LocalProtocolError, match="give a certificate"):
        net.serve(idle, tls=None, direct_tls=True, config=said)
    async with net.serve(idle, tls=None, config=said) as serving:
        with pytest.raises(net.module.NotEstablished, match="no STARTTLS"):
            async with net.login(serving.port):
                pass
        assert_nothing_leaked(net.wire_of_client())
        config = xmpp.ClientConfig(jid=f"juliet@{DOMAIN}", password=PASSWORD, insecure_plaintext_authentication=True)
        async with net.login(serving.port, config=config) as session:
            assert session.connection.tls is None


async def test_settings_that_cannot_be_used_are_told_at_once(net: Net) -> None:
    with pytest.raises(xmpp.XMPPError, match="certificate"):
        net.serve(idle, tls=ServerTls(certificate="no such file", key="neither"))
    async with net.serve(idle) as serving, net.serve(idle, direct_tls=True) as other:
        for port, direct in ((serving.port, False), (other.port, True)):
            with pytest.raises(xmpp.XMPPError) as caught:
                async with net.login(port, direct_tls=direct, tls=ClientTls(ca="no such file")):
                    pass
            assert type(caught.value).__name__ == "TlsSettingsError"
        for arguments in (
            {"jid": None},
            {"jid": "juliet@example.com", "password": "x", "config": xmpp.ClientConfig(jid="a@b", password="c")},
            {"jid": "juliet@example.com", "password": "x", "wire": net.shell, "port": 1},
        ):
            with pytest.raises(xmpp.LocalProtocolError):
                net.adapter.connect(**arguments)


# The peer misbehaves.


@pytest.mark.feature("TLS-02")
async def test_plain_text_behind_proceed_ends_it(net: Net) -> None:
    """RFC 6120 section 5.3.3: what a third party put there is never read as if it had come over TLS."""

    async def script(wire: Wire) -> None:
        await read_until(wire, b"version=")
        await wire.write(HEADER + STARTTLS)
        await read_until(wire, b"starttls")
        await wire.write(PROCEED + b"<iq type='set' id='x'><bind/></iq>")
        await wire.read()

    async with net.peer(script) as port:
        with pytest.raises(net.module.TlsNotEstablished) as caught:
            async with net.login(port):
                pass
    assert caught.value.failure.cause is xmpp.Cause.PLAINTEXT_AFTER_STARTTLS
    assert_nothing_leaked(net.wire_of_client())


@pytest.mark.feature("TLS-02")
async def test_plain_text_that_comes_in_place_of_tls_ends_it(net: Net) -> None:
    async def script(wire: Wire) -> None:
        await read_until(wire, b"version=")
        await wire.write(HEADER + STARTTLS)
        await read_until(wire, b"starttls")
        await wire.write(PROCEED)
        await wire.read()
        await wire.write(b"<iq type='set' id='x'><bind/></iq>")
        await wire.read()

    async with net.peer(script) as port:
        with pytest.raises(net.module.TlsNotEstablished, match="plain text"):
            async with net.login(port):
                pass
    assert_nothing_leaked(net.wire_of_client())


async def after_header(wire: Wire) -> None:
    await read_until(wire, b"version=")
    await wire.write(HEADER)


async def after_proceed(wire: Wire) -> None:
    await read_until(wire, b"version=")
    await wire.write(HEADER + STARTTLS)
    await read_until(wire, b"starttls")
    await wire.write(PROCEED)


async def in_the_handshake(wire: Wire) -> None:
    await after_proceed(wire)
    await wire.read()


async def at_once(wire: Wire) -> None:
    await wire.finish()


@pytest.mark.feature("TLS-09", "STR-06")
@pytest.mark.parametrize(
    ("script", "error"),
    [
        (at_once, "NotEstablished"),
        (after_header, "NotEstablished"),
        (after_proceed, "TlsNotEstablished"),
        (in_the_handshake, "TlsNotEstablished"),
    ],
    ids=["at once", "after the header", "after proceed", "in the handshake"],
)
async def test_an_end_of_the_transport_during_the_opening(net: Net, script: Script, error: str) -> None:
    async with net.peer(script) as port:
        with pytest.raises(getattr(net.module, error)) as caught:
            async with net.login(port):
                pass
    assert type(caught.value).__name__ == error
    assert net.wire_of_client().aborts == 1
    assert_nothing_leaked(net.wire_of_client())


@pytest.mark.feature("TLS-09", "TLS-03")
@pytest.mark.parametrize("octets", [b"", HEADER, b"\x16\x03"], ids=["nothing", "plain text", "half a record"])
async def test_direct_tls_where_none_is_spoken(net: Net, octets: bytes) -> None:
    async def script(wire: Wire) -> None:
        await wire.read()
        if octets:
            await wire.write(octets)

    async with net.peer(script) as port:
        with pytest.raises(net.module.TlsNotEstablished):
            async with net.login(port, direct_tls=True):
                pass
    assert in_the_clear(net.wire_of_client()) == b""


@pytest.mark.feature("STR-06")
@pytest.mark.parametrize("direct", [False, True], ids=["starttls", "direct"])
async def test_a_connection_killed_at_any_read_of_the_opening(net: Net, direct: bool) -> None:
    """One typed error each time; the server goes on serving others."""
    names = set()
    async with net.serve(idle, direct_tls=direct) as serving:
        for reads in range(100):
            net.shell.cut_next_at_read = reads
            try:
                async with net.login(serving.port, direct_tls=direct):
                    pass
            except net.module.NotEstablished as error:
                names.add(type(error).__name__)
                assert error.failure.cause in (xmpp.Cause.END_OF_DATA, xmpp.Cause.TLS_FAILED)
            else:
                break
            assert net.wire_of_client().aborts == 1
            await net.shell.quiet()
        assert reads > 4
        async with net.login(serving.port, direct_tls=direct) as session:
            assert session.ready is not None
    assert names == {"NotEstablished", "TlsNotEstablished"}


# Authentication.


@pytest.mark.feature("SASL-05")
@pytest.mark.parametrize("jid", ["juliet@example.com", "nobody@example.com"])
async def test_a_wrong_password_and_an_unknown_user_look_alike(net: Net, jid: str) -> None:
    async with net.serve(idle) as serving:
        with pytest.raises(net.module.AuthenticationFailed, match="not-authorized"):
            async with net.login(serving.port, jid=jid, password="wrong"):
                pass
        await net.shell.quiet()


async def test_a_refused_resource(net: Net) -> None:
    refuse: dict[type, Any] = {xmpp.BindRequested: lambda _: xmpp.BindRefused("conflict")}
    async with net.serve(idle, answers=refuse) as serving:
        with pytest.raises(net.module.NotEstablished, match="conflict") as caught:
            async with net.login(serving.port):
                pass
    assert caught.value.failure.cause is xmpp.Cause.BIND_FAILED


# Reaching.


@pytest.mark.feature("ADP-01", "ADP-02")
async def test_a_connection_that_is_refused(net: Net) -> None:
    async with net.serve(idle) as serving:
        port = serving.port
    with pytest.raises(net.module.HostUnreachable, match=f"{HOST} port {port} .*refused"):
        async with net.login(port):
            pass


@pytest.mark.feature("ADP-01", "ADP-02")
async def test_a_name_that_leads_nowhere(net: Net) -> None:
    # An address whose zone no system has is found out without asking anybody.
    host = "nowhere.invalid" if net.memory else "fe80::1%no-such-zone"
    with pytest.raises(net.module.HostNotFound, match="was not found"):
        async with net.login(5222, host=host):
            pass


@pytest.fixture
def candidates(monkeypatch: pytest.MonkeyPatch) -> list[Candidate]:
    """What a look-up of the domain gives: to be filled in."""
    found: list[Candidate] = []

    async def look_up(domain: str, where: finding.Where, entropy: Any) -> tuple[tuple[Candidate, ...], str | None]:
        assert (domain, where) == (DOMAIN, finding.Where())
        return tuple(found), "nothing was looked up"

    monkeypatch.setattr(reaching, "candidates_for", look_up)
    return found


@pytest.mark.feature("ADP-03")
async def test_the_next_server_is_tried_when_one_does_not_answer(net: Net, candidates: list[Candidate]) -> None:
    async def hangs_up(wire: Wire) -> None:
        await wire.read()

    async with net.serve(idle) as gone:
        refused = gone.port
    async with net.peer(hangs_up) as broken, net.serve(idle) as serving:
        candidates += [Candidate(HOST, port, False) for port in (refused, broken, serving.port)]
        async with net.login() as session:
            assert session.ready is not None
        # A server that refuses the password is not worth another: they all would.
        candidates += [Candidate(HOST, serving.port, False)]
        with pytest.raises(net.module.AuthenticationFailed):
            async with net.login(password="wrong"):
                pass
    assert [tap.peer != "" for tap in net.shell.dialled] == [True] * 4


@pytest.mark.feature("ADP-03", "TLS-09")
async def test_the_next_server_is_tried_when_one_cannot_be_trusted(net: Net, candidates: list[Candidate]) -> None:
    async with net.serve(idle) as gone:
        refused = gone.port
    async with net.serve(idle, tls=of_another_domain()) as wrong, net.serve(idle) as serving:
        candidates += [Candidate(HOST, port, False) for port in (wrong.port, serving.port)]
        async with net.login() as session:
            assert session.ready is not None
        # With none behind it that can be had, what was wrong with the certificate is what is said.
        candidates[:] = [Candidate(HOST, port, False) for port in (wrong.port, refused)]
        with pytest.raises(net.module.TlsNotEstablished, match=r"other\.example") as caught:
            async with net.login():
                pass
        assert f"port {refused}" in caught.value.__notes__[0]
        assert caught.value.__notes__[1:] == ["nothing was looked up"]


@pytest.mark.feature("ADP-03", "TLS-09")
async def test_what_was_wrong_with_a_certificate_is_said_when_the_last_server_hangs_up(
    net: Net, candidates: list[Candidate]
) -> None:
    async with net.serve(idle, tls=of_another_domain()) as wrong, net.peer(after_header) as broken:
        candidates += [Candidate(HOST, port, False) for port in (wrong.port, broken)]
        with pytest.raises(net.module.TlsNotEstablished, match=r"other\.example") as caught:
            async with net.login():
                pass
    assert "the transport ended" in caught.value.__notes__[0]


@pytest.mark.feature("ADP-03")
async def test_who_spoke_and_hung_up_is_told_of_before_who_is_not_there(net: Net, candidates: list[Candidate]) -> None:
    async with net.serve(idle) as gone:
        refused = gone.port
    async with net.peer(after_header) as broken:
        for ports in ((broken, refused), (refused, broken)):
            candidates[:] = [Candidate(HOST, port, False) for port in ports]
            with pytest.raises(net.module.NotEstablished, match="the transport ended") as caught:
                async with net.login():
                    pass
            assert caught.value.failure.cause is xmpp.Cause.END_OF_DATA
            assert f"port {refused}" in caught.value.__notes__[0]


@pytest.mark.feature("ADP-03")
async def test_words_on_the_look_up_do_not_hide_how_the_only_server_failed(
    net: Net, candidates: list[Candidate]
) -> None:
    async with net.peer(after_header) as broken:
        candidates += [Candidate(HOST, broken, False)]
        with pytest.raises(net.module.NotEstablished, match="the transport ended") as caught:
            async with net.login():
                pass
    assert caught.value.__notes__ == ["nothing was looked up"]


@pytest.mark.feature("ADP-03", "ADP-05")
async def test_words_on_the_look_up_do_not_hide_that_time_ran_out(memory: Net, candidates: list[Candidate]) -> None:
    config = xmpp.ClientConfig(jid=f"juliet@{DOMAIN}", password=PASSWORD, timeouts=xmpp.Timeouts(negotiation=15))
    async with memory.peer(silent) as port:
        candidates += [Candidate(HOST, port, False)]
        with pytest.raises(memory.module.ConnectTimedOut, match="within 15 s"):
            async with memory.login(config=config):
                pass


@pytest.mark.feature("ADP-03")
async def test_when_no_server_can_be_had_each_is_named(net: Net, candidates: list[Candidate]) -> None:
    async with net.serve(idle) as one, net.serve(idle) as two:
        ports = one.port, two.port
    candidates += [Candidate(HOST, port, False) for port in ports]
    with pytest.raises(net.module.HostUnreachable) as caught:
        async with net.login():
            pass
    assert all(f"port {port}" in str(caught.value) for port in ports)
    assert str(caught.value).endswith("nothing was looked up")


def elsewhere(port: int) -> bytes:
    return (
        b"<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>%s:%d</see-other-host>"
        b"</stream:error></stream:stream>" % (HOST.encode(), port)
    )


@pytest.mark.feature("STR-11", "ADP-03")
async def test_a_redirection_that_leads_nowhere_is_not_the_end(
    net: Net, candidates: list[Candidate], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def pointing(wire: Wire) -> None:
        await read_until(wire, b"version=")
        await wire.write(HEADER + elsewhere(1))
        await wire.read()

    async def nowhere(*_: Any) -> tuple[Candidate, ...]:
        raise HostNotFound("no such host")

    monkeypatch.setattr(reaching, "elsewhere", nowhere)
    async with net.peer(pointing) as first, net.serve(idle) as serving:
        candidates += [Candidate(HOST, port, False) for port in (first, serving.port)]
        async with net.login() as session:
            assert session.ready is not None
        candidates[:] = [Candidate(HOST, first, False)]
        with pytest.raises(HostNotFound, match="no such host"):
            async with net.login():
                pass


@pytest.mark.feature("STR-11")
async def test_a_redirection_is_followed_once(net: Net) -> None:
    asked: list[bytes] = []

    def redirecting(port: Callable[[], int]) -> Script:
        async def script(wire: Wire) -> None:
            asked.append(await read_until(wire, b"version="))
            await wire.write(HEADER + elsewhere(port()))
            await wire.read()

        return script

    async with net.serve(idle) as serving, net.peer(redirecting(lambda: serving.port)) as first:
        async with net.login(first) as session:
            assert session.ready is not None
        # With the domain first asked for, never with the name it led to (RFC 6120 section 4.9.3.19).
        assert b"to='example.com'" in net.wire_of_client().sent
        async with net.peer(redirecting(lambda: first)) as before:
            with pytest.raises(net.module.NotEstablished) as caught:
                async with net.login(before):
                    pass
    assert caught.value.failure.redirect == xmpp.Redirect(HOST, serving.port)
    assert len(asked) == 3


@pytest.mark.feature("STR-11")
async def test_two_that_point_at_each_other_end_it(net: Net) -> None:
    ports: list[int] = []
    asked = Post(net)

    async def script(wire: Wire) -> None:
        asked.put()
        await read_until(wire, b"version=")
        await wire.write(HEADER + elsewhere(ports[0]))
        await wire.read()

    async with net.peer(script) as port:
        ports.append(port)
        with pytest.raises(net.module.NotEstablished):
            async with net.login(port):
                pass
    assert len(asked.things) == 2


# Time.


async def silent(wire: Wire) -> None:
    while await wire.read():
        pass


@pytest.mark.feature("ADP-05")
@pytest.mark.parametrize("direct", [False, True], ids=["starttls", "direct"])
async def test_a_silent_server_is_given_up_in_time(memory: Net, direct: bool) -> None:
    async with memory.peer(silent) as port:
        began = memory.shell.now()
        with pytest.raises(memory.module.ConnectTimedOut, match=r"no session within 20 s: waiting for .* negotiate"):
            async with memory.login(port, direct_tls=direct, timeout=20):
                pass
        assert memory.shell.now() - began == pytest.approx(20, abs=1.1)
    assert memory.wire_of_client().aborts == 1


@pytest.mark.feature("ADP-05")
@pytest.mark.parametrize("direct", [False, True], ids=["starttls", "direct"])
async def test_the_negotiation_has_a_limit_of_its_own(memory: Net, direct: bool) -> None:
    config = xmpp.ClientConfig(jid=f"juliet@{DOMAIN}", password=PASSWORD, timeouts=xmpp.Timeouts(negotiation=15))
    async with memory.peer(silent) as port:
        began = memory.shell.now()
        with pytest.raises(memory.module.ConnectTimedOut, match="within 15 s"):
            async with memory.login(port, config=config, direct_tls=direct):
                pass
        # It says goodbye, and waits a little for the peer to do the same.
        assert 15 <= memory.shell.now() - began <= 18


@pytest.mark.feature("ADP-05")
async def test_a_handshake_that_does_not_end_is_given_up(memory: Net) -> None:
    async def script(wire: Wire) -> None:
        await after_proceed(wire)
        await silent(wire)

    async with memory.peer(script) as port:
        with pytest.raises(memory.module.ConnectTimedOut, match="no session within 20 s"):
            async with memory.login(port, timeout=20):
                pass
    assert_nothing_leaked(memory.wire_of_client())


@pytest.mark.feature("ADP-05")
async def test_a_host_that_does_not_answer_is_given_up(memory: Net, monkeypatch: pytest.MonkeyPatch) -> None:
    async def connect(host: str, port: int) -> Wire:
        await memory.shell.signal().wait()
        raise AssertionError

    monkeypatch.setattr(memory.shell, "connect", connect)
    with pytest.raises(memory.module.HostUnreachable, match="port 5222 did not answer within 15 s"):
        async with memory.login(5222):
            pass
    with pytest.raises(memory.module.ConnectTimedOut, match=r"connecting to 127[.]0[.]0[.]1 port 5222"):
        async with memory.login(5222, timeout=10):
            pass


@pytest.mark.feature("ADP-05")
async def test_a_server_gives_up_a_client_that_never_speaks(memory: Net) -> None:
    config = xmpp.ServerConfig(domains={DOMAIN}, timeouts=xmpp.Timeouts(negotiation=15))
    async with memory.serve(idle, config=config) as serving, memory.serve(idle, config=config, direct_tls=True) as two:
        for port in (serving.port, two.port):
            wire = await memory.shell.connect(HOST, port)
            began = memory.shell.now()
            assert b"<proceed" not in await read_until(wire, b"</stream:stream>")
            await memory.shell.quiet()
            assert 15 <= memory.shell.now() - began <= 18
            await wire.abort()


@pytest.mark.feature("ADP-05")
async def test_a_question_that_nobody_answers_in_time_is_named(memory: Net) -> None:
    async def never(question: Any) -> Any:
        await memory.shell.signal().wait()

    config = xmpp.ServerConfig(domains={DOMAIN}, timeouts=xmpp.Timeouts(question=5))
    async with memory.serve(idle, config=config, answers={xmpp.CredentialsLookup: never}) as serving:
        with pytest.raises(memory.module.NotEstablished) as caught:
            async with memory.login(serving.port):
                pass
        assert caught.value.failure.condition == "internal-server-error"
        await memory.shell.quiet()
