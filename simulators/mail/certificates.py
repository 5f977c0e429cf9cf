"""The provider's own certificate authority, made anew or kept in a folder."""

import ssl
from pathlib import Path

import trustme


class Authority:
    """Issues the server's certificate; clients that are to believe it load ``ca_file`` or ``trusting()``."""

    def __init__(
        self, *, folder: Path | None = None, names: tuple[str, ...] = ("localhost", "127.0.0.1")
    ) -> None:
        self._ca = _kept_authority(folder) if folder else trustme.CA()
        self._certificate = self._ca.issue_cert(*names)
        self.ca_file = folder / "ca.pem" if folder else None

    def serving(self) -> ssl.SSLContext:
        """Return the server's side."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._certificate.configure_cert(context)
        return context

    def trusting(self) -> ssl.SSLContext:
        """Return a client's side that trusts this authority and no other."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._ca.configure_trust(context)
        return context


def _kept_authority(folder: Path) -> trustme.CA:
    certificate, key = folder / "ca.pem", folder / "ca.key"
    if certificate.exists() and key.exists():
        return trustme.CA.from_pem(certificate.read_bytes(), key.read_bytes())
    folder.mkdir(parents=True, exist_ok=True)
    authority = trustme.CA()
    key.touch(mode=0o600)
    authority.private_key_pem.write_to_path(key)
    authority.cert_pem.write_to_path(certificate)
    return authority
