"""What surrounds the program: the image, the pinned versions, CI, the licence."""

import ast
import hashlib
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from bot.config import all_models, shape, sources

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def _ours():
    """The files of the tree, as git knows them; outside of git, all that is not made."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True
    )
    if listed.returncode:
        pytest.skip("this tree is no git checkout: clone it to run this test")
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def _run_lines():
    """What the Dockerfile runs, and the environment it runs it in."""
    text = re.sub(r"\\\n", " ", (ROOT / "Dockerfile").read_text(encoding="utf-8"))
    runs = re.findall(r"^RUN\s+(.*)$", text, re.MULTILINE)
    environ = dict(
        pair for line in re.findall(r"^ENV\s+(.*)$", text, re.MULTILINE) for pair in re.findall(r"(\w+)=(\S+)", line)
    )
    return runs, environ


def _pinned():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").split("\n")
    return dict(line.split("==") for line in lines if line and not line.startswith("#"))


def test_each_run_line_of_the_image_is_one_make_target():
    runs, _ = _run_lines()
    targets = set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))
    assert runs
    for line in runs:
        made = re.fullmatch(r"make ([a-z]+)", line)
        assert made, line
        assert made[1] in targets


def test_the_image_runs_as_nobody_in_particular_with_one_volume():
    last = (ROOT / "Dockerfile").read_text(encoding="utf-8").split("\nFROM ")[-1]
    user = re.search(r"^USER (\d+):(\d+)$", last, re.MULTILINE)
    assert user
    assert int(user[1]) > 0
    assert re.findall(r"^VOLUME (.*)$", last, re.MULTILINE) == ["/data"]
    assert "HEALTHCHECK" in last
    assert last.startswith("python:3.11-slim")


@pytest.mark.wire
def test_the_images_make_targets_work_in_an_empty_directory(tmp_path):
    """They are run on a copy of what the image would get, and the program that comes out is asked for its help."""
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split("\n")
    kept = {line[1:] for line in ignored if line.startswith("!")}
    tree = tmp_path / "src"
    for file in _ours():
        name = file.relative_to(ROOT)
        if name.parts[0] in kept:
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, tree / name)
    runs, environ = _run_lines()
    environ = {name: str(tmp_path / value.strip("/")) for name, value in environ.items() if name in {"PREFIX", "DATA"}}
    assert environ.keys() == {"PREFIX", "DATA"}
    clean = {
        name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV", "MAKEFLAGS"}
    }
    for line in runs:
        # The image has no virtual environment to begin with; neither has this.
        command = [*line.split(), f"PYTHON={sys.base_prefix}/bin/python3"]
        ran = subprocess.run(command, cwd=tree, env=clean | environ, capture_output=True, text=True, timeout=540)
        assert ran.returncode == 0, ran.stderr
    assert Path(environ["DATA"]).is_dir()
    shutil.rmtree(tree)
    _try_program(Path(environ["PREFIX"]), tmp_path, clean)


def _try_program(prefix, elsewhere, clean):
    """The installed program stands on its own: no test tools, every module importable, words and migrations in it."""

    def ran(*command):
        done = subprocess.run(command, cwd=elsewhere, env=clean, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "Usage" in ran(prefix / "bin" / "filcommun", "--help")
    program = """
import importlib, pathlib, pkgutil, bot, bridges, store
for package in (bot, bridges, store):
    for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if "sandbox" not in found.name and "demo" not in found.name and not found.name.endswith("__main__"):
            importlib.import_module(found.name)
here = pathlib.Path(bot.__file__).parent
print(sorted(file.name for file in here.glob("locale/*/LC_MESSAGES/*.mo")))
print(len(list((here.parent / "store" / "migrations" / "versions").glob("*.py"))))
"""
    words, migrations = ran(prefix / "bin" / "python", "-c", program).splitlines()
    assert words != "[]"
    assert int(migrations) >= 1
    installed = ran(prefix / "bin" / "python", "-m", "pip", "list", "--format=freeze").lower()
    assert "pytest" not in installed
    assert "mypy==" not in installed


def test_every_version_is_pinned_and_no_host_is_named():
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+==[0-9][A-Za-z0-9_.]*", line) for line in text.split("\n") if line)
    assert "://" not in text


def _closure():
    """Everything the project needs with all its extras, and what those need, on this Python."""
    extras = PROJECT["project"]["optional-dependencies"]
    waiting = [
        Requirement(line)
        for group in (PROJECT["project"]["dependencies"], PROJECT["build-system"]["requires"], *extras.values())
        for line in group
    ]
    found = {}
    while waiting:
        one = waiting.pop()
        name = canonicalize_name(one.name)
        if found.get(name, set()) >= {"", *one.extras}:
            continue
        found.setdefault(name, set()).update({"", *one.extras})
        for line in importlib.metadata.requires(one.name) or ():
            inner = Requirement(line)
            if inner.marker is None or any(inner.marker.evaluate({"extra": extra}) for extra in ("", *one.extras)):
                waiting.append(inner)
    return set(found)


def test_the_constraints_name_what_is_needed_and_nothing_else():
    assert {canonicalize_name(name) for name in _pinned()} == _closure()


def test_the_tests_run_with_the_pinned_versions():
    other = {
        name: (pinned, importlib.metadata.version(name))
        for name, pinned in _pinned().items()
        if importlib.metadata.version(name) != pinned
    }
    assert other == {}, "type: make clean venv"


def test_every_dependency_is_explained():
    page = (ROOT / "docs/explanation/dependencies.md").read_text(encoding="utf-8")
    for group in (PROJECT["project"]["dependencies"], *PROJECT["project"]["optional-dependencies"].values()):
        for line in group:
            assert f"| {Requirement(line).name} |" in page, line
    explained = set(re.findall(r"^\| ([A-Za-z0-9_-]+) \|", page, re.MULTILINE)) - {"package"}
    assert {canonicalize_name(name) for name in explained} <= _closure()


def test_only_versions_of_python_that_ran_are_claimed():
    claimed = [line for line in PROJECT["project"]["classifiers"] if re.search(r"Python :: 3\.\d+$", line)]
    assert claimed == ["Programming Language :: Python :: 3.11"]


def test_the_licence_is_the_affero_licence_word_for_word():
    text = (ROOT / "LICENSE").read_bytes()
    assert hashlib.sha256(text).hexdigest() == "0d96a4ff68ad6d4b6f1f30f713b18d5184912ba8dd389f86aa7710db079abcb0"
    assert PROJECT["project"]["license"] == "AGPL-3.0-or-later"


def test_compose_starts_the_bot_alone_and_signal_by_profile():
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    services = compose["services"]
    assert services["bot"]["command"] == ["run"]
    assert "profiles" not in services["bot"]
    assert services["listener"]["command"] == ["listen", "signal"]
    assert services["listener"]["profiles"] == services["signal"]["profiles"] == ["signal"]
    assert re.fullmatch(r"bbernhard/signal-cli-rest-api:0\.101", services["signal"]["image"])
    assert services["signal"]["environment"]["MODE"] == "json-rpc"
    assert all(port.startswith("127.0.0.1:") for port in services["signal"]["ports"])
    for name in ("listener", "signal"):
        assert services[name]["healthcheck"]["test"]
    assert services["bot"]["volumes"] == services["listener"]["volumes"] == ["./data:/data"]


@pytest.mark.parametrize("name", ["compose.yaml", "Dockerfile", "README.md", "config.example.toml", "CONTRIBUTING.md"])
def test_every_variable_that_is_named_exists(name):
    known = {sources.variable(key) for key, _ in shape.keys(all_models())} | {sources.FILE_VARIABLE}
    known |= {f"{sources.variable(key)}_FILE" for key, field in shape.keys(all_models()) if shape.is_secret(field)}
    for variable in re.findall(r"FILCOMMUN_[A-Z_]*[A-Z]", (ROOT / name).read_text(encoding="utf-8")):
        assert variable in known, variable


def test_ci_is_a_script_bash_can_read():
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    subprocess.run(["bash", "-n", ROOT / ".ci" / "run"], check=True)


def test_ci_calls_what_the_readme_tells_people_to_type():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    for command in ("make test", "make wire", "make check", "make demo"):
        assert f"\n{command}" in script


def test_the_tree_names_no_machine_and_no_registry():
    """Somebody else's machine has other paths, and may have other registries."""
    hosts = ["py" + "pi.org", "python" + "hosted.org", "npm" + "js.org", "deb." + "debian.org"]
    places = ["/wo" + "rk/", "/ro" + "ot/", "py" + "env/"]
    for file in _ours():
        if file.suffix in {".png", ".eml", ".jsonl"}:
            continue
        text = file.read_text(encoding="utf-8", errors="replace")
        for word in hosts + places:
            assert word not in text, f"{file.relative_to(ROOT)} names {word}"
        if file.relative_to(ROOT).as_posix() != ".ci/run":
            assert "../sha" + "red" not in text, file


def test_every_library_that_is_imported_is_a_dependency_of_ours():
    """Not only of somebody we depend on, who may drop it."""
    extras = PROJECT["project"]["optional-dependencies"]
    listed = [
        *PROJECT["project"]["dependencies"],
        *extras["postgres"],
        *extras["demo"],
        *PROJECT["build-system"]["requires"],
    ]
    ours = {canonicalize_name(Requirement(line).name) for line in listed}
    ours |= {"yarl", "proxy-protocol", "pysasl"}  # what aiohttp and pymap themselves take and give
    homes = importlib.metadata.packages_distributions()
    for folder in ("bot", "bridges", "store"):
        for file in (ROOT / folder).rglob("*.py"):
            for name, line in _imported(ast.parse(file.read_text(encoding="utf-8"))):
                if name in sys.stdlib_module_names or name in {"bot", "bridges", "store"}:
                    continue
                homes_of = {canonicalize_name(home) for home in homes.get(name, [name])}
                assert homes_of & ours, f"{file.relative_to(ROOT)}:{line} imports {name}"


def _imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((one.name.partition(".")[0], node.lineno) for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0], node.lineno
