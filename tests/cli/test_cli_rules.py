"""Rules are tried on the pages that they name: on a site of this machine, and in an archive."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

STORY = "<h1>Breakwater</h1><div class=story><p>The new breakwater had held through the night of the storm.</p></div>"
MORE = '<p>Read all of it</p><a class=all href="/whole">here</a>'


@pytest.fixture
def site():
    """Pages of a site on this machine, by path; what is not there is not found."""
    pages = {"/story": STORY}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            body = pages.get(self.path)
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write((body or "").encode())

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", pages
        server.shutdown()


@pytest.fixture
def newsroom(site, tmp_path, monkeypatch):
    """Write a pappus.toml whose source has these rules; the present folder."""

    def write(rules="", gather=""):
        text = f"""
[site]
title = "News"
[gather]
delay = 0.0
{gather}
[[sources]]
name = "gazette"
title = "Gazette"
licence = "by permission"
homepage = "{site[0]}/"
local = true
respect_robots = false
{rules}
[[sources.channels]]
name = "news"
title = "News"
url = "{site[0]}/feed"
"""
        (tmp_path / "pappus.toml").write_text(text, encoding="utf-8")
        return tmp_path

    monkeypatch.chdir(tmp_path)
    return write


RULES = """[sources.rules]
body = "{body}"
title = "h1"
[[sources.rules.trials]]
url = "{site}{path}"
contains = ["{text}"]
"""


def test_rules_that_match_are_ok(pappus, newsroom, site):
    newsroom(RULES.format(body=".story", site=site[0], path="/story", text="breakwater had held"))
    assert pappus("rules", "test") == (0, "ok        gazette: 1 page\n", "")


@pytest.mark.parametrize(
    ("body", "path", "text", "told"),
    [
        pytest.param(".gone", "/story", "x", "stale     gazette: body selects nothing at {site}/story\n", id="layout"),
        pytest.param(
            ".story", "/story", "a tunnel", "stale     gazette: the text lacks 'a tunnel' at {site}/story\n", id="text"
        ),
        pytest.param(".story", "/lost", "x", "failed    gazette: {site}/lost – the server answered 404\n", id="page"),
    ],
)
def test_rules_that_match_no_longer_fail(pappus, newsroom, site, body, path, text, told):
    newsroom(RULES.format(body=body, site=site[0], path=path, text=text))
    assert pappus("rules", "test") == (1, told.format(site=site[0]), "")


def test_a_title_may_be_missing_on_some_pages_but_not_on_all(pappus, newsroom, site):
    site[1]["/other"] = STORY.replace("h1", "h2")
    both = RULES + '[[sources.rules.trials]]\nurl = "{site}/other"\n'
    newsroom(both.format(body=".story", site=site[0], path="/story", text="held"))
    assert pappus("rules", "test")[0] == 0
    site[1]["/story"] = site[1]["/other"]
    code, out, _ = pappus("rules", "test")
    assert (code, out) == (1, f"stale     gazette: title selects nothing at {site[0]}/story and others\n")


def test_files_are_tried_and_lines_that_are_passed_over_are_told(pappus, newsroom, site, tmp_path):
    newsroom()
    site[1].update({"/short": MORE, "/whole": STORY})
    file = tmp_path / "gazette.example.txt"
    file.write_text(
        "body: //div[@class='story']\nbdoy: //p\nhttp_header(cookie): a\nsingle_page_link: //a[@class='all']\n"
        f"test_url: {site[0]}/short\ntest_contains: had held\n",
        encoding="utf-8",
    )
    code, out, _ = pappus("rules", "test", file)
    assert code == 0
    assert out == "remark    gazette.example.txt, line 2: 'bdoy' is not known\nok        gazette.example.txt: 1 page\n"


def test_a_single_page_that_cannot_be_had_leaves_the_page_that_leads_to_it(pappus, newsroom, site, tmp_path):
    newsroom()
    site[1]["/short"] = MORE
    file = tmp_path / "gazette.example.txt"
    file.write_text(f"body: //p/..\nsingle_page_link: //a[@class='all']\ntest_url: {site[0]}/short\n", encoding="utf-8")
    assert (
        pappus("rules", "test", file)[1] == f"stale     gazette.example.txt: body selects nothing at {site[0]}/short\n"
    )
    site[1]["/short"] = STORY + MORE
    assert pappus("rules", "test", file)[0] == 0


def test_the_folder_is_looked_up_for_the_hosts_of_sources_and_json_tells_everything(pappus, newsroom, tmp_path):
    newsroom(gather='rules = "site-rules"')
    folder = tmp_path / "site-rules"
    folder.mkdir()
    (folder / "127.0.0.1.txt").write_text("body: //div\nstrip: //aside\nprune: no\n", encoding="utf-8")
    (folder / "other.example.txt").write_text("body: //p\ntest_url: https://other.example/\n", encoding="utf-8")
    code, out, _ = pappus("rules", "test", "--json")
    assert code == 0
    assert json.loads(out) == {
        "ok": True,
        "rules": [{"name": "127.0.0.1.txt", "ok": True, "stale": [], "pages": [], "idle": [], "remarks": []}],
    }


def test_json_tells_what_selects_nothing(pappus, newsroom, site, tmp_path):
    newsroom()
    file = tmp_path / "x.txt"
    file.write_text(
        f"body: //main\nbody: //div\nauthor: //i\ntest_url: {site[0]}/story\ntest_url: nowhere\n", encoding="utf-8"
    )
    code, out, _ = pappus("rules", "test", "--json", file)
    (told,) = json.loads(out)["rules"]
    assert code == 1
    assert told["idle"] == ["//i", "//main"]
    assert told["stale"] == [f"author selects nothing at {site[0]}/story"]
    assert [page["error"] for page in told["pages"]] == [None, "is not an http or https address"]
    assert told["pages"][0]["missing"] == ["author"]


def test_pages_are_taken_from_an_archive(pappus, newsroom, tmp_path):
    newsroom()
    payload = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + STORY.encode()
    head = (
        "WARC/1.1\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:1>\r\nWARC-Date: 2026-01-01T00:00:00Z\r\n"
        "WARC-Target-URI: https://gazette.example/1\r\nContent-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {len(payload)}\r\n\r\n"
    )
    (tmp_path / "pages.warc").write_bytes(head.encode() + payload + b"\r\n\r\n")
    file = tmp_path / "gazette.example.txt"
    file.write_text(
        "body: //div\ntest_url: https://gazette.example/1\ntest_url: https://gazette.example/2\n", encoding="utf-8"
    )
    code, out, _ = pappus("rules", "test", "--pages", tmp_path / "pages.warc", file)
    assert (code, out) == (1, "failed    gazette.example.txt: https://gazette.example/2 – is not in the archive\n")


def test_without_rules_there_is_nothing_to_try(pappus, newsroom):
    newsroom()
    code, out, _ = pappus("rules", "test")
    assert code == 0
    assert out.startswith("there are no rules")


def test_a_folder_that_is_not_there_is_a_mistake_in_the_configuration(pappus, newsroom):
    newsroom(gather='rules = "nowhere"')
    code, _, err = pappus("rules", "test")
    assert code == 2
    assert "nowhere: cannot be read: No such file or directory (gather.rules names" in err
