"""The pages beside the chat: list of articles, article, source of a citation."""
