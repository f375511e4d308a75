"""How the assistant is called and looks where it runs: its name, picture, colour and greeting."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from assistant.language.locales import Locale
from assistant.support.settings import Settings

LOGO = "/logo"


@dataclass(frozen=True, slots=True)
class Brand:
    """What the settings say; an empty part is the product's own. ``model`` writes the answers,
    unless they are quotes alone.
    """

    title: str = ""
    greeting: str = ""
    color: str = ""
    logo: Path | None = None
    model: str = ""

    @classmethod
    def of(cls, settings: Settings) -> Brand:
        """The brand that ``settings`` describe."""
        model = (settings.llm or "").partition(":")[2] or settings.llm or ""
        return cls(settings.title, settings.greeting, settings.color, settings.logo, model)

    def name(self, locale: Locale) -> str:
        """What the assistant is called."""
        return self.title or locale.text("title")

    def note(self, locale: Locale) -> str:
        """What answers are made of, and by whom."""
        by = (
            locale.text("ask.by.model", model=self.model)
            if self.model
            else locale.text("ask.by.quotes")
        )
        return f"{locale.text('ask.note')} {by}"

    @property
    def style(self) -> str:
        """CSS that brings in the colour, dark enough or light enough to be read."""
        if not self.color:
            return ""
        return (
            f":root{{--brand:{self.color};"
            "--accent:light-dark(oklch(from var(--brand) min(l,.5) c h),"
            "oklch(from var(--brand) max(l,.78) c h));"
            "--chip:light-dark(oklch(from var(--brand) .96 min(c,.02) h),"
            "oklch(from var(--brand) .29 min(c,.05) h))}"
        )


def brand_of(request: Request) -> Brand:
    """The brand of the app that serves ``request``."""
    found = getattr(request.app.state, "brand", None)
    return found if isinstance(found, Brand) else Brand()


def serve_logo(request: Request) -> Response:
    """The picture, or 404 if there is none."""
    logo = brand_of(request).logo
    if logo is None or not logo.is_file():
        return Response("There is no such file.", 404)
    return FileResponse(logo)
