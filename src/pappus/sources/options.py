"""What a reader needs to know beside the bytes."""

from __future__ import annotations

from dataclasses import dataclass

MAX_LEADS = 5_000  # entries a channel at a time; what comes after is left for the next look


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """How to read a channel's bytes.

    The selectors are CSS and serve index pages only: ``link`` selects the ``<a>`` of each article (or an element around one).
    """

    url: str  # where the bytes came from, after redirects; base of relative addresses
    media_type: str = ""  # as the server said, lower case
    charset: str = ""  # as the server said, lower case
    link: str = "a[href]"
    title: str = ""  # inside the nearest common element of a link; "" for the link's own text
    within: str = ""  # the element of one teaser, in which link and title are looked for; "" for the whole page
