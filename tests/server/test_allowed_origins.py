"""The setting ALLOWED_ORIGINS, and the decisions of `Origins`, without a server."""

from urllib.parse import urlsplit

import pytest

from server.http.origins import Origins, normalize_origin
from server.settings import Settings, SettingsError


class TestDecision:
    """The decisions of `Origins`, without a server."""

    @pytest.mark.parametrize(
        ("origin", "scheme", "host", "expected"),
        [
            ("http://api.example", "http", "api.example", True),
            ("http://api.example", "http", "api.example:80", True),
            ("https://api.example", "https", "api.example:443", True),
            ("https://api.example", "https", "api.example", True),
            # Behind a proxy that terminates TLS.
            ("https://api.example", "http", "api.example", True),
            ("https://api.example", "ws", "api.example", True),
            ("http://api.example", "https", "api.example", False),
            ("http://api.example", "wss", "api.example", False),
            ("https://api.example", "http", "api.example:80", False),
            ("http://[::1]:8000", "http", "[::1]:8000", True),
            ("http://[::1]", "http", "[::1]:80", True),
            ("http://[::1]:8000", "http", "[::2]:8000", False),
            ("http://api.example", "http", None, False),
            ("http://api.example", "http", "", False),
            ("http://api.example", "http", "[", False),
            ("http://api.example", "http", "api.example:port", False),
            ("null", "http", "null", False),
            ("", "http", "", False),
        ],
    )
    def test_own_origin_is_that_of_host(self, origin: str, scheme: str, host: str | None, expected: bool) -> None:
        headers = {"origin": origin} | ({} if host is None else {"host": host})
        assert Origins().is_trusted(scheme, headers) is expected

    @pytest.mark.parametrize("origin", ["http://localhost", "https://localhost:5173", "http://127.0.0.1:3000"])
    def test_development_allows_localhost(self, origin: str) -> None:
        for one in (origin, "http://[::1]:8080", "http://app.localhost", "https://a.b-c.localhost:1"):
            assert Origins(localhost=True).is_allowed(one)
            assert not Origins().is_allowed(one)

    @pytest.mark.parametrize(
        "origin",
        [
            "http://localhost.evil.example", "http://evil-localhost", "http://127.0.0.1.evil.example", "http://127.0.0.2",
            "http://.localhost", "http://localhost:", "http://localhost/x", "ftp://localhost", "http://localhost:5173\n",
            "null", "",
        ],
    )  # fmt: skip
    def test_development_allows_no_lookalikes_of_localhost(self, origin: str) -> None:
        assert not Origins(localhost=True).is_allowed(origin)

    def test_null_is_allowed_if_configured(self) -> None:
        assert Origins({"null"}).is_trusted("http", {"origin": "null"})
        assert not Origins().is_trusted("http", {"origin": "null", "sec-fetch-site": "same-origin"})


class TestAllowedOrigins:
    """Each value of the setting works for every transport, or is rejected at start-up."""

    @pytest.mark.parametrize(
        ("value", "origin"),
        [
            ("https://app.example", "https://app.example"),
            ("https://app.example/", "https://app.example"),
            ("HTTPS://App.Example", "https://app.example"),
            ("https://app.example:443", "https://app.example"),
            ("http://app.example:80/", "http://app.example"),
            ("http://app.example:443", "http://app.example:443"),
            ("http://[::1]:3000", "http://[::1]:3000"),
            ("http://[0:0:0:0:0:0:0:1]", "http://[::1]"),
            ("https://例え.jp", "https://xn--r8jz45g.jp"),
            ("capacitor://localhost", "capacitor://localhost"),
            ("null", "null"),
        ],
    )
    def test_value_is_normalized_to_the_form_of_browsers(
        self, monkeypatch: pytest.MonkeyPatch, value: str, origin: str
    ) -> None:
        monkeypatch.setenv("ALLOWED_ORIGINS", f"{value}, https://other.example")
        settings = Settings.load()
        assert settings.allowed_origins == (origin, "https://other.example")
        assert settings.origins.is_allowed(origin)
        assert settings.origins.is_trusted("wss", {"origin": origin, "host": "api.example"})

    @pytest.mark.parametrize(
        ("value", "suggested"),
        [
            ("*", "https://app.example"),
            ("app.example", "https://app.example"),
            ("app.example/", "https://app.example"),
            ("localhost:3000", "https://localhost:3000"),
            ("//app.example", "https://app.example"),
            ("https://app.example/path", "https://app.example"),
            ("https://app.example?x=1", "https://app.example"),
            ("https://user@app.example", "https://app.example"),
            ("https://*.example", "https://app.example"),
            ("https://", "https://app.example"),
            ("https://app.example:port", "https://app.example:8443"),
            ("https://[::1", "https://app.example:8443"),
            ("wss://app.example", "https://app.example"),
            ("https://a b", "https://app.example"),
        ],
    )
    def test_value_that_never_matches_is_rejected(
        self, monkeypatch: pytest.MonkeyPatch, value: str, suggested: str
    ) -> None:
        monkeypatch.setenv("ALLOWED_ORIGINS", f"https://fine.example,{value}")
        with pytest.raises(SettingsError) as raised:
            Settings.load()
        message = str(raised.value)
        assert message.startswith("ALLOWED_ORIGINS: ")
        assert repr(value) in message
        assert f"{suggested}." in message
        # The suggested value is accepted.
        assert normalize_origin(suggested) == suggested
        assert urlsplit(suggested).path == ""
