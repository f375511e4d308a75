"""Checks whether the articles support a sentence written by a chat model."""
