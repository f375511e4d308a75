import os
import signal
import threading

from assistant.cli.sync import _pausable
from assistant.ingest import meter
from assistant.ingest.meter import Meter
from assistant.models.status import Stage

PATIENCE_S = 20


def test_the_rate_and_the_time_left_are_those_of_the_stage(monkeypatch):
    now = 0.0
    monkeypatch.setattr(meter.time, "monotonic", lambda: now)
    sync = Meter()
    for stage, began in ((Stage.READING, 0), (Stage.PASSAGES, 100)):
        sync.note(stage, began, 200)
        assert sync.progress.seconds_left is None
        now += 5
        sync.note(stage, began + 50, 200)
        assert sync.progress.per_second == 10
        assert sync.progress.seconds_left == (150 - began) / 10


def test_a_paused_sync_waits_and_the_pause_does_not_count(monkeypatch):
    now = 0.0
    monkeypatch.setattr(meter.time, "monotonic", lambda: now)
    sync = Meter()
    sync.note(Stage.PASSAGES, 0, 100)
    sync.pause(True)
    now = 1.0
    noting = threading.Thread(target=sync.note, args=(Stage.PASSAGES, 10, 100))
    noting.start()
    noting.join(0.2)
    assert noting.is_alive()
    assert sync.progress.paused
    now = 1000.0
    sync.pause(False)
    noting.join(PATIENCE_S)
    assert not noting.is_alive()
    now = 1001.0
    sync.note(Stage.PASSAGES, 20, 100)
    assert sync.progress.seconds_left == 8


def test_a_sync_is_not_told_the_progress_of_the_one_before():
    sync = Meter()
    with sync.running():
        sync.note(Stage.READING, 2, 2)
        assert sync.progress.done == 2
    assert sync.progress is None


def test_ctrl_z_stops_the_process_between_two_batches(monkeypatch):
    stops, seen = [], []
    monkeypatch.setattr(os, "kill", lambda process, number: stops.append((process, number)))
    with _pausable(lambda *what: seen.append(what)) as progress:
        signal.raise_signal(signal.SIGTSTP)
        assert stops == []
        progress(Stage.READING, 1, 2)
        assert stops == [(os.getpid(), signal.SIGSTOP)]
        progress(Stage.READING, 2, 2)
    assert len(stops) == 1
    assert seen == [(Stage.READING, 1, 2), (Stage.READING, 2, 2)]
