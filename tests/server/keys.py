"""Keys, tokens and certificates for tests, made anew in each run."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any, NamedTuple

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID


class Issuer(NamedTuple):
    """Signs tokens with a key of a name, or of none if that is empty."""

    name: str
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def make(cls, name: str) -> Issuer:
        """Returns an issuer with a new key."""
        return cls(name, ec.generate_private_key(ec.SECP256R1()))

    def public(self) -> dict[str, Any]:
        """Returns what goes into the set of keys."""
        algorithm = jwt.get_algorithm_by_name("ES256")
        found = json.loads(algorithm.to_jwk(self.key.public_key()))
        return {**found, **self._kid(), "alg": "ES256"}

    def token(self, scope: str = "", **changes: Any) -> str:
        """Returns a token of `shop` for five minutes; None leaves a claim out."""
        claims = {
            "sub": "shop",
            "aud": "points",
            "exp": int(time.time()) + 300,
            "scope": scope,
            **changes,
        }
        told = {name: claim for name, claim in claims.items() if claim is not None}
        return jwt.encode(told, self.key, "ES256", self._kid())

    def _kid(self) -> dict[str, str]:
        return {"kid": self.name} if self.name else {}


def write_keys(path: Path, *issuers: Issuer) -> Path:
    """Writes the public keys of issuers as a set of keys."""
    path.write_text(json.dumps({"keys": [each.public() for each in issuers]}))
    return path


class Certified(NamedTuple):
    """Is a private key and its certificate, both PEM."""

    key: bytes
    certificate: bytes


class Authority:
    """Signs certificates."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("tests")
        made = _builder(self._name, self._name, self._key)
        made = made.add_extension(x509.BasicConstraints(True, None), critical=True)  # noqa: FBT003 - its only way
        self.certificate = _pem(made.sign(self._key, hashes.SHA256()))

    def certify(self, name: str) -> Certified:
        """Returns a key with a certificate for this machine."""
        key = ec.generate_private_key(ec.SECP256R1())
        hosts = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
        made = _builder(_name(name), self._name, key)
        made = made.add_extension(hosts, critical=False)
        written = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return Certified(written, _pem(made.sign(self._key, hashes.SHA256())))


def _builder(
    name: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.PEM)
