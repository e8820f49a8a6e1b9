"""The service under other settings than the usual ones."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from harness import ServiceProcess, draw, texts, whaleline


def test_it_starts_and_reads_as_a_program_of_its_own(tmp_path: Path) -> None:
    """Other tests fork it from a process that has imported everything, where a forgotten import would not show."""
    service = ServiceProcess(tmp_path / "data", anew=True, workers=1).start()
    assert texts(service.connect().read(draw(["All men live enveloped"]))) == ["All men live enveloped"]
    assert service.stop() == 0, service.log


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A self-signed certificate for 127.0.0.1, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "whaleline")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (tmp_path / "cert.pem").write_bytes(made.public_bytes(pem))
    (tmp_path / "key.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return tmp_path / "cert.pem", tmp_path / "key.pem"


def test_it_speaks_tls(start_service: Callable[..., ServiceProcess], certificate: tuple[Path, Path]) -> None:
    service = start_service(workers=1, tls_certificate=certificate[0], tls_key=certificate[1])
    assert service.url.startswith("https://127.0.0.1:")
    trusting = ssl.create_default_context(cafile=str(certificate[0]))
    assert httpx.get(f"{service.url}/healthz", verify=trusting).text == "ok"


def test_a_key_that_does_not_fit_its_certificate_is_named(tmp_path: Path, certificate: tuple[Path, Path]) -> None:
    certificate[1].write_text(certificate[0].read_text())
    ended = whaleline("serve", data=tmp_path / "d", port=0, tls_certificate=certificate[0], tls_key=certificate[1])
    assert ended.returncode == 2
    assert ended.stderr.splitlines()[-1].startswith(f"Error: tls_certificate: {certificate[0]} with the key in")


@pytest.mark.every_deployment
def test_a_result_expires(start_service: Callable[..., ServiceProcess]) -> None:
    service = start_service(workers=1, retention_seconds=1, lease_seconds=1)
    api = service.connect()
    task_id = api.submit(draw(["Pip"], 100))
    answer = api.finished(task_id)
    while answer["taskStatus"] == "Completed":  # until it has expired, which it does within the second
        answer = api.get(task_id)
    assert (answer["taskStatus"], answer["responseStatusCode"]) == ("NotExist", "TaskNotFound")
    api.close()
