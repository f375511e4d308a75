"""What is in ``deploy/`` and ``docs/deploy.md`` is true of the program."""

import re
import shlex
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from assistant.cli import STOPPED, WRONG_USAGE, _parser
from assistant.support.settings import Settings
from assistant.web.server import health
from assistant.web.server.run import GRACE_S, STOP_S
from tests.support.repository import ROOT

DEPLOY = ROOT / "deploy"
SETTINGS = {f"ASSISTANT_{name.upper()}" for name in Settings.model_fields}
GUIDE = (ROOT / "docs" / "deploy.md").read_text("utf-8")
SIGTERM = 15
KUBERNETES = "1.31"


@pytest.fixture(scope="module")
def service():
    """What the unit says, by name; of what it says twice the last."""
    lines = (DEPLOY / "assistant.service").read_text("utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if re.match(r"[A-Z]\w+=", line))


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))


@pytest.fixture(scope="module")
def dockerfile():
    """The instructions, each on one line."""
    text = (DEPLOY / "Dockerfile").read_text("utf-8")
    lines = re.sub(r"\\\n\s*", "", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE)).splitlines()
    return [tuple(line.split(maxsplit=1)) for line in lines if line]


def seconds(text):
    return float(re.fullmatch(r"(\d+)s?", str(text))[1])


def test_the_commands_are_understood(service, dockerfile):
    _, *unit = shlex.split(service["ExecStart"])
    _, *container = yaml.safe_load(dict(dockerfile)["CMD"])
    for words in (unit, container):
        assert _parser().parse_args(words).serves


@pytest.mark.parametrize(
    "file",
    [
        "assistant.service",
        "Dockerfile",
        "compose.yaml",
        "compose-cluster.yaml",
        "kubernetes/assistant.yaml",
    ],
)
def test_every_setting_that_is_used_exists(file):
    named = set(re.findall(r"ASSISTANT_[A-Z_]+[A-Z]", (DEPLOY / file).read_text("utf-8")))
    assert named <= SETTINGS


def test_a_stop_is_given_the_time_that_it_takes(service, compose):
    most = STOP_S + GRACE_S
    assert seconds(service["TimeoutStopSec"]) > most
    assert seconds(compose["services"]["assistant"]["stop_grace_period"]) > most


def test_the_unit_knows_the_exit_status(service):
    assert int(service["SuccessExitStatus"]) == STOPPED + SIGTERM
    assert int(service["RestartPreventExitStatus"]) == WRONG_USAGE


def test_the_unit_may_write_where_the_settings_point_and_nowhere_else(service):
    unit = (DEPLOY / "assistant.service").read_text("utf-8")
    assert f"ASSISTANT_DATA=/var/lib/{service['StateDirectory']}\n" in unit
    assert f"ASSISTANT_CACHE=/var/cache/{service['CacheDirectory']}\n" in unit
    assert f"Environment=HOME=/var/lib/{service['StateDirectory']}\n" in unit
    assert service["ProtectSystem"] == "strict"
    assert "ReadWritePaths" not in service


def test_what_the_image_copies_is_there_and_not_left_out(dockerfile):
    copied = [
        name
        for instruction, rest in dockerfile
        if instruction == "COPY" and not rest.startswith("--from")
        for name in rest.split()[:-1]
    ]
    let_in = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert "*" in let_in
    assert {"pyproject.toml", "assistant"} <= set(copied)
    for name in copied:
        assert (ROOT / name).exists()
        assert f"!{name}" in let_in


def test_the_image_runs_as_nobody_in_particular_and_looks_after_its_health(dockerfile):
    *_, last_user = [rest for instruction, rest in dockerfile if instruction == "USER"]
    assert int(last_user) > 0
    health_check = dict(dockerfile)["HEALTHCHECK"]
    assert f"127.0.0.1:{Settings.model_fields['port'].default}{health.PATHS[0]}" in health_check
    assert "curl" not in health_check


def test_the_image_keeps_what_it_writes_in_its_volumes(dockerfile):
    (told,) = [rest for instruction, rest in dockerfile if instruction == "ENV"]
    environment = dict(pair.split("=", 1) for pair in told.split())
    volumes = [Path(volume) for volume in yaml.safe_load(dict(dockerfile)["VOLUME"])]
    for name in ("ASSISTANT_CACHE", "ASSISTANT_CORPUS", "ASSISTANT_DATA", "HOME"):
        assert any(Path(environment[name]).is_relative_to(volume) for volume in volumes), name


def test_the_compose_file_leads_to_what_there_is(compose, dockerfile):
    assistant, proxy = compose["services"]["assistant"], compose["services"]["proxy"]
    built = (DEPLOY / assistant["build"]["context"]).resolve()
    assert built == ROOT
    assert (built / assistant["build"]["dockerfile"]).is_file()
    volumes = yaml.safe_load(dict(dockerfile)["VOLUME"])
    mounted = [volume.split(":")[1] for volume in assistant["volumes"]]
    assert sorted(mounted) == sorted(volumes)
    caddyfile = proxy["volumes"][0].split(":")[0]
    told = (DEPLOY / caddyfile).read_text("utf-8")
    assert f"reverse_proxy assistant:{dict(dockerfile)['EXPOSE']} " in told


def test_the_cluster_s_compose_file_has_one_that_syncs_and_three_that_answer(dockerfile):
    services = yaml.safe_load((DEPLOY / "compose-cluster.yaml").read_text("utf-8"))["services"]
    roles = {
        name: service["environment"]["ASSISTANT_ROLE"]
        for name, service in services.items()
        if "build" in service
    }
    assert sorted(roles.values()) == ["answer", "answer", "answer", "sync"]
    port = dict(dockerfile)["EXPOSE"]
    answering = [f"{name}:{port}" for name, role in roles.items() if role == "answer"]
    caddyfile = (DEPLOY / "Caddyfile.cluster").read_text("utf-8")
    assert f"reverse_proxy {' '.join(answering)} {{" in caddyfile
    assert f"health_uri {health.PATHS[1]}" in caddyfile
    for name in roles:
        assert seconds(services[name]["stop_grace_period"]) > STOP_S + GRACE_S


def test_kubernetes_accepts_the_manifests_and_they_start_what_there_is():
    text = (DEPLOY / "kubernetes" / "assistant.yaml").read_text("utf-8")
    manifests = list(yaml.safe_load_all(text))
    for one in manifests:
        kubernetes_validate.validate(one, KUBERNETES, strict=True)
    roles = []
    for one in manifests:
        if one["kind"] == "Deployment":
            pod = one["spec"]["template"]["spec"]
            (container,) = pod["containers"]
            program, *words = container["args"]
            roles.append(_parser().parse_args(words).role)
            assert pod["terminationGracePeriodSeconds"] > STOP_S + GRACE_S
            probes = {
                container[f"{name}Probe"]["httpGet"]["path"] for name in ("startup", "liveness")
            }
            assert (program, probes) == ("assistant", {health.PATHS[0]})
    assert roles == ["answer", "sync"]


def test_the_guide_names_figures_that_there_are():
    from assistant.web.server.metrics import Metrics
    from assistant.web.turns.outcomes import AskedQuestion, Outcome, Way

    metrics = Metrics()
    metrics.asked(AskedQuestion(Way.API, Outcome.ANSWERED, {"total": 1.0}, 0.5))
    metrics.responded(200)
    told = metrics.exposition().decode()
    source = (ROOT / "assistant" / "web" / "server" / "metrics.py").read_text("utf-8")
    for name in set(re.findall(r"\bassistant_[a-z_]+[a-z]\b", GUIDE)):
        of_state = name.removeprefix("assistant_").removesuffix("_total")
        assert name in told or f'{of_state}"' in source, name


def test_every_fault_in_the_guide_has_the_test_that_it_names():
    named = re.findall(r"`(test_\w+)`", GUIDE)
    assert len(named) >= 12
    tests = "\n".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    for name in named:
        assert f"def {name}(" in tests, name
