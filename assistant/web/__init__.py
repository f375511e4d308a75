"""The web app: FastAPI serving the Gradio chat, the articles and their sources."""
