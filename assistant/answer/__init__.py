"""Passages to an answer: quotes, or a chat model's words, checked."""
