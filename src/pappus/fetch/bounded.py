"""Asks for files whose size is known before: no more of each is read than that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pappus.fetch.client import Client, _Ask

if TYPE_CHECKING:
    from pappus.fetch.options import FetchPolicy
    from pappus.model import Fetched


class BoundedClient(Client):
    """A client that is told for each request how much to read at the most."""

    async def beginning(self, url: str, limit: int, policy: FetchPolicy) -> Fetched:
        """Return what is at ``url``, and of its body the first ``limit`` bytes.

        Raises:
            FetchError: as :meth:`get`.
        """
        return await self._insist(_Ask(url=url, limit=limit, cut=True, policy=policy))
