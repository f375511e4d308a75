"""Serve the chat: the same as ``python -m assistant serve``, for hosts that start an ``app.py``."""

from __future__ import annotations

import sys

from assistant.cli import main

if __name__ == "__main__":
    sys.exit(main(["serve", *sys.argv[1:]]))
