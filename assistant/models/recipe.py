"""How a library's passages are made; one made otherwise is made anew beside the old one."""

from __future__ import annotations

TARGET_TOKENS = 200
"""Tokens of a passage. Longer ones hold several subjects, which one vector blurs."""

RECIPE = f"5:{TARGET_TOKENS}"
"""Change it when the code makes other ids, passages, vectors or keywords of the same text: the
library is then made anew at the next sync."""
