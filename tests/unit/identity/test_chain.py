"""Paths to a trust anchor, and what may stand in their certificates."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509 import verification
from issuing import BEGIN, CLIENT_AUTH, END, NOW, SERVER_AUTH, Issuer, issue, issuer, usage

from xmpp_core.identity import ChainUnavailable, NoPath, Path, Role, examine, verify_chain
from xmpp_core.identity.chain import MOST_CERTIFICATES

EMAIL = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.4")
NAMES = ("dns:example.com", "xmpp:juliet@example.com")
PAST = {"begin": datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC), "end": BEGIN}
LONG = {"begin": datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC), "end": END + datetime.timedelta(days=3650)}


def root() -> Issuer:
    return issuer("root", **LONG)


def middle(name: str = "middle", **settings: Any) -> Issuer:
    return issuer(name, root(), **{**LONG, **settings})


def verified(chain: list[bytes], role: Role = Role.C2S_SERVER, now: float = NOW, **settings: Any) -> Path | NoPath:
    return verify_chain(chain, anchors=[root().octets], role=role, now=now, **settings)


@pytest.mark.feature("TLS-04")
@pytest.mark.parametrize("role", Role)
def test_a_path_leads_over_what_was_sent_in_any_order(role: Role) -> None:
    lower = issuer("lower", middle(), **LONG)
    leaf = issue(*NAMES, by=lower)
    noise = issuer("somebody else").octets
    wanted = Path((leaf, lower.octets, middle().octets, root().octets), int(END.timestamp()))
    for others in (
        [lower.octets, middle().octets],
        [middle().octets, lower.octets],
        [noise, middle().octets, root().octets, lower.octets, leaf],
    ):
        assert verified([leaf, *others], role) == wanted
    assert isinstance(verified([leaf, lower.octets], role), NoPath)
    assert isinstance(verified([leaf, middle().octets], role), NoPath)
    assert isinstance(verified([leaf, lower.octets, middle().octets], role, depth=1), NoPath)


@pytest.mark.feature("TLS-04")
@pytest.mark.parametrize(
    ("purposes", "roles"),
    [
        (None, set(Role)),
        ([SERVER_AUTH, CLIENT_AUTH], set(Role)),
        # The point of a policy of our own: public authorities issue nothing else to servers.
        ([SERVER_AUTH], {Role.C2S_SERVER, Role.S2S_RECEIVING, Role.S2S_INITIATING}),
        ([CLIENT_AUTH], {Role.C2S_CLIENT, Role.S2S_INITIATING}),
        ([x509.ObjectIdentifier("2.5.29.37.0")], set(Role)),
        ([EMAIL], set()),
    ],
)
@pytest.mark.parametrize("at", ["leaf", "issuer"])
def test_purposes_are_judged_in_every_certificate(
    purposes: list[x509.ObjectIdentifier] | None, roles: set[Role], at: str
) -> None:
    if at == "leaf":
        chain = [issue(*NAMES, by=middle(), purposes=purposes), middle().octets]
    else:
        within = middle(
            f"for {purposes and purposes[0].dotted_string}", purposes=None if purposes is None else tuple(purposes)
        )
        chain = [issue(*NAMES, by=within), within.octets]
    for role in Role:
        found = verified(chain, role)
        assert isinstance(found, Path) == (role in roles), (role, found)
        if at == "leaf":
            report = examine(chain, role=role, domain="example.com", now=NOW, trusted=True)
            assert report.acceptable == (role in roles)


@pytest.mark.feature("TLS-04")
@pytest.mark.parametrize("names", [(), ("srv:_xmpp-client.example.com",), ("xmpp:example.com",), NAMES])
def test_names_are_not_looked_at(names: tuple[str, ...]) -> None:
    """A certificate without a dNSName has a path like any other: what it is for is another question."""
    leaf = issue(*names, by=root())
    assert isinstance(verified([leaf]), Path)


@pytest.mark.feature("TLS-04", "TLS-09")
@pytest.mark.parametrize(
    ("leaf", "words"),
    [
        ({**PAST}, "has expired"),
        ({"begin": END, "end": END + datetime.timedelta(days=1)}, "not valid yet"),
        ({"ca": True, "key_usage": usage("key_cert_sign")}, "no valid path"),
        (
            {"more": [(x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"), True)]},
            "no valid path",
        ),
    ],
)
def test_a_bad_end_entity_has_no_path(leaf: dict[str, Any], words: str) -> None:
    found = verified([issue(*NAMES, by=root(), **leaf)])
    assert isinstance(found, NoPath)
    assert words in found.reason
    assert found.detail
    assert "example" not in found.reason


@pytest.mark.feature("TLS-04")
def test_policies_may_be_named_and_are_not_asked_for() -> None:
    policies = x509.CertificatePolicies([x509.PolicyInformation(x509.ObjectIdentifier("2.23.140.1.2.1"), None)])
    for critical in (False, True):
        by = middle(f"with policies, {critical}", more=((policies, critical),))
        leaf = issue(*NAMES, by=by, more=[(policies, critical)])
        assert isinstance(verified([leaf, by.octets]), Path)


@pytest.mark.feature("TLS-05")
def test_weak_keys_break_the_path_wherever_they_are() -> None:
    for kind in ("rsa1024", "P-192"):
        assert verified([issue(*NAMES, by=root(), key=kind)]) == NoPath("a key or a signature in the path is too weak")
        by = middle(f"middle with {kind}", key=kind)
        assert isinstance(verified([issue(*NAMES, by=by), by.octets]), NoPath)
    for kind in ("rsa2048", "P-384"):
        by = middle(f"middle with {kind}", key=kind)
        assert isinstance(verified([issue(*NAMES, by=by, key=kind), by.octets]), Path)


@pytest.mark.feature("TLS-04", "TLS-09")
def test_a_bad_issuer_breaks_the_path() -> None:
    for by in (
        middle("expired", **PAST),
        middle("no authority", ca=False),
        middle("may not sign", key_usage=usage("digital_signature")),
        middle(
            "for another domain",
            more=((x509.NameConstraints([x509.DNSName("example.net")], None), True),),
        ),
        issuer("of nobody", **LONG),
    ):
        assert isinstance(verified([issue(*NAMES, by=by), by.octets]), NoPath), by.certificate.subject
    short = middle("path length 0", path_length=0)
    below = issuer("below", short, **LONG)
    assert isinstance(verified([issue(*NAMES, by=short), short.octets]), Path)
    assert isinstance(verified([issue(*NAMES, by=below), below.octets, short.octets]), NoPath)
    # A name of an authority is not enough: the signature counts.
    impostor = Issuer(root().octets, issuer("impostor").key)
    assert isinstance(verified([issue(*NAMES, by=impostor)]), NoPath)


@pytest.mark.feature("TLS-04")
def test_a_path_ends_with_the_first_of_its_certificates() -> None:
    """RFC 6120 section 13.7.2.3: the streams that rest on it are closed then."""
    soon = END - datetime.timedelta(days=20)
    for leaf_end, middle_end in ((soon, LONG["end"]), (END, soon)):
        by = middle(f"until {middle_end:%Y-%m-%d}", end=middle_end)
        found = verified([issue(*NAMES, by=by, end=leaf_end), by.octets])
        assert isinstance(found, Path)
        assert found.end == soon.timestamp()


@pytest.mark.feature("TLS-04")
def test_who_is_an_anchor_himself_is_trusted() -> None:
    """RFC 6120 section 13.7.2.2.3: one that signs itself is trusted by who knows it, and by nobody else."""
    alone = issue(*NAMES)
    found = verify_chain([alone], anchors=[alone], role=Role.C2S_SERVER, now=NOW)
    assert found == Path((alone,), int(END.timestamp()))
    assert isinstance(verified([alone]), NoPath)


def test_what_cannot_be_used_has_no_path() -> None:
    leaf = issue(*NAMES, by=root())
    assert verified([]) == NoPath("there is no certificate")
    assert verify_chain([leaf], anchors=[], role=Role.C2S_SERVER, now=NOW) == NoPath("no authority is trusted")
    assert isinstance(verify_chain([leaf], anchors=[b"x"], role=Role.C2S_SERVER, now=NOW), NoPath)
    for damaged in ([b""], [leaf, b"\x30\x00"], [leaf[:-1]], [leaf] * (MOST_CERTIFICATES + 1)):
        assert isinstance(verified(damaged), NoPath)
    for now in (float("inf"), float("nan"), -1e18, 1e18):
        assert isinstance(verified([leaf], now=now), NoPath)


def test_an_old_library_is_named_with_the_version_that_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(verification, "ExtensionPolicy")
    with pytest.raises(ChainUnavailable, match="cryptography>=45"):
        verified([issue(*NAMES, by=root())])
