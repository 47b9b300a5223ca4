"""What hosts should say with each file of a site, in the words that they understand. Pure; the same at every mirror.

The pages say themselves what they may load, and by which hashes (``<meta>``), so that it is right wherever they lie. A header that said it
again would be another one after an upgrade, in a server's configuration that nobody thinks of. So headers say what a page cannot: that
nobody may show it in a frame, that it hands on no address and no handle of itself, and how long it may be kept.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

ALWAYS: Mapping[str, str] = MappingProxyType(
    {
        "Content-Security-Policy": "base-uri 'none'; frame-ancestors 'none'; object-src 'none'",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
)
"""With every file."""

_SHORT: Final = "public, max-age=120"  # seconds; as in a bucket
_LONG: Final = "public, max-age=31536000, immutable"  # what such an address shows never changes
_NEVER: Final = "no-cache"  # what says which release is the current one
_OWN: Final = "Cross-Origin-Resource-Policy"  # pictures are shown by readers of feeds at addresses of their own
_MEDIA: Final = r"/media/[0-9]{4}/[0-9]{2}/[0-9]{2}/(?:[0-9a-f]{2}/)?[0-9a-f]{64}"
_CURRENT: Final = r"/(metadata/timestamp|mirror)\.json$"


def headers_file() -> bytes:
    """Return ``_headers``, which Netlify and Cloudflare Pages read. Both join what several of its rules say, so no two say the same.

    A page is asked for again each time unless something else is said, and the answer is short if it did not change.
    """
    rules = {
        "/*": ALWAYS,
        "/media/*": {"Cache-Control": _LONG, _OWN: "cross-origin"},
        "/pages/*": {_OWN: "same-origin"},
        "/indexes/*": {_OWN: "same-origin"},
    }
    lines = ['# Written by Pappus, whose "pappus verify" knows every byte of it.']
    for path, said in rules.items():
        lines += [path, *(f"  {name}: {value}" for name, value in said.items())]
    return _joined(lines)


def nginx() -> bytes:
    """Return what nginx includes in the server, or the location, that shows the folder."""
    return _joined([
        '# How nginx shows this mirror. Written by Pappus, whose "pappus verify" knows every byte of it.',
        "# In the server or location that shows this folder: include /the/folder/nginx.conf;",
        "index index.html;",
        "charset utf-8;",
        "gzip_static on;  # files that end in .gz, where the mirror has precompress = true",
        "# brotli_static on;  # likewise .br, where nginx has the module; in Debian libnginx-mod-http-brotli-static",
        f'set $pappus_cache "{_SHORT}";',
        'set $pappus_resource "same-origin";',
        f'if ($uri ~ "{_MEDIA}") {{',
        f'    set $pappus_cache "{_LONG}";',
        '    set $pappus_resource "cross-origin";',
        "}",
        f'if ($uri ~ "{_CURRENT}") {{',
        f'    set $pappus_cache "{_NEVER}";',
        "}",
        r'if ($uri ~ "/nginx\.conf$") {',
        "    return 404;",
        "}",
        *(f'add_header {name} "{value}" always;' for name, value in ALWAYS.items()),
        f"add_header {_OWN} $pappus_resource always;",
        "add_header Cache-Control $pappus_cache;",
    ])  # fmt: skip


def caddy() -> bytes:
    """Return what Caddy imports in the site, or the ``handle_path``, whose root the folder is."""
    return _joined([
        '# How Caddy shows this mirror. Written by Pappus, whose "pappus verify" knows every byte of it.',
        "# In the site, or the handle_path, whose root is this folder: import /the/folder/Caddyfile",
        "header {",
        *(f'\t{name} "{value}"' for name, value in ALWAYS.items()),
        "}",
        f"@pappus_media path_regexp {_MEDIA}",
        "header @pappus_media {",
        f'\tCache-Control "{_LONG}"',
        f'\t{_OWN} "cross-origin"',
        "}",
        f"@pappus_current path_regexp {_CURRENT}",
        f'header @pappus_current Cache-Control "{_NEVER}"',
        "@pappus_rest {",
        f"\tnot path_regexp {_MEDIA}",
        f"\tnot path_regexp {_CURRENT}",
        "}",
        f'header @pappus_rest Cache-Control "{_SHORT}"',
        "@pappus_own {",
        f"\tnot path_regexp {_MEDIA}",
        "}",
        f'header @pappus_own {_OWN} "same-origin"',
        "file_server {",
        "\thide Caddyfile",
        "\tprecompressed br gzip",
        "}",
    ])  # fmt: skip


def _joined(lines: list[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode()
