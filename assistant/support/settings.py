"""The settings: one frozen object, read once from the environment and a ``.env`` file.

This is the only module that reads the environment. ``Settings(...)`` with keyword arguments
overrides both, which is how the command line's flags win.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

from platformdirs import user_cache_path
from pydantic import AfterValidator, BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from assistant.support.allowed_hosts import Allowed
from assistant.support.env_file import ENV_FILE, read_env_file
from assistant.support.errors import SettingsError
from assistant.support.masking import keep_secret, secrets_among
from assistant.support.origins import parse_host, parse_origin

PREFIX = "ASSISTANT_"
BUNDLED_MODEL = "bundled"
_HEADER = r"^[A-Za-z0-9-]+$"

STRICTNESS = 0.65
"""The least relevance of an answer unless a setting says otherwise. Of a hundred questions that
the repository's articles answer it refuses two by mistake, of a hundred about other things 92; over
a hundred news articles 5 and 89, with 0.7 there 6 and 93."""


def _words(given: object) -> object:
    """A list in text, its entries separated by commas or spaces."""
    return tuple(given.replace(",", " ").split()) if isinstance(given, str) else given


def _names(given: object) -> object:
    """The same for entries that may hold spaces, separated by commas alone."""
    return (
        tuple(filter(None, map(str.strip, given.split(",")))) if isinstance(given, str) else given
    )


def _hosts(entries: tuple[str, ...]) -> tuple[str, ...]:
    Allowed.of(entries)
    return entries


def _network(entry: str) -> str:
    # Strict: 10.1.2.3/8 could mean that address or the whole network.
    return str(ip_network(entry) if "/" in entry else ip_address(entry))


def _each(parse: Callable[[str], str]) -> AfterValidator:
    return AfterValidator(lambda entries: tuple(map(parse, entries)))


def _header(given: object) -> object:
    if not isinstance(given, str):
        return given
    name, _, value = (part.strip() for part in given.partition(":"))
    keep_secret([value])
    if not (re.fullmatch(_HEADER, name) and value):
        raise ValueError("malformed. Write it like X-Chroma-Token: secret")
    return name, value


Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_words)]
Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_names)]


class Settings(BaseSettings):
    """The assistant's configuration.

    Each field is read from ``ASSISTANT_<FIELD>``. Raises ``SettingsError``, which names every
    setting that is unknown or malformed.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=ENV_FILE, frozen=True, extra="ignore", env_ignore_empty=True
    )

    corpus: Path = Field(Path("corpus"), description="folder with the articles")
    corpus_url: str | None = Field(
        None,
        pattern=r"^[a-z][a-z0-9+.-]*://",
        examples=["s3://bucket/articles"],
        description="storage that each sync first copies into that folder, as fsspec names it; "
        "unset: none",
    )
    data: Path = Field(Path("data"), description="folder for the library and its index")
    database_url: str | None = Field(
        None,
        pattern=r"^postgres(ql)?://",
        examples=["postgresql://name:password@host/assistant"],
        description="PostgreSQL database that takes the place of the data folder's files, for "
        "several machines; unset: none",
    )
    chroma_url: str | None = Field(
        None,
        pattern=r"^https?://[^/\s]+$",
        examples=["http://chroma.intra.example:8000"],
        description="Chroma server that takes the place of the index in the data folder; unset: "
        "none",
    )
    chroma_header: Annotated[tuple[str, str] | None, NoDecode, BeforeValidator(_header)] = Field(
        None, description="header that the proxy in front of it asks for, as Name: value"
    )
    role: Literal["all", "answer", "sync"] = Field(
        "all",
        description="what a serving process does: answer (from what others read), sync, or all",
    )
    cache: Path = Field(
        default_factory=lambda: user_cache_path("article-assistant"),
        description="folder for the prepared embedding model, shared by all libraries",
    )
    embedding_model: str = Field(
        BUNDLED_MODEL,
        description=f'"{BUNDLED_MODEL}", or a sentence-transformers name or folder',
    )
    reranker: str | None = Field(
        None, description="cross-encoder that looks at the best passages again; unset: none"
    )
    llm: str | None = Field(
        None,
        description="chat model that writes the answers, as provider:model (openai:gpt-5-mini, "
        "ollama:qwen3); unset: quotes of the articles",
    )
    llm_base_url: str | None = Field(
        None, description="address of an OpenAI-compatible server for the chat model"
    )
    llm_timeout: float = Field(
        30.0, gt=0, description="seconds that the chat model may be silent before quotes answer"
    )
    llm_first_timeout: float = Field(
        120.0, gt=0, description="the same until its first word, before which it reads and thinks"
    )
    llm_context: int | None = Field(
        None,
        ge=1024,
        description="tokens that prompt and answer may have together; unset: what its server "
        "says, else 8192",
    )
    nli: str | None = Field(
        None,
        description="cross-encoder of natural-language inference that checks a chat model's "
        "sentences; unset: the weights that come with the package",
    )
    check: Literal["own", "model"] = Field(
        "own",
        description="what checks a chat model's sentences: the assistant itself, or also the chat "
        "model, asked once more; for strong models",
    )
    unsupported: Literal["mark", "drop"] = Field(
        "mark", description="what becomes of a chat model's sentences that no article supports"
    )
    translator: Path | None = Field(
        None,
        description="folder of CTranslate2 models (OPUS-MT, NLLB) that translate quotes; unset: "
        "the chat model, if there is one",
    )
    strictness: float = Field(
        STRICTNESS, ge=0, le=1, description="0 answers whenever it can, 1 only when it is surest"
    )
    read_timeout: float = Field(
        60.0, gt=0, description="seconds that reading one file may take before it is given up"
    )
    ocr: str = Field(
        "off",
        pattern=r"^(off|on|[A-Za-z]{3,4}(_[A-Za-z]+)*(\+[A-Za-z]{3,4}(_[A-Za-z]+)*)*)$",
        examples=["off", "on", "eng+fra"],
        description="whether Tesseract reads scanned PDFs: off, on, or its languages (eng+fra)",
    )
    jobs: int | None = Field(
        None, ge=1, description="processors that reading and embedding may use; unset: all"
    )
    engine: Literal["local", "ray"] = Field(
        "local",
        description="where a sync reads and embeds: local, in its own process, or ray, in workers "
        "of Ray",
    )
    ray_address: str | None = Field(
        None,
        examples=["head.intra.example:6379"],
        description="Ray cluster that syncs with the engine ray use; unset: this machine alone",
    )
    fetch_hosts: Annotated[Words, AfterValidator(_hosts)] = Field(
        (),
        description="hosts of your own network that pages may be fetched from, by comma: names "
        "(wiki.intra.example), endings (.intra.example), addresses and networks (10.1.0.0/16)",
    )
    fetch_delay: float = Field(
        1.0, ge=0, le=60, description="seconds between two requests to one host of the web"
    )
    host: str = Field("127.0.0.1", description="address that the web chat listens on")
    port: int = Field(7860, ge=0, le=65535, description="port of the web chat; 0 picks a free one")
    allowed_origins: Annotated[Words, _each(parse_origin)] = Field(
        (),
        description="origins of the pages that may show the widget and call the assistant, "
        "separated by commas; unset: its own pages only",
    )
    title: str = Field("", max_length=100, description="name of the chat; unset: its own")
    greeting: str = Field("", max_length=300, description="first line of an empty chat")
    color: str = Field(
        "",
        pattern=r"^(|#[0-9A-Fa-f]{3}([0-9A-Fa-f]{3})?|[a-z]{3,30})$",
        examples=["#7a1f2b", "teal"],
        description="colour of buttons and marks (#7a1f2b, teal)",
    )
    logo: Path | None = Field(None, description="picture beside the name: an .svg or .png file")
    public: bool = Field(False, description="whether everyone who reaches it may ask")
    users: Path | None = Field(
        None, description="file with the users and keys; unset: users.json in the data folder"
    )
    proxy_header: str | None = Field(
        None,
        pattern=_HEADER,
        examples=["X-Forwarded-User"],
        description="header in which a proxy names the user that it has signed in",
    )
    proxy_groups_header: str | None = Field(
        None,
        pattern=_HEADER,
        examples=["X-Forwarded-Groups"],
        description="header in which it names the user's groups, separated by commas",
    )
    proxy_editors: Names = Field(
        (),
        description="groups, separated by commas, whose members, signed in by a proxy, may put in, "
        "remove and change articles; unset: none",
    )
    proxy_addresses: Annotated[Words, _each(_network)] = Field(
        (),
        description="addresses or networks of the proxies in front, by comma; unset: this "
        "machine's own, which may name no user",
    )
    allowed_hosts: Annotated[Words, _each(parse_host)] = Field(
        (),
        description="names that the web chat is reached by, separated by commas: whole ones, "
        "endings (.intra.example), or * for any; addresses and localhost always are",
    )
    rate: int = Field(
        60,
        ge=0,
        description="questions a minute from one user, or from one address of those who did not "
        "sign in; 0: any number. This machine itself is not limited",
    )
    answer_timeout: float | None = Field(
        None,
        gt=0,
        description="seconds that an answer may take; unset: 60, with a chat model 300",
    )
    root_path: str = Field(
        "",
        pattern=r"^(/[A-Za-z0-9._~-]+)*$",
        examples=["/assistant"],
        description="path under which a reverse proxy shows the web chat (/assistant), and which "
        "it takes away again; unset: the root",
    )
    editing: bool = Field(
        True,
        description="whether articles may be put in, removed and changed from the page and by "
        "programs, by whoever has the right to edit: on, off",
    )
    log_level: Annotated[str, AfterValidator(str.upper)] = Field(
        "INFO",
        pattern=r"(?i)^(debug|info|warning|error)$",
        examples=["DEBUG", "INFO", "WARNING", "ERROR"],
        description="DEBUG, INFO, WARNING or ERROR",
    )
    log_format: Literal["text", "json"] = Field(
        "text", description="text for people, or json: an object a line"
    )
    log_questions: bool = Field(
        False,
        description="whether the log tells what was asked, and questions without a good answer are "
        "kept for administrators: on, off",
    )

    def __init__(self, **given: Any) -> None:
        faults = _faults()
        try:
            super().__init__(**given)
        except ValidationError as error:
            malformed = _explain(error)
            told = "\n".join([*faults, *malformed.values()])
            raise SettingsError(told, frozenset(filter(None, malformed))) from error
        if faults:
            raise SettingsError("\n".join(faults))

    @classmethod
    def with_defaults_for(cls, malformed: Iterable[str], given: Mapping[str, Any]) -> Settings:
        """The settings without the ``malformed`` and unknown ones."""
        fields = cls.model_fields
        defaults = {n: fields[n].get_default(call_default_factory=True) for n in malformed}
        made = cls.__new__(cls)
        BaseSettings.__init__(made, **{**given, **defaults})
        return made

    @property
    def longest_answer_s(self) -> float:
        """Time limit of an answer, in seconds. A chat model's limit of silence lies within it."""
        return self.answer_timeout or (300.0 if self.llm else 60.0)


def _faults() -> list[str]:
    """The errors of the ``.env`` file, and of ``ASSISTANT_`` variables that are no setting: a typo
    would otherwise pass for a default. Raises ``SettingsError`` if the file cannot be read.
    """
    from_file, faults = read_env_file(PREFIX)
    keep_secret(secrets_among({**from_file, **os.environ}))
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    given = {name for name in (*os.environ, *from_file) if name.upper().startswith(PREFIX)}
    unknown = sorted(name for name in given if name.upper() not in known)
    if unknown:
        names = ", ".join(unknown)
        faults.append(f"Unknown setting {names}. The settings are: {', '.join(sorted(known))}.")
    return faults


_EXPECTED = {
    "float_parsing": "must be a number, such as 0.5",
    "int_parsing": "must be a whole number",
    "bool_parsing": "must be on or off",
    "literal_error": "must be {expected}",
    "greater_than": "must be more than {gt:g}",
    "greater_than_equal": "must be at least {ge:g}",
    "less_than_equal": "must be at most {le:g}",
}
"""What is expected of a setting, by pydantic's kinds of errors."""


def _explain(error: ValidationError) -> dict[str, str]:
    """The error of each malformed setting, by field name; under "" errors of several together."""
    told: dict[str, str] = {}
    for problem in error.errors():
        message = problem["msg"].removeprefix("Value error, ")
        name = str(problem["loc"][0]) if problem["loc"] else ""
        if problem["type"] == "string_pattern_mismatch":
            examples = Settings.model_fields[name].examples or ()
            message = f"malformed. Write it like {' or '.join(examples)}"
        elif (kind := problem["type"]) in _EXPECTED:
            message = _EXPECTED[kind].format(**problem.get("ctx", {}))
        value = f"{PREFIX}{name.upper()}={problem['input']!r}: " if name else ""
        told.setdefault(name, f"{value}{message}.")
    return told
