"""What SCRAM does quickly for the usual message is what it does with care for any."""

from __future__ import annotations

import contextlib
import hmac
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from xmpp_core.sasl import attributes
from xmpp_core.sasl.attributes import MessageError, ServerFinal, base64_of, decode_base64, encode_base64, octets_of
from xmpp_core.sasl.conditions import SaslCondition
from xmpp_core.sasl.credentials import ClientKeys, Keys, NoSuchUser, ScramVerifier, StoredKeys
from xmpp_core.sasl.derivation import HASHES, client_key, client_proof, server_key, server_signature, stored_key
from xmpp_core.sasl.mechanism import Authenticated, Failed, Respond, SaslContext, Verified
from xmpp_core.sasl.preparation import PreparationError, forms, prepare
from xmpp_core.sasl.scram_client import FinalSent, ScramClient
from xmpp_core.sasl.scram_server import Challenged, ScramServer, invented
from xmpp_core.strings.errors import StringError
from xmpp_core.strings.precis import username_case_mapped

SALTED = b"a SaltedPassword of SHA-256 here"
CLIENT_KEY, SERVER_KEY = client_key("SHA-256", SALTED), server_key("SHA-256", SALTED)
VERIFIER = ScramVerifier("SHA-256", b"salt", 4096, stored_key("SHA-256", CLIENT_KEY), SERVER_KEY)
KEYS = ClientKeys("SHA-256", b"salt", 4096, CLIENT_KEY, SERVER_KEY)
CONTEXT = SaslContext(secure=True, secret=bytes(16))
BOUND = replace(CONTEXT, channel_bindings={"tls-server-end-point": b"end point"})

VALUES = st.sampled_from(["user", "abc", "QQ==", "QR==", "4096", "04", "biws", "tls-unique", "", "=", "=2C", "\u00e9"])
ATTRIBUTES = st.builds("{}={}".format, st.sampled_from("nyarsicpvemhx"), VALUES)
PARTS = ATTRIBUTES | st.sampled_from(["", "n", "y", "p", "\0", "\u0660", " ", "\n", "\x7f"]) | st.text(max_size=2)
TEXTS = st.lists(PARTS, max_size=7).map(lambda parts: ",".join(parts).encode(errors="surrogatepass"))
USUAL = st.sampled_from([b"n,,n=user,r=abc", b"p=tls-exporter,a=x=2Cy,n=u=3Dr,r=+", b"r=abc,s=QQ==,i=4096"])


@st.composite
def spoiled(draw: Any, whole: st.SearchStrategy[bytes]) -> bytes:
    """A usual message, or one with something else in one place."""
    data = draw(whole)
    at = draw(st.integers(0, len(data)))
    return bytes(data[:at] + draw(st.binary(max_size=2) | TEXTS) + data[at + draw(st.integers(0, 2)) :])


def told(read: Callable[[bytes], object], data: bytes) -> object:
    try:
        return read(data)
    except MessageError as error:
        return str(error)


@given(TEXTS | st.binary(max_size=40) | USUAL | spoiled(USUAL))
@example(b"n,,n=user,r=abc\n")
@example(b"n,,n=u\0ser,r=abc")
@example(b"n,,n=user,r=abc,")
@example(b"n,a=,n=user,r=abc")
@example(b"n,a==,n=user,r=abc")
@example(b"p=,,n=user,r=abc")
@example(b"n,,n=\xff,r=abc")
@example(b"r=abc,s=QQ==\0,i=4096")
@example(b"r=abc,s=QR==,i=4096")
@example(b"r=abc,s=====,i=4096")
@example(b"r=abc,s=Q\xc3\xa9Q==,i=4096")
@example(b"r=abc,s=QQ==,i=00000000001")
@example(b"r=abc,s=QQ==,i=12345678901")
@example("r=abc,s=QQ==,i=\u0661".encode())
def test_both_readers_give_the_same_or_the_same_error(data: bytes) -> None:
    assert told(attributes.read_client_first, data) == told(attributes._client_first, data)
    assert told(attributes.read_server_first, data) == told(attributes._server_first, data)


@given(st.binary(max_size=12) | st.binary(max_size=9).map(base64_of) | st.text("QR=+/ \n", max_size=8).map(str.encode))
def test_octets_are_read_as_base64_is(written: bytes) -> None:
    try:
        data = decode_base64(written.decode())
    except (MessageError, UnicodeDecodeError):
        data = b""
    assert octets_of(written) == (data or None)
    assert base64_of(written).decode() == encode_base64(written)


@given(st.text(max_size=4) | st.text("aZ0+ ,=~!\x7f\x1f", max_size=6))
def test_a_nonce_is_what_the_grammar_says(text: str) -> None:
    grammar = re.compile(r"[\x21-\x2b\x2d-\x7e]+", re.ASCII)
    assert attributes.is_nonce(text) is (grammar.fullmatch(text) is not None)


@given(st.text(max_size=6))
def test_the_first_form_is_what_is_prepared(text: str) -> None:
    try:
        first = forms(text)[0]
    except PreparationError:
        first = ""
    try:
        assert prepare(text) == first
    except PreparationError:
        assert first == ""


@given(st.sampled_from(sorted(HASHES)), st.binary(max_size=150), st.binary(max_size=300))
@example("SHA-512", bytes(range(64)), b"")
@example("SHA3-512", bytes(range(64)), b"message")
@example("SHA-1", bytes(range(20)), bytes(1000))
@example("SHA-256", bytes(range(32)), b"message")
def test_hmac_is_hmac(hash: str, key: bytes, message: bytes) -> None:
    assert server_signature(hash, key, message) == hmac.digest(key, message, HASHES[hash].algorithm)


@given(st.sampled_from(sorted(HASHES)), st.data())
def test_a_proof_gives_the_stored_key_back(hash: str, data: st.DataObject) -> None:
    key = data.draw(st.binary(min_size=HASHES[hash].octets, max_size=HASHES[hash].octets))
    proof = client_proof(hash, key, b"message")
    stored = stored_key(hash, key)
    signature = hmac.digest(stored, b"message", HASHES[hash].algorithm)
    assert bytes(one ^ other for one, other in zip(proof, signature, strict=True)) == key


def final_by_the_reader(state: Challenged, data: bytes, bound: bytes) -> object:
    """What the server says to a proof, told from the careful reader alone."""
    try:
        final = attributes.read_client_final(data)
    except MessageError as error:
        return Failed(SaslCondition.MALFORMED_REQUEST, f"the message breaks RFC 5802 section 7: {error}")
    if (final.binding, final.nonce) != (encode_base64(state.header.encode() + bound), state.nonce):
        return "the nonce or the channel binding is not the one in use"
    if len(final.proof) != 32:
        return "the proof has another length"
    message = f"{state.bare},{state.first},{final.without_proof}".encode()
    if final.proof != client_proof("SHA-256", CLIENT_KEY, message):
        return "the proof is wrong"
    return Authenticated("user", None, b"v=" + base64_of(server_signature("SHA-256", SERVER_KEY, message)))


@given(st.booleans(), st.sampled_from(["", ",x=1", ",x=1,y=2", ",p=AAAA", ",x=1,x=2", ",m=1"]), st.data())
def test_a_final_message_is_judged_as_if_it_had_been_read(plus: bool, extension: str, data: st.DataObject) -> None:
    header = "p=tls-server-end-point,," if plus else "n,,"
    bound, type = (b"end point", "tls-server-end-point") if plus else (b"", None)
    state = Challenged(
        "user",
        None,
        header,
        type,
        "n=user,r=abc",
        "r=abcdef,s=c2FsdA==,i=4096",
        "abcdef",
        b"salt",
        4096,
        VERIFIER,
        None,
    )
    server = ScramServer(hash="SHA-256", plus=plus)
    said = f"c={encode_base64(header.encode() + bound)},r=abcdef{extension}"
    proof = client_proof("SHA-256", CLIENT_KEY, f"{state.bare},{state.first},{said}".encode())
    whole = f"{said},p={encode_base64(proof)}".encode()
    message = data.draw(st.just(whole) | spoiled(st.just(whole)) | TEXTS)
    outcome = server.responded(state, message, BOUND)
    expected = final_by_the_reader(state, message, bound)
    if isinstance(expected, str):
        expected = Failed(SaslCondition.NOT_AUTHORIZED, expected)
    assert outcome == expected
    if message == whole and extension in ("", ",x=1", ",x=1,y=2"):
        assert isinstance(outcome, Authenticated)
    if plus:
        lost = server.responded(state, whole, CONTEXT)
        assert isinstance(lost, Failed)
        assert lost.condition in (SaslCondition.NOT_AUTHORIZED, SaslCondition.MALFORMED_REQUEST)


@given(st.booleans(), st.sampled_from(["", ",x=1", ",x=1,x=2", ",v=AAAA", ","]), st.data())
def test_a_signature_is_judged_as_if_it_had_been_read(kept: bool, extension: str, data: st.DataObject) -> None:
    client = ScramClient(hash="SHA-256", plus=False, authcid="user", credentials=Keys((KEYS,)))
    state = FinalSent(b"salt", 4096, "message", KEYS if kept else None)
    signature = server_signature("SHA-256", SERVER_KEY, b"message")
    whole = b"v=" + base64_of(signature) + extension.encode()
    message = data.draw(st.just(whole) | spoiled(st.just(whole)) | TEXTS)
    try:
        final: object = attributes.read_server_final(message)
    except MessageError as error:
        final = f"the last message of the server breaks RFC 5802 section 7: {error}"
    outcome = client.challenged(state, message, CONTEXT)
    claimed = client.succeeded(state, message, CONTEXT)
    if isinstance(final, ServerFinal) and final.signature == signature:
        assert isinstance(outcome, Respond)
        assert claimed == Verified(KEYS, server_proved=True)
        return
    assert isinstance(outcome, Failed)
    assert isinstance(claimed, Failed)
    if message:
        assert outcome == claimed
    if isinstance(final, str):
        assert outcome.reason == final


@given(
    st.text(max_size=5) | st.text("aZ9._ \u212a\uff21", max_size=5),
    st.sampled_from(sorted(HASHES)),
    st.binary(min_size=16, max_size=90),
)
def test_an_invented_user_is_the_same_however_his_name_is_written(name: str, hash: str, secret: bytes) -> None:
    context = replace(CONTEXT, secret=secret)
    made = invented(hash, name, NoSuchUser(salt_octets=32), context)
    assert made == invented(hash, name, NoSuchUser(salt_octets=32), context)
    assert made.salt[:12] == invented(hash, name, NoSuchUser(salt_octets=12), context).salt
    assert made.salt not in (made.stored_key[:32], made.stored_key[-32:])
    assert made != invented(hash, name, NoSuchUser(salt_octets=32), replace(context, secret=secret + b"x"))
    with contextlib.suppress(StringError):
        assert made == invented(hash, username_case_mapped(name), NoSuchUser(salt_octets=32), context)


@given(st.sampled_from(["user", "User", "nobody", "\u00c9mile"]))
def test_who_exists_gets_nothing_that_was_invented(name: str) -> None:
    server = ScramServer(hash="SHA-256", plus=False, nonce=lambda _: "def")
    need: Any = server.start(f"n,,n={name},r=abc".encode(), CONTEXT)
    for answer in (StoredKeys((VERIFIER,)), NoSuchUser(iterations=4096, salt_octets=4)):
        outcome = server.answered(need.state, answer, CONTEXT)
        assert isinstance(outcome, Respond)
        assert isinstance(outcome.state, Challenged)
        assert (outcome.state.verifier is VERIFIER) is isinstance(answer, StoredKeys)
