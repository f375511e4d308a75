"""The server process: start checks, HTTP, health, metrics, request log."""
