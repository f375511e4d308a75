from pathlib import Path

import pytest

from assistant.support.errors import SettingsError
from assistant.support.settings import Settings


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_defaults_need_no_environment():
    assert Settings().corpus == Path("corpus")
    assert Settings().llm is None


def test_a_flag_wins_over_the_environment_and_that_over_the_env_file(monkeypatch, tmp_path):
    (tmp_path / ".env").write_text("ASSISTANT_CORPUS=from-file\nASSISTANT_DATA=from-file\n")
    monkeypatch.setenv("ASSISTANT_DATA", "from-environment")
    settings = Settings(port=99)
    assert settings.corpus == Path("from-file")
    assert settings.data == Path("from-environment")
    assert Settings(data="from-flag").data == Path("from-flag")


@pytest.mark.parametrize("name", ["ASSISTANT_CORPSE", "assistant_typo"])
def test_an_unknown_setting_is_named(monkeypatch, name):
    monkeypatch.setenv(name, "x")
    with pytest.raises(SettingsError, match=name):
        Settings()


def test_an_unknown_setting_in_the_env_file_is_named(tmp_path):
    (tmp_path / ".env").write_text("ASSISTANT_COLOUR=red\nOTHER=fine\n")
    with pytest.raises(SettingsError, match="ASSISTANT_COLOUR"):
        Settings()


def test_every_malformed_setting_is_named_with_its_value(monkeypatch):
    monkeypatch.setenv("ASSISTANT_PORT", "many")
    monkeypatch.setenv("ASSISTANT_LOG_LEVEL", "loud")
    with pytest.raises(
        SettingsError, match=r"(?s)ASSISTANT_PORT='many'.*ASSISTANT_LOG_LEVEL='loud'"
    ):
        Settings()


@pytest.mark.parametrize(
    ("name", "value", "example"),
    [
        ("ROOT_PATH", "assistant", "/assistant"),
        ("PROXY_HEADER", "X User", "X-Forwarded-User"),
        ("PROXY_GROUPS_HEADER", "X Groups", "X-Forwarded-Groups"),
        ("OCR", "english", "eng+fra"),
    ],
)
def test_the_form_of_a_setting_is_told_by_an_example(monkeypatch, name, value, example):
    monkeypatch.setenv(f"ASSISTANT_{name}", value)
    with pytest.raises(SettingsError) as raised:
        Settings()
    told = str(raised.value)
    assert told.startswith(f"ASSISTANT_{name}={value!r}: ")
    assert told.endswith(f"{example}.")


def test_every_form_has_an_example():
    for name, field in Settings.model_fields.items():
        if any(getattr(one, "pattern", None) for one in field.metadata):
            assert field.examples, name


def test_an_env_file_that_is_not_text_is_an_error(tmp_path):
    (tmp_path / ".env").write_bytes(b"\xff\xfe\x00A")
    with pytest.raises(SettingsError, match=r"\.env"):
        Settings()


@pytest.mark.parametrize(
    "broken", ['ASSISTANT_RATE="5', "this is not a setting", "export ASSISTANT_PORT", "OTHER='x"]
)
def test_a_line_of_the_env_file_that_gives_nothing_is_told_with_all_else(tmp_path, broken):
    lines = ["# a comment", "", "", broken, "ASSISTANT_COLOUR=red", "ASSISTANT_JOBS=none"]
    (tmp_path / ".env").write_text("\n".join(lines))
    with pytest.raises(SettingsError) as raised:
        Settings()
    first, *others = str(raised.value).splitlines()
    assert first.startswith(".env, line 4: ")
    assert [name in told for name, told in zip(("COLOUR", "JOBS"), others, strict=True)] == [
        True
    ] * 2


def test_a_broken_line_of_the_env_file_is_told_once_and_not_shown(tmp_path, caplog):
    (tmp_path / ".env").write_text('OPENAI_API_KEY="hidden')
    with pytest.raises(SettingsError) as raised:
        Settings()
    assert "hidden" not in str(raised.value)
    assert not caplog.records


def test_what_else_an_env_file_may_hold_is_no_error(tmp_path):
    lines = [
        "\ufeff# a comment", "", "export ASSISTANT_RATE=7  # a minute", "ASSISTANT_LLM=", "OTHER",
        "ASSISTANT_DATA = 'a folder'", 'OTHERS="two', 'lines"', "",
    ]  # fmt: skip
    (tmp_path / ".env").write_text("\r\n".join(lines), "utf-8")
    settings = Settings()
    assert (settings.rate, settings.llm, settings.data) == (7, None, Path("a folder"))


def test_an_env_file_that_cannot_be_read_is_an_error(tmp_path):
    (tmp_path / ".env").mkdir()
    with pytest.raises(SettingsError, match=r"\.env cannot be read"):
        Settings()


def test_settings_cannot_be_changed():
    with pytest.raises(ValueError, match="frozen"):
        Settings().port = 1


def test_hosts_to_fetch_from_are_listed_by_comma(monkeypatch):
    assert Settings().fetch_hosts == ()
    monkeypatch.setenv("ASSISTANT_FETCH_HOSTS", "wiki.intra, .docs.example,10.1.0.0/16")
    assert Settings().fetch_hosts == ("wiki.intra", ".docs.example", "10.1.0.0/16")


@pytest.mark.parametrize("hosts", ["*", "wiki.intra,10.0.0.0/99", "http://wiki.intra/"])
def test_a_host_that_is_none_is_named(monkeypatch, hosts):
    monkeypatch.setenv("ASSISTANT_FETCH_HOSTS", hosts)
    with pytest.raises(SettingsError, match="ASSISTANT_FETCH_HOSTS"):
        Settings()
