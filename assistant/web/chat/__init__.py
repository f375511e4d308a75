"""The chat's page, made with Gradio: an adapter that owns no logic."""
