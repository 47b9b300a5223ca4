"""What hosts of web pages want to find beside a site, so that they show it as it is.

These few files follow from a mirror's host, so they are of the mirror and not of the edition: not signed, and every byte of them is known.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from pappus.layout import GITLAB_CI, NO_JEKYLL, SITE
from pappus.mirrors.headers import caddy, headers_file, nginx

if TYPE_CHECKING:
    from collections.abc import Mapping

# A job called "pages" publishes the folder "public" (GitLab Docs, "GitLab Pages"). Which branch is the mirror's says the branch itself, for
# no other has this file. The history is not needed, and what is published stays when the archive of the job is deleted.
_GITLAB = b"""\
# Publishes this mirror with GitLab Pages. Written by Pappus, whose "pappus verify" knows every byte of it.
pages:
  image: busybox:stable
  variables:
    GIT_DEPTH: "1"
  script:
    - mkdir .public
    - cp -r -- * .public
    - mv .public public
  artifacts:
    paths:
      - public
    expire_in: 1 day
  rules:
    - if: $CI_COMMIT_BRANCH
"""

# Codeberg Pages shows the branch "pages" as it is. GitHub Pages would have Jekyll make it over.
_FILES: Mapping[str, Mapping[str, bytes]] = MappingProxyType(
    {
        "caddy": {"Caddyfile": caddy()},
        "cloudflare-pages": {"_headers": headers_file()},
        "github-pages": {NO_JEKYLL: b""},
        "gitlab-pages": {GITLAB_CI: _GITLAB},
        "netlify": {"_headers": headers_file()},
        "nginx": {"nginx.conf": nginx()},
    }
)


def beside(host: str, edition: str) -> Mapping[str, bytes]:
    """Return the files, by path, that an edition has beside it at a host; none but a site has any."""
    return _FILES.get(host, {}) if edition == SITE.edition else {}
