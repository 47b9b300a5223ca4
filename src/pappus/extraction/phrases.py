"""Words that templates put round articles, in many languages: headings of other articles, buttons, bylines, credits.

What such a word is worth is learned (``weights.json``): it may stand in an article too.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

# Kinds, by number: a heading of other articles; an advertisement's place; a button; who and when; rights; a picture's
# credit; a call to subscribe; a hint at another article.
AFTER, SLOT, BUTTON, BYLINE, RIGHTS, CREDIT, PITCH, HINT = range(1, 9)

_WHOLE: Final = {
    AFTER: (
        "about the author|about the authors|advertorial|articoli correlati|artículos relacionados|berita terkait"
        "|comment|comments|das könnte dich auch interessieren|das könnte sie auch interessieren|don't miss"
        "|don’t miss|editor's picks|editor’s picks|ilgili haberler|kommentare|latest|latest articles|latest news"
        "|latest stories|leave a comment|leave a reply|les plus lus|lo más leído|lo más visto|mais lidas"
        "|mehr zum thema|meistgelesen|more from|more news|more stories|most popular|most read|most viewed"
        "|más leídas|noticias relacionadas|notícias relacionadas|popular|post navigation|recent posts|recommended"
        "|recommended for you|recommended stories|related|related articles|related content|related links"
        "|related news|related posts|related reading|related stories|related topics|see also|share your thoughts"
        "|similar articles|sur le même sujet|sur le même thème|te puede interesar|top stories|trending"
        "|trending now|what to read next|you may also like|you might also like|zum thema|à propos de l'auteur"
        "|à propos de l’auteur|über den autor|über die autorin|другие новости|комментарии|новости по теме"
        "|об авторе|по теме|связанные новости|читайте также|أخبار ذات صلة|اخبار مرتبط|اقرأ أيضا|اقرأ أيضًا"
        "|درباره نویسنده|مطالب مرتبط|مواضيع ذات صلة|यह भी पढ़ें|संबंधित खबरें|ข่าวที่เกี่ยวข้อง|あわせて読みたい"
        "|おすすめ|おすすめ情報|おすすめ記事|この記事を書いた人|ランキング|人気記事|作者简介|作者簡介|关于作者"
        "|发表评论|延伸閱讀|延伸阅读|推荐文章|推荐阅读|推薦閱讀|最新文章|最新评论|热门推荐|热门文章|热门新闻"
        "|熱門新聞|猜你喜欢|相关报道|相关推荐|相关文章|相关新闻|相关阅读|相關報導|相關文章|相關新聞|相關閱讀"
        "|筆者プロフィール|网友评论|関連キーワード|関連タグ|関連ニュース|関連リンク|関連情報|関連記事|關於作者"
        "|관련 기사|관련기사|많이 본 기사|많이 본 뉴스|추천 기사"
    ),
    SLOT: (
        "ad|advertentie|advertisement|advertisment|annonce|annonse|anzeige|article content"
        "|article continues below|pr|promoted|pubblicità|publicidad|publicidade|publicité|reklam|reklama"
        "|sponsored|sponsored content|story continues below|story continues below advertisement|werbung|реклама"
        "|إعلان|تبلیغات|スポンサーリンク|广告|広告|廣告|광고"
    ),
    BUTTON: (
        "bagikan|close|compartilhar|compartir|condividi|copy link|del|dela|delen|drucken|e-mail|email|facebook"
        "|follow|follow us|home|imprimer|link copied|linkedin|listen|load more|log in|login|mehr|menu|more|next"
        "|partager|paylaş|pinterest|play|previous|print|read more|reddit|save|search|share|share this"
        "|share this article|show more|sign in|sign up|skip to content|skip to main content|subscribe"
        "|subscribe now|suite|teilen|telegram|tweet|twitter|udostępnij|ver más|view all|watch|weiterlesen"
        "|whatsapp|x|youtube|ещё|поделиться|скрыть|اشتراک گذاری|اشتراک‌گذاری|مشاركة|แชร์|もっと見る|シェア"
        "|シェアする|ツイート|关闭|分享|分享到|分享至|印刷|复制链接|收藏|更多|查看更多|点赞|続きを読む|返回顶部"
        "|首页|공유|공유하기|닫기|더보기|목록"
    ),
}
# A text's first word.
_FIRST: Final = {
    BYLINE: (
        "actualizado af aggiornato aktualisiert author autor av by di door last mis oleh oppdatert opublikowano"
        " par posted pubblicato publicado publicerad publisert published publié reporter stand updated uppdaterad"
        " veröffentlicht von written yazan zuletzt автор обновлено опубликовано منتشر نشر"
    ),
    CREDIT: (
        "bild credit credits crédit fot foto fotos fuente grafik illustration image imagen images photo"
        " photograph photos picture quelle source источник фото الصورة عکس 사진"
    ),
    HINT: (
        "also baca czytaj dowiedz lea lees leggi leia les lesen lies lire läs mehr more read related see watch"
        " zobacz подробнее смотрите читайте اقرأ"
    ),
    RIGHTS: ("copyright ©"),
}
# Of languages that part no words: how a text begins.
_BEGINS: Final = {
    BYLINE: ("作者 入力 公開 发布 文/ 文| 文丨 文／ 日期 时间 時間 更新 發布 記者 记者 配信 수정 입력"),
    CREDIT: ("写真 図： 图/ 图| 图源 图片 图： 圖/ 圖源 圖片 圖： 画像 사진 제공"),
    HINT: (">> ▶▶ 延伸 推荐 推薦 更多 点击 相关 相關 続き 點擊 관련"),
    PITCH: ("会員 公众 关注 微信 扫码 掃碼 登録 訂閱 订阅 關注"),
    RIGHTS: (
        "來源 免責 免责 声明 无断 未经 本文 来源 無断 版权 版權 編輯 编辑 聲明 責任 责任 転載 轉載 转载 무단 저작"
    ),
}
_PITCHES: Final = frozenset(
    (
        "abonnez-vous abonnieren advertisement affiliate anmelden app assine consent cookies datenschutzerklärung"
        " download einverstanden externe externen inbox inscreva-se join login membership newsletter newsletter."
        " newsletters personenbezogene plug-in privacy privatsphäre-einstellungen register registered sign"
        " sponsored subscribe subscriber subscribers subscribing subscription suscríbete unsubscribe whatsapp"
        " zustimmung подписывайтесь подпишитесь اشترك"
    ).split()
)
# What a text has in it that says whose it is.
_RESERVED: Final = (
    "all rights reserved",
    "alle rechte vorbehalten",
    "todos los derechos",
    "tous droits réservés",
    "©",
    "未经授权",
    "未經授權",
    "版权所有",
    "版權所有",
    "無断転載",
    "禁止转载",
    "请勿转载",
    "谢绝转载",
    "転載を禁",
    "무단 전재",
    "무단전재",
    "재배포 금지",
)
_RESERVED_ASCII: Final = tuple(filter(str.isascii, _RESERVED))
# Calls to subscribe in languages that part no words.
_PITCHED: Final = (
    "会員向け",
    "会員登録",
    "会員限定",
    "公众号",
    "公眾號",
    "关注我们",
    "扫码关注",
    "掃碼關注",
    "有料記事",
    "追蹤我們",
    "訂閱我們",
    "订阅我们",
    "続きを読む",
)
_MARKS: Final = " \n\t.…:：!>»›|-–—*•·()[]{}0123456789#►▶☞→【】<«‹/,"

_KINDS: Final = {text: kind for kind, texts in _WHOLE.items() for text in texts.split("|")}
_FIRSTS: Final = {word: kind for kind, words in _FIRST.items() for word in words.split()}
_BEGINNINGS: Final = {word: kind for kind, words in _BEGINS.items() for word in words.split()}


@lru_cache(maxsize=4096)  # a text is asked about at several steps, and a template's words on each of a site's pages
def phrase(text: str) -> int:
    """Return which kind of phrase a short text is; 0 for none."""
    key = text.lower().strip(_MARKS)
    if kind := _KINDS.get(key):
        return kind
    words = key.split()
    if not words:
        return 0
    if kind := _FIRSTS.get(words[0].strip(":.")) or _BEGINNINGS.get(key[:2]):
        return kind
    if any(map(key.__contains__, _RESERVED_ASCII if key.isascii() else _RESERVED)):
        return RIGHTS
    if not _PITCHES.isdisjoint(words):
        return PITCH
    return PITCH if not key.isascii() and any(map(key.__contains__, _PITCHED)) else 0


# Whole turns of speech, for words like "register" stand in articles too, and not quoted. Sorted.
_ASKING: Final = re.compile(
    r"(?:^|[.!?:]\s)[^\w\"'‘“„«「『]*(?:please )?"
    r"(?:abonnez-vous|assine (?:agora|já)|become a (?:member|subscriber)|(?:follow|join) us (?:at|on)"
    r"|inscreva-se|jetzt abonnieren|newsletter abonnieren|sign up (?:for|now)|subscribe (?:here|now|to|today)"
    r"|support our (?:journalism|work)|suscr[ií]b[ae](?:se|te)|подп(?:исывайтесь|ишитесь) на)\b"
)


def asks(text: str) -> bool:
    """Whether a text asks its readers to subscribe, to register or to follow."""
    key = text.lower()
    return _ASKING.search(key) is not None or (not key.isascii() and any(map(key.__contains__, _PITCHED)))


def reserves(text: str) -> bool:
    """Whether a text says that its rights are reserved."""
    key = text.lower()
    return any(map(key.__contains__, _RESERVED_ASCII if key.isascii() else _RESERVED))
