"""Passages become an answer: the excerpts that answer best, or a refusal."""
