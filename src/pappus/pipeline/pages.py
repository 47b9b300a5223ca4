"""An article with all its pages: the first is there, further ones are asked for, and each is read by a worker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pappus.errors import ExtractError
from pappus.extraction import article
from pappus.extraction.parts import whole

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection

    from pappus.extraction import Rules
    from pappus.extraction.parts import Part
    from pappus.model import Draft, Fetched, Get, Lead, Mark, Traces


async def read(
    fetched: Fetched,
    rules: Rules,
    run: Callable[..., Awaitable[Any]],
    get: Get | None,
    *,
    lead: Lead | None = None,
    repeats: Collection[Mark] | None = None,
) -> tuple[Draft, Traces]:
    """Return the article whose first page this is, and what its pages showed.

    Args:
        fetched: the page.
        rules: of its site.
        run: calls a function in a worker.
        get: asks for further pages; None leaves them alone.
        lead: what a channel announced.
        repeats: marks of what repeats over the source's pages; None: nothing is to be known of these.

    Raises:
        ExtractError: it has none.
    """

    async def look(page: Fetched, first: str, number: int) -> Part:
        part: Part = await run(article.part, page, rules, first=first, number=number, repeats=repeats)
        return part

    part: Part = await run(article.part, fetched, rules, lead=lead, repeats=repeats)
    if get is not None:
        part = await whole(part, get, look, fetched.final_url)
    if part.draft is None:
        raise part.error or ExtractError(fetched.final_url, "no article text can be found in it")
    return part.draft, part.traces
