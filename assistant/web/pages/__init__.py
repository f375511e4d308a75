"""The pages beside the chat: the articles, one article, the source of a citation."""
