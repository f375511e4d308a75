"""Ingestion: articles are listed, fetched, read, split, embedded and stored."""
