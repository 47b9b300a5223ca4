"""What stands on an article's page and is no part of it: known by element, role and class, by its links, by its words."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from lxml import html

_ELEMENTS: Final = frozenset("aside button dialog fieldset form menu nav".split())
_ROLES: Final = frozenset("alert banner complementary contentinfo dialog form menu navigation search toolbar".split())
_CLASS = re.compile(  # whole words of a class, sorted
    r"(?<![a-z0-9])(?:"
    r"ads?|advert\w*|also[-_]read|audio[-_]?player|author\w*|banner|bio|breadcrumbs?|button\w*|bylines?|call[-_]to[-_]action|comments?"
    r"|cookies?|copyright|dateline|dates|donat\w+|feedback|follow|login|meta|metadata|more[-_]?(?:from|on|stories)|most[-_]?(?:read|viewed)"
    r"|motto|nav|navigation|newsletters?|outbrain|pagination|popup|print|promo\w*|read[-_]?(?:also|more|next)|recirc\w*|recommend\w*"
    r"|registration|related\w*|share\w*|sharing|sign[-_]?up|site[-_](?:footer|header)|social\w*|sponsor\w*|sr[-_]only|subscri\w+|taboola"
    r"|taglist|tags?|teasers?|timestamp|toc|toolbar|tooltip|trending|visually[-_]hidden"
    r")(?![a-z0-9])"
)
_HEADINGS: Final = frozenset("h1 h2 h3 h4 h5 h6".split())  # their classes are often made of their words
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NAME = 8  # letters of a link that is a name in a sentence, hardly a title
_PITCH_LENGTH = 300  # characters; a longer paragraph says more than to subscribe

# Headings under which nothing of the article follows any more: its author, other articles. Lower case, by language.
_AFTER = re.compile(
    r"\W*(?:about the authors?|advertorials?|recommended (?:articles?|reading|stories)|related (?:articles?|news|posts?|stories|topics)"
    r"|(?:über|zum) (?:den |die )?autor(?:in|en)?|mehr zum thema|sobre (?:el|la|o|a) autora?|noticias relacionadas|notícias relacionadas"
    r"|à propos de l['’]auteur|sur le même (?:sujet|thème)|об авторе|по теме|связанные новости"
    r"|درباره نویسنده|اخبار مرتبط|مطالب مرتبط|مواضيع ذات صلة"
    r"|この記事を書いた人|筆者プロフィール|関連(?:キーワード|記事|ニュース|リンク|タグ)|おすすめ(?:情報|記事)|あわせて読みたい|관련 ?기사"
    r"|关于作者|作者简介|相关(?:阅读|新闻|文章|报道)|延伸阅读|推荐阅读|關於作者|作者簡介|相關(?:閱讀|新聞|文章|報導)|延伸閱讀|推薦閱讀"
    r")\W*"
)
_PITCH = re.compile(
    r"(?:^|[.!?:]\s)\W*(?:please )?(?:subscribe (?:to|now|here|today)|sign up (?:for|now)"
    r"|become a (?:member|subscriber)|(?:join|follow) us (?:on|at)|support our (?:work|journalism)"
    r"|jetzt abonnieren|newsletter abonnieren|abonnez-vous|suscr[ií]b[ae](?:te|se)|assine (?:já|agora)"
    r"|inscreva-se|подп(?:исывайтесь|ишитесь) на)\b"
    r"|会員(?:限定|登録|向け)|続きを読む|有料記事|订阅我们|关注我们|扫码关注|訂閱我們|追蹤我們|اشترك في|عضو شوید"
)
# What stands where an advertisement is, or was. Lower case.
_SLOT = re.compile(
    r"\W*(?:advertise?ment|article content|story continues below(?: (?:this )?advertisement)?"
    r"|(?:article )?continues below (?:the )?advertisement|anzeige|werbung|publicidade?|publicité|pubblicità|advertentie|annonse?|reklama?"
    r"|реклама|تبلیغات|إعلان|広告|广告|廣告|광고)\W*"
)

Kind = tuple[str, str]  # tag and class: what a publisher's template gives to things that mean the same


def kind(element: html.HtmlElement) -> Kind:
    """Return what an element is in its publisher's template."""
    return str(element.tag), element.get("class") or ""


def is_furniture(element: html.HtmlElement, article: set[Kind]) -> bool:
    """Whether an element is furniture, or stands in some, but for the kinds that most of the article's text is in."""
    return any(kind(one) not in article and _says_so(one) for one in (element, *element.iterancestors()))


def _says_so(element: html.HtmlElement) -> bool:
    if element.tag in _ELEMENTS or (element.get("role") or "") in _ROLES:
        return True
    if element.tag == "footer":
        return not any(True for _ in element.iterancestors("blockquote"))
    return element.tag not in _HEADINGS and _is_named(kind(element)[1])


@lru_cache(maxsize=4096)
def _is_named(names: str) -> bool:
    return bool(_CLASS.search(_HUMP.sub("-", names).lower()))


def linked(element: html.HtmlElement) -> float:
    """Return which share of an element's text is in links that may be titles; a few letters name a thing in the text."""
    if any(one.get("href") for one in element.iterancestors("a")):
        return 1.0
    links = [length for one in element.iter("a") if one.get("href") and (length := _letters(one)) > _NAME]
    return sum(links) / max(1, _letters(element))


def _letters(element: html.HtmlElement) -> int:
    return sum(len("".join(text.split())) for text in element.itertext())


def ends_article(text: str) -> bool:
    """Whether a text is the heading of what comes after an article."""
    return len(text) <= 80 and bool(_AFTER.fullmatch(text.strip().lower()))


def is_slot(text: str) -> bool:
    """Whether a text only says that an advertisement stands there."""
    return len(text) <= 80 and bool(_SLOT.fullmatch(text.lower()))


def is_pitch(text: str) -> bool:
    """Whether a paragraph asks readers to subscribe, register or follow, and does little else."""
    return len(text) <= _PITCH_LENGTH and bool(_PITCH.search(text.lower()))
