"""SRV lookups against a small name server on the loopback, under asyncio and under trio."""

from __future__ import annotations

import asyncio
import socket
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, TypeVar

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest
import trio

from xmpp_core.adapters.dns import DnsError, Lookup, discover, lookup, srv
from xmpp_core.discovery import Candidate, DirectTls, SrvRecord
from xmpp_core.testing.entropy import CountedEntropy

T = TypeVar("T")

ZONE: dict[str, list[str] | dns.rcode.Rcode | None] = {
    "_xmpp-client._tcp.example.com.": ["10 5 5222 xmpp1.example.com.", "20 0 5222 xmpp2.example.com."],
    "_xmpps-client._tcp.example.com.": ["10 0 443 Tls.example.com."],
    "_xmpp-client._tcp.denied.example.": ["0 0 0 ."],
    "_xmpps-client._tcp.denied.example.": ["0 0 0 ."],
    "_xmpp-client._tcp.empty.example.": [],
    "_xmpp-client._tcp.broken.example.": dns.rcode.SERVFAIL,
    "_xmpps-client._tcp.broken.example.": dns.rcode.SERVFAIL,
    "_xmpp-client._tcp.half.example.": ["0 0 5222 half.example."],
    "_xmpps-client._tcp.half.example.": dns.rcode.SERVFAIL,
    "_xmpp-client._tcp.refused.example.": dns.rcode.REFUSED,
    "_xmpp-client._tcp.silent.example.": None,
    "_xmpps-client._tcp.silent.example.": None,
    "_xmpp-client._tcp.xn--bcher-kva.example.": ["0 0 5222 xn--bcher-kva.example."],
    "_xmpp-client._tcp.large.example.": [
        f"{place} 0 5222 a-host-with-a-long-name-{place}.example." for place in range(60)
    ],
}


class NameServer:
    """Answers from `ZONE` over UDP and TCP; NXDOMAIN for other names, nothing for None."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind(("127.0.0.1", 0))
        self.address: tuple[str, int] = self._udp.getsockname()
        self._tcp = socket.create_server(self.address)
        self._threads = [threading.Thread(target=one) for one in (self._serve_udp, self._serve_tcp)]
        for one in self._threads:
            one.start()

    def close(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"stop", self.address)
        with socket.create_connection(self.address) as last_connection:
            last_connection.sendall(b"\0\0")
        for one in self._threads:
            one.join()
        self._udp.close()
        self._tcp.close()

    def _serve_udp(self) -> None:
        while True:
            data, peer = self._udp.recvfrom(4096)
            if data == b"stop":
                return
            answer = self._answer(data, 512)
            if answer is not None:
                self._udp.sendto(answer, peer)

    def _serve_tcp(self) -> None:
        while True:
            connection, _ = self._tcp.accept()
            with connection, connection.makefile("rwb") as stream:
                size = int.from_bytes(stream.read(2), "big")
                if not size:
                    return
                answer = self._answer(stream.read(size), 65535)
                if answer is not None:
                    stream.write(len(answer).to_bytes(2, "big") + answer)

    def _answer(self, data: bytes, most: int) -> bytes | None:
        query = dns.message.from_wire(data)
        name = query.question[0].name.to_text().lower()
        self.asked.append(name)
        found = ZONE.get(name, dns.rcode.NXDOMAIN)
        if found is None:
            return None
        response = dns.message.make_response(query, recursion_available=True)
        if isinstance(found, list):
            if found:
                response.answer.append(dns.rrset.from_text_list(query.question[0].name, 60, "IN", "SRV", found))
        else:
            response.set_rcode(found)
        octets = response.to_wire(max_size=65535)
        if len(octets) > most:
            response.answer.clear()
            response.flags |= dns.flags.TC
            octets = response.to_wire()
        return octets


@pytest.fixture
def names() -> Iterator[NameServer]:
    server = NameServer()
    yield server
    server.close()


Run = Callable[[Callable[[], Coroutine[Any, Any, T]]], T]


@pytest.fixture(params=["asyncio", "trio"])
def run(request: pytest.FixtureRequest) -> Run[Any]:
    if request.param == "trio":
        return lambda make: trio.run(make)
    return lambda make: asyncio.run(make())


@pytest.mark.feature("ADP-03", "ADP-01", "ADP-02")
def test_records_are_found(names: NameServer, run: Run[Any]) -> None:
    found = run(lambda: srv("_xmpp-client._tcp.example.com.", nameserver=names.address))
    assert sorted(found, key=lambda one: one.priority) == [
        SrvRecord(10, 5, 5222, "xmpp1.example.com."),
        SrvRecord(20, 0, 5222, "xmpp2.example.com."),
    ]


@pytest.mark.feature("ADP-03")
def test_an_answer_too_large_for_a_datagram_is_fetched(names: NameServer, run: Run[Any]) -> None:
    found = run(lambda: srv("_xmpp-client._tcp.large.example.", nameserver=names.address))
    assert len(found) == 60
    assert names.asked == ["_xmpp-client._tcp.large.example."] * 2


@pytest.mark.feature("ADP-03")
@pytest.mark.parametrize("domain", ["nowhere.example", "empty.example"])
def test_no_name_and_no_answer_are_no_records(names: NameServer, run: Run[Any], domain: str) -> None:
    assert run(lambda: srv(f"_xmpp-client._tcp.{domain}.", nameserver=names.address)) == []
    found, note = run(lambda: discover(domain, nameserver=names.address))
    assert found == (Candidate(domain, 5222),)
    assert note is None


@pytest.mark.feature("ADP-03", "X-0368", "TLS-03")
def test_both_services_are_looked_up_and_ordered(names: NameServer, run: Run[Any]) -> None:
    found, note = run(lambda: discover("example.com", nameserver=names.address, entropy=CountedEntropy("1")))
    assert set(found[:2]) == {Candidate("xmpp1.example.com", 5222), Candidate("tls.example.com", 443, True)}
    assert found[2:] == (Candidate("xmpp2.example.com", 5222),)
    assert note is None
    assert names.asked == ["_xmpp-client._tcp.example.com.", "_xmpps-client._tcp.example.com."]
    found, _ = run(lambda: discover("example.com", nameserver=names.address, direct_tls=DirectTls.ONLY))
    assert found == (Candidate("tls.example.com", 443, True),)
    assert names.asked[2:] == ["_xmpps-client._tcp.example.com."]


@pytest.mark.feature("ADP-03")
def test_a_service_that_is_not_offered(names: NameServer, run: Run[Any]) -> None:
    assert run(lambda: discover("denied.example", nameserver=names.address)) == ((), None)


@pytest.mark.feature("ADP-03")
def test_a_name_with_u_labels_is_asked_for_in_a_labels(names: NameServer, run: Run[Any]) -> None:
    found, _ = run(lambda: discover("bücher.example", nameserver=names.address))
    assert found == (Candidate("xn--bcher-kva.example", 5222),)


@pytest.mark.feature("ADP-03")
def test_addresses_are_not_looked_up(names: NameServer, run: Run[Any]) -> None:
    assert run(lambda: discover("[::1]", nameserver=names.address)) == ((Candidate("::1", 5222),), None)
    assert names.asked == []


@pytest.mark.feature("ADP-03")
def test_an_error_of_the_name_server_is_no_answer(names: NameServer, run: Run[Any]) -> None:
    for domain in ("broken.example", "refused.example"):
        with pytest.raises(DnsError, match=f"{domain}") as caught:
            run(lambda domain=domain: srv(f"_xmpp-client._tcp.{domain}.", nameserver=names.address))  # type: ignore[misc]
        assert caught.value.answered
    with pytest.raises(DnsError, match="try later"):
        run(lambda: discover("broken.example", nameserver=names.address))
    # With the records of one service there is somewhere to go.
    found = run(lambda: lookup("half.example", nameserver=names.address))
    assert found.starttls == (SrvRecord(0, 0, 5222, "half.example."),)
    assert "_xmpps-client._tcp.half.example." in str(found.note)


@pytest.mark.feature("ADP-03")
def test_silence_ends_in_time_and_the_domain_is_tried(names: NameServer, run: Run[Any]) -> None:
    """RFC 6120 section 3.2.1, step 9."""
    with pytest.raises(DnsError, match=r"within 0\.2 s") as caught:
        run(lambda: srv("_xmpp-client._tcp.silent.example.", nameserver=names.address, timeout=0.2))
    assert not caught.value.answered
    found, note = run(lambda: discover("silent.example", nameserver=names.address, timeout=0.2))
    assert found == (Candidate("silent.example", 5222),)
    assert "the domain itself is tried" in str(note)


@pytest.mark.feature("ADP-03")
def test_without_dnspython_a_note_says_so(run: Run[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [one for one in sys.modules if one.partition(".")[0] == "dns"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "dns", None)
    found = run(lambda: lookup("example.com"))
    assert found == Lookup(note=found.note)
    assert "pip install 'xmpp_core[dns]'" in found.note
    assert run(lambda: discover("example.com")) == ((Candidate("example.com", 5222),), found.note)
