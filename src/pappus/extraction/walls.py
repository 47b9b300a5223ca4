"""What a page says that was sent instead of an article: that it is paid for, that scripts are wanted, that nobody may come in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

# What stands on a page instead of the article; phrases of the usual walls, lower case, sorted.
WALLS: Final = re.compile(
    r"access (?:to this page )?(?:has been |is |was )?denied"
    r"|are you (?:a )?(?:human|robot)"
    r"|captcha"
    r"|checking (?:if the site|your browser)"
    r"|enable (?:javascript|cookies|js)"
    r"|javascript (?:is )?(?:disabled|required)"
    r"|just a moment"
    r"|pardon our interruption"
    r"|(?:page|article) (?:was |is |could )?not (?:be )?found"
    r"|please (?:turn|switch) on javascript"
    r"|request (?:was |has been )?blocked"
    r"|requires? javascript"
    r"|security check"
    r"|unusual traffic"
    r"|verif(?:y|ying) (?:that )?you(?:'re| are) (?:a )?(?:human|not a)"
    r"|включите javascript|доступ (?:запрещ[её]н|ограничен)"
    r"|请(?:启用|开启)\s*javascript|請(?:啟用|開啟)\s*javascript|访问被拒绝|安全验证|页面不存在"
)
# What a page says when its text did not come: too common in texts to be looked for in any but the shortest.
FAILURE: Final = re.compile(
    r"(?:content|article|page|text|story) (?:could not|cannot|can't|failed to) (?:be )?(?:display|found|load|show)\w*"
    r"|something went wrong|try again later|не удалось загрузить|повторите попытку позже|попробуйте позже"
    r"|(?:无法|未能)(?:加载|显示)|(?:加载|載入)失[败敗]|稍后再试|(?:無法|未能)(?:載入|顯示)|稍後再試"
)
# What a page says that keeps its text for those who pay, register or agree. Teasers say it too: it tells why a text is missing, no more.
_TOLLS: Final = re.compile(
    r"(?:accept|allow|agree to)(?: (?:all|our|the))? cookies"
    r"|(?:abonnenten|abonnés|abonados|abbonati|members|subscribers|suscriptores)(?:[- ]only| only|\s*exklusiv)"
    r"|already (?:a )?(?:member|subscriber|subscribed)"
    r"|(?:article|artículo|articolo|artikel|beitrag|contenu|contenido|content|story|text)\b.{0,24}\b(?:for|für|para|per|réservé aux?)"
    r" (?:\w+ )?(?:abbonati|abonnenten|abonnés|abonados|members|subscribers|suscriptores)"
    r"|(?:continue|keep) reading (?:by|with)|jetzt weiterlesen"
    r"|(?:log ?in|register|sign (?:in|up)|subscribe)\b.{0,30}\b(?:to (?:continue|keep|read)|for (?:full )?access)"
    r"|to (?:continue|keep) reading"
    r"|(?:по|оформите) подписк|только для подписчиков|разрешите cookie"
    r"|会员专享|會員專享|订阅后|訂閱後|付费阅读|付費閱讀|会員限定|有料会員|続きを読むには"
)
_LONGEST: Final = 300  # characters of a text that says no more than that


def wall(texts: Iterable[str]) -> str:
    """Return the phrase by which these texts tell why an article does not stand among them; "" for none.

    A long text says more than that, and is none of a wall.
    """
    said = "\n".join(text for text in texts if len(text) <= _LONGEST).lower()
    found = next((one for kind in (FAILURE, _TOLLS, WALLS) if (one := kind.search(said))), None)
    return found[0] if found else ""
