"""A newsroom that signs with python-tuf alone, and the copies that it makes: an independent witness against our own signer."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import cache

from msgspec.structs import replace
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import (
    Delegations,
    Metadata,
    MetaFile,
    Root,
    Snapshot,
    SuccinctRoles,
    TargetFile,
    Targets,
    Timestamp,
)

from pappus.layout import MARKDOWN
from pappus.mirrors import Binding, bind, load
from pappus.model import Version, digest
from pappus.pipeline.places import Found, LongError, MissingError
from pappus.pipeline.releases import Anchors
from pappus.pipeline.verdict import VerifyOptions
from pappus.pipeline.verify import verify

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ADDRESS = "https://news.example/mirror/"
FERRY, BRIDGE, PHOTO = (
    "pages/gazette/2026/11/05/ferry.md",
    "pages/gazette/2026/11/05/bridge.md",
    "media/2026/11/05/a.png",
)
NEW = "indexes/\u043d\u043e\u0432\u0438\u0439.md"  # its last letter can be written in two ways
MIRRORS = {
    "mirrors": [{"name": "first", "address": ADDRESS, "home": ADDRESS}],
    "moved": [{"from": "https://old.example/", "to": ADDRESS}],
}
FIRST = {
    "README.md": b"home",
    "indexes/news.md": b"ferry, bridge",
    NEW: b"names of any script",
    FERRY: b"the ferry",
    BRIDGE: b"the bridge",
    PHOTO: b"pixels",
    "mirrors.json": json.dumps(MIRRORS).encode(),
}
SECOND = FIRST | {
    "README.md": b"home, later",
    FERRY: b"the ferry, corrected",
    "pages/gazette/2026/11/06/seal.md": b"seal",
}


class Keys:
    """Who signs: for each role some signers, and how many are wanted."""

    def __init__(self):
        self.signers = {"root": [_new() for _ in range(3)]} | {
            role: [_new()] for role in ("targets", "snapshot", "timestamp")
        }
        self.thresholds = {"root": 2, "targets": 1, "snapshot": 1, "timestamp": 1}


def _new():
    return CryptoSigner.generate_ed25519()


@cache
def qr_images(address, home, pages):
    """Return the QR images of a mirror; making them takes longer than all else."""
    version = Version(number=1, chain=digest(b""))
    bound = Binding(title="News", address=address, home=home, edition="markdown", version=version)
    return {made.entry.path: made.body for made in bind(bound, pages) if made.entry.path != "mirror.json"}


class Newsroom:
    """Publishes releases into one tree, bytes by path, and knows what it has ever signed."""

    def __init__(self, keys=None, *, bits=2, address=ADDRESS):
        self.keys = keys or Keys()
        self.bits, self.address = bits, address
        self.release = self.listed = 0
        self.bins, self.targets_version = {}, 0
        self.roots = []
        self.tree = {}
        self.signed = set()  # (path, digest)
        self.new_root()

    def new_root(self, **changes):
        """Sign another root, with the keys of the last one too."""
        root = Root(version=len(self.roots) + 1, expires=changes.get("expires", NOW + timedelta(days=365)))
        for role, signers in self.keys.signers.items():
            for signer in signers:
                root.add_key(signer.public_key, role)
            root.roles[role].threshold = self.keys.thresholds[role]
        made = Metadata(root)
        old = changes.get("old_signers", [])
        for signer in [*old, *self.keys.signers["root"]][: changes.get("signatures")]:
            made.sign(signer, append=True)
        self.roots.append(made)
        self.tree[f"metadata/{root.version}.root.json"] = made.to_bytes()

    @property
    def anchor(self):
        return self.tree["metadata/1.root.json"]

    def publish(self, files, now=NOW, *, deletions=()):
        """Add a release to the tree, and return the tree; ``deletions`` are what the grace period has ended for."""
        self.release += 1
        bins = self._bins(files)
        meta = {f"{name}.json": self._meta(name, data) for name, data in sorted(bins.items())}
        targets = self._targets(now)
        self.put(
            "snapshot",
            Snapshot(version=self.listed + 1, expires=now + timedelta(days=7), meta=meta | {"targets.json": targets}),
        )
        self.listed += 1
        self.timestamp(now)
        pages = tuple(sorted(filter(MARKDOWN.is_page, files)))
        self.tree |= files | qr_images(self.address, self.address, pages)
        version = Version(number=self.release, chain=digest(b"chain"), release=self.release)
        bound = Binding(title="News", address=self.address, home=self.address, edition="markdown", version=version)
        self.tree["mirror.json"] = bound.dump()
        for path in deletions:
            del self.tree[path]
        self.signed |= {(path, digest(data)) for path, data in files.items()}
        return dict(self.tree)

    def timestamp(self, now=NOW):
        """Sign the timestamp for the release and its snapshot."""
        meta = MetaFile.from_data(self.listed, self.tree[f"metadata/{self.listed}.snapshot.json"], ["sha256"])
        body = Timestamp(version=self.release, expires=now + timedelta(days=1), snapshot_meta=meta)
        self.put("timestamp", body)

    def put(self, role, body, path=None):
        """Sign a body as a role, and put it where it belongs."""
        made = Metadata(body)
        for signer in self.keys.signers["targets" if role.startswith("bin") else role]:
            made.sign(signer, append=True)
        name = "metadata/timestamp.json" if role == "timestamp" else f"metadata/{body.version}.{role}.json"
        self.tree[path or name] = made.to_bytes()
        return made

    def _bins(self, files):
        roles = SuccinctRoles([], 1, self.bits, "bin")
        bins = {name: {} for name in roles.get_roles()}
        for path, data in files.items():
            bins[roles.get_role_for_target(path)][path] = TargetFile.from_data(path, data)
        return bins

    def _meta(self, name, targets):
        version, before = self.bins.get(name, (0, None))
        if before != targets:
            self.bins[name] = version + 1, targets
            self.put(name, Targets(version=version + 1, expires=NOW + timedelta(days=365), targets=targets))
        version = self.bins[name][0]
        return MetaFile.from_data(version, self.tree[f"metadata/{version}.{name}.json"], ["sha256"])

    def _targets(self, now):
        if not self.targets_version:
            self.new_targets(now)
        return MetaFile.from_data(
            self.targets_version, self.tree[f"metadata/{self.targets_version}.targets.json"], ["sha256"]
        )

    def new_targets(self, now=NOW):
        """Sign who signs the bins anew, and with it, at the next release, all bins."""
        signers = self.keys.signers["targets"]
        keyids = [signer.public_key.keyid for signer in signers]
        roles = SuccinctRoles(keyids, self.keys.thresholds["targets"], self.bits, "bin")
        keys = {signer.public_key.keyid: signer.public_key for signer in signers}
        self.targets_version += 1
        body = Targets(
            version=self.targets_version,
            expires=now + timedelta(days=365),
            delegations=Delegations(keys, succinct_roles=roles),
        )
        self.put("targets", body)
        self.bins = {name: (version, None) for name, (version, _) in self.bins.items()}


class Held:
    """A copy in memory."""

    def __init__(self, tree, *, listed=True, name="held"):
        self.tree, self.listed, self.name = tree, listed, name
        self.asked = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def read(self, path, limit):
        self.asked.append((path, limit))
        if path not in self.tree:
            raise MissingError(path, "is not there")
        if len(self.tree[path]) > limit:
            raise LongError(path, "is too long")
        return self.tree[path]

    def names(self):
        return iter([Found(path, len(data)) for path, data in self.tree.items()]) if self.listed else None


class Memory:
    """Remembers for as long as it lives."""

    def __init__(self):
        self.seen = {}

    def recall(self, place):
        return self.seen.get(place)

    def keep(self, place, seen):
        self.seen[place] = seen


def look(place, anchor=None, now=NOW, **options):
    """Verify a place, or a tree, with a root that the reader carries."""
    anchors = Anchors(roots=(anchor,)) if anchor else Anchors()
    place = Held(place) if isinstance(place, dict) else place
    return verify(place, VerifyOptions(**({"anchors": anchors} | options)), now)


def found(verdict):
    """Return the findings as kinds and paths."""
    return {(finding.kind, finding.path) for finding in verdict.findings}


def noted(verdict, kind):
    """Return the paths of the notes of a kind."""
    return {note.path for note in verdict.notes if note.kind == kind}


def rebound(tree, **changes):
    """Return a tree whose mirror.json says something else."""
    return tree | {"mirror.json": replace(load(tree["mirror.json"]), **changes).dump()}
