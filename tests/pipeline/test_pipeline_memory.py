"""What was published is not lost: by a store begun anew, by a site that names one address for all its pages."""

import shutil

import pytest
from msgspec.structs import replace
from pipeline_house import START, Answer, Moment, Story, load, many, marks, newsroom, pappus, run, told, toml, tree

from pappus.config import FILE
from pappus.pipeline import EditionPart
from pappus.pipeline import run as run_verbs
from pappus.store import open_store


def test_a_store_that_was_begun_anew_takes_nothing_away(paper, tmp_path):
    stories = [replace(story, images=(), links=()) for story in many(6)]
    paper.stories(stories)
    paper.feed("/feed.xml", stories)
    run(newsroom(tmp_path, toml(paper.url, {"news": "/feed.xml"})))
    before = tree(tmp_path / "mirrors" / "folder")
    shutil.rmtree(tmp_path / "state")
    paper.feed("/feed.xml", stories[:1])
    done = pappus("run", "-c", tmp_path / FILE)
    assert done.returncode == 1
    refused = [line for line in done.stdout.splitlines() if line.startswith("failed")]
    assert len(refused) == 2  # a line a mirror
    assert all("history that this store does not know" in line and "--replace" in line for line in refused)
    assert tree(tmp_path / "mirrors" / "folder") == before
    done = pappus("publish", "--replace", "-c", tmp_path / FILE)
    assert (done.returncode, done.stderr) == (0, "")
    pages = [path for path in tree(tmp_path / "mirrors" / "folder") if path.startswith("pages/")]
    assert len(pages) == 1
    assert pappus("run", "-c", tmp_path / FILE).returncode == 0


def test_one_canonical_address_for_all_pages_does_not_make_them_one_article(paper, tmp_path):
    stories = [replace(story, images=(), links=()) for story in many(3)]
    paper.feed("/feed.xml", stories)
    for story in stories:
        page = story.page().replace("<head>", f'<head><link rel="canonical" href="{paper.url}/all.html">')
        paper.put(story.path, page)
    report = run(newsroom(tmp_path, toml(paper.url, {"news": "/feed.xml"})))
    assert len(told(report, "new")) == 3
    assert told(report, "revised", "failed") == []
    assert run(load(tmp_path)).counts["revised"] == 0


def test_an_article_at_two_addresses_that_name_the_same_canonical_one_is_stored_once(paper, tmp_path):
    story = Story(slug="boat", title="A boat")
    page = story.page().replace("<head>", f'<head><link rel="canonical" href="{paper.url}/boat.html">')
    paper.put("/boat.html", page)
    paper.put("/amp/boat.html", page)
    paper.feed("/feed.xml", [story, replace(story, slug="amp/boat")])
    one = newsroom(tmp_path, toml(paper.url, {"news": "/feed.xml"}))
    report = run(one)
    assert (report.counts["new"], report.counts["same"]) == (1, 1)
    with open_store(one.state, write=False) as store:
        assert store.articles.count() == 1


def test_a_full_feed_may_carry_its_articles_as_descriptions(paper, tmp_path):
    text = "<p>" + "The boats came in at six, and the ice was weighed on the quay. " * 20 + "</p>"
    item = (
        f"<item><title>Ice</title><link>{paper.url}/ice.html</link><description><![CDATA[{text}]]></description></item>"
    )
    feed = f'<rss version="2.0"><channel><title>News</title>{item}</channel></rss>'
    paper.put("/feed.xml", feed, "application/rss+xml")
    one = newsroom(tmp_path, toml(paper.url, {"news": "/feed.xml\nfull = true"}))
    report = run(one, ["gather"])
    assert told(report, "new") == [("new", "news", "ice.html")]
    assert [path for path, _ in paper.asked()] == ["/feed.xml"]


@pytest.mark.parametrize("full", ["", "full = true"], ids=["where the page fails", "whole"])
def test_no_feed_tells_what_stands_at_the_site_of_another_source(paper, tmp_path, full):
    """Else readers would be told that one publisher has said what another one wrote."""
    other = paper.url.replace("127.0.0.1", "localhost")
    text = "<p>" + "The boats came in at six, and the ice was weighed on the quay. " * 20 + "</p>"
    content = f'<content:encoded xmlns:content="http://purl.org/rss/1.0/modules/content/"><![CDATA[{text}]]></content:encoded>'
    item = f"<item><title>Ice</title><link>{other}/ice.html</link>{content}</item>"
    feed = f'<rss version="2.0"><channel><title>News</title>{item}</channel></rss>'
    paper.put("/feed.xml", feed, "application/rss+xml")
    own = f"{full}\n[[sources]]\nname = 'other'\ntitle = 'Other'\nlicence = 'CC0'\nhomepage = '{{}}'\nlocal = true\n"
    channel = f"[[sources.channels]]\nname = 'others'\ntitle = 'Others'\nurl = '{paper.url}/none.xml'"
    paper.feed("/none.xml", [])
    paper.put("/ice.html", "<p>no article</p>")
    forged = run(
        newsroom(tmp_path / "a", toml(paper.url, {"news": f"/feed.xml\n{own.format(other)}{channel}"})), ["gather"]
    )
    assert told(forged, "new") == []
    assert ("failed", "news", "ice.html") in told(forged, "failed")
    free = run(
        newsroom(tmp_path / "b", toml(paper.url, {"news": f"/feed.xml\n{own.format(paper.url)}{channel}"})), ["gather"]
    )
    assert told(free, "new") == [("new", "news", "ice.html")]


def test_the_library_needs_no_listener(paper, tmp_path):
    paper.feed("/feed.xml", [])
    assert run_verbs(newsroom(tmp_path, toml(paper.url, {"news": "/feed.xml"}))).clean


def test_what_only_the_feed_says_survives_when_the_page_is_asked_for_again(paper, tmp_path):
    story = Story(slug="boat", title="A boat")
    paper.stories([story])
    item = story.item(paper.url).replace("</item>", "<author>Ines Calder</author></item>")
    paper.put(
        "/feed.xml", f'<rss version="2.0"><channel><title>News</title>{item}</channel></rss>', "application/rss+xml"
    )
    clock = Moment()
    one = newsroom(tmp_path, toml(paper.url, {"news": "/feed.xml"}), clock)
    run(one)
    paper.put("/boat.html", story.page().replace("<body>", "<body><!-- another build of the page -->"))
    clock.pass_by(hours=2)
    report = run(one)
    assert (report.counts["same"], report.counts["revised"]) == (1, 0)
    with open_store(one.state, write=False) as store:
        assert store.articles.get(1).authors == ("Ines Calder",)


def test_an_article_taken_from_its_feed_is_not_asked_for_again(paper, tmp_path):
    text = "<p>" + "The boats came in at six, and the ice was weighed on the quay. " * 6 + "</p>"
    content = f'<content:encoded xmlns:content="http://purl.org/rss/1.0/modules/content/"><![CDATA[{text}]]></content:encoded>'
    item = f"<item><title>Ice</title><link>{paper.url}/ice.html</link>{content}</item>"
    paper.put(
        "/feed.xml", f'<rss version="2.0"><channel><title>News</title>{item}</channel></rss>', "application/rss+xml"
    )
    paper.put("/ice.html", "<html><body><p>Please log in.</p></body></html>")
    clock = Moment()
    one = newsroom(tmp_path, toml(paper.url, {"news": "/feed.xml"}), clock)
    report = run(one)
    assert told(report, "new", "warned", "failed") == [("new", "news", "ice.html"), ("warned", "news", "ice.html")]
    paper.asked()
    clock.pass_by(hours=2)
    assert run(one).clean
    assert [path for path, _ in paper.asked()] == ["/feed.xml"]


def test_articles_that_redirect_to_one_wall_are_not_taken_for_one_article(paper, tmp_path):
    wall = Story(slug="wall", title="Read on with a subscription")
    stories = [Story(slug="one", title="One"), Story(slug="two", title="Two")]
    paper.stories([wall])
    for story in stories:
        paper.answers[story.path] = Answer(body=b"", status=302, headers={"Location": "/wall.html"})
    paper.feed("/feed.xml", stories)
    report = run(newsroom(tmp_path, toml(paper.url, {"news": "/feed.xml"})))
    (failed,) = [event for event in report.events if event.kind == "failed"]
    assert failed.subject.endswith("/two.html")
    assert "has the text of another article" in failed.reason


def test_an_update_that_could_not_be_had_is_asked_for_again(paper, tmp_path):
    story = Story(slug="boat", title="A boat")
    paper.stories([story])
    paper.feed("/feed.xml", [story])
    clock = Moment()
    one = newsroom(tmp_path, toml(paper.url, {"news": "/feed.xml"}), clock)
    run(one)
    corrected = replace(story, more="It was eleven boats.", updated=START)
    paper.feed("/feed.xml", [corrected])
    paper.put("/boat.html", "gone fishing", status=404)
    assert told(run(one), "failed") == [("failed", "news", "boat.html")]
    paper.stories([corrected])
    clock.pass_by(minutes=15)
    assert told(run(one), "revised") == [("revised", "news", "boat.html")]


def test_a_run_that_a_bug_ends_leaves_its_report(paper, tmp_path):
    story = Story(slug="boat", title="A boat")
    paper.stories([story])
    paper.feed("/feed.xml", [story])
    one = newsroom(tmp_path, toml(paper.url, {"news": "/feed.xml"}))

    class Broken:
        chrome = frame = "x"
        varies = searchable = False

        def pages(self, article, held, *beside):
            raise ZeroDivisionError

        def indexes(self, touched, archive):
            return iter(())

    broken = replace(one, editions=(EditionPart(name="markdown", renderer=Broken()),))
    with pytest.raises(ZeroDivisionError):
        run(broken)
    with open_store(one.state, write=False) as store:
        (kept,) = store.runs.newest(1)
    assert kept.ended is not None
    assert [event.kind for event in kept.events] == ["new"]


def test_an_article_whose_address_leads_elsewhere_is_not_overwritten(paper, tmp_path):
    stories = [Story(slug="boat", title="A boat"), Story(slug="net", title="A net")]
    paper.stories([*stories, Story(slug="login", title="Please accept cookies")])
    paper.put("/", Story(slug="home", title="Front page").page())
    paper.feed("/feed.xml", stories)
    clock = Moment()
    one = newsroom(tmp_path, toml(paper.url, {"news": "/feed.xml"}), clock)
    run(one)
    before = tree(tmp_path / "mirrors" / "folder")
    paper.answers["/boat.html"] = Answer(body=b"", status=302, headers={"Location": "/login.html"})
    paper.answers["/net.html"] = Answer(body=b"", status=302, headers={"Location": "/"})
    clock.pass_by(hours=2)
    report = run(one)
    assert [event.reason.split(",")[0] for event in report.events if event.kind == "failed"] == [
        f"{paper.url}/login.html: its address leads to another page now",
        "its address leads to the home page",
    ]
    assert tree(tmp_path / "mirrors" / "folder") == before


def test_an_article_that_its_publisher_puts_back_stands_again(paper, tmp_path):
    story = Story(slug="boat", title="A boat")
    paper.stories([story])
    paper.feed("/feed.xml", [story])
    clock = Moment()
    one = newsroom(tmp_path, toml(paper.url, {"news": "/feed.xml"}), clock)
    run(one)
    paper.put("/boat.html", "gone", status=410)
    clock.pass_by(hours=2)
    assert told(run(one), "withdrawn") == [("withdrawn", "news", "boat.html")]
    page = next(path for path in tree(tmp_path / "mirrors" / "folder") if path.startswith("pages/"))
    assert b"A boat" not in tree(tmp_path / "mirrors" / "folder")[page]
    clock.pass_by(hours=3)
    assert run(one).clean
    paper.stories([story])
    clock.pass_by(hours=12)
    run(one)
    assert b"The boat was seen" in tree(tmp_path / "mirrors" / "folder")[page]


def test_a_changed_rule_reaches_articles_that_are_still_looked_at(paper, tmp_path):
    story = Story(slug="boat", title="A boat", more="<b class='junk'>Three more boats came in behind it.</b>")
    paper.stories([story])
    paper.feed("/feed.xml", [story])
    clock = Moment()
    run(newsroom(tmp_path, toml(paper.url, {"news": "/feed.xml"}), clock))
    ruled = newsroom(tmp_path, toml(paper.url, {"news": "/feed.xml"}, source='rules = { strip = [".junk"] }'), clock)
    clock.pass_by(hours=2)
    assert told(run(ruled), "revised") == [("revised", "news", "boat.html")]


def test_an_article_is_looked_at_again_where_it_was_found(paper, tmp_path):
    story = Story(slug="boat", title="A boat")
    page = story.page().replace("<head>", f'<head><link rel="canonical" href="{paper.url}/staging/boat.html">')
    paper.put("/boat.html", page)
    paper.feed("/feed.xml", [story])
    clock = Moment()
    one = newsroom(tmp_path, toml(paper.url, {"news": "/feed.xml"}), clock)
    run(one)
    paper.asked()
    clock.pass_by(hours=2)
    assert run(one).clean
    assert paper.asked() == [("/feed.xml", 304), ("/boat.html", 304)]


def test_pages_of_a_source_that_was_taken_out_still_say_their_permission(paper, tmp_path):
    story = Story(slug="boat", title="A boat")
    paper.stories([story])
    paper.feed("/feed.xml", [story])
    run(newsroom(tmp_path, toml(paper.url, {"news": "/feed.xml"})))
    other = toml(paper.url, {"other": "/feed.xml"}).replace('name = "paper"', 'name = "gazette"')
    run(newsroom(tmp_path, other.replace('title = "The Paper"', 'title = "Gazette"')))
    pages = tree(tmp_path / "mirrors" / "folder")
    (page,) = [text for path, text in pages.items() if path.startswith("pages/paper/")]
    assert b"Source: The Paper" in page
    assert b"CC0" in page


def test_a_damaged_mirror_is_mended_on_demand(paper, tmp_path):
    story = Story(slug="boat", title="A boat")
    paper.stories([story])
    paper.feed("/feed.xml", [story])
    run(newsroom(tmp_path, toml(paper.url, {"news": "/feed.xml"})))
    before = tree(tmp_path / "mirrors" / "folder")
    (tmp_path / "mirrors" / "folder" / "README.md").unlink()
    assert pappus("publish", "--replace", "-c", tmp_path / FILE).returncode == 0
    assert tree(tmp_path / "mirrors" / "folder") == before


def test_a_file_that_changed_once_is_not_written_again_with_the_next_change(paper, tmp_path):
    stories = [replace(story, images=(), links=()) for story in many(3)]
    paper.stories(stories)
    paper.feed("/feed.xml", stories)
    clock = Moment()
    one = newsroom(tmp_path, toml(paper.url, {"news": "/feed.xml"}), clock)
    run(one)
    seen = []
    for number in range(3):
        stories[number] = replace(stories[number], more="It was eleven boats.", updated=START)
        paper.stories(stories)
        paper.feed("/feed.xml", stories)
        before = marks(tmp_path / "mirrors" / "folder")
        run(one)
        after = marks(tmp_path / "mirrors" / "folder")
        pages = [path for path in after if path.startswith("pages/") and path.endswith(".md")]
        seen.append([path for path in pages if before.get(path) != after[path]])
    assert [len(paths) for paths in seen] == [1, 1, 1]
