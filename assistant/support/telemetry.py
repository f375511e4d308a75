"""Turns off telemetry in the libraries that report home.

They read these variables when first imported or used, some in native code, so they are set when
this package is imported, overriding existing values: no setting of ours means "report". Of
LangSmith only the gateway is disabled, which would redirect requests to providers; its tracing is
disabled only around our own requests, so that an application that uses our retriever can still
trace its own.
"""

from __future__ import annotations

import os

_SWITCHES = {
    "ORT_DISABLE_TELEMETRY": "1",  # onnxruntime reports to its maker since 1.29, from native code
    "ANONYMIZED_TELEMETRY": "False",  # chromadb
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
    "LANGSMITH_GATEWAY": "false",
}
_OBSOLETE = ("LANGCHAIN_TRACING", "LANGCHAIN_HANDLER")
"""With these set, LangChain only answers that they are no longer supported."""


def forbid_telemetry() -> None:
    """Turn off telemetry in onnxruntime, chromadb, gradio, huggingface_hub, Ray and LangChain."""
    os.environ.update(_SWITCHES)
    for name in _OBSOLETE:
        os.environ.pop(name, None)
