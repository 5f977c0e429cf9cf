"""Settings: every wrong value is named at once, and production starts with nothing missing."""

import os
from pathlib import Path

import pytest

from settings import load_settings, master_keys_text


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("PLERA_") or name in {"DATABASE_URL", "REDIS_URL", "PORT"}:
            monkeypatch.delenv(name)


def test_a_trial_needs_nothing() -> None:
    settings = load_settings()
    assert (settings.base_url, settings.database_url) == ("http://127.0.0.1:8000", None)


def test_every_wrong_value_is_listed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "99999")
    monkeypatch.setenv("PLERA_LEASE_S", "soon")
    monkeypatch.setenv("PLERA_PUBLIC_URL", "http://plera.example")
    with pytest.raises(SystemExit) as refused:
        load_settings()
    text = str(refused.value)
    assert [name in text for name in ("PORT", "lease_s", "public_url")] == [True, True, True]
    assert "must be https://host" in text


@pytest.mark.parametrize(
    "url", ["https://a.example/path", "ftp://a.example", "a.example", "https://", "http://10.0.0.1"]
)
def test_a_public_url_is_https_without_a_path(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("PLERA_PUBLIC_URL", url)
    with pytest.raises(SystemExit):
        load_settings()


@pytest.mark.parametrize(
    "origin", ["app.example", "https://app.example/", "https://app.example:443", "https://*"]
)
def test_a_web_origin_is_spelled_as_browsers_do(monkeypatch: pytest.MonkeyPatch, origin: str) -> None:
    monkeypatch.setenv("PLERA_WEB_ORIGINS", f"https://ok.example:8443,{origin}")
    with pytest.raises(SystemExit) as refused:
        load_settings()
    assert "web_origins" in str(refused.value)


def test_lists_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLERA_OUTBOUND_ALLOW", "127.0.0.1:25, 10.0.0.0/8")
    monkeypatch.setenv("PLERA_RECONCILE_DELAYS_S", "1,2.5")
    settings = load_settings()
    assert settings.outbound_allow == ("127.0.0.1:25", "10.0.0.0/8")
    assert settings.reconcile_delays_s == (1.0, 2.5)


def test_production_names_everything_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLERA_ENV", "production")
    monkeypatch.setenv("DATABASE_URL", "postgres://x/y")
    with pytest.raises(SystemExit, match="REDIS_URL, PLERA_PUBLIC_URL, PLERA_MASTER_KEYS, PLERA_MAIL_URL"):
        load_settings()


def test_a_trial_keeps_the_master_key_it_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PLERA_DATA_DIR", str(tmp_path / "data"))
    settings = load_settings()
    first = master_keys_text(settings)
    assert first.startswith("trial:")
    assert master_keys_text(settings) == first
    assert (tmp_path / "data" / "master.key").stat().st_mode & 0o777 == 0o600
