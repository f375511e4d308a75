"""The web chat: a FastAPI app that carries the Gradio page, the articles and their sources."""
