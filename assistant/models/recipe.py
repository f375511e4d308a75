"""How passages are made; a library made with another recipe is rebuilt beside the old one."""

from __future__ import annotations

TARGET_TOKENS = 200
"""Tokens per passage. Longer ones mix subjects, which blurs the vector."""

RECIPE = f"6:{TARGET_TOKENS}"
"""Increment when the code derives another text from the same file, or other ids, passages, vectors
or keywords from the same text: the next sync then rebuilds the library."""
