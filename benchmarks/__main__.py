"""``python -m benchmarks COMMAND``; see ``--help`` of each."""

from __future__ import annotations

import runpy
import sys

COMMANDS = (
    "speed", "quality", "answers", "rephrased", "verification", "scripted", "model",
    "widget", "page_weight", "resync", "long_text", "reading", "load", "flood",
)  # fmt: skip


def main() -> int:
    """Run the module named by the first argument with the others."""
    if len(sys.argv) < 2 or sys.argv[1] not in COMMANDS:
        sys.stderr.write(f"usage: python -m benchmarks {{{','.join(COMMANDS)}}} ...\n")
        return 2
    command = sys.argv.pop(1)
    runpy.run_module(f"benchmarks.{command}", run_name="__main__", alter_sys=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
