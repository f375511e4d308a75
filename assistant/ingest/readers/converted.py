"""Formats that LibreOffice, where it is installed, converts to those that have a reader."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from assistant.ingest.readers.archive import damaged
from assistant.ingest.readers.draft import Draft
from assistant.ingest.readers.signatures import OLE, ZIP
from assistant.ingest.readers.slides import read_pptx
from assistant.ingest.readers.spreadsheet import read_xlsx
from assistant.ingest.readers.word import read_docx
from assistant.support.errors import ArticleError

_TARGETS: dict[str, tuple[str, Callable[[bytes], Draft]]] = {
    ".doc": ("docx", read_docx),
    ".odp": ("pptx", read_pptx),
    ".pps": ("pptx", read_pptx),
    ".ppt": ("pptx", read_pptx),
    ".xls": ("xlsx", read_xlsx),
}
"""The format that each is converted to, and the reader of that."""

_CONTAINERS = (OLE, ZIP)
"""What these files begin with."""

_MEMORY = 2_000_000_000
"""Bytes of address space of LibreOffice, which maps more than it uses."""

# No macro runs, and a picture or a table that is elsewhere on the network is not fetched: the
# setting about links spares no document that lies outside the trusted folders, of which there are
# none, and the proxy leads nowhere.
_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop>
<prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings">
<prop oor:name="ooInetProxyType" oor:op="fuse"><value>1</value></prop>
<prop oor:name="ooInetHTTPProxyName" oor:op="fuse"><value>127.0.0.1</value></prop>
<prop oor:name="ooInetHTTPProxyPort" oor:op="fuse"><value>9</value></prop>
<prop oor:name="ooInetHTTPSProxyName" oor:op="fuse"><value>127.0.0.1</value></prop>
<prop oor:name="ooInetHTTPSProxyPort" oor:op="fuse"><value>9</value></prop>
<prop oor:name="ooInetNoProxy" oor:op="fuse"><value></value></prop></item>
</oor:items>
"""


def libreoffice() -> str | None:
    """The path of LibreOffice's program; None where it is not installed."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def _read(suffix: str, data: bytes) -> Draft:
    """The document ``data`` of the kind ``suffix``, read after its conversion.

    Raises ``ArticleError`` where it is damaged, or LibreOffice is missing.
    """
    if not data.startswith(_CONTAINERS):  # LibreOffice makes a text of anything
        raise damaged("it is no document of Office")
    program = libreoffice()
    if program is None:
        raise ArticleError(
            f"{suffix} is read where LibreOffice is installed. Install it (on Debian apt-get "
            "install libreoffice-writer-nogui libreoffice-impress-nogui libreoffice-calc-nogui), "
            "or save the file as .docx, .pptx, .xlsx or PDF."
        )
    wanted, read = _TARGETS[suffix]
    with TemporaryDirectory(prefix="converted-") as folder:
        return read(_converted(program, Path(folder), suffix, data, wanted))


def _converted(program: str, folder: Path, suffix: str, data: bytes, wanted: str) -> bytes:
    settings = folder / "profile" / "user" / "registrymodifications.xcu"
    settings.parent.mkdir(parents=True)
    settings.write_text(_SETTINGS, "utf-8")
    document = folder / f"document{suffix}"
    document.write_bytes(data)
    with _more_memory():
        done = subprocess.run(
            [
                program, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless",
                "--norestore", "--convert-to", wanted, "--outdir", str(folder), str(document),
            ],
            capture_output=True,
            check=False,
        )  # fmt: skip
    made = document.with_suffix(f".{wanted}")
    if not made.is_file():  # it ends with 0 whatever happens
        told = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:] or ["no reason"]
        raise ArticleError(f"LibreOffice could not read it: {told[0]}. Save it as .{wanted}.")
    return made.read_bytes()


@contextmanager
def _more_memory() -> Iterator[None]:
    """What is started meanwhile may use ``_MEMORY``, though this process is limited to less."""
    if sys.platform == "win32":
        yield
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    if soft == resource.RLIM_INFINITY or hard != resource.RLIM_INFINITY:
        yield
        return
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


CONVERTED: dict[str, Callable[[bytes], Draft]] = {
    suffix: partial(_read, suffix) for suffix in _TARGETS
}
"""The reader of each of these formats, by suffix."""
