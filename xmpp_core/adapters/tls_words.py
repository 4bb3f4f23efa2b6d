"""What went wrong in TLS, in words for people. Never octets of the peer but the names in its certificate."""

from __future__ import annotations

import datetime
import re
from typing import Final

from .tls_names import names_in

__all__ = ["CUT", "EXPIRED", "PLAIN_TEXT", "WRONG_HOST", "certificate_words", "error_words"]

CUT: Final = "the connection was cut during the TLS handshake"
PLAIN_TEXT: Final = (
    "the peer spoke plain text where TLS was expected: is this the port for direct TLS, or for STARTTLS?"
)

_MOST_NAMES: Final = 5
_ALERT: Final = re.compile(r"(?:SSLV3|TLSV1|TLSV13|TLS|SSL/TLS)_(?:ALERT_)?(?P<alert>[A-Z_]+)")

EXPIRED: Final = 10
NOT_YET_VALID: Final = 9
WRONG_HOST: Final = 62
WRONG_ADDRESS: Final = 64

# The codes of X509_verify_cert_error_string.
_VERIFICATION: Final = {
    NOT_YET_VALID: "the peer's certificate is not valid yet",
    EXPIRED: "the peer's certificate has expired",
    18: "the peer's certificate is self-signed and not among the trusted ones",
    19: "the peer's certificate was issued by a self-signed authority that is not trusted",
    20: "the peer's certificate was issued by an unknown authority, or an intermediate certificate is missing",
    21: "the peer's certificate was issued by an unknown authority, or an intermediate certificate is missing",
    23: "the peer's certificate was revoked",
    24: "the peer's certificate was issued by one that is no authority",
    26: "the peer's certificate is not made for this purpose",
    66: "the key of the peer's certificate is too short",
    67: "the key of the authority that issued the peer's certificate is too short",
    68: "the peer's certificate is signed with a hash that is too weak",
}

_UNTRUSTED: Final = frozenset({18, 19, 20, 21})

_ALERTS: Final = {
    "UNKNOWN_CA": "the peer does not trust the authority of our certificate",
    "BAD_CERTIFICATE": "the peer refused our certificate",
    "CERTIFICATE_EXPIRED": "the peer says that our certificate has expired",
    "CERTIFICATE_REVOKED": "the peer says that our certificate was revoked",
    "CERTIFICATE_UNKNOWN": "the peer refused our certificate",
    "UNSUPPORTED_CERTIFICATE": "the peer cannot read our certificate",
    "CERTIFICATE_REQUIRED": "the peer asks for a certificate of ours",
    "ACCESS_DENIED": "the peer refused our certificate",
    "HANDSHAKE_FAILURE": "the peer found no cipher, curve or certificate that both sides can use",
    "PROTOCOL_VERSION": "the peer supports no TLS version that is allowed here",
    "INSUFFICIENT_SECURITY": "the peer finds our ciphers too weak",
    "NO_APPLICATION_PROTOCOL": "the peer does not speak XMPP on this port (ALPN)",
    "UNRECOGNIZED_NAME": "the peer does not serve this domain (SNI)",
}

_ERRORS: Final = {
    "NO_SHARED_CIPHER": "no cipher that both sides can use",
    "NO_SUITABLE_SIGNATURE_ALGORITHM": "no signature algorithm that both sides can use",
    "NO_SUITABLE_KEY_SHARE": "no curve that both sides can use",
    "UNSUPPORTED_PROTOCOL": "no TLS version that both sides can use",
    "VERSION_TOO_LOW": "no TLS version that both sides can use",
    "WRONG_VERSION_NUMBER": "no TLS version that both sides can use",
    "WRONG_SSL_VERSION": "no TLS version that both sides can use",
    "NO_PROTOCOLS_AVAILABLE": "no TLS version is allowed by the settings",
    "HTTP_REQUEST": PLAIN_TEXT,
    "HTTPS_PROXY_REQUEST": PLAIN_TEXT,
    # Only a server name that is not ASCII makes the one callback there is fail.
    "CALLBACK_FAILED": "the peer asked for a host by what is no name (SNI)",
    "PEER_DID_NOT_RETURN_A_CERTIFICATE": "the peer has no certificate",
    "DECRYPTION_FAILED_OR_BAD_RECORD_MAC": "a record was changed on its way",
    "RECORD_LAYER_FAILURE": "a record was changed on its way",
    "BAD_RECORD_TYPE": "a record that is not TLS",
    "UNEXPECTED_EOF_WHILE_READING": CUT,
}


def error_words(reason: str | None) -> str:
    """Put a reason of OpenSSL, in either spelling, into words."""
    if not reason:
        return "TLS failed for a reason that OpenSSL does not give"
    key = reason.upper().replace(" ", "_")
    known = _ERRORS.get(key)
    if known is not None:
        return known
    alert = _ALERT.fullmatch(key)
    if alert is not None:
        name = alert["alert"]
        words = name.replace("_", " ").lower()
        return f"{_ALERTS[name]} (alert: {words})" if name in _ALERTS else f"the peer broke TLS off (alert: {words})"
    return f"the peer broke the rules of TLS: {key.replace('_', ' ').lower()}"


def certificate_words(code: int, fallback: str, leaf: bytes | None, host: str | None) -> str:
    """Say why a certificate was refused; with the names in it when the name was wrong.

    `host` None: it is that of a client.
    """
    if code in (WRONG_HOST, WRONG_ADDRESS):
        names = names_in(leaf) if leaf else ()
        shown = ", ".join(names[:_MOST_NAMES]) + (", ..." if len(names) > _MOST_NAMES else "")
        which = f"it is for {shown}" if shown else "it names no host"
        return f"the peer's certificate is not for {host}: {which}" if leaf else f"the certificate is not for {host}"
    words = _VERIFICATION.get(code)
    if words is None:
        return f"the peer's certificate was refused: {fallback}"
    if code in _UNTRUSTED:
        return f"{words}; to trust it, name it in `{'ca' if host is not None else 'client_ca'}`"
    moment = _moment(code, leaf)
    return f"{words} ({moment})" if moment else words


def _moment(code: int, leaf: bytes | None) -> str | None:
    """Say since when the leaf is or until when it is not valid; None when another in the chain is at fault."""
    from cryptography import x509

    if leaf is None or code not in (EXPIRED, NOT_YET_VALID):
        return None
    try:
        certificate = x509.load_der_x509_certificate(leaf)
        begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    except ValueError:
        return None
    now = datetime.datetime.now(datetime.UTC)
    if code == EXPIRED:
        return f"valid until {end:%Y-%m-%d %H:%M} UTC" if end < now else None
    return f"valid from {begin:%Y-%m-%d %H:%M} UTC" if begin > now else None
