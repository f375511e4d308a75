"""The library: one SQLite file that holds everything, and a Chroma index derived from it."""
