"""What publishers' names for their elements speak of: the words in classes, ids and the like, in many languages.

A word says little alone, and may say several things; how much each is worth is learned (``weights.json``).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

# Whole words, lower case; with a star, their beginnings.
_WORDS: Final = {
    "ad": (
        "ad ads adslot adunit adv advert advert* adverts anzeige banner banners commercial dfp gpt partner"
        " partners promo* promot* pub publicidad publicite reklam* sponsor* werbung"
    ),
    "author": (
        "about auteur author authors autor* avatar bio byline bylines contributor kontributor person profile"
        " redacteur reporter verfasser writer zuozhe"
    ),
    "body": (
        "article articlebody articulo artikel berita body contenido content contenu conteudo copy corpo cuerpo"
        " detail entry fliesstext haber inhalt markdown neirong news nota noticia paragraph paragraphs post prose"
        " rich richtext story text texte txt wysiwyg zhengwen"
    ),
    "caption": (
        "audio bild bildunterschrift caption captions carousel credit credits cutline figcaption foto galeria"
        " galerie gallery image imagen img legend lightbox media photo picture player slider slideshow swiper"
        " video"
    ),
    "comment": (
        "comentario* comment commentaire* commentlist comments coral discussion disqus feedback forum komment*"
        " livefyre pinglun rating ratings reaction reactions replies reply respond review reviews vote votes"
    ),
    "data": (
        "buy calculator cart chart data deal deals factbox facts graph infobox market poll price product products"
        " quiz score scoreboard shop stat stats stock store table weather"
    ),
    "date": (
        "byline date dateline dates datetime datum fecha info infos meta metadata postmeta published riqi source"
        " time timestamp updated"
    ),
    "footer": ("bottom colophon copyright disclaimer foot footer impressum imprint legal pied"),
    "header": ("banner branding dachzeile eyebrow head header hero kicker kopf logo masthead overline top topbar"),
    "hidden": ("clip collapsed hidden hide invisible none noprint offscreen reader screen sr visually visuallyhidden"),
    "live": (
        "answer chapter chapters directo faq ingredient ingredients instruction instructions live liveblog"
        " liveticker minute minuto posting postings question recipe step steps ticker timeline update updates"
    ),
    "menu": (
        "accordion breadcrumb breadcrumbs crumb crumbs dropdown hamburger lang langs language languages mega menu"
        " menus nav navbar navi navigation offcanvas pager pages pagination paging sidenav sitemap skip submenu"
        " switcher tab tabs toc toolbar"
    ),
    "note": (
        "bibliograph* cite correction corrections disclosure editor editors endnote endnotes footnote footnotes"
        " hatnote note notes reference references reflist sources"
    ),
    "pitch": (
        "abo abonn* account alert app apps call callout consent cookie cookies cta dialog donat* download gdpr"
        " inline login member membership modal newsletter newsletters notice notification offer overlay paywall"
        " piano popup register registration regwall sign signup spende* subscri* support suscri*"
    ),
    "quote": (
        "blockquote citation embed embeds instagram oembed pullquote quote quotes tiktok tweet twitter youtube zitat"
    ),
    "related": (
        "adjacent also article articles aside associe associes box boxes card cards extra feed further grid"
        " headlines item items latest leia link linklist links lire list listing mehr module more mostread next"
        " outbrain popular prev previous read readmore recent recirc* recommend* relacionad* related relateds"
        " river see seealso siblings similar stories suggest* taboola tambien teaser teasers trending tuijian"
        " verwandt* widget widgets xiangguan zone"
    ),
    "share": (
        "action actions addthis bookmark btn btns button buttons compartir copy email facebook fenxiang follow"
        " icon icons like likes partager print save share shared sharedaddy shares sharing sns social socials"
        " teilen telegram tool tools twitter utility whatsapp"
    ),
    "sidebar": (
        "aside col column complementary left marginal rail right secondary seitenleiste side sidebar sticky"
        " supplement* widget widgets"
    ),
    "summary": (
        "abstract bajada chapeau chapo copete deck dek description entradilla excerpt highlight highlights intro"
        " keypoints lead lede sommario standfirst subhead subheadline subtitle sumario summary takeaway takeaways"
        " teaser vorspann zhaiyao"
    ),
    "tags": (
        "biaoqian categor* cats channel keyword keywords label labels ressort rubrik schlagworte section tag"
        " tagcloud tags taxonomy terms themen topic topics"
    ),
    "title": ("biaoti heading headline headlines name titel title titles titre titulo"),
}
TOPICS: Final = tuple(sorted(_WORDS))

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_APART: Final = bytes(code if chr(code).isalpha() else 32 for code in range(256))  # signs as spaces
_LONGEST: Final = 400  # characters of names that are looked at


def _known() -> tuple[dict[str, int], dict[str, int]]:
    """Return what whole words and what beginnings say, as bits."""
    whole: dict[str, int] = {}
    beginnings: dict[str, int] = {}
    for index, topic in enumerate(TOPICS):
        for word in _WORDS[topic].split():
            known = beginnings if word.endswith("*") else whole
            name = word.rstrip("*")
            known[name] = known.get(name, 0) | 1 << index
    return whole, beginnings


_WHOLE, _BEGINNINGS = _known()
_STARTS: Final = tuple(sorted({len(word) for word in _BEGINNINGS}))


@lru_cache(maxsize=8192)
def topics(names: str) -> int:
    """Return what an element's names speak of: a bit for each of ``TOPICS``."""
    names = names[:_LONGEST]
    said = 0
    if names.isascii() and names.islower():  # as most are: then words are what stands between other signs
        words = names.encode("ascii").translate(_APART).decode("ascii").split()
    else:
        words = [name.lower() for name in _WORD.findall(names)]
    for word in words:
        said |= _word(word)
    return said


@lru_cache(maxsize=8192)
def _word(word: str) -> int:
    said = _WHOLE.get(word, 0)
    for length in _STARTS:
        said |= _BEGINNINGS.get(word[:length], 0)
    return said


# What stands on an article's page and is no part of it: whole words of a name, sorted.
_FURNITURE = re.compile(
    r"(?<![a-z0-9])(?:"
    r"ads?|advert\w*|also[-_]read|audio[-_]?player|author\w*|banner|bio|breadcrumbs?|button\w*|bylines?|call[-_]to[-_]action"
    r"|comments?|cookies?|copyright|dateline|dates|donat\w+|feedback|follow|login|meta|metadata|more[-_]?(?:from|on|stories)"
    r"|most[-_]?(?:read|viewed)|motto|nav|navigation|newsletters?|outbrain|pagination|popup|print|promo\w*"
    r"|read[-_]?(?:also|more|next)|recirc\w*|recommend\w*|registration|related\w*|share\w*|sharing|sign[-_]?up"
    r"|site[-_](?:footer|header)|social\w*|sponsor\w*|sr[-_]only|subscri\w+|taboola|taglist|tags?|teasers?|timestamp|toc"
    r"|toolbar|tooltip|trending|visually[-_]hidden"
    r")(?![a-z0-9])"
)
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")


@lru_cache(maxsize=8192)
def is_furniture(names: str) -> bool:
    """Whether an element's names say that it is no part of an article."""
    names = names[:_LONGEST]
    parted = names if names.islower() else _HUMP.sub("-", names).lower()
    return _FURNITURE.search(parted) is not None
