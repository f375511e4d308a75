"""Whether the articles carry a sentence that a chat model wrote."""
