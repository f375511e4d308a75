"""Opinions kept by several threads and processes at once."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from assistant.store.feedback import FILE, FeedbackLog, Opinion

OPINION = Opinion("Why?", "From the articles:\nOui. [1]", (), "up", language="en")
ADD = """
import sys
from pathlib import Path
from assistant.store.feedback import FeedbackLog, Opinion
for number in range(20):
    FeedbackLog(Path(sys.argv[1])).add(Opinion("Q" * 5000, "A", (), "up"))
"""


def test_threads_and_processes_write_at_once(tmp_path):
    log = FeedbackLog(tmp_path)
    other = subprocess.Popen([sys.executable, "-c", ADD, tmp_path])
    with ThreadPoolExecutor(8) as threads:
        names = list(threads.map(lambda _: log.add(OPINION), range(40)))
    assert other.wait(30) == 0
    lines = (tmp_path / FILE).read_text("utf-8").splitlines()
    assert len(lines) == 60
    assert {json.loads(line)["id"] for line in lines} >= set(names)
