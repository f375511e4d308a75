"""The API: JSON and server-sent events, OpenAI's protocol, MCP, and a reference page."""
