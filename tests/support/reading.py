"""Reading a file as the sync does: its article, its blocks, or why it is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.ingest.readers import read_file
from assistant.models.article import Article
from assistant.support.errors import ArticleError


def read_article(path: Path, source: str, ocr: str = "off") -> Article:
    article = read_file(path, source, ocr).article
    assert article is not None
    return article


def read(folder: Path, name: str, content: bytes) -> Article:
    path = folder / name
    path.write_bytes(content)
    return read_article(path, name)


def refusal(folder: Path, name: str, content: bytes) -> str:
    with pytest.raises(ArticleError, match=rf"^{name}: ") as caught:
        read(folder, name, content)
    return str(caught.value)


def blocks(article: Article, heading: bool | None = None) -> list[str]:
    found = (block for block in article.blocks if heading in (None, block.heading))
    return [article.text[block.start : block.end] for block in found]
