"""Passages become an answer in the words of a chat model, checked sentence by sentence."""
