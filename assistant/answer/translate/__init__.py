"""Quotes in another language, translated for the asker by a machine and checked."""
