"""The pages beside the chat: the articles, one article, and the source of one citation."""

from __future__ import annotations

import logging
import re
from base64 import b64encode
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse, Response
from fastapi.templating import Jinja2Templates

from assistant.assistant import Assistant
from assistant.language.detection import LANGUAGES
from assistant.language.locales import COOKIE, Locale, choose, locales
from assistant.models.article import Article
from assistant.support.errors import ArticleError, AssistantError
from assistant.web import assets
from assistant.web.api.errors import told
from assistant.web.brand import brand_of
from assistant.web.gate.principal import Seen, may_edit, principal_of
from assistant.web.pages.cited import find_article, look_up
from assistant.web.pages.listing import Browsing, browse, folders, parents
from assistant.web.pages.sources import (
    Span,
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


def missing(request: Request) -> HTMLResponse:
    """The page for an article that does not exist or may not be shown to the asker."""
    t = reader(request).text
    return render(request, "notice.html", 404, title=t("missing.title"), text=t("missing.text"))


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
    templates.env.globals |= {
        "asset": assets.address,
        "content": assets.content,
        "original": original,
    }
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
        view = seen(request)
        cited = look_up(view, article_id, start, end)
        if cited is None:
            return missing(request)
        article = cited.article
        whole = groups(without_title(paragraphs(article, cited.span), article.title))
        notes = [o.reason for o in view.status().partial if o.source == article.source]
        return render(
            request, "article.html", cited=cited, article=article, groups=whole, notes=notes,
            file=view.original(article), views=view.has_page_views(article),
            asking=f"“{article.title}” – ",
        )  # fmt: skip

    @router.get("/citations/{article_id}")
    def citation(request: Request, article_id: str, start: str = "", end: str = "") -> HTMLResponse:
        view = seen(request)
        cited = look_up(view, article_id, start, end)
        if cited is None:
            return render(request, "citation.html", 404, cited=None)
        earlier, near, later = map(groups, excerpt(paragraphs(cited.article, cited.span)))
        return render(
            request, "citation.html", cited=cited, earlier=earlier, near=near, later=later,
            views=view.has_page_views(cited.article),
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

    _add_originals(router, seen)
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
        "languages": locale.languages(LANGUAGES).items(),
        "texts": locale.under("editing.") | {key: locale.text(key) for key in script},
    }


def _add_originals(router: APIRouter, seen: Seen) -> None:
    @router.get("/articles/{article_id}/file")
    def file(request: Request, article_id: str) -> Response:
        """The file that an article was read from, as a download: browsers must never render it."""
        view = seen(request)
        article = find_article(view, article_id)
        path = view.original(article) if article else None
        if path is None:
            return missing(request)
        return FileResponse(
            path, media_type="application/octet-stream", filename=path.name,
            headers={"Content-Security-Policy": "script-src 'none'; sandbox"},
        )  # fmt: skip

    @router.get("/articles/{article_id}/pages/{number}")
    def page(
        request: Request, article_id: str, number: int, start: str = "", end: str = ""
    ) -> HTMLResponse:
        """A page of a PDF as it looks, with the cited words marked."""
        view = seen(request)
        cited = look_up(view, article_id, start, end)
        if cited is None or not 1 <= number <= len(cited.article.pages):
            return missing(request)
        span = cited.span or Span(0, 0)
        try:
            shown = view.page_view(cited.article, number, span.start, span.end)
        except ArticleError as error:
            log.info("A page is not shown: %s", error)
            title, text = reader(request).text("missing.title"), reader(request).text("view.failed")
            return render(request, "notice.html", 404, title=title, text=text)
        picture = b64encode(shown.picture).decode("ascii")
        return render(
            request, "page_view.html", cited=cited, article=cited.article, number=number,
            shown=shown, picture=picture,
        )  # fmt: skip


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
        span = parse_span(article.text, start, end) if article else None
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
