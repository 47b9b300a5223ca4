"""``pappus extract``: a file, what comes in, or an address, in every form."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

SENTENCES = "The lifeboat left the slip at four and came back with everyone on board. Nobody was hurt, and the tea was still warm. "
PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title} | Harbour Gazette</title>
<meta property="og:site_name" content="Harbour Gazette"><meta property="article:published_time" content="2026-03-01T10:00:00Z">
</head><body><nav><a href="/">Home</a></nav><article><h1>{title}</h1><p>{first}</p><p>{text}</p><p><a href="../tide">Tides</a> {text}</p>
</article>{after}<footer>Imprint</footer></body></html>"""


def page(title="A lifeboat comes home", first="One.", after=""):
    return PAGE.format(title=title, first=first + " " + SENTENCES, text=SENTENCES * 2, after=after)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "page.html"
    path.write_text(page(), encoding="utf-8")
    return path


@pytest.fixture
def site():
    pages = {
        "/story": page(after='<nav><a rel="next" href="/story?page=2">2</a></nav>'),
        "/story?page=2": page(first="Two."),
    }

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            found = pages.get(self.path)
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write((found or "").encode())

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_file_is_printed_as_markdown(pappus, file):
    code, out, _ = pappus("extract", file, "--url", "https://gazette.example/news/boat")
    assert code == 0
    assert out.startswith("# A lifeboat comes home\n\nOne. The lifeboat left")
    assert "[Tides](https://gazette.example/tide)" in out
    assert "Imprint" not in out


def test_text_has_a_paragraph_a_line(pappus, file):
    _, out, _ = pappus("extract", file, "--format", "text")
    assert out.splitlines()[::2] == ["A lifeboat comes home", *(line for line in out.splitlines()[2::2])]
    assert "<" not in out


def test_html_is_one_article(pappus, file):
    _, out, _ = pappus("extract", file, "--format", "html")
    assert out.startswith('<article lang="en" dir="ltr"><h1>A lifeboat comes home</h1><p>One.')


def test_json_has_every_field_and_where_it_was_found(pappus, file):
    _, out, _ = pappus("extract", file, "--format", "json")
    said = json.loads(out)
    assert (said["title"], said["site"], said["published"]) == (
        "A lifeboat comes home",
        "Harbour Gazette",
        "2026-03-01T10:00:00Z",
    )
    assert said["origins"]["published"] == "meta"
    assert 0.5 < said["score"] <= 1


def test_what_comes_in_is_read(process, file):
    with process("extract", "-", "--format", "text", cwd=file.parent) as one:
        one.stdin.close() if one.stdin else None
        assert one.wait() in {0, 1}


def test_an_address_is_followed_to_its_further_pages(pappus, site):
    code, out, _ = pappus("extract", f"{site}/story", "--format", "text")
    assert code == 0
    assert "One. The lifeboat" in out
    assert "Two. The lifeboat" in out


def test_one_page_alone_may_be_asked_for(pappus, site):
    _, out, _ = pappus("extract", f"{site}/story", "--format", "text", "--one-page")
    assert "Two." not in out


def test_a_rule_of_the_host_is_used(pappus, file, tmp_path):
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "gazette.example.txt").write_text("title: //nav\nbody: //article\n")
    _, out, _ = pappus("extract", file, "--url", "https://gazette.example/a", "--rules", rules, "--format", "json")
    assert json.loads(out)["origins"]["title"]


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        pytest.param("nowhere.html", "cannot be read: No such file or directory", id="no file"),
        pytest.param("empty.html", "an empty page", id="empty"),
        pytest.param("none.html", "no article text can be found in it", id="no article"),
    ],
)
def test_what_has_no_article_is_one_line_and_exit_code_one(pappus, tmp_path, place, reason):
    (tmp_path / "empty.html").write_text(" ")
    (tmp_path / "none.html").write_text("<html><body><nav><a href=/>Home</a></nav></body></html>")
    code, out, said = pappus("extract", tmp_path / place)
    assert (code, out) == (1, "")
    assert said.count("\n") == 1
    assert reason in said


def test_what_gather_would_refuse_is_printed_with_the_reason(pappus, tmp_path):
    (tmp_path / "short.html").write_text(
        f"<title>Short</title><article><h1>Short</h1><p>{SENTENCES[:60]}</p></article>"
    )
    code, out, said = pappus("extract", tmp_path / "short.html")
    assert code == 1
    assert SENTENCES[:50] in out
    assert "gather would refuse it: its body is too short" in said


def test_what_is_no_text_is_refused(pappus, tmp_path):
    (tmp_path / "picture").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" * 40)
    code, out, said = pappus("extract", tmp_path / "picture")
    assert (code, out, said) == (1, "", f"pappus: {tmp_path / 'picture'}: not text\n")


def test_an_address_that_is_not_there_is_one_line(pappus, site):
    code, _, said = pappus("extract", f"{site}/lost")
    assert code == 1
    assert "the server answered 404" in said
