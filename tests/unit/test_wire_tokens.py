"""Tokens and the keys that sign them: time, rotation, and the keys' files."""

from __future__ import annotations

import os
import resource
import stat
from pathlib import Path

import pytest
from joserfc.jwk import ECKey, RSAKey

from whaleline.errors import ConfigurationError, TokenRefused
from whaleline.wire.keys import KeyRing
from whaleline.wire.tokens import LIFETIME, Tokens


@pytest.fixture
def keys(tmp_path: Path) -> KeyRing:
    return KeyRing(None, tmp_path)


class Clock:
    now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


def test_a_token_lives_for_an_hour_and_no_longer(keys: KeyRing) -> None:
    clock = Clock()
    tokens = Tokens(keys, clock)
    token = tokens.issue("ahab")
    assert tokens.client_of(token) == "ahab"
    clock.now += LIFETIME - 1
    assert tokens.client_of(token) == "ahab"
    clock.now += 60
    with pytest.raises(TokenRefused, match="expired"):
        tokens.client_of(token)


def test_a_token_is_good_only_under_its_key(keys: KeyRing, tmp_path: Path) -> None:
    token = Tokens(keys).issue("ahab")
    (tmp_path / "other").mkdir()
    with pytest.raises(TokenRefused):
        Tokens(KeyRing(None, tmp_path / "other")).client_of(token)


def test_a_ring_takes_up_another_s_rotation_at_once(tmp_path: Path) -> None:
    tokens, others = Tokens(KeyRing(None, tmp_path)), Tokens(KeyRing(None, tmp_path))
    first = tokens.issue("ahab")
    KeyRing(None, tmp_path).rotate()
    second = others.issue("ishmael")
    assert [tokens.client_of(token) for token in (first, second)] == ["ahab", "ishmael"]
    KeyRing(None, tmp_path).rotate()
    assert tokens.client_of(second) == "ishmael"
    with pytest.raises(TokenRefused):
        tokens.client_of(first)


@pytest.mark.parametrize("damage", ["gone", "no key"])
def test_keys_whose_file_is_damaged_later_hold_on(tmp_path: Path, damage: str) -> None:
    tokens = Tokens(KeyRing(None, tmp_path))
    first = tokens.issue("ahab")
    path, good = tmp_path / "signing-key.pem", (tmp_path / "signing-key.pem").read_bytes()
    path.unlink()
    if damage == "no key":
        path.write_text("half a k")
    assert [tokens.client_of(token) for token in (first, tokens.issue("ishmael"))] == ["ahab", "ishmael"]
    path.unlink(missing_ok=True)
    path.write_bytes(good)
    assert tokens.client_of(first) == "ahab"


def test_a_rotation_that_cannot_be_read_at_first_is_seen_later(tmp_path: Path) -> None:
    tokens, others = Tokens(KeyRing(None, tmp_path)), Tokens(KeyRing(None, tmp_path))
    KeyRing(None, tmp_path).rotate()
    second = others.issue("ishmael")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))  # so that no file can be opened
    try:
        with pytest.raises(TokenRefused):
            tokens.client_of(second)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert tokens.client_of(second) == "ishmael"


def test_keys_are_for_their_owner_alone(tmp_path: Path) -> None:
    mask = os.umask(0)
    try:
        KeyRing(None, tmp_path).rotate()
    finally:
        os.umask(mask)
    made = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert made == {"signing-key.pem": 0o600, "signing-key.old.pem": 0o600}


def test_a_given_key_is_taken(tmp_path: Path) -> None:
    key = RSAKey.generate_key(2048)
    (tmp_path / "given.pem").write_bytes(key.as_pem(private=True))
    assert KeyRing(tmp_path / "given.pem", tmp_path / "data").keys().keys[0].thumbprint() == key.thumbprint()


def test_a_key_of_no_use_is_refused_by_name(tmp_path: Path) -> None:
    contents = {
        "text.pem": b"no key at all",
        "empty.pem": b"",
        "public.pem": RSAKey.generate_key(2048).as_pem(private=False),
        "ec.pem": ECKey.generate_key("P-256").as_pem(private=True),
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ConfigurationError, match=name):
            KeyRing(tmp_path / name, tmp_path)
    with pytest.raises(ConfigurationError, match="absent"):
        KeyRing(tmp_path / "absent.pem", tmp_path)
