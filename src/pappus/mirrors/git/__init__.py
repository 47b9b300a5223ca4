"""A branch of a git repository, at any address that git can push to.

Objects are written straight into a bare repository (``git fast-import``, no work tree), whose cost follows the change; several mirrors
may share it. The branch is pushed in one step, and only from where we saw it. What the mirror holds is read from its own tree, so no
second record can disagree. When the branch's history has grown past its bounds, a commit begins it anew.
Rules kept: fixed author at an ``.invalid`` address, UTC, times rounded to the hour, no configuration of the user's, no text from
outside in a commit message (rules 9 and 12).
"""

from pappus.mirrors.git.options import GitOptions

__all__ = ["GitOptions"]
