# ruff: noqa: E501 - markup as publishers write it, one paragraph a line
"""Articles of our own from an invented harbour town, for golden files and looks."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from functools import cache

from pappus.model import Article, Digest, Headline, Media, Notice, Picture
from pappus.render.inputs import ChannelInfo, EditionOptions, SourceInfo
from pappus.render.site import Site


def moment(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 8, 30, tzinfo=UTC)


def medium(name: str, media_type: str = "image/webp") -> Media:
    digest = Digest(hashlib.sha256(name.encode()).hexdigest())
    return Media(digest=digest, media_type=media_type, size=12_345, width=1200, height=800)


NOTICES = (
    Notice(text="Open letter: keep the night ferry", url="https://letters.example/ferry"),
    Notice(text="Film: The tide mill", url="https://films.example/tide-mill", rotating=True),
)
OPTIONS = EditionOptions(
    title="Harbour Mirror",
    description="News of Port Avel, kept readable.",
    sources=(
        SourceInfo(
            name="gazette",
            title="Port Avel Gazette",
            homepage="https://gazette.example/",
            licence="CC BY 4.0",
            channels=(
                ChannelInfo(name="harbour", title="Harbour"),
                ChannelInfo(name="港口", title="港口新闻"),
                ChannelInfo(name="بندر", title="اخبار بندر"),
            ),
        ),
    ),
    notices=(
        *NOTICES,
        Notice(text="Books by the quay", url="https://books.example/?a=(b)"),
        Notice(text="Radio", url="https://radio.example/", rotating=True),
    ),
    siblings=(("Sister mirror", "../../../sister/blob/main/README.md"), ("Elsewhere", "https://elsewhere.example/")),
)


@cache
def edition(options: EditionOptions = OPTIONS) -> Site:
    """Lend a site's edition: what it writes is the same whatever it wrote before, and to set one up takes longer than ten of its pages."""
    return Site(options)


BRIDGE = Headline(
    source="gazette", ident="swing-bridge", title="The swing bridge turns again", published=moment(10, 28)
)
HELD = {"https://gazette.example/2026/10/swing-bridge": BRIDGE}

LEAD, CHART = medium("lead"), medium("chart", "image/png")

ENGLISH = Article(
    source="gazette",
    ident="ferry-timetable",
    channel="harbour",
    url="https://gazette.example/2026/11/ferry-timetable?x=1",
    title="Night ferry [again] costs $5 & more: *what changes* #",
    subtitle="A new timetable from Sunday",
    authors=("Ana Reef", "مریم ساحلی"),
    published=moment(11, 3),
    updated=moment(11, 4),
    language="en",
    tags=("ferries", "timetables_2026"),
    lead=Picture(
        src=f"media:{LEAD.digest}", alt='The ferry "Avel" at dusk', caption="The ferry at dusk.", credit="T. Quay"
    ),
    media=(LEAD, CHART),
    notices=NOTICES,
    body=f"""<p>From Sunday the night ferry sails <strong>three times</strong>, not <em>twice</em>;
see <a href="https://gazette.example/2026/10/swing-bridge?utm_source=feed#top">our report on the bridge</a> and the
<a href="https://port.example/plan_(2026)?a=1&amp;copy=2">port’s plan</a>.</p>
<h2>What it costs</h2>
<table><caption>Fares</caption><thead><tr><th>Ticket</th><th>Old | new</th></tr></thead>
<tbody><tr><td>Single</td><td>$4 | $5</td></tr><tr><td><a href="https://port.example/plan_(2026)?a=1&amp;copy=2">Return</a></td><td>$7 | $9</td></tr></tbody></table>
<table><tbody><tr><th scope="row" rowspan="2">Sunday</th><td>22:00</td></tr><tr><td><a href="https://port.example/late">01:30</a></td></tr></tbody></table>
<figure><img src="media:{CHART.digest}" alt="Passengers a month"><figcaption>Passengers a month. <em>Chart:</em> Gazette</figcaption></figure>
<figure><img src="media:{"0" * 64}" alt="The old pier"><figcaption>The pier in 1950.</figcaption></figure>
<h3>Who may board</h3>
<ol start="3"><li>Crew<ul><li>deck</li><li>engine</li></ul></li><li><p>Passengers</p><p>with tickets</p></li></ol>
<ul><li>dogs</li></ul><ul><li>bicycles</li></ul>
<blockquote><p>“We will wait for the last tram.”</p><p>— the harbour master</p></blockquote>
<pre>22:00  quay 1
  ```
01:30  quay 2</pre>
<dl><dt>Spring tide</dt><dd>The highest tide, H<sub>2</sub>O and moon</dd></dl>
<p>Line one<br>- line two<br>=====</p>
<hr>
<p>Write to desk@gazette.example or @gazette, or see www.gazette.example. Press <kbd>F</kbd>.</p>""",
)
CHINESE = Article(
    source="gazette",
    ident="a-1042",
    channel="港口",
    url="https://gazette.example/zh/1042",
    title="夜班渡轮恢复“每晚三班”",
    authors=("林海",),
    published=moment(11, 5),
    language="zh-CN",
    tags=("渡轮", "港口"),
    notices=NOTICES,
    body="""<p>　　从周日起，夜班渡轮<strong>“每晚三班”</strong>运行，<em>票价</em>为5元，儿童3~5岁、老人7~8折。详见<a href="https://gazette.example/2026/10/swing-bridge">旋桥报道</a>和<a href="https://port.example/zh">港务局</a>网站https://port.example/zh。</p>
<h2>时间表</h2><p>第一班22时开出，<ruby>渡<rt>dù</rt></ruby>轮公司说：“请提前十分钟到达。”</p>
<blockquote><p>风大的时候停航。</p></blockquote>""",
)
PERSIAN = Article(
    source="gazette",
    ident="a-1043",
    channel="بندر",
    url="https://gazette.example/fa/1043",
    title="کشتی شبانه دوباره به راه افتاد",
    subtitle="سه سفر در هر شب",
    authors=("مریم ساحلی", "Ana Reef"),
    published=moment(11, 6),
    revised=moment(11, 8),
    revision=2,
    language="fa-IR",
    direction="rtl",
    notices=NOTICES,
    lead=Picture(src=f"media:{LEAD.digest}", alt="کشتی در غروب", caption="کشتی در غروب"),
    media=(LEAD,),
    body="""<p>از یکشنبه کشتی شبانه <strong>سه بار</strong> می‌رود؛ <a href="https://gazette.example/2026/10/swing-bridge">گزارش پل</a> و <a href="https://port.example/fa">برنامهٔ بندر</a> را ببینید.</p>
<h2>بها</h2><ul><li>یک‌سره: ۵ دلار</li><li>رفت و برگشت: ۹ دلار</li></ul>
<p dir="ltr" lang="en">The port says: “Come early.”</p>""",
)
BURMESE = Article(
    source="gazette",
    ident="a-1044",
    channel="harbour",
    url="https://gazette.example/my/1044",
    title="ညကူးတို့သင်္ဘော ပြန်လည်ပြေးဆွဲမည်",
    published=moment(11, 7),
    language="my",
    notices=NOTICES,
    lead=Picture(src=f"media:{LEAD.digest}", alt="သင်္ဘော", caption="ညနေခင်း သင်္ဘော", credit="T. Quay"),
    media=(LEAD,),
    body="<p>တနင်္ဂနွေနေ့မှစ၍ ညကူးတို့သင်္ဘောသည် <strong>သုံးကြိမ်</strong> ပြေးဆွဲမည်။</p><h2>လက်မှတ်ခ</h2><p>တစ်ကြိမ်လျှင် ငါးကျပ်ဖြစ်သည်။</p>",
)
HOSTILE = Article(
    source="gazette",
    ident="hostile",
    channel="harbour",
    url="https://gazette.example/h?q=`x`|](y)",
    title="](javascript:alert(1)) <script>alert(2)</script> ![x](https://e.example/p.png) `` $x$ #",
    subtitle="<img src=x onerror=alert(3)>",
    authors=("[a](javascript:b)", "www.author.example"),
    published=moment(11, 9),
    language="en",
    tags=("<b>", "a|b", "#1"),
    licence="[free](https://licence.example/)",
    notices=(Notice(text="](x) <script>", url="https://n.example/)(<>"), Notice(text="bad", url="javascript:alert(4)")),
    lead=Picture(src="media:" + "f" * 64, alt="[^1]: x", caption="# not a heading", credit="<i>"),
    body="""<p># not a heading</p><p>1. not a list</p><p>- nor this<br>---<br>| a | b |<br>| - | - |</p><p>&lt;script&gt;alert(5)&lt;/script&gt; &amp;lt;</p>
<p>[x](javascript:y) ![y](https://e.example/z.png) [^1] [ref]: https://e.example</p><p>[ref]: https://e.example</p><p>``` ~~~ ~~x~~ **b** __c__ :smile: $a$ $$b$$ \\ \\* a\\</p>
<p>http://e.example xhttp://e.example mailto:a@e.example user@e.example. @you ftp://e.example/</p>
<p>a <a href="https://e.example/)](x)&quot;`|">](y)</a>(z) <code>`a`</code> <code>](z)</code><b> </b><i>*</i></p><pre>```
</pre><p>    four spaces</p><p>&gt; quote</p><p>=</p>
<table><tbody><tr><td>](x) `a \\</td></tr></tbody></table><blockquote><p>[!NOTE]</p></blockquote>""",
)
WITHDRAWN = Article(
    source="gazette",
    ident="mistaken",
    channel="harbour",
    url="https://gazette.example/mistaken",
    title="A name that must not be said",
    published=moment(11, 1),
    revised=moment(11, 2),
    revision=2,
    language="en",
    withdrawn="at the request of the publisher",
    body="<p>Secret</p>",
)
GOLDEN = {
    "english": ENGLISH,
    "chinese": CHINESE,
    "persian": PERSIAN,
    "burmese": BURMESE,
    "hostile": HOSTILE,
    "withdrawn": WITHDRAWN,
}
