"""Nothing leaves the machine: the libraries that report home are told not to.

They read these variables when they are first imported or first used, some in native code, so they
are set when this package is imported. A value that is set already is overruled: no setting of
ours stands for "report".
"""

from __future__ import annotations

import os

_SWITCHES = {
    "ORT_DISABLE_TELEMETRY": "1",  # onnxruntime reports to its maker since 1.29, from native code
    "ANONYMIZED_TELEMETRY": "False",  # chromadb
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
}


def forbid_telemetry() -> None:
    """Switch off the reports of onnxruntime, chromadb, gradio and huggingface_hub."""
    os.environ.update(_SWITCHES)
