"""The library: one SQLite file that holds everything, and the Chroma index made from it."""
