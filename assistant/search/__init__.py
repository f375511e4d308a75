"""Search: retrieval, word match, follow-up questions."""
