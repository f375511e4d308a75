"""The interface for programs: JSON and events, OpenAI's protocol, MCP, and a reference."""
