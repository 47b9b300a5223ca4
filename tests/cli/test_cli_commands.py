"""The command line: what it prints, what it changes, how it ends."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess

import click
import pytest

from pappus.cli.output import line, safe
from pappus.store import Event, open_store


def break_feed(newsroom):
    (newsroom / "welcome.xml").write_text("this is no feed", encoding="utf-8")


def add_story(newsroom, title="A new story"):
    path = newsroom / "welcome.xml"
    entry = (
        f"<entry><title>{title}</title><id>https://welcome.example/new</id><link href='https://welcome.example/new'/>"
        "<published>2026-11-21T08:00:00Z</published><content type='html'>"
        + "&lt;p&gt;The ferry runs again, the harbour office says, and all are glad of it.&lt;/p&gt;" * 6
        + "</content></entry></feed>"
    )
    path.write_text(path.read_text(encoding="utf-8").replace("</feed>", entry), encoding="utf-8")


# init


def test_what_init_writes_runs_as_it_is(first_run):
    folder, out = first_run
    assert out.count("\nnew ") + out.startswith("new ") == 2
    assert out.count("published ") == 2
    assert (folder / "mirrors/folder/README.md").exists()
    assert (folder / "mirrors/forge.git/HEAD").exists()


@pytest.mark.parametrize("name", ["pappus.toml", "welcome.xml"])
def test_init_overwrites_nothing(pappus, tmp_path, photograph, name):
    (tmp_path / name).write_text("mine")
    before = photograph(tmp_path)
    code, _, err = pappus("init", tmp_path)
    assert code == 2
    assert "nothing was changed" in err
    assert photograph(tmp_path) == before


def test_init_makes_the_folder_and_says_what_to_do_next(pappus, tmp_path):
    folder = tmp_path / "my news"
    code, out, _ = pappus("init", folder)
    assert code == 0
    assert f"cd '{folder}' && pappus run" in out


def test_init_where_nothing_can_be_written_says_so_in_one_line(pappus, tmp_path):
    (tmp_path / "file").write_text("")
    code, _, err = pappus("init", tmp_path / "file" / "newsroom")
    assert code == 2
    assert len(err.splitlines()) == 1


# Exit codes


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["publisch"], id="unknown-command"),
        pytest.param(["run", "--evry", "10m"], id="unknown-option"),
        pytest.param(["run", "--every", "soon"], id="no-interval"),
        pytest.param(["run", "--every", "5s"], id="too-often"),
        pytest.param(["run", "--every", "10m", "--dry-run"], id="options-that-fight"),
        pytest.param(["status", "--runs", "0"], id="out-of-range"),
        pytest.param(["rebind", "."], id="missing-option"),
        pytest.param(["rebind", ".", "--address", "javascript:alert(1)"], id="bad-address"),
        pytest.param(["rebind", ".", "--address", "https://x.example/", "--home", "mailto:a@b.example"], id="bad-home"),
        pytest.param(["rebind", "nowhere", "--address", "https://x.example/"], id="missing-folder"),
        pytest.param([], id="nothing"),
    ],
)
def test_wrong_usage_ends_with_two(pappus, newsroom, photograph, arguments):
    before = photograph(newsroom)
    code, _, err = pappus(*arguments)
    assert code == 2
    assert err
    assert "Traceback" not in err
    assert photograph(newsroom) == before


@pytest.mark.parametrize("command", ["gather", "build", "publish", "run", "status"])
def test_a_mistake_in_the_configuration_ends_with_two_and_one_line(pappus, newsroom, command):
    text = (newsroom / "pappus.toml").read_text(encoding="utf-8")
    (newsroom / "pappus.toml").write_text(text.replace("licence =", "license ="), encoding="utf-8")
    code, out, err = pappus(command)
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert "sources[1].license: 'license' is not a known key (did you mean 'licence'?)" in err


def test_a_missing_configuration_ends_with_two(pappus, tmp_path):
    code, _, err = pappus("run", "--config", tmp_path / "none.toml")
    assert code == 2
    assert "'pappus init' writes one" in err


def test_a_failed_channel_ends_with_one_and_the_rest_is_done(pappus, newsroom):
    break_feed(newsroom)
    code, out, err = pappus("run")
    assert (code, err) == (1, "")
    assert any(text.startswith("failed    welcome:") for text in out.splitlines())


def test_a_failed_mirror_ends_with_one_and_the_other_is_published(pappus, newsroom):
    shutil.rmtree(newsroom / "mirrors/folder")
    (newsroom / "mirrors/folder").mkdir()
    (newsroom / "mirrors/folder/thesis.txt").write_text("mine")
    add_story(newsroom)
    code, out, _ = pappus("run")
    assert code == 1
    assert "failed    folder: https://news.example/" in out
    assert "published forge:" in out


def test_a_store_in_use_ends_with_one_and_one_line(pappus, newsroom):
    with open_store(newsroom / "state"):
        code, out, err = pappus("gather")
    assert (code, out) == (1, "")
    assert err.splitlines() == [err.strip()]
    assert f"another pappus (process {os.getpid()}) is writing" in err


def test_status_before_the_first_run_says_what_to_do(pappus, newsroom):
    shutil.rmtree(newsroom / "state")
    code, _, err = pappus("status")
    assert code == 1
    assert "pappus gather" in err


def test_all_done_ends_with_nought_and_nothing_on_the_error_stream(pappus, newsroom):
    for command in ("gather", "build", "publish", "run"):
        code, out, err = pappus(command)
        assert (code, err) == (0, "")
        assert out.startswith(f"{command}: ")


def test_a_second_run_changes_no_mirror(pappus, newsroom, photograph):
    before = photograph(newsroom / "mirrors")
    assert pappus("run")[0] == 0
    assert photograph(newsroom / "mirrors") == before


# JSON


@pytest.mark.parametrize(
    "arguments", [["run"], ["gather"], ["build", "--full"], ["publish"], ["run", "--dry-run"]], ids=" ".join
)
def test_json_is_json_and_nothing_else(pappus, newsroom, arguments):
    add_story(newsroom, "Новость «新闻»")
    code, out, err = pappus(*arguments, "--json")
    told = json.loads(out)
    assert (code, err) == (0, "")
    assert (told["verb"], told["ok"]) == (arguments[0], True)
    assert out.isascii()
    if arguments[0] in {"run", "gather"}:
        assert [event["subject"] for event in told["events"] if event["kind"] == "new"] == [
            "https://welcome.example/new"
        ]


def test_a_failure_is_told_in_json_too(pappus, newsroom):
    break_feed(newsroom)
    code, out, _ = pappus("run", "--json")
    told = json.loads(out)
    assert (code, told["ok"]) == (1, False)
    assert [event["place"] for event in told["events"] if event["kind"] == "failed"] == ["welcome"]


def test_a_dry_run_in_json_names_every_file_of_its_plans(pappus, newsroom):
    add_story(newsroom)
    told = json.loads(pappus("run", "--dry-run", "--json")[1])
    plans = {plan["mirror"]: plan for plan in told["plans"]}
    assert set(plans) == {"forge", "folder"}
    for plan in plans.values():
        paths = [put["path"] for put in plan["puts"]]
        assert any(path.startswith("pages/welcome/2026/11/21/") for path in paths)
        assert paths[-1] == "mirror.json"
        assert plan["bytes"] == sum(put["size"] for put in plan["puts"])


# Dry runs


@pytest.mark.parametrize("command", ["gather", "build", "publish", "run"])
@pytest.mark.parametrize("began", [pytest.param(True, id="later"), pytest.param(False, id="at-first")])
def test_a_dry_run_changes_nothing(pappus, newsroom, photograph, command, began):
    add_story(newsroom)
    if not began:
        shutil.rmtree(newsroom / "state")
        shutil.rmtree(newsroom / "mirrors")
    before = photograph(newsroom)
    code, out, _ = pappus(command, "--dry-run")
    assert "dry run: nothing was changed" in out
    assert code == (0 if began or command != "publish" else 1)  # at first there is nothing to publish
    assert photograph(newsroom) == before


def test_a_dry_run_tells_what_would_be_put(pappus, newsroom):
    add_story(newsroom)
    out = pappus("run", "--dry-run")[1]
    assert "put       folder: pages/welcome/2026/11/21/" in out
    assert "plan      forge: " in out


# run --every


def test_every_so_often_until_it_is_asked_to_stop(newsroom, process):
    with process("run", "--every", "1h", cwd=newsroom) as running:
        first = running.stdout.readline()  # the run is over
        running.send_signal(signal.SIGTERM)
        rest, err = running.communicate()
    assert (running.returncode, err) == (0, "")
    assert first.startswith("run: ")
    assert rest == ""


def test_a_run_that_has_begun_is_finished_first(newsroom, process):
    add_story(newsroom)
    with process("run", "--every", "1h", cwd=newsroom) as running:
        line = running.stdout.readline()  # in the middle of gathering
        running.send_signal(signal.SIGINT)
        rest, err = running.communicate()
    assert (running.returncode, err) == (0, "")
    assert line.startswith("new ")
    assert "published folder" in rest
    assert rest.splitlines()[-1].startswith("run: ")


def test_a_mistake_at_the_beginning_ends_it(newsroom, process):
    (newsroom / "pappus.toml").write_text("", encoding="utf-8")
    with process("run", "--every", "1h", cwd=newsroom) as running:
        _, err = running.communicate()
    assert running.returncode == 2
    assert len(err.splitlines()) == 1


# status


def test_status_shows_runs_mirrors_and_why_things_failed(pappus, newsroom):
    break_feed(newsroom)
    pappus("run")
    code, out, err = pappus("status")
    assert (code, err) == (0, "")
    assert out.startswith("My mirror: 2 articles; leads: 2 stored")
    assert "https://forge.example/you/news" in out.replace("\n", "")
    assert any(text.startswith("failed    welcome:") for text in out.splitlines())


def test_status_tells_whether_the_newsroom_is_signed_and_which_release_is_the_newest(pappus, newsroom):
    assert "\nnot signed: " in pappus("status")[1]
    assert json.loads(pappus("status", "--json")[1])["signed"] is False
    with (newsroom / "pappus.toml").open("a", encoding="utf-8") as file:
        file.write('\n[signing]\nkeys = "keys"\n')
    assert "\nsigned: markdown not yet\n" in pappus("status")[1]
    assert pappus("keys", "init", "--offline", "away")[0] == 0
    assert pappus("run")[0] == 0
    assert "\nsigned: markdown release 1\n" in pappus("status")[1]
    assert json.loads(pappus("status", "--json")[1])["signed"] is True


def test_status_in_json_has_the_same(pappus, newsroom):
    told = json.loads(pappus("status", "--json", "--runs", "1")[1])
    assert told["articles"] == 2
    assert [mirror["name"] for mirror in told["mirrors"]] == ["folder", "forge"]
    assert [channel["name"] for channel in told["channels"]] == ["welcome"]
    assert told["runs"][0]["counts"]["new"] == 2


def test_status_shows_every_event_when_asked(pappus, newsroom):
    assert "first-steps" not in pappus("status")[1]
    assert "first-steps" in pappus("status", "--events")[1]


def test_status_changes_nothing(pappus, newsroom, photograph):
    before = photograph(newsroom)
    pappus("status")
    assert photograph(newsroom) == before


# rebind


def test_a_fork_is_rebound_with_one_command(pappus, newsroom):
    subprocess.run(["git", "clone", "--quiet", "mirrors/forge.git", "fork"], check=True, capture_output=True)
    code, out, err = pappus("rebind", "fork", "--address", "https://other.example/me")
    assert (code, err) == (0, "")
    assert "4 of 4 files of the binding remade for https://other.example/me/" in out
    assert "next: git push" in out
    told = json.loads(pappus("rebind", "fork", "--address", "https://other.example/me", "--json")[1])
    assert told == {"written": 0, "bound": 4, "commit": "", "dry_run": False}


def test_a_dry_rebind_changes_nothing(pappus, newsroom, photograph):
    before = photograph(newsroom)
    code, out, _ = pappus("rebind", "mirrors/folder", "--address", "https://other.example/", "--dry-run")
    assert code == 0
    assert "would be remade" in out
    assert photograph(newsroom) == before


def test_what_is_no_copy_cannot_be_rebound(pappus, newsroom):
    code, _, err = pappus("rebind", "state", "--address", "https://other.example/")
    assert code == 1
    assert len(err.splitlines()) == 1


# What is printed


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("\x1b[2Jgone", "?[2Jgone", id="escape"),
        pytest.param("\x9b2J", "?2J", id="c1"),
        pytest.param("a\rb\nc\x07", "a?b?c?", id="controls"),
        pytest.param("a\u202egpj.exe", "a?gpj.exe", id="bidi-override"),
        pytest.param("می\u200cشود", "می\u200cشود", id="persian-joiner"),
        pytest.param("新闻 और", "新闻 और", id="scripts"),
    ],
)
def test_nothing_from_outside_steers_the_terminal(text, shown):
    assert safe(text) == shown
    told = line(Event(kind="failed", place=text, subject=text, reason=text))
    assert told == f"failed    {shown}: {shown} – {shown}"


def test_errors_do_not_steer_the_terminal_either(pappus, tmp_path):
    _, _, err = pappus("run", "--config", tmp_path / "\x1b[2J.toml")
    assert "\x1b" not in err


def test_a_terminal_of_few_letters_is_no_reason_to_stop(newsroom, process):
    add_story(newsroom, "Новость 新闻")
    with process("run", cwd=newsroom, PYTHONIOENCODING="latin-1") as running:
        out, err = running.communicate()
    assert (running.returncode, err) == (0, "")
    assert "\\u041d" in out


def test_every_command_has_help(pappus, commands):
    for name in ("", *commands):
        code, out, _ = pappus(*filter(None, [name]), "--help")
        assert code == 0
        assert out.startswith("Usage: ")
        assert len(out.splitlines()) > 4
    for command in commands.values():
        assert command.help
        for option in command.params:
            assert isinstance(option, click.Argument) or option.help, (command.name, option.name)


def test_the_version_is_told(pappus):
    code, out, _ = pappus("--version")
    assert (code, out.split()[0]) == (0, "pappus,")
