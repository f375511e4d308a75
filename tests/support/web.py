"""A running server for the tests of the web chat."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import uvicorn

from assistant.assistant import Assistant
from assistant.support.settings import Settings
from assistant.web.app import PROTOCOL, Server, create_app

PATIENCE_S = 60
_EMPTY = TemporaryDirectory(prefix="assistant-no-users-")  # removed when the process ends
NOWHERE = Path(_EMPTY.name)
"""A data folder in which no users are."""


@contextmanager
def serving(assistant: Any, allowed_origins: tuple[str, ...] = (), **given: Any) -> Iterator[str]:
    """The address of a server that answers from ``assistant``, while the block runs.

    ``given`` are further settings.
    """
    everything = {"port": 0, "data": NOWHERE, "allowed_origins": allowed_origins, **given}
    app = create_app(cast(Assistant, assistant), Settings(**everything))
    config = uvicorn.Config(app, port=0, log_config=None, timeout_graceful_shutdown=10, **PROTOCOL)
    server = Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + PATIENCE_S
    while not server.started:
        if time.monotonic() > deadline or not thread.is_alive():
            raise RuntimeError("The server did not start.")
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/"
    finally:
        server.should_exit = True
        thread.join(PATIENCE_S)
