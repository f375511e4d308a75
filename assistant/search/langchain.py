"""The assistant's parts as LangChain's: what a LangChain application can take as its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.retrievers import BaseRetriever

from assistant.embedding import Embedder
from assistant.models.answer import SearchResults


class LangChainEmbeddings(Embeddings):
    """An embedder as ``langchain_core.embeddings.Embeddings``, its prompts included."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """One vector of length 1 for each text to be found."""
        return [[float(x) for x in vector] for vector in self._embedder.embed_passages(texts)]

    def embed_query(self, text: str) -> list[float]:
        """The vector of length 1 of what is searched for."""
        return [float(x) for x in self._embedder.embed_query(text)]


class ArticleRetriever(BaseRetriever):
    """``search``, which takes a question and how many hits, as a LangChain retriever.

    A document's text is a passage; its metadata is what ``search --json`` says of the hit:
    ``article``, ``title``, ``source``, ``language``, ``published``, ``start``, ``end``, ``score``.
    """

    search: Callable[[str, int], SearchResults]
    top: int = 10

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        return [_document(hit.to_json()) for hit in self.search(query, self.top)]


def _document(hit: dict[str, Any]) -> Document:
    return Document(page_content=hit.pop("text"), metadata=hit)
