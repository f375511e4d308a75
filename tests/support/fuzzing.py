"""How much the fuzz tests try: little and the same in every run, or as much as is asked for.

FUZZ_FILES=10000 python -m pytest tests/unit/test_fuzz_readers.py --log-cli-level=INFO
FUZZ_EXAMPLES=2000 python -m pytest -k fuzz
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

FILES = int(os.environ.get("FUZZ_FILES", "300"))
"""Mutated files, of all formats together."""

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "60"))
"""Of each property."""

FUZZ = settings(
    max_examples=EXAMPLES,
    derandomize="FUZZ_EXAMPLES" not in os.environ,
    deadline=None,
    database=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much,
    ],
)  # fmt: skip
