"""What hosts of web pages want beside a site."""

from __future__ import annotations

import subprocess

import pytest
import yaml
from mirrors_house import binding

from pappus.errors import MirrorError
from pappus.mirrors import PROFILES, beside, load
from pappus.mirrors.paths import checked


def test_only_a_site_at_a_host_of_pages_has_files_beside_it():
    having = {host: sorted(beside(host, "site")) for host in PROFILES if beside(host, "site")}
    assert having == {
        "caddy": ["Caddyfile"],
        "cloudflare-pages": ["_headers"],
        "github-pages": [".nojekyll"],
        "gitlab-pages": [".gitlab-ci.yml"],
        "netlify": ["_headers"],
        "nginx": ["nginx.conf"],
    }
    assert not any(beside(host, "markdown") for host in PROFILES)


def test_of_hidden_names_only_those_may_be_written():
    for host in PROFILES:
        for path in beside(host, "site"):
            assert checked(path) == path
    for path in (".git/config", ".gitattributes", "pages/.nojekyll", ".nojekyll/x", ".gitlab-ci.yml.bak"):
        with pytest.raises(MirrorError):
            checked(path)


def test_a_binding_says_its_host_and_is_as_it_was_without_one():
    plain, hosted = binding(1, edition="site"), binding(1, edition="site", host="github-pages")
    assert b"host" not in plain.dump()
    assert load(plain.dump()) == plain
    assert load(hosted.dump()) == hosted
    assert hosted.beside == {".nojekyll": b""}
    assert load(hosted.dump().replace(b"github-pages", b"not-yet-known")).beside == {}


@pytest.mark.parametrize("host", ["[]", "1", "null", "{}"])
def test_a_host_that_is_no_text_is_refused(host):
    told = binding(1, edition="site", host="github-pages").dump().replace(b'"github-pages"', host.encode())
    with pytest.raises(MirrorError, match="cannot be read"):
        load(told)


def test_the_job_of_gitlab_publishes_the_whole_tree_and_nothing_hidden(tmp_path):
    job = yaml.safe_load(beside("gitlab-pages", "site")[".gitlab-ci.yml"])["pages"]
    tree = {"index.html": "home", "pages/a/x.html": "page", "-.html": "odd", "metadata/timestamp.json": "{}"}
    for path, text in {**tree, ".gitlab-ci.yml": "job", ".git/config": "secret"}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    for step in job["script"]:
        subprocess.run(["sh", "-euc", step], cwd=tmp_path, check=True)
    (shown,) = job["artifacts"]["paths"]
    found = {
        path.relative_to(tmp_path / shown).as_posix(): path.read_text()
        for path in (tmp_path / shown).rglob("*")
        if path.is_file()
    }
    assert found == tree
