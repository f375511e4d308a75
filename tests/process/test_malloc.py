import platform
import subprocess
import sys

import pytest

COUNT = """
import ctypes, threading
from assistant.support.malloc import share_heaps

{first}
together = threading.Barrier(13)

def hold():
    held = [bytearray(1000) for _ in range(1000)]
    together.wait(30)
    together.wait(30)

threads = [threading.Thread(target=hold) for _ in range(12)]
for thread in threads:
    thread.start()
together.wait(30)
libc = ctypes.CDLL(None)
libc.fdopen.restype = ctypes.c_void_p
out = ctypes.c_void_p(libc.fdopen(1, b"w"))
libc.malloc_info(0, out)
libc.fflush(out)
together.wait(30)
"""


def heaps(first, **environment):
    told = subprocess.run(
        [sys.executable, "-c", COUNT.format(first=first)],
        capture_output=True, check=True, text=True, timeout=60, env=environment,
    )  # fmt: skip
    return told.stdout.count("<heap nr=")


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="of glibc")
def test_the_threads_of_a_server_share_two_heaps():
    assert heaps("") > 2
    assert heaps("share_heaps()") == 2
    assert heaps("share_heaps()", MALLOC_ARENA_MAX="3") == 3
