"""`tls-server-end-point`: channel-binding data made from the server's certificate (RFC 5929 section 4.1)."""

from __future__ import annotations

import hashlib

__all__ = ["server_end_point"]


def server_end_point(certificate: bytes) -> bytes | None:
    """Hash a DER certificate as RFC 5929 section 4.1 says; None when its signature names no single hash.

    The hash is that of the certificate's signature, with SHA-256 in place of MD5 and SHA-1.
    """
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        algorithm = x509.load_der_x509_certificate(certificate).signature_hash_algorithm
    except (ValueError, UnsupportedAlgorithm):
        return None
    if algorithm is None:
        return None
    name = "sha256" if algorithm.name in ("md5", "sha1") else algorithm.name
    try:
        return hashlib.new(name, certificate).digest()
    except ValueError:
        return None
