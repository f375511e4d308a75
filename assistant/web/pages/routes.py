"""The pages beside the chat: the articles, one article, and the source of one citation."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from fastapi.templating import Jinja2Templates

from assistant.assistant import Assistant
from assistant.language.detection import LANGUAGES
from assistant.language.locales import COOKIE, Locale, choose, locales
from assistant.models.article import Article
from assistant.support.errors import AssistantError, LibraryError
from assistant.web import assets
from assistant.web.api.errors import told
from assistant.web.brand import brand_of
from assistant.web.gate.principal import Seen, may_edit, principal_of
from assistant.web.pages.listing import Browsing, browse, folders, parents
from assistant.web.pages.sources import (
    excerpt,
    groups,
    holdings,
    paragraphs,
    parse_span,
    without_title,
)
from assistant.web.server.request_log import id_of

log = logging.getLogger(__name__)

TEMPLATES = Path(__file__).parent.parent / "templates"
_MISREAD = re.compile(r"[\s\\\x00-\x20\x7f]")  # browsers read "\" as "/" and drop line ends
A_YEAR = 365 * 24 * 3600
LONGEST_QUOTE = 2_000
"""Characters of an article that are translated at once."""


def reader(request: Request) -> Locale:
    """The locale of the request's sender."""
    chosen = request.query_params.get("language") or request.cookies.get(COOKIE)
    return choose(request.headers.get("accept-language"), chosen)


def render(request: Request, name: str, status: int = 200, **values: Any) -> HTMLResponse:
    """Render the template ``name`` in the language of the request's sender."""
    locale = reader(request)
    values |= {"locale": locale, "t": locale.text, "root": request.scope.get("root_path", "")}
    values["brand"] = brand_of(request)
    headers = {"Vary": "Accept-Language, Cookie", "Content-Language": locale.code}
    return _templates().TemplateResponse(request, name, values, status, headers)


def failure(request: Request, error: Exception) -> HTMLResponse:
    """The error page for a page that failed."""
    t = reader(request).text
    if isinstance(error, AssistantError):
        log.error("%s was not shown: %s", request.url.path, error)
        status, text = 503, told(error)
    else:
        status, text = 500, f"{t('failure.text')} {id_of(request)}".strip()
    return render(request, "notice.html", status, title=t("failure.title"), text=text)


@cache
def _templates() -> Jinja2Templates:
    templates = Jinja2Templates(TEMPLATES)
    templates.env.globals |= {"asset": assets.address, "original": original}
    templates.env.trim_blocks = templates.env.lstrip_blocks = True
    return templates


def routes(seen: Seen) -> APIRouter:
    """The routes of the pages beside the chat."""
    router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)

    @router.get("/articles")
    def listing(request: Request, q: str = "", folder: str = "", sort: str = "") -> HTMLResponse:
        view = seen(request)
        status, articles = view.status(), view.articles()
        wanted = Browsing(q, folder.strip("/"), sort)

        def address(**changed: str) -> str:
            values = {"q": wanted.query, "folder": wanted.folder, "sort": wanted.sort} | changed
            return urlencode({name: value for name, value in values.items() if value})

        return render(
            request, "articles.html", articles=browse(articles, wanted), library=status,
            held=holdings(articles), folders=folders(articles, wanted.folder), wanted=wanted,
            above=parents(wanted.folder), address=address, admin=principal_of(request).is_admin,
            **_editing(request, view),
        )  # fmt: skip

    @router.get("/articles/{article_id}")
    def article(request: Request, article_id: str, start: str = "", end: str = "") -> HTMLResponse:
        found = find_article(seen(request), article_id)
        if found is None:
            locale = reader(request)
            title, text = locale.text("missing.title"), locale.text("missing.text")
            return render(request, "notice.html", 404, title=title, text=text)
        span = parse_span(found, start, end)
        whole = groups(without_title(paragraphs(found, span), found.title))
        moved = span is None and bool(start or end)
        notes = [o.reason for o in seen(request).status().partial if o.source == found.source]
        return render(
            request, "article.html", article=found, groups=whole, moved=moved, notes=notes,
            asking=f"“{found.title}” – ",
        )  # fmt: skip

    @router.get("/citations/{article_id}")
    def citation(request: Request, article_id: str, start: str = "", end: str = "") -> HTMLResponse:
        found = find_article(seen(request), article_id)
        if found is None:
            return render(request, "citation.html", 404, article=None)
        span = parse_span(found, start, end)
        earlier, near, later = map(groups, excerpt(paragraphs(found, span)))
        return render(
            request, "citation.html", article=found, span=span, earlier=earlier, near=near,
            later=later, moved=span is None and bool(start or end),
        )  # fmt: skip

    @router.get("/gaps")
    def lacking(request: Request) -> HTMLResponse:
        view = seen(request)
        kept = view.settings.log_questions
        return render(request, "gaps.html", gaps=view.gaps() if kept else (), kept=kept)

    @router.get("/language/{code}")
    def language(request: Request, code: str) -> RedirectResponse:
        response = RedirectResponse(f"{request.scope.get('root_path', '')}/", status_code=303)
        if code in locales():
            response.set_cookie(COOKIE, code, max_age=A_YEAR, samesite="lax", httponly=True)
        return response

    _add_translations(router, seen)
    return router


def _editing(request: Request, view: Assistant) -> dict[str, Any]:
    """What the page of articles shows to those who may change them."""
    if not may_edit(request):
        return {"edits": False}
    locale = reader(request)
    script = ("article.undated", "listing.passages")
    return {
        "edits": True,
        "removed": view.editor.removed(),
        "languages": sorted(((c, locale.language(c)) for c in LANGUAGES), key=itemgetter(1)),
        "texts": locale.under("editing.") | {key: locale.text(key) for key in script},
    }


def _add_translations(router: APIRouter, seen: Seen) -> None:
    @router.get("/translations/{article_id}")
    def translation(
        request: Request, article_id: str, start: str = "", end: str = "", to: str = ""
    ) -> Response:
        """The words of an article in the language ``to``, by a model of this machine.

        204 if there is none of this pair of languages.
        """
        view = seen(request)
        article = find_article(view, article_id)
        span = parse_span(article, start, end) if article else None
        if article is None or span is None or span.end - span.start > LONGEST_QUOTE:
            return JSONResponse({}, 404)
        made = view.translation(article.text[span.start : span.end], article.language, to)
        if made is None:
            return Response(status_code=204)
        return JSONResponse({"translation": made.text, "differs": list(made.differs)})


@dataclass(frozen=True, slots=True)
class Original:
    """Where an article was published; ``host`` is its host as browsers write it."""

    address: str
    host: str


def original(article: Article) -> Original | None:
    """The web address at which the article was published or fetched; None unless it is a plain URL
    that all URL parsers read alike.
    """
    address = (article.url or article.source).strip()
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").encode("idna").decode()
        port = f":{parts.port}" if parts.port else ""
    except ValueError:  # also for an invalid host name
        return None
    if parts.scheme not in {"http", "https"} or not host or _MISREAD.search(address):
        return None
    return None if "@" in parts.netloc else Original(address, host + port)


def find_article(view: Assistant, article_id: str) -> Article | None:
    """The article, or None if there is none for the asker. Raises ``LibraryError`` for a damaged
    library.
    """
    try:
        return view.article(article_id)
    except LibraryError as error:
        if error.__cause__ is not None:  # a database error, not a missing article
            raise
        log.info("Article %r not shown: %s", article_id, error)
        return None
