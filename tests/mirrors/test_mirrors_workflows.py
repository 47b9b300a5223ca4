"""The workflow files of forks do what they say: their steps are run, in clones as forges make them, against a real upstream."""

from __future__ import annotations

import base64
import os
import re
import subprocess
import sys
from datetime import timedelta

import pytest
import yaml
from click.testing import CliRunner
from mirrors_forge import forge as served
from mirrors_house import in_branch, run
from mirrors_upstream import EDITION, LATER, SEAL, Upstream, fork_of

from pappus import __version__, config
from pappus.cli import cli
from pappus.cli.workflow import FORGES
from pappus.mirrors import load
from pappus.model import digest

FORK = "https://other.example/me/fork/blob/main/"
INSTALL = f'python -m pip install --disable-pip-version-check "pappus=={__version__}"'
JOB_TOKEN = "canary-job-token"
COMMAND = "from pappus import cli; cli.MODULES.setdefault('follow', 'follow'); cli.main()"


def write(folder, forge, upstream, *more):
    arguments = [str(folder), "--workflow", forge, "--upstream", upstream, "--address", FORK, *more]
    return CliRunner().invoke(cli, ["follow", *arguments])


def workflow(folder, forge):
    return yaml.safe_load((folder / FORGES[forge]).read_text(encoding="utf-8"))


def job(folder, forge):
    """Return the environment and the steps of the job: name, program, condition; installing left out, as it is checked here."""
    read = workflow(folder, forge)
    if forge == "gitlab":
        one = read["follow"]
        assert one["before_script"] == [INSTALL]
        return one["variables"], [("Script", "\n".join(one["script"]), "")]
    one = read["jobs"]["follow"]
    steps = [(step["name"], step["run"], step.get("if", "")) for step in one["steps"] if "run" in step]
    assert steps[0] == ("Install", INSTALL, "")
    return one["env"], steps[1:]


class Runner:
    """A forge's runner: every job gets a fresh shallow clone, and this program on its path."""

    def __init__(self, forge, folder, bare, origin):
        self.forge, self.folder, self.bare, self.origin = forge, folder, bare, origin
        self.jobs = 0
        (folder / "bin").mkdir()
        (folder / "bin/pappus").write_text(f'#!/bin/sh\nexec {sys.executable} -c "{COMMAND}" "$@"\n')
        (folder / "bin/pappus").chmod(0o755)

    def work(self):
        """Do the job once; returns whether it went well, and all that it said."""
        self.jobs += 1
        clone = self.folder / f"job{self.jobs}"
        run("git", "clone", "--quiet", "--depth=1", self.origin, str(clone))
        if self.forge == "gitlab":
            run("git", "checkout", "--quiet", "--detach", cwd=clone)
        settings, steps = job(clone, self.forge)
        variables = {
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            "HOME": str(self.folder),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
            "CI_PROJECT_URL": self.origin.removesuffix(".git"),
            "CI_COMMIT_BRANCH": "main",
            "CI_JOB_TOKEN": JOB_TOKEN,
            **settings,
        }
        said, well = "", True
        for _, program, condition in steps:
            if well or "!cancelled()" in condition:
                done = subprocess.run(
                    ["bash", "-eo", "pipefail", "-c", program],
                    cwd=clone, env=variables, capture_output=True, text=True, check=False, timeout=60,
                )  # fmt: skip
                said += done.stdout + done.stderr
                well = well and done.returncode == 0
        return well, said

    def head(self):
        return run("git", "--git-dir", str(self.bare), "rev-parse", "main").decode().strip()

    def history(self):
        return int(run("git", "--git-dir", str(self.bare), "rev-list", "--count", "main"))


@pytest.fixture
def now():
    return config.utc_now()


@pytest.mark.slow
@pytest.mark.parametrize("forge", FORGES)
def test_a_workflow_keeps_a_fork_alive(forge, tmp_path, now):
    upstream = Upstream.begun(tmp_path, now - timedelta(days=4))
    upstream.publish(EDITION, now)
    bare, clone = fork_of(upstream, tmp_path)
    run("git", "--git-dir", str(bare), "config", "http.receivepack", "true")
    with served(tmp_path, open_to_all=True) as server:
        origin = f"{server.url}/fork.git" if forge == "gitlab" else bare.as_uri()
        url = f"{server.url}/upstream.git" if forge == "github" else upstream.url
        root = digest(upstream.root.read_bytes()) if forge == "github" else ""
        said = ("--home", "https://other.example/", *(("--root", root) if root else ()))
        assert write(clone, forge, url, *said).exit_code == 0
        run("git", "add", "--all", cwd=clone)
        run("git", "-c", "user.name=x", "-c", "user.email=x@x.example", "commit", "--quiet", "--message=w", cwd=clone)
        run("git", "push", "--quiet", bare.as_uri(), "HEAD:main", cwd=clone)
        runner = Runner(forge, tmp_path, bare, origin)

        begun = runner.history()
        well, said = runner.work()
        assert well, said
        assert "release 1:" in said
        binding = load(in_branch(bare)["mirror.json"])
        assert (binding.address, binding.home) == (FORK, "https://other.example/")
        assert runner.history() == begun + 1

        before = runner.head()
        well, said = runner.work()
        assert (well, runner.head()) == (True, before), said
        assert "release 1: nothing new" in said

        upstream.publish(LATER, now, reroot=True)
        well, said = runner.work()
        assert well, said
        assert (runner.history(), in_branch(bare)[SEAL]) == (begun + 2, b"seal")

        upstream.publish(EDITION, now - timedelta(days=2))  # whose timestamp has run out since
        well, said = runner.work()
        assert (well, "is stale: its signatures are no longer valid" in said) == (False, True), said
        assert runner.history() == begun + 3  # it is taken over, and pushed

        before = runner.head()
        (upstream.tree / "README.md").write_text("altered `$(x)` <b>")
        upstream.push()
        well, said = runner.work()
        assert (well, "README.md (altered" in said) == (False, True), said
        assert runner.head() == before
        if forge == "gitlab":
            wanted = "Basic " + base64.b64encode(f"gitlab-ci-token:{JOB_TOKEN}".encode()).decode()
            assert {seen[2] for seen in server.seen if "receive-pack" in seen[1]} == {wanted}
    assert JOB_TOKEN not in said
    lines = (tmp_path / "summary").read_text().splitlines()
    assert len(lines) == 5
    assert all(line.startswith("`") and line.endswith("`") and line.count("`") == 2 for line in lines)


@pytest.mark.parametrize("forge", ["github", "forgejo"])
def test_a_workflow_has_no_more_rights_than_it_needs_and_pins_what_it_uses(forge, tmp_path):
    write(tmp_path, forge, "https://forge.example/you/news.git")
    read = workflow(tmp_path, forge)
    assert read.get("permissions") == ({"contents": "write"} if forge == "github" else None)
    assert "permissions" not in read["jobs"]["follow"]
    uses = [step["uses"] for step in read["jobs"]["follow"]["steps"] if "uses" in step]
    assert len(uses) == 2
    assert all(re.fullmatch(r"(https://code\.forgejo\.org/)?actions/[a-z-]+@[0-9a-f]{40}", one) for one in uses)
    (when,) = read[True]["schedule"]  # YAML 1.1 takes "on" for a truth
    assert re.fullmatch(r"[1-9][0-9]? \* \* \* \*", when["cron"])
    assert "secrets." not in (tmp_path / FORGES[forge]).read_text()


def test_forks_do_not_all_ask_in_the_same_minute(tmp_path):
    minutes = set()
    for number in range(30):
        told = CliRunner().invoke(
            cli, ["follow", str(tmp_path),
             "--workflow", "github", "--upstream", "u", "--address", f"https://{number}.example/", "--dry-run"]
        )  # fmt: skip
        minutes.add(int(re.search(r'cron: "(\d+) ', told.output)[1]))
    assert len(minutes) > 10
    assert minutes <= set(range(2, 59))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("forge", FORGES)
def test_what_is_said_is_a_value_and_never_a_program(forge, tmp_path):
    hostile = "https://forge.example/`touch x`;\"'&| #{x}: y"
    write(tmp_path, forge, hostile, "--branch", "a b", "--root", "0" * 64)
    settings, steps = job(tmp_path, forge)
    assert (settings["UPSTREAM"], settings["BRANCH"], settings["ROOT"]) == (hostile, "a b", "0" * 64)
    assert (settings["ADDRESS"], settings["HOMEPAGE"]) == (FORK, "")
    assert "touch" not in "".join(program for _, program, _ in steps)
    assert "@" not in re.sub(r"actions/\S+", "", (tmp_path / FORGES[forge]).read_text())


@pytest.mark.parametrize("value", ["https://x.example/${{ github.token }}", "a\nb", "$HOME"])
def test_what_a_forge_would_expand_is_refused(tmp_path, value):
    done = write(tmp_path, "github", value)
    assert (done.exit_code, "cannot stand in a workflow file" in done.output) == (2, True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("root", "said"), [("1.root.json", "holds a fingerprint"), ("nowhere.json", "neither a file that can be read nor")]
)
def test_a_workflow_names_a_root_by_its_fingerprint_alone(tmp_path, monkeypatch, root, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "1.root.json").write_bytes(b"root")
    done = write(tmp_path, "gitlab", "u", "--root", root)
    assert (done.exit_code, said in done.output) == (2, True)
    assert not (tmp_path / FORGES["gitlab"]).exists()


def test_a_workflow_that_is_there_is_not_overwritten(tmp_path):
    assert write(tmp_path, "github", "u").exit_code == 0
    assert write(tmp_path, "github", "u").exit_code == 0
    done = write(tmp_path, "github", "v")
    assert "is there already, with another content" in str(done.exception)
    assert job(tmp_path, "github")[0]["UPSTREAM"] == "u"
