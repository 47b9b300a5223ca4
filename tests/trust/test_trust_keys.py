"""Keys: made, lost, stolen, renewed; and never to be seen."""

from __future__ import annotations

import base64
import json
import os
import stat
import subprocess
import sys
import traceback
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from msgspec.structs import replace
from trust_house import NOW, House, Reader, make_house, signed_tree, tree_of
from tuf.api.exceptions import BadVersionNumberError, ExpiredMetadataError, RepositoryError
from tuf.api.metadata import Metadata

from mortal import Killed, mortal
from pappus import durable
from pappus.cli import cli
from pappus.config import utc_now
from pappus.errors import TrustError
from pappus.model import digest
from pappus.trust import ONLINE, TrustOptions, ceremony, environment_pems, load_online, pem, release

FILES = {"README.md": b"home", "pages/one.md": b"one", "pages/two.md": b"two"}
CANARY = "canary-passphrase-4711"
OFFLINE_CANARY = "offline-canary-passphrase-0815"
YEAR = timedelta(days=365)


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def modes(folder):
    return {mode(path) for path in folder.rglob("*") if path.is_file()}, mode(folder)


def listed(house, role):
    return ceremony.chain(house.keys).newest.roles[role].keyids


def options(house, **others):
    return TrustOptions(**{"folder": house.keys, "passphrase": house.passphrase} | others)


class Case:
    """A house, its tree, and a reader who remembers."""

    def __init__(self, folder, **numbers):
        self.house = make_house(folder / "house", **numbers)
        self.tree = folder / "tree"
        self.reader = Reader(folder / "reader", self.tree, self.house.online().roots[0][1])
        self.held = None

    def publish(self, now=NOW, *, online=None, files=None):
        self.held = signed_tree(self.tree, files or FILES, online or self.house.online(now), now, self.held)
        return self.held

    def read(self, now=NOW):
        return self.reader.read(now, *FILES)


def test_all_keys_are_made_at_once_and_nobody_else_can_read_them(house):
    assert modes(house.keys) == ({0o600}, 0o700)
    assert modes(house.offline) == ({0o600}, 0o700)
    assert sorted(path.name for path in house.offline.iterdir()) == ["root-1.pem"]
    there = {path.relative_to(house.keys).as_posix() for path in house.keys.rglob("*") if path.is_file()}
    assert there == {".gitignore", "root/1.root.json", "targets.pem", "snapshot.pem", "timestamp.pem"}


def test_keys_are_readable_by_nobody_else_while_they_are_written(tmp_path, monkeypatch):
    seen, sync = [], os.fsync

    def look(handle):
        seen.append(os.fstat(handle).st_mode)
        sync(handle)

    monkeypatch.setattr(os, "fsync", look)
    former = os.umask(0)
    try:
        house = make_house(tmp_path / "house")
        ceremony.rotate(house.keys, ONLINE, "", house.roots(), NOW)
        assert os.umask(0) == 0, "the umask is given back"
    finally:
        os.umask(former)
    files = [one for one in seen if stat.S_ISREG(one)]
    assert len(files) == len([*ONLINE, ".gitignore", "1.root.json", "root-1"]) + len([*ONLINE, "2.root.json"])
    assert not [one for one in files if one & 0o077]


@pytest.mark.parametrize(
    ("keys", "offline"),
    [
        pytest.param("there", "away", id="keys"),
        pytest.param("keys", "there", id="root keys"),
        pytest.param(".", "away", id="the present folder"),
        pytest.param("link", "away", id="a link that leads nowhere"),
    ],
)
def test_keys_that_are_there_are_never_overwritten(tmp_path, monkeypatch, keys, offline):
    monkeypatch.chdir(tmp_path)
    Path("there").mkdir()
    Path("link").symlink_to("nowhere")
    with pytest.raises(TrustError, match="nothing was changed"):
        ceremony.init(Path(keys), "", ceremony.NewRoots(folder=Path(offline)), NOW)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["link", "there"]


@pytest.mark.parametrize(
    ("keys", "new", "passphrase", "reason"),
    [
        pytest.param("keys", {"folder": "keys/offline"}, "", "not apart", id="root keys among the online ones"),
        pytest.param("all/keys", {"folder": "all"}, "", "not apart", id="online keys among the root keys"),
        pytest.param("same", {"folder": "same"}, "", "not apart", id="all in one folder"),
        pytest.param(
            "keys", {"folder": "away", "number": 2, "threshold": 3}, "", "3 of 2", id="an impossible threshold"
        ),
        pytest.param("keys", {"folder": "away"}, "short", "fewer than 12", id="a short passphrase"),
        pytest.param("keys", {"folder": "away", "passphrase": "short"}, "", "fewer than 12", id="a short one offline"),
        pytest.param("file/keys", {"folder": "away"}, "", "cannot be written", id="keys in what is a file"),
        pytest.param("keys", {"folder": "file/away"}, "", "cannot be written", id="root keys in what is a file"),
    ],
)
def test_an_init_that_fails_leaves_nothing(tmp_path, keys, new, passphrase, reason):
    (tmp_path / "file").write_text("a file")
    with pytest.raises(TrustError, match=reason):
        ceremony.init(tmp_path / keys, passphrase, ceremony.NewRoots(**new | {"folder": tmp_path / new["folder"]}), NOW)
    assert [path.name for path in tmp_path.rglob("*")] == ["file"]


def test_locked_keys_need_their_passphrase(tmp_path):
    house = make_house(tmp_path, passphrase=CANARY)
    assert house.online().signers.keys() == set(ONLINE)
    for passphrase, reason in ((None, "not in the environment"), ("", "no passphrase"), ("wrong", "is wrong")):
        with pytest.raises(TrustError, match=reason):
            load_online(options(house, passphrase=passphrase), NOW)


def other_kind(house):
    key = generate_private_key(SECP256R1())
    (house.keys / "targets.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def another(house):
    (house.keys / "targets.pem").write_bytes((house.keys / "snapshot.pem").read_bytes())


def version_two(house):
    ceremony.renew(house.keys, house.roots(), NOW)


def gap(house):
    version_two(house)
    version_two(house)
    (house.keys / "root" / "2.root.json").unlink()


def renamed(house):
    (house.keys / "root" / "2.root.json").write_bytes((house.keys / "root" / "1.root.json").read_bytes())


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        pytest.param(lambda house: house.keys.rename(house.keys.with_name("gone")), "no keys", id="no folder"),
        pytest.param(lambda house: (house.keys / "targets.pem").unlink(), "PAPPUS_KEY_TARGETS", id="no key"),
        pytest.param(lambda house: (house.keys / "targets.pem").write_text("?"), "no private key", id="no PEM"),
        pytest.param(other_kind, "no Ed25519", id="another kind of key"),
        pytest.param(another, "does not list this key", id="another key"),
        pytest.param(
            lambda house: (house.keys / "root" / "1.root.json").unlink(), "1.root.json is missing", id="no root"
        ),
        pytest.param(gap, "2.root.json is missing", id="a gap"),
        pytest.param(renamed, "another version", id="a root under another's name"),
        pytest.param(
            lambda house: (house.keys / "root" / "1.root.json").write_text("{"), "cannot be read", id="no JSON"
        ),
        pytest.param(
            lambda house: (house.keys / "root" / "1.root.json").write_text("[]"), "cannot be read", id="no root"
        ),
    ],
)
def test_keys_that_do_not_fit_are_told_in_one_line(house, harm, reason):
    harm(house)
    with pytest.raises(TrustError, match=reason) as raised:
        house.online()
    assert "\n" not in str(raised.value)


def test_a_root_that_was_altered_is_not_built_upon(house):
    path = house.keys / "root" / "1.root.json"
    path.write_bytes(path.read_bytes().replace(b"2027", b"2037"))
    with pytest.raises(TrustError, match="no valid root"):
        version_two(house)


def test_what_is_not_as_safe_as_it_seems_is_warned_of(house):
    assert house.online().warnings == ()
    (house.keys / "targets.pem").chmod(0o640)
    unlocked = load_online(options(house, passphrase=CANARY), NOW).warnings
    assert [warning for warning in unlocked if "chmod 600" in warning] == [unlocked[0]]
    assert sum("is not locked" in warning for warning in unlocked) == len(ONLINE)
    (house.keys / "targets.pem").chmod(0o600)
    (warning,) = house.online(NOW + timedelta(days=340)).warnings
    assert "expires at 2027-11-23T12:00:00Z" in warning
    assert "rotate root --keep" in warning


def test_keys_may_come_from_the_environment_alone(tmp_path):
    house = make_house(tmp_path, passphrase=CANARY)
    environment = {f"PAPPUS_KEY_{role.upper()}": (house.keys / f"{role}.pem").read_text() for role in ONLINE}
    for role in ONLINE:
        (house.keys / f"{role}.pem").unlink()
    pems = environment_pems(environment | {"HOME": "/", "PAPPUS_KEY_ROOT": "never read"})
    assert load_online(options(house, pems=pems), NOW).keyids.keys() == set(ONLINE)
    assert environment_pems({"PAPPUS_KEY_TARGETS": " "}) == {}


@pytest.mark.parametrize("role", ONLINE)
def test_a_stolen_online_key_is_revoked_and_readers_go_on(tmp_path, role):
    case = Case(tmp_path)
    case.publish()
    assert case.read() == FILES
    stolen = case.house.online()
    ceremony.revoke(case.house.keys, stolen.keyids[role], "", case.house.roots(), NOW)
    held = case.publish(NOW + timedelta(minutes=1))
    assert case.read(NOW + timedelta(minutes=1)) == FILES
    signed = {name for name, one in held.items() if one.keyid == stolen.keyids[role]}
    assert signed == set()
    forged = replace(stolen, roots=case.house.online().roots)
    case.publish(NOW + timedelta(minutes=2), online=forged, files=FILES | {"README.md": b"forged"})
    with pytest.raises(RepositoryError):
        case.read(NOW + timedelta(minutes=2))


def test_readers_recover_from_a_thief_who_counted_the_releases_up(tmp_path):
    """The fast-forward attack: without a new key, nothing honest would ever be new enough again."""
    case = Case(tmp_path)
    honest = case.publish()
    thief = {name: role._replace(version=10**9) if name == "timestamp" else role for name, role in honest.items()}
    case.held = thief
    case.publish(NOW + timedelta(hours=13))
    case.read(NOW + timedelta(hours=13))
    case.held = honest
    case.publish(NOW + timedelta(hours=14), files=FILES | {"new.md": b""})
    with pytest.raises(BadVersionNumberError):
        case.read(NOW + timedelta(hours=14))
    ceremony.rotate(case.house.keys, ["timestamp"], "", case.house.roots(), NOW)
    case.publish(NOW + timedelta(hours=15))
    assert case.read(NOW + timedelta(hours=15)) == FILES


def test_a_lost_root_key_of_three_is_revoked_by_the_other_two_and_then_there_are_three_again(tmp_path):
    case = Case(tmp_path, number=3, threshold=2)
    house = case.house
    case.publish()
    assert case.read() == FILES
    lost = house.roots(3).signers()
    (house.offline / "root-3.pem").unlink()
    with pytest.raises(TrustError, match="2 of 3 must sign, and 1 did"):
        ceremony.revoke(house.keys, next(iter(lost)), "", house.roots(1), NOW)
    ceremony.revoke(house.keys, next(iter(lost)), "", house.roots(), NOW)
    assert set(listed(house, "root")) == house.roots().signers().keys()
    with pytest.raises(TrustError, match="1 root keys would be left, and 2 must sign"):
        ceremony.revoke(house.keys, listed(house, "root")[0], "", house.roots(), NOW)
    new = ceremony.NewRoots(folder=tmp_path / "new", number=3, threshold=2)
    ceremony.replace_roots(house.keys, house.roots(), new, NOW)
    case.publish(NOW + timedelta(hours=1))
    assert case.read(NOW + timedelta(hours=1)) == FILES
    with pytest.raises(TrustError, match="2 of 3 must sign, and 0 did"):
        ceremony.renew(house.keys, house.roots(), NOW)
    moved = replace(house, offline=tmp_path / "new")
    assert ceremony.renew(house.keys, moved.roots(1, 3), NOW).newest.version == 4
    assert modes(tmp_path / "new") == ({0o600}, 0o700)


def test_an_expired_root_is_renewed_and_readers_go_on(tmp_path):
    case = Case(tmp_path)
    case.publish()
    assert case.read() == FILES
    later = NOW + YEAR
    with pytest.raises(TrustError, match="expired at 2027-11-23T12:00:00Z"):
        case.house.online(later)
    with pytest.raises(ExpiredMetadataError):
        case.read(later)
    ceremony.renew(case.house.keys, case.house.roots(), later)
    case.publish(later)
    assert case.read(later) == FILES


def test_a_reader_of_the_first_root_finds_the_way_through_all_that_happened(tmp_path):
    case = Case(tmp_path, number=2)
    case.publish()
    for number in range(6):
        ceremony.rotate(case.house.keys, [ONLINE[number % 3]], "", case.house.roots(1 + number % 2), NOW)
        case.publish()
    case.reader.forget()
    assert case.read() == FILES
    assert [version for version, _ in case.house.online().roots] == [1, 2, 3, 4, 5, 6, 7]
    assert sorted(path.name for path in case.tree.glob("metadata/*.root.json")) == [
        f"{n}.root.json" for n in range(1, 8)
    ]


def test_a_ceremony_killed_anywhere_leaves_keys_that_sign_and_the_next_goes_on(tmp_path):
    changing = ((durable, "write"), (durable, "sync"), (Path, "replace"), (Path, "unlink"))
    for steps in range(40):
        house = make_house(tmp_path / str(steps))
        with mortal(steps, *changing):
            try:
                ceremony.rotate(house.keys, ONLINE, "", house.roots(), NOW)
                done = True
            except Killed:
                done = False
        version = house.online().roots[-1][0]
        assert release({}, tree_of(FILES), [], house.online(), NOW)
        ceremony.rotate(house.keys, ["targets"], "", house.roots(), NOW)
        assert house.online().roots[-1][0] == version + 1
        there = {path.name for path in house.keys.iterdir()}
        assert there == {".gitignore", "root", *(f"{role}.pem" for role in ONLINE)}
        if done:
            assert steps > 10
            return
    pytest.fail("it never ends")


def test_a_locked_key_is_never_replaced_by_one_that_is_not(tmp_path):
    house = make_house(tmp_path, passphrase=CANARY)
    with pytest.raises(TrustError, match="--passphrase-env"):
        ceremony.rotate(house.keys, ["targets"], "", house.roots(), NOW)
    assert len(house.online().roots) == 1


@pytest.mark.parametrize("keyid", ["", "00000000000", "abc"])
def test_only_a_known_key_is_revoked(house, keyid):
    with pytest.raises(TrustError, match="names no keys"):
        ceremony.revoke(house.keys, keyid or listed(house, "targets")[0][:7], "", house.roots(), NOW)


def test_root_keys_of_several_holders_have_passphrases_of_their_own(tmp_path):
    house = make_house(tmp_path, number=2, threshold=2, offline_passphrase=OFFLINE_CANARY)
    second = house.offline / "root-2.pem"
    second.write_bytes(pem.lock(pem.unlock(second.read_bytes(), OFFLINE_CANARY, ""), CANARY))
    both = replace(house.roots(), passphrases=(OFFLINE_CANARY, CANARY))
    assert ceremony.renew(house.keys, both, NOW).newest.version == 2
    with pytest.raises(TrustError, match=r"root-2\.pem: the passphrase is wrong"):
        ceremony.renew(house.keys, house.roots(), NOW)


def run(*arguments, **environment):
    return CliRunner().invoke(cli, ["keys", *map(str, arguments)], env=environment)


def test_the_commands_make_show_change_and_revoke(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = run("init", "--offline", "away", "--roots", 3, "--threshold", 2)
    assert made.exit_code == 0, made.output
    fingerprint = digest((tmp_path / "keys/root/1.root.json").read_bytes())
    assert fingerprint in made.output.replace(" ", "")
    first = json.loads(run("show", "--json").output)
    assert first["fingerprint"] == fingerprint
    assert [(role["name"], role["threshold"], len(role["keys"])) for role in first["roles"]] == [
        ("root", 2, 3),
        ("targets", 1, 1),
        ("snapshot", 1, 1),
        ("timestamp", 1, 1),
    ]
    two = ["--offline", "away/root-1.pem", "--offline", "away/root-3.pem"]
    assert run("rotate", "timestamp", *two).exit_code == 0
    assert run("rotate", "root", "--keep", *two).exit_code == 0
    assert run("revoke", first["roles"][1]["keys"][0][:8], *two).exit_code == 0
    assert run("revoke", first["roles"][0]["keys"][0][:8], "--offline", "away").exit_code == 0
    assert run("rotate", "root", "--to", "new", "--roots", 3, "--offline", "away").exit_code == 0
    last = json.loads(run("show", "--json").output)
    assert (last["version"], last["fingerprint"]) == (6, fingerprint)
    changed = [new["name"] for old, new in zip(first["roles"], last["roles"], strict=True) if old != new]
    assert changed == ["root", "targets", "timestamp"]
    shown = run("show").output
    assert all(keyid in shown for role in last["roles"] for keyid in role["keys"])
    assert Metadata.from_file(str(tmp_path / "keys/root/6.root.json")).signed.roles["root"].threshold == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["rotate", "root", "--offline", "away"], "--keep or --to"),
        (["rotate", "root", "--offline", "away", "--keep", "--to", "new"], "--keep or --to"),
        (["rotate", "targets", "--offline", "away", "--keep"], "no other role"),
        (["rotate", "targets", "--offline", "away", "--roots", "2"], "are for new root keys"),
        (["rotate", "targets", "--offline", "keys/root"], "no key (*.pem)"),
        (["rotate", "targets", "--offline", "away", "--passphrase-env", "UNSET_VARIABLE"], "UNSET_VARIABLE"),
        (["rotate", "bins", "--offline", "away"], "'bins' is not one of"),
        (["init"], "--offline"),
    ],
)
def test_wrong_usage_is_told_and_changes_nothing(tmp_path, monkeypatch, arguments, said):
    monkeypatch.chdir(tmp_path)
    assert run("init", "--offline", "away").exit_code == 0
    before = sorted(tmp_path.rglob("*"))
    result = run(*arguments)
    assert result.exit_code == 2
    assert said in result.output
    assert sorted(tmp_path.rglob("*")) == before


def test_no_secret_is_ever_to_be_seen(tmp_path, monkeypatch, caplog):
    """Not the passphrases, not a private key: in no output, error, log, repr or file."""
    monkeypatch.chdir(tmp_path)
    caplog.set_level("DEBUG")
    house = House(
        keys=tmp_path / "keys", offline=tmp_path / "away", passphrase=CANARY, offline_passphrase=OFFLINE_CANARY
    )
    said = []
    secrets = {"P": CANARY, "O": OFFLINE_CANARY, "W": "wrong-" + CANARY, "S": "canary"}
    with_both = ["--passphrase-env", "P", "--offline-passphrase-env", "O"]
    for arguments, fails in (
        (["init", "--offline", "away", "--passphrase-env", "S"], True),
        (["init", "--offline", "away", "--roots", "2", *with_both], False),
        (["init", "--offline", "away", *with_both], True),
        (["show"], False),
        (["rotate", "targets", "--offline", "away", *with_both], False),
        (["rotate", "targets", "--offline", "away", "--passphrase-env", "P", "--offline-passphrase-env", "W"], True),
        (["rotate", "targets", "--offline", "away", "--passphrase-env", "P"], True),
        (["rotate", "root", "--keep", "--offline", "away", *with_both], False),
        (["rotate", "root", "--to", "new", "--offline", "away", *with_both], False),
        (["revoke", "0123456789", "--offline", "new", *with_both], True),
    ):
        result = run(*arguments, **secrets)
        assert bool(result.exit_code) == fails, (arguments, result.output)
        said += [result.output, "".join(traceback.format_exception(*result.exc_info))]
    now = utc_now()  # as the commands have it
    online = house.online(now)
    said += [repr(house.roots()), repr(online), repr(options(house, pems={"targets": CANARY}))]
    for passphrase in ("wrong-" + CANARY, None, ""):
        with pytest.raises(TrustError) as raised:
            load_online(options(house, passphrase=passphrase), now)
        said.append(repr(raised.value))
    signed_tree(tmp_path / "tree", FILES, online, now)
    said.append(caplog.text)
    said += [path.read_bytes().decode("latin-1") for path in tmp_path.rglob("*") if path.is_file()]
    offline = [*house.roots().signers().values()]
    assert len(offline) == 2
    for secret in (
        CANARY,
        OFFLINE_CANARY,
        *_shapes(online.signers.values()),
        *_shapes(one._private_key for one in offline),
    ):
        assert not [text for text in said if secret in text], secret
    locked = list(tmp_path.rglob("*.pem"))
    assert len(locked) == 3 + 2 + 2
    assert all(pem.is_locked(path.read_bytes()) for path in locked)


def _shapes(keys):
    for key in keys:
        raw = key.private_bytes_raw()
        yield from (raw.hex(), base64.b64encode(raw).decode()[:-1], raw.decode("latin-1"))


def test_signing_needs_no_python_tuf(tmp_path):
    """It takes longer to import than a release takes to sign; a run in which nothing changed needs no cryptography either."""
    program = "import sys, pappus.trust; print([name for name in ('tuf', 'securesystemslib', 'cryptography') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "[]\n"
