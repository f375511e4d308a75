"""Nothing leaves the machine: the libraries that report home are told not to.

They read these variables when they are first imported or first used, some in native code, so they
are set when this package is imported. A value that is set already is overruled: no setting of
ours stands for "report". Of LangSmith only the gateway is shut, which would take a provider's
requests elsewhere; its tracing is kept from our own requests where they are made, so that an
application that takes our retriever may trace what is its own.
"""

from __future__ import annotations

import os

_SWITCHES = {
    "ORT_DISABLE_TELEMETRY": "1",  # onnxruntime reports to its maker since 1.29, from native code
    "ANONYMIZED_TELEMETRY": "False",  # chromadb
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "LANGSMITH_GATEWAY": "false",
}
_OBSOLETE = ("LANGCHAIN_TRACING", "LANGCHAIN_HANDLER")
"""Where they are set, LangChain answers nothing but that it no longer knows them."""


def forbid_telemetry() -> None:
    """Switch off the reports of onnxruntime, chromadb, gradio, huggingface_hub and LangChain."""
    os.environ.update(_SWITCHES)
    for name in _OBSOLETE:
        os.environ.pop(name, None)
