"""Switches off e-mails of a kind by a signed link, without signing in (RFC 8058)."""

from datetime import UTC, datetime
from functools import partial

from starlette.requests import Request
from starlette.responses import HTMLResponse

from db.core.transaction import run_transaction
from db.services.notifications import save_preferences
from domain.enums import Role
from domain.errors import NotFound, ServiceUnavailable
from domain.notifications import NotificationChannel
from domain.request_stats import RequestStatistics
from domain.viewer import Viewer
from server.http.request_log import get_request_id
from server.state import AppState

_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><meta name="robots" content="noindex"><title>ShinJP</title></head>
<body>{content}</body>
</html>
"""
_FORM = '<form method="post"><button>Stop e-mails of this kind / このお知らせのメールを停止する</button></form>'
_DONE = "<p>You will get no more e-mails of this kind. / このお知らせのメールを停止しました。</p>"
_INVALID = "<p>This link is not valid. / このリンクは無効です。</p>"
_BUSY = "<p>Please try again later. / しばらくしてからもう一度お試しください。</p>"
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; form-action 'self'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}


async def unsubscribe(request: Request) -> HTMLResponse:
    """GET shows a button, because programs open the links of e-mails; only POST changes anything."""
    state: AppState = request.state.shinjp
    query = request.query_params
    links = state.settings.unsubscribe_links()
    try:
        user_id, kind = links.parse(query.get("user", ""), query.get("kind", ""), query.get("signature", ""))
        if request.method != "POST":
            return _page(_FORM)
        await run_transaction(
            state.services.database,
            Viewer(user_id, Role.LEARNER),
            datetime.now(UTC),
            get_request_id(request),
            RequestStatistics(),
            partial(save_preferences, preferences={(kind, NotificationChannel.EMAIL): False}),
        )
    except NotFound:
        return _page(_INVALID, 404)
    except ServiceUnavailable:
        return _page(_BUSY, 503)
    return _page(_DONE)


def _page(content: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(_PAGE.format(content=content), status, _HEADERS)
