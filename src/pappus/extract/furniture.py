"""What stands on an article's page and is no part of it: known by element, role and class, by its links, by its words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from lxml import html

_ELEMENTS: Final = frozenset("aside button dialog fieldset form menu nav".split())
_ROLES: Final = frozenset("alert banner complementary contentinfo dialog form menu navigation search toolbar".split())
_CLASS = re.compile(  # whole words of class and id, sorted
    r"(?<![a-z])(?:"
    r"ads?|advert\w*|also[-_]read|audio[-_]?player|author\w*|banner|bio|breadcrumbs?|button\w*|bylines?|call[-_]to[-_]action|comments?|cookies?"
    r"|copyright|cta|dateline|dates|disclaimer|donat\w+|feedback|follow|hidden|login|meta|metadata|more[-_]?(?:from|on|stories)"
    r"|most[-_]?(?:popular|read|viewed)|motto|nav|navigation|newsletters?|outbrain|pagination|popup|print|promo\w*|rating|read[-_]?(?:also|more|next)"
    r"|recirc\w*|recommend\w*|registration|related\w*|share\w*|sharing|sign[-_]?up|site[-_](?:footer|header)|social\w*|sponsor\w*|sr[-_]only"
    r"|subscri\w+|taboola|taglist|tags?|teasers?|timestamp|toc|toolbar|tooltip|trending|visually[-_]hidden"
    r")(?![a-z])"
)
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_LINKED = 0.5  # share of a block's letters in links, from which it leads away
_PITCH_LENGTH = 300  # characters; a longer paragraph says more than to subscribe

# Headings under which nothing of the article follows any more; lower case, sorted by language.
_AFTER = re.compile(
    r"\W*(?:about the authors?|more (?:from|on|about) .{1,60}|(?:read|see) (?:also|more|next)|recommended.{0,30}|related (?:articles?|news|posts?|stories|topics)"
    r"|(?:über|zum) (?:den |die )?autor(?:in|en)?|mehr (?:zum thema|aus .{1,40})|lesen sie auch"
    r"|sobre (?:el|la|o|a) autora?|lee también|leia também|(?:lire|à lire|voir) aussi|à propos de l['’]auteur|sur le même (?:sujet|thème)"
    r"|об авторе|читайте также|по теме|درباره نویسنده|اخبار مرتبط|مطالب مرتبط|اقرأ أيضا"
    r"|この記事を書いた人|筆者プロフィール|関連(?:キーワード|記事|ニュース|リンク|タグ)|おすすめ(?:情報|記事)|あわせて読みたい"
    r"|关于作者|作者简介|相关(?:阅读|新闻|文章|报道)|延伸阅读|推荐阅读|關於作者|作者簡介|相關(?:閱讀|新聞|文章|報導)|延伸閱讀|推薦閱讀|관련 ?기사"
    r")\W*"
)
_PITCH = re.compile(
    r"\b(?:subscribe (?:to|now|here|today)|sign up (?:for|to|now)|become a (?:member|subscriber)|(?:join|follow) us (?:on|at)|support our (?:work|journalism)"
    r"|download (?:our|the) .{0,20}app|jetzt abonnieren|newsletter abonnieren|abonnez-vous|suscr[ií]b[ae](?:te|se)|assine (?:já|agora)|inscreva-se"
    r"|подп(?:исывайтесь|ишитесь) на)\b"
    r"|(?:無料|有料)?会員(?:限定|登録|向け)|続きを読む|有料記事|订阅我们|关注我们|扫码关注|訂閱|追蹤我們|اشترك في|عضو شوید"
)


Kind = tuple[str, str]  # tag, and classes and id: what a publisher's template gives to things that mean the same


def kind(element: html.HtmlElement) -> Kind:
    """Return what an element is in its publisher's template."""
    return str(element.tag), f"{element.get('class') or ''} {element.get('id') or ''}"


def is_furniture(element: html.HtmlElement, article: set[Kind]) -> bool:
    """Whether an element is furniture, or stands in some, but for the kinds that most of the article's text is in."""
    return any(kind(one) not in article and _says_so(one) for one in (element, *element.iterancestors()))


def _says_so(element: html.HtmlElement) -> bool:
    if element.tag in _ELEMENTS or (element.get("role") or "") in _ROLES:
        return True
    if element.tag == "footer":
        return not any(True for _ in element.iterancestors("blockquote"))
    return bool(_CLASS.search(_HUMP.sub("-", kind(element)[1]).lower()))


def leads_away(element: html.HtmlElement) -> bool:
    """Whether half of the text of an element is links, or all of it stands in one."""
    if any(one.get("href") for one in element.iterancestors("a")):
        return True
    linked = sum(_letters(one) for one in element.iter("a") if one.get("href"))
    return linked >= _LINKED * _letters(element)


def _letters(element: html.HtmlElement) -> int:
    return sum(len("".join(text.split())) for text in element.itertext())


def ends_article(text: str) -> bool:
    """Whether a short text is the heading of what comes after an article: its author, other articles."""
    return len(text) <= 80 and bool(_AFTER.fullmatch(text.strip().lower()))


def is_pitch(text: str) -> bool:
    """Whether a paragraph asks readers to subscribe, register or follow, and does little else."""
    return len(text) <= _PITCH_LENGTH and bool(_PITCH.search(text.lower()))
