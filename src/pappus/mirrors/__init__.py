"""Places that hold an edition: one Protocol, one file a kind, and a pure plan.

A new kind is one file and one line in :data:`MIRRORS`.
"""

from __future__ import annotations
