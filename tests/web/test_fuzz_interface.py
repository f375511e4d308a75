"""Requests made up from our own description of the interface, to a running server."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any, cast

import pytest
import schemathesis
from hypothesis import settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from assistant.assistant import Assistant
from assistant.support.settings import Settings
from assistant.web.api.app import create_api
from assistant.web.gate.principal import Seen
from assistant.web.turns.questions import Questions
from tests.support.fuzzing import EXAMPLES, FUZZ
from tests.support.repository import CORPUS
from tests.support.tiny import TinyEmbedder
from tests.support.web import serving

pytestmark = pytest.mark.slow  # many made-up requests

# Not that everything else is refused: pydantic takes a number that is written as a text, and for
# OpenAI's protocol, which clients read loosely, that is as it should be.
CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]

schema = schemathesis.openapi.from_dict(create_api(cast(Seen, None), Questions()).openapi())
"""Nobody is asked for the description itself."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    made = tmp_path_factory.mktemp("made")
    corpus = shutil.copytree(CORPUS / "nature", made / "corpus")  # requests change it
    assistant = Assistant(Settings(corpus=corpus, data=made / "data"), TinyEmbedder())
    assistant.sync()
    with serving(assistant) as found:
        yield found
    assistant.close()


@schema.parametrize()
@settings(FUZZ, max_examples=max(10, EXAMPLES // 2))
def test_every_operation_answers_as_described(case: schemathesis.Case, address: str) -> None:
    case.call_and_validate(base_url=address, checks=CHECKS, timeout=60)
