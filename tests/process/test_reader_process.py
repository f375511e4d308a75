import os
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.ingest.reader_process import ReaderProcess
from assistant.models.article import Article
from assistant.support.errors import ArticleError
from tests.support.documents import HEADING, SENTENCE, SIMPLE, simple_docx
from tests.support.reading import read_article
from tests.support.repository import ROOT


@pytest.fixture
def reader() -> Iterator[ReaderProcess]:
    made = ReaderProcess()
    yield made
    made.close()


def read(reader: ReaderProcess, path: Path, source: str) -> Article:
    article = reader.read_file(path, source).article
    assert article is not None
    return article


def process(reader: ReaderProcess) -> subprocess.Popen[bytes]:
    assert reader._process is not None
    return reader._process


@pytest.mark.parametrize("suffix", [".pdf", ".docx", ".rss"])
def test_the_process_gives_the_article_that_the_reader_gives(
    reader: ReaderProcess, tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"é\udcff{suffix}"  # a file name need not be text
    path.write_bytes(SIMPLE[suffix]())
    assert read(reader, path, "a") == read_article(path, "a")


def test_one_process_reads_many_files(reader: ReaderProcess, tmp_path: Path) -> None:
    ids = set()
    for number in range(20):
        path = tmp_path / f"{number}.md"
        path.write_text(f"# Number {number}\n\n{SENTENCE}", "utf-8")
        assert read(reader, path, path.name).title == f"Number {number}"
        ids.add(process(reader).pid)
    assert len(ids) == 1


def test_an_error_and_a_warning_cross_over(
    reader: ReaderProcess, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(ArticleError, match=r"^gone\.md: it is gone"):
        read(reader, tmp_path / "gone.md", "gone.md")
    path = tmp_path / "a.md"
    path.write_text(f"---\ndate: tomorrow\n---\n{SENTENCE}", "utf-8")
    read(reader, path, "a.md")
    assert "a.md: Ignored the date 'tomorrow'" in caplog.text


def test_a_crash_is_the_error_of_its_file_alone(reader: ReaderProcess, tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text(SENTENCE, "utf-8")
    read(reader, path, "a.md")
    os.kill(process(reader).pid, signal.SIGSTOP)  # it is busy with the next file...
    threading.Timer(0.3, os.kill, (process(reader).pid, signal.SIGSEGV)).start()
    threading.Timer(0.4, os.kill, (process(reader).pid, signal.SIGCONT)).start()
    with pytest.raises(ArticleError, match=r"^a\.md: reading it crashed"):
        read(reader, path, "a.md")
    assert read(reader, path, "a.md").text == SENTENCE


def test_a_process_lost_between_two_files_is_not_missed(
    reader: ReaderProcess, tmp_path: Path
) -> None:
    path = tmp_path / "a.md"
    path.write_text(SENTENCE, "utf-8")
    read(reader, path, "a.md")
    process(reader).kill()
    process(reader).wait()
    assert read(reader, path, "a.md").text == SENTENCE


def test_a_file_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    reader = ReaderProcess(timeout=0.6)
    path = tmp_path / "a.md"
    path.write_text(SENTENCE, "utf-8")
    reader.timeout = 60  # the start may take its time
    read(reader, path, "a.md")
    reader.timeout = 0.3
    stopped = process(reader)
    os.kill(stopped.pid, signal.SIGSTOP)
    started = time.monotonic()
    with pytest.raises(ArticleError, match=r"^a\.md: .*more than 0\.3 s.*ASSISTANT_READ_TIMEOUT"):
        read(reader, path, "a.md")
    assert time.monotonic() - started < 5
    assert stopped.poll() is not None
    reader.timeout = 60
    assert read(reader, path, "a.md").text == SENTENCE
    reader.close()


def test_a_file_that_takes_too_much_memory_is_given_up(tmp_path: Path) -> None:
    reader = ReaderProcess(memory=150_000_000)
    path = tmp_path / "a.docx"
    path.write_bytes(simple_docx())
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as made:
        made.writestr("word/a.png", bytes(100_000_000))
        relations = "word/_rels/document.xml.rels"
        said = made.read(relations).decode()
        part = '<Relationship Id="x" Type="http://a/b" Target="a.png"/></Relationships>'
        made.writestr(relations, said.replace("</Relationships>", part))
    with pytest.raises(ArticleError, match=r"^a\.docx: .*150 MB of memory"):
        read(reader, path, "a.docx")
    path.write_bytes(simple_docx())
    assert HEADING in read(reader, path, "a.docx").text
    reader.close()


def test_many_threads_may_use_one(reader: ReaderProcess, tmp_path: Path) -> None:
    titles: dict[int, str] = {}

    def work(number: int) -> None:
        path = tmp_path / f"{number}.md"
        path.write_text(f"# Number {number}\n\n{SENTENCE}", "utf-8")
        titles[number] = read(reader, path, path.name).title

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert titles == {number: f"Number {number}" for number in range(8)}


def test_closing_leaves_no_process(tmp_path: Path) -> None:
    reader = ReaderProcess()
    path = tmp_path / "a.md"
    path.write_text(SENTENCE, "utf-8")
    read(reader, path, "a.md")
    started = process(reader)
    reader.close()
    assert started.returncode == 0
    reader.close()


PARENT = """
import sys
from pathlib import Path
from assistant.ingest.reader_process import ReaderProcess
reader = ReaderProcess()
path = Path(sys.argv[1])
reader.read_file(path, "a.md")
sys.stdout.write(f"{reader._process.pid}\\n")
sys.stdout.flush()
while True:
    reader.read_file(path, "a.md")
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_the_process_ends_with_the_one_that_started_it(tmp_path: Path, number: int) -> None:
    path = tmp_path / "a.md"
    path.write_text(SENTENCE, "utf-8")
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(path)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    os.killpg(parent.pid, number)
    _, told = parent.communicate(timeout=20)
    assert b"readers/__main__.py" not in told
    deadline = time.monotonic() + 10
    while Path(f"/proc/{child}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(f"/proc/{child}").exists()


def test_an_interrupt_as_the_time_begins_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start(timer: threading.Timer) -> None:
        threading.Thread.start(timer)
        raise KeyboardInterrupt

    monkeypatch.setattr(threading.Timer, "start", start, raising=False)
    path = tmp_path / "a.md"
    path.write_text(SENTENCE, "utf-8")
    reader = ReaderProcess()
    with pytest.raises(KeyboardInterrupt):
        read(reader, path, "a.md")
    assert reader._process is None
    assert not [one for one in threading.enumerate() if isinstance(one, threading.Timer)]


def test_it_starts_without_what_it_does_not_need() -> None:
    heavy = "{'torch', 'gradio', 'chromadb', 'langchain', 'onnxruntime', 'trafilatura', 'pptx'}"
    code = f"import sys, assistant.ingest.readers.__main__; assert not {heavy} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
