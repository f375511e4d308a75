"""Question to passages: retrieval, word match, follow-ups."""
