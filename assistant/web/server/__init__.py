"""The server process: preflight checks, HTTP, health, metrics, request log."""
