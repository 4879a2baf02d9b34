"""The certificate that an application signs in with, and its key."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import SettingsError
from ...messages import keep_secret
from ...settings import ClientCertificate

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

__all__ = ["as_msal_takes_it"]


def as_msal_takes_it(login: ClientCertificate) -> dict[str, Any]:
    """Key and certificate from one PEM or PFX file, as msal takes them."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    try:
        key, certificates = _read_certificate(Path(login.path).read_bytes(), login.password.encode() or None)
    except (OSError, ValueError, TypeError) as trouble:
        reason = (
            trouble.strerror if isinstance(trouble, OSError) else "wrong password, or neither PEM nor PFX"
        )
        raise SettingsError(
            f"sign-in: the certificate {login.path} is not readable ({reason})",
            next=f"check {login.origin} and AZURE_CLIENT_CERTIFICATE_PASSWORD;"
            " the file must hold the certificate and its private key",
        ) from None
    public = key.public_key() if isinstance(key, RSAPrivateKey) else None
    own = next((each for each in certificates if each.public_key() == public), None)
    if not isinstance(key, RSAPrivateKey) or own is None:
        raise SettingsError(
            f"sign-in: {login.path} holds no RSA key with the certificate that belongs to it",
            next=f"set {login.origin} to a file with both: Entra takes RSA certificates",
        )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    keep_secret(private)
    return {"private_key": private, "public_certificate": own.public_bytes(Encoding.PEM).decode()}


def _read_certificate(content: bytes, password: bytes | None) -> tuple[object, list[Certificate]]:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import load_pem_private_key, pkcs12

    if b"-----BEGIN" in content:
        locked = b"ENCRYPTED" in content  # a password for a key that has none is no reason to refuse it
        key = load_pem_private_key(content, password if locked else None)
        return key, x509.load_pem_x509_certificates(content)
    loaded = pkcs12.load_pkcs12(content, password)
    chain = [loaded.cert, *loaded.additional_certs]
    return loaded.key, [each.certificate for each in chain if each]
