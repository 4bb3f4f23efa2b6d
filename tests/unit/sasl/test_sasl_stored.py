"""Stored keys as text of RFC 5803 and elements of XEP-0227, after a change of password, and for further hashes."""

from __future__ import annotations

import base64
from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xmpp_core.errors import LocalProtocolError
from xmpp_core.sasl import Password, SaslContext, ScramVerifier, StoredKeys
from xmpp_core.sasl.derivation import HASHES
from xmpp_core.sasl.stored import (
    StoredFormatError,
    read_auth_password,
    read_scram_credentials,
    write_auth_password,
    write_scram_credentials,
)
from xmpp_core.sasl.upgrade import UpgradeSalt, hash_of, missing, request, task_name, upgraded, wanted
from xmpp_core.testing.entropy import CountedEntropy

KEYS = StoredKeys.derive(
    "pencil", ("SHA-1", "SHA-256", "SHA-512", "SHA3-512"), iterations=4096, salt=b"0123456789abcdef"
)
# XEP-0227 section 4.3, example 4.
EXAMPLE = """
<user xmlns='urn:xmpp:pie:0' name='juliet'>
  <scram-credentials xmlns='urn:xmpp:pie:0#scram' mechanism='SCRAM-SHA-1'>
    <iter-count>100000</iter-count>
    <salt>TmFDbE5hQ2xOYUNsTmFDbE5hQ2xOYUNsTmFDbE5hQ2xOYUNsTmFDbE5hQ2wK</salt>
    <server-key>0pXWGK0GZJ6TR73AIUN3ITYtA1g=</server-key>
    <stored-key>Q6qT/SbybblGCZz8e8eSfCJOQic=</stored-key>
  </scram-credentials>
</user>"""


def user(*elements: Element) -> Element:
    found = Element("{urn:xmpp:pie:0}user", {"name": "juliet"})
    found.extend(elements)
    return found


@st.composite
def verifiers(draw: st.DrawFn) -> StoredKeys:
    hashes = draw(st.lists(st.sampled_from(sorted(HASHES)), unique=True, max_size=4))
    return StoredKeys(
        tuple(
            ScramVerifier(
                hash,
                draw(st.binary(min_size=1, max_size=40)),
                draw(st.integers(1, 10_000_000)),
                draw(st.binary(min_size=HASHES[hash].octets, max_size=HASHES[hash].octets)),
                draw(st.binary(min_size=HASHES[hash].octets, max_size=HASHES[hash].octets)),
            )
            for hash in hashes
        )
    )


@pytest.mark.feature("SASL-18")
@given(keys=verifiers())
def test_what_is_written_is_read(keys: StoredKeys) -> None:
    assert read_auth_password(write_auth_password(keys)) == keys
    assert read_scram_credentials(user(*write_scram_credentials(keys))) == keys


@pytest.mark.feature("SASL-18")
def test_the_example_of_xep_0227() -> None:
    (entry,) = read_scram_credentials(fromstring(EXAMPLE)).entries
    assert (entry.hash, entry.iterations) == ("SHA-1", 100_000)
    assert entry.salt == b"NaCl" * 11 + b"\n"
    (written,) = write_scram_credentials(StoredKeys((entry,)))
    assert {child.tag.rpartition("}")[2]: child.text for child in written} == {
        child.tag.rpartition("}")[2]: child.text for child in fromstring(EXAMPLE)[0]
    }


@pytest.mark.feature("SASL-18")
def test_the_form_of_rfc_5803() -> None:
    (line,) = write_auth_password(StoredKeys((KEYS.entries[0],)))
    scheme, info, value = line.split("$")
    assert (scheme, info) == ("SCRAM-SHA-1", "4096:" + base64.b64encode(b"0123456789abcdef").decode())
    assert [len(base64.b64decode(one)) for one in value.split(":")] == [20, 20]
    spaced = f"  {scheme} $ {info} $ {value} "
    assert read_auth_password(["MD5$salt$digest", spaced]) == StoredKeys((KEYS.entries[0],))


GOOD = write_auth_password(StoredKeys((KEYS.entries[0],)))[0]


@pytest.mark.feature("SASL-18", "SEC-04")
@pytest.mark.parametrize(
    "values",
    [
        [GOOD, GOOD],
        [GOOD.replace("4096", "0")],
        [GOOD.replace("4096", "04096")],
        [GOOD.replace("4096", "10000001")],
        [GOOD.replace("SHA-1$", "SHA-224$")],
        [GOOD.replace("SHA-1$", "SHA-256$")],
        [GOOD + "="],
        [GOOD[:-2] + "x="],
        [GOOD.replace("MDEy", "MDE!")],
        [GOOD.replace(":", "")],
        ["SCRAM-SHA-1$4096:$a:b"],
        ["SCRAM-"],
    ],
)
def test_what_was_tampered_with_is_refused(values: list[str]) -> None:
    with pytest.raises(StoredFormatError) as caught:
        read_auth_password(values)
    assert GOOD[-12:-2] not in str(caught.value)


@pytest.mark.feature("SASL-18")
@pytest.mark.parametrize("change", ["double", "none", "nested", "twice", "other"])
def test_elements_that_are_not_as_they_should_be(change: str) -> None:
    (good,) = write_scram_credentials(StoredKeys((KEYS.entries[0],)))
    elements = [good]
    if change == "double":
        good.append(good[1])
    elif change == "none":
        good.remove(good[1])
    elif change == "nested":
        good[1].text = None
    elif change == "twice":
        elements.append(good)
    else:
        good.set("mechanism", "SCRAM-SHA-224")
        assert read_scram_credentials(user(*elements)) == StoredKeys(())
        return
    with pytest.raises(StoredFormatError):
        read_scram_credentials(user(*elements))


@pytest.mark.feature("SASL-06", "SASL-18")
def test_a_change_of_password_keeps_every_hash() -> None:
    old = StoredKeys((*StoredKeys.derive("pencil", ("SHA3-512",), iterations=5000).entries, *KEYS.entries[:1]))
    new = old.changed("crayon", ("SHA-256", "SHA-512"), iterations=4096, entropy=CountedEntropy("change"))
    assert {entry.hash for entry in new.entries} == {"SHA3-512", "SHA-1", "SHA-256", "SHA-512"}
    kept = new.of("SHA3-512")
    assert kept is not None
    assert kept.iterations == 5000
    assert len({entry.salt for entry in new.entries}) == 4
    for entry in new.entries:
        assert entry == ScramVerifier.of("crayon", entry.hash, entry.salt, entry.iterations)
    with pytest.raises(LocalProtocolError):
        old.changed("\0")


@pytest.mark.feature("SA2-02")
def test_which_upgrades_are_offered_asked_for_and_taken() -> None:
    keys = StoredKeys((KEYS.entries[0],))
    announced = missing(keys, ("SHA-1", "SHA-256", "SHA-512"))
    assert announced == ("UPGR-SCRAM-SHA-512", "UPGR-SCRAM-SHA-256")
    secure = SaslContext(secure=True)
    assert wanted((*announced, "UPGR-BLOOP2", "SCRAM-SHA-1"), secure) == announced
    assert wanted(announced, SaslContext()) == ()
    assert hash_of("UPGR-SCRAM-SHA-256-PLUS") is None
    assert hash_of("SCRAM-SHA-256") is None
    salt = UpgradeSalt.fresh("SHA-512", iterations=4096, entropy=CountedEntropy("salt"))
    assert task_name(salt.hash) == announced[0]
    new = upgraded(keys, salt, request(salt, Password("pencil"), secure).derive())
    assert new.of("SHA-512") == ScramVerifier.of("pencil", "SHA-512", salt.salt, 4096)
    assert missing(new, ("SHA-1", "SHA-256", "SHA-512")) == ("UPGR-SCRAM-SHA-256",)
    with pytest.raises(LocalProtocolError, match="has 64 octets"):
        upgraded(keys, salt, bytes(32))
    for count in (4095, 1_000_001):
        with pytest.raises(LocalProtocolError, match="too few or too many"):
            request(UpgradeSalt("SHA-256", b"salt", count), Password("pencil"), secure)
    for wrong in (("MD5", b"x", 1), ("SHA-1", b"", 1), ("SHA-1", b"x", 0)):
        with pytest.raises(LocalProtocolError):
            UpgradeSalt(*wrong)
