"""Articles in: listed, fetched, read, split, embedded, kept."""
