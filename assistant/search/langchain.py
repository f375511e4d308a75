"""LangChain adapters: the embedder and the search for use in LangChain applications."""

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
        """Unit vectors of texts to search in."""
        return [[float(x) for x in vector] for vector in self._embedder.embed_passages(texts)]

    def embed_query(self, text: str) -> list[float]:
        """The unit vector of a query."""
        return [float(x) for x in self._embedder.embed_query(text)]


class ArticleRetriever(BaseRetriever):
    """``search``, a function of question and number of hits, as a LangChain retriever.

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
