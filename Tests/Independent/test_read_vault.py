"""The independent reader: good vaults are read as docs/format.md says, bad ones are refused with the right exit code."""
import copy
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

import vault_forge as forge
from vault_cbor import Refused, decode, encode
from vault_forge import (JOINED, NOTES, OTP, PASSWORD, PURGE, TEMPLATE, TITLE, TRASH, USERNAME, Vault, edits, entry, ids,
                         password_slot, reader, recovery_slot, small_reader, trim, trimmed, version, write)

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Stories"))
from conftest import Coffer  # noqa: E402

WRONG_PASSWORD, DAMAGED, NOT_SUPPORTED = 3, 4, 7
RECOVERY_KEY = forge.seeded(20, "recovery key")
KEY_FILE = forge.seeded(64, "key file")
T = 1_700_000_000  # 2023-11-14T22:13:20Z


def small_vault(*entries, **changes):
    """One cheap password slot and the entries, or one login if there are none."""
    vault = Vault(**changes)
    vault.slots = [password_slot(vault, "password")]
    vault.entries = list(entries) or [login(1)]
    return vault


def login(number, title="Bank", password="s3cret", **keys):
    return entry(number, version(TITLE, title, **keys), version(PASSWORD, password, **keys))


def read(data, password=b"password", key_file=None):
    """What both readers, which share no code, show; the program must open it as well."""
    shown = reader.read_vault(data, 1, password, key_file)
    assert small_reader.read_vault(data, 1, password, key_file) == shown
    assert program_status(data, password, key_file) == 0
    return shown


def program_status(data, password, key_file):
    """How the program ends on this file when it looks at everything."""
    with tempfile.TemporaryDirectory() as folder:
        place = Coffer(folder, password)
        place.vault.write_bytes(data)
        words = []
        if key_file is not None:
            (place.home / "key").write_bytes(key_file)
            words = ["--key-file", str(place.home / "key")]
        return place.run("verify", "--deep", *words).status


def secrets(password=b"password", key_file=None):
    return password, key_file


def read_one(*versions):
    """What the reader shows of a vault with one entry of these versions."""
    [shown] = read(write(small_vault(entry(1, *versions))))
    return shown


def assert_refused(data, code=DAMAGED, message="", either=False, **keys):
    with pytest.raises(Refused) as refused:
        reader.read_vault(data, 1, *secrets(**keys))
    assert (refused.value.code, message in str(refused.value)) == (code, True), str(refused.value)
    with pytest.raises(small_reader.Refused) as refused:
        small_reader.read_vault(data, 1, *secrets(**keys))
    assert refused.value.code == code, str(refused.value)
    # What does not begin like a vault is none to the program; and what is both may be called either.
    status = program_status(data, *secrets(**keys))
    assert status == code if data.startswith(forge.MAGIC) and not either else status in (DAMAGED, NOT_SUPPORTED)


def assert_versions_refused(versions, message="", code=DAMAGED):
    """Refused as an entry, whatever overview the index has."""
    item = forge.Entry(bytes(16), versions, overview={})
    assert_refused(write(small_vault(item)), code, message)


def run(path, option, line, *arguments):
    """The reader as a program; the line is given by a descriptor."""
    reading, writing = os.pipe()
    os.write(writing, line)
    os.close(writing)
    result = subprocess.run([sys.executable, forge.READER, path, option, str(reading), *arguments], pass_fds=[reading],
                            capture_output=True, timeout=60)
    os.close(reading)
    return result


# --- Good vaults


def test_login_is_shown_with_every_key(tmp_path):
    vault = Vault()
    vault.slots = [password_slot(vault, "pässword")]
    otp = "otpauth://totp/Bank?secret=GEZDGNBVGY3TQOJQ"
    vault.entries = [entry(
        0xab, version(TITLE, "Bänk"), version(USERNAME, "jo", T + 5), version(PASSWORD, "s3cret"), version(NOTES, "nöte"),
        version(OTP, otp), version(TEMPLATE, "login"), version("Branch", ["Köln", False]), version("PIN", ["1234", True]),
        forge.tag(vault, "money"), forge.tag(vault, "a"), forge.url(vault, "https://bank.example"))]
    path = tmp_path / "vault"
    path.write_bytes(write(vault))
    result = run(path, "--password-fd", "pa\u0308ssword\nsecond line\n".encode())  # decomposed: NFC makes it the same
    assert (result.returncode, result.stderr) == (0, b"")
    assert json.loads(result.stdout) == [{
        "id": "000000000000000000000000000000ab", "title": "Bänk", "username": "jo", "urls": ["https://bank.example"],
        "tags": ["a", "money"], "template": "login", "fields": {"Branch": "Köln"},
        "has": {"password": True, "otp": True, "notes": True}, "codes": {"sets": 0, "unused": 0, "used": 0},
        "conflicts": [], "created": "2023-11-14T22:13:20Z", "modified": "2023-11-14T22:13:25Z", "state": "live",
        "secrets": {"password": "s3cret", "notes": "nöte", "otp": otp, "fields": {"PIN": "1234"}}}]


def test_absent_things_are_null_or_left_out():
    assert read_one(version(TITLE, "T"), version(USERNAME, None)) == {
        "id": f"{1:032x}", "title": "T", "username": None, "urls": [], "tags": [], "template": None, "fields": {},
        "has": {"password": False, "otp": False, "notes": False}, "codes": {"sets": 0, "unused": 0, "used": 0},
        "conflicts": [], "created": "2023-11-14T22:13:20Z", "modified": "2023-11-14T22:13:20Z", "state": "live",
        "secrets": {}}


def test_empty_vault_and_order_of_entries():
    vault = small_vault()
    vault.entries = []
    assert read(write(vault)) == []
    vault.entries = [login(1, "b"), login(2, "a"), login(3, "b"), login(4, "")]
    assert [(e["title"], int(e["id"], 16)) for e in read(write(vault))] == [("", 4), ("a", 2), ("b", 1), ("b", 3)]


@pytest.mark.parametrize("kdf, costs", [
    (forge.PBKDF2_SHA512, {"iterations": 3}), (forge.PBKDF2_SHA256, {"iterations": 3}),
    (forge.ARGON2ID, {"iterations": 2, "memory": 64}), (forge.ARGON2ID, {"iterations": 1, "memory": 65_536, "flags": 0}),
    (forge.PBKDF2_SHA512, {"iterations": 600_000, "flags": 0})])
@pytest.mark.parametrize("with_key_file", [False, True])
def test_every_kdf(kdf, costs, with_key_file):
    key_file = KEY_FILE if with_key_file else None
    vault = small_vault()
    vault.slots = [password_slot(vault, "password", kdf, key_file=key_file, **costs)]
    data = write(vault)
    assert read(data, key_file=key_file)[0]["title"] == "Bank"
    assert_refused(data, WRONG_PASSWORD, password=b"passwort", key_file=key_file)
    if key_file:
        assert_refused(data, WRONG_PASSWORD)
        assert_refused(data, WRONG_PASSWORD, key_file=key_file + b"\n")


def test_recovery_key_and_key_file_as_a_program(tmp_path):
    vault = small_vault()
    vault.slots = sorted([password_slot(vault, "password", key_file=KEY_FILE), recovery_slot(vault, RECOVERY_KEY)],
                         key=lambda slot: slot[0])
    path, key_path = tmp_path / "vault", tmp_path / "key"
    path.write_bytes(write(vault))
    key_path.write_bytes(KEY_FILE)
    text = forge.recovery_text(RECOVERY_KEY)
    careless = text.lower().replace("-", " ").replace("1", "l").replace("0", "o")
    for line in (text, careless):
        assert run(path, "--recovery-key-fd", line.encode()).returncode == 0
    assert run(path, "--password-fd", b"password\n", "--key-file", key_path).returncode == 0
    assert run(path, "--password-fd", b"password").returncode == WRONG_PASSWORD
    assert run(path, "--password-fd", b"\n").returncode == WRONG_PASSWORD
    wrong = text[:-1] + ("0" if text[-1] != "0" else "1")
    result = run(path, "--recovery-key-fd", wrong.encode())
    assert (result.returncode, result.stdout) == (WRONG_PASSWORD, b"") and result.stderr
    path.write_bytes(write(vault)[:-1])
    assert run(path, "--recovery-key-fd", text.encode()).returncode == DAMAGED


def test_each_of_eight_passwords_opens():
    vault = small_vault()
    vault.slots = [password_slot(vault, f"password {n}", slot_id=bytes([n] * 16)) for n in range(8)]
    for n in range(8):
        assert read(write(vault), f"password {n}".encode())
    assert_refused(write(vault), WRONG_PASSWORD, password=b"password 8")


def test_conflicts_name_the_fields_and_the_latest_head_wins():
    base = version(TITLE, "base")
    shown = read_one(
        base, version(TITLE, "one", T + 1, replaces=[base]),
        version(TITLE, "two", T + 2, replaces=[base]), version(PASSWORD, "same"), version(PASSWORD, "same", seed=1),
        version("zz", ["x", True], T + 1), version("zz", ["x", False], T), version(USERNAME, None, T + 9),
        version(USERNAME, "jo"), version("a", ["x", False]), version("a", None, T - 1), version(77, 1), version(77, 2))
    assert shown["conflicts"] == ["title", "username", "a", "zz"]
    assert (shown["title"], shown["username"], shown["fields"]) == ("two", None, {"a": "x"})
    assert shown["secrets"] == {"password": "same", "fields": {"zz": "x"}}
    assert (shown["created"], shown["modified"]) == ("2023-11-14T22:13:19Z", "2023-11-14T22:13:29Z")


def test_heads_of_equal_time_are_ordered_by_id():
    heads = forge.by_id([version(TITLE, "a"), version(TITLE, "b"), version(TITLE, "c")])
    assert read_one(*heads)["title"] == heads[-1][5]


def test_present_beats_absent():
    vault = Vault()
    first = forge.tag(vault, "x")
    h = first[1]
    shown = read_one(first, version(h, "x", T + 1, replaces=[first]), version(h, None, T + 2, replaces=[first]),
                     version([1, bytes(16)], None))
    assert (shown["tags"], shown["conflicts"]) == (["x"], [])


def test_trash():
    title, password = version(TITLE, "T"), version(PASSWORD, "p")
    seen = version(TRASH, True, T + 1, seen=[title, password])
    assert read_one(title, password, seen)["state"] == "trash"
    later = version(PASSWORD, "q", T + 2, replaces=[password])
    assert read_one(title, password, seen, later)["state"] == "live"
    out = version(TRASH, False, T + 3, replaces=[seen], seen=[title, password])
    assert read_one(title, password, seen, out)["state"] == "live"
    other = version(TRASH, True, T + 1, seen=[title, later])
    assert read_one(title, password, later, seen, other)["state"] == "trash"
    assert read_one(title, password, seen, version(TRASH, False, T, seen=[]))["state"] == "live"


def test_purge():
    old, password = version(TITLE, "old"), version(PASSWORD, "p")
    title = version(TITLE, "T", replaces=[old])
    purge = version(PURGE, "T", T + 9, seen=[title, password])
    versions = [trimmed(old), trimmed(title), trimmed(password), purge]
    shown = read_one(*versions)
    assert (shown["state"], shown["title"], shown["secrets"]) == ("purged", "T", {})
    assert shown["created"] == "2023-11-14T22:13:29Z"
    again = version(PURGE, "later", T + 10, seen=[title, password, purge])
    assert read_one(*versions, again)["title"] == "later"
    shown = read_one(*versions, version(PASSWORD, "q", replaces=[password]))
    assert (shown["state"], shown["title"], shown["secrets"]) == ("live", "T", {"password": "q"})


def joined_to(number, target, *versions):
    return entry(number, *versions, version(JOINED, target.to_bytes(16, "big")))


def test_joined_entries_are_shown_as_one():
    vault = small_vault(entry(1, version(TITLE, "new", T + 1)), joined_to(2, 1, version(TITLE, "old"), version(NOTES, "n")),
                        joined_to(3, 2, version(USERNAME, "jo")), login(4, "zzz"))
    shown = read(write(vault))
    assert [(int(e["id"], 16), e["title"]) for e in shown] == [(1, "new"), (4, "zzz")]
    assert (shown[0]["username"], shown[0]["secrets"], shown[0]["conflicts"]) == ("jo", {"notes": "n"}, ["title"])


@pytest.mark.parametrize("links, shown", [
    ({2: 3, 3: 2}, [2]), ({1: 3, 2: 3, 3: 2}, [1]), ({1: 1}, [1]), ({1: 9}, [1]), ({5: 1, 3: 5, 1: 2, 2: None}, [2])])
def test_who_is_shown_of_joined_entries(links, shown):
    items = [joined_to(n, target, version(TITLE, "T", seed=n)) if target else login(n) for n, target in sorted(links.items())]
    assert [int(e["id"], 16) for e in read(write(small_vault(*items)))] == shown


def test_entry_joined_into_two():
    both = entry(1, *(version(JOINED, n.to_bytes(16, "big")) for n in (3, 2)))
    assert [int(e["id"], 16) for e in read(write(small_vault(both, login(2), login(3))))] == [2]


def test_backup_codes():
    vault = Vault()
    active = forge.code_set(vault, ["b2", "a1", "c3"], used=["a1"])
    retired = forge.code_set(vault, ["x"], retired=True)
    used_elsewhere = version(active[1][1], ["b2", True], T - 5)  # a head that says used beats a later one
    gone = [version([4, b"g" * 16, b"h" * 16], ["lost", False]), version([3, b"g" * 16], None)]
    shown = read_one(version(TITLE, "T"), *active, *retired, used_elsewhere, *gone)
    assert (shown["codes"], shown["conflicts"]) == ({"sets": 1, "unused": 1, "used": 2}, [])
    g, r = active[0][1][1].hex(), retired[0][1][1].hex()
    assert shown["secrets"]["codes"] == sorted([
        {"set": g, "code": "a1", "used": True, "retired": False}, {"set": g, "code": "b2", "used": True, "retired": False},
        {"set": g, "code": "c3", "used": False, "retired": False}, {"set": r, "code": "x", "used": False, "retired": True}],
        key=lambda code: (code["set"], code["code"]))


def test_hotp_counters_are_no_conflict():
    uri = "otpauth://hotp/x?secret=GEZDGNBVGY3TQOJQ&counter=1"
    otp = version(OTP, uri)
    shown = read_one(otp, version([5, otp[0]], 7), version([5, otp[0]], 9))
    assert (shown["secrets"]["otp"], shown["conflicts"], shown["title"]) == (uri, [], "")


def test_unknown_fields_and_keys_are_kept():
    deep = 1
    for _ in range(13):  # array of versions, version, key 7 and 13 more: 16 deep is still good
        deep = [deep]
    extra = {7: {b"k": [None], "t": 2**64 - 1}, 2**64 - 1: deep}
    versions = [version(TITLE, "T", extra=extra), version(11, b"x"), version(0, None), version([6, b"odd", b""], ["x", True])]
    vault = small_vault(entry(1, *versions))
    vault.settings = forge.by_id([version("colour", "blue", extra={9: []})])
    data = write(vault)
    assert read(data)[0]["title"] == "T"
    again = forge.take_apart(data, forge.VAULT_KEY)
    assert again.entries[0].content == forge.by_id(versions)
    assert write(again) == data


def test_history_keeps_ten_replaced_versions():
    history = edits(TITLE, [f"title {n}" for n in range(15)])
    kept = trim(history)
    assert sorted(v[0] for v in kept if 5 not in v) == ids(history[:4])
    shown = read_one(*kept)
    assert (shown["title"], shown["created"]) == ("title 14", "2023-11-14T22:13:24Z")
    assert read_one(*[trimmed(v) if v is history[10] else v for v in kept])["title"] == "title 14"


def test_replaced_slots():
    vault = small_vault()
    old = version(1, encode(password_slot(vault, "old", seed=1)))
    new = version(1, encode(vault.slots[0]), replaces=[old])
    removed = version(2, None)
    vault.registry = forge.by_id([trimmed(old), new, removed])
    assert read(write(vault))
    vault.registry = forge.by_id([old, new])
    assert_refused(write(vault), message="must be trimmed")


@pytest.mark.parametrize("length", [0, 248, 252, 253, 65_532, 65_533, 70_000, 1_000_000])
def test_sizes(length):
    assert read_one(version(NOTES, "n" * length))["secrets"] == {"notes": "n" * length}


def test_largest_entry():
    """The content of the box has 16 MiB and one byte more."""
    versions = [version(NOTES, "")]
    rest = len(encode(versions)) + 4  # the length of a long text takes five bytes instead of one
    assert len(read_one(version(NOTES, "n" * (16 * 1024**2 - rest)))["secrets"]["notes"]) == 16 * 1024**2 - rest
    assert_versions_refused([version(NOTES, "n" * (16 * 1024**2 - rest + 1))], "too long", NOT_SUPPORTED)


def test_what_can_be_a_password():
    assert reader.normalised_password(b" a \r") == b" a \r"
    assert len(reader.normalised_password("e\u0301".encode() * 512)) == 1024
    for line in (b"", b"x" * 1025, b"a\0b", b"\xff"):
        with pytest.raises(Refused) as refused:
            reader.normalised_password(line)
        assert refused.value.code == WRONG_PASSWORD


def test_recovery_keys():
    for key in (bytes(20), b"\xff" * 20, RECOVERY_KEY):
        text = forge.recovery_text(key)
        assert reader.parse_recovery_key(text.encode()) == key
        for bad in (text[:-1], text + "0", text[3:], "CR2" + text[3:], text[:5] + "U" + text[6:], "", "ü"):
            with pytest.raises(Refused) as refused:
                reader.parse_recovery_key(bad.encode())
            assert refused.value.code == WRONG_PASSWORD


def test_padded_lengths():
    expected = {4: 256, 256: 256, 257: 512, 32_769: 65_536, 65_536: 65_536, 65_537: 67_584, 67_584: 67_584,
                67_585: 69_632, 131_072: 131_072, 131_073: 135_168, 1_000_000: 1_015_808}
    assert {length: forge.padded_length(length) for length in expected} == expected


def test_forge_is_deterministic_and_takes_apart():
    vault = small_vault(login(1), login(2))
    data = write(vault)
    assert write(copy.deepcopy(vault)) == data
    key = forge.vault_key_of(data, 1, b"password")
    assert key == forge.VAULT_KEY and write(forge.take_apart(data, key)) == data


def test_overview_is_what_the_page_says():
    vault = Vault()
    codes = forge.code_set(vault, ["a", "b", "c"], used=["b"])
    item = entry(
        1, version(TITLE, "T", 5), version(USERNAME, "", 9), version(OTP, "o", 5), version("f", ["x", False], 5),
        version("s", ["x", True], 5), version("s", ["y", True], 5), version(TEMPLATE, "t", 5), version(TEMPLATE, "u", 4),
        forge.tag(vault, "b", at=5), forge.tag(vault, "aa", at=5), forge.url(vault, "u", at=5),
        version(JOINED, b"j" * 16, 5), *codes)
    item.overview = {0: "T", 1: "", 2: ["u"], 3: ["aa", "b"], 4: "t", 5: {"f": "x"}, 6: 2 + 8, 7: 4, 8: T, 9: [1, 2, 1],
                     10: [TEMPLATE, "s"], 12: [b"j" * 16]}
    assert read(write(small_vault(item)))
    trashed = entry(1, version(TRASH, True, 0, seen=[]), overview={11: 1})
    purged = entry(1, version(PURGE, "gone", 3, seen=[]), overview={0: "gone", 7: 3, 11: 2})
    for item in (trashed, purged):
        assert read(write(small_vault(item)))


def test_one_id_in_joined_entries():
    """A version that both arrays hold counts once, unless they differ."""
    history = edits(TITLE, ["a", "b"])
    target = version(JOINED, (1).to_bytes(16, "big"))
    one, two = entry(1, *history), entry(2, trimmed(history[0]), history[1], target)
    [shown] = read(write(small_vault(one, two)))
    assert (shown["title"], shown["conflicts"], shown["created"]) == ("b", [], "2023-11-14T22:13:20Z")
    two.content = forge.by_id([history[0], history[1] | {5: "c"}, target])
    assert_refused(write(small_vault(one, two)), message="one id")


# --- Damage


def test_every_byte_matters():
    data = write(small_vault())
    header_length = len(forge.split(data)[0])
    for at in range(len(data)):
        for bits in (0x01, 0x80, 0xff):
            bad = bytearray(data)
            bad[at] ^= bits
            with pytest.raises(Refused) as refused:
                read(bytes(bad))
            allowed = (WRONG_PASSWORD, DAMAGED, NOT_SUPPORTED) if at < header_length else (DAMAGED,)
            assert refused.value.code in allowed, at


def test_truncated_and_longer_files():
    data = write(small_vault(login(1), login(2)))
    for length in range(len(data)):
        assert_refused(data[:length])
    assert_refused(data + b"\0")


def test_not_supported_comes_before_the_password():
    for change in ({"format_version": 2}, {"suite": 2}, {"critical_flags": 1}, {"critical_flags": 1 << 31}):
        assert_refused(write(small_vault(**change)), NOT_SUPPORTED, password=b"wrong")


@pytest.mark.parametrize("changes", [
    {"iterations": 599_999, "flags": 0}, {"iterations": 0}, {"iterations": 20_000_001},
    {"kdf": forge.ARGON2ID, "iterations": 1, "memory": 65_535, "flags": 0},
    {"kdf": forge.ARGON2ID, "iterations": 0}, {"kdf": forge.ARGON2ID, "iterations": 21},
    {"kdf": forge.ARGON2ID, "memory": 7}, {"kdf": forge.ARGON2ID, "memory": 2_097_153}])
def test_costs_that_are_not_accepted(changes, monkeypatch):
    """Even in a slot that is not asked for, and before any KDF is computed."""
    vault = small_vault()
    monkeypatch.setattr(reader, "slot_keys", lambda *_: (bytes(32), bytes(32)))
    bad = password_slot(vault, "password", slot_id=b"\xff" * 16, **changes)
    monkeypatch.setattr(reader, "slot_keys", lambda *_: pytest.fail("a KDF was computed"))
    vault.slots.append(bad)
    assert_refused(write(vault), NOT_SUPPORTED)


@pytest.mark.parametrize("changes", [{1: 0}, {1: 3}, {1: 2}, {2: 0}, {2: 4}, {2: 5}, {6: 4}, {6: 6}, {6: 1 << 40}])
def test_slot_roles_kdfs_and_flags_that_are_not_supported(changes):
    vault = small_vault()
    vault.slots[0] |= changes
    assert_refused(write(vault), NOT_SUPPORTED)


@pytest.mark.parametrize("changes", [{4: 8}, {0: bytes(15)}, {5: bytes(16)}, {7: bytes(31)}, {8: bytes(49)}, {9: 0},
                                     {3: "1"}, {6: True}, {7: "x" * 32}])
def test_malformed_slots(changes):
    vault = small_vault()
    vault.slots[0] |= changes
    # A memory that the KDF does not take may be called a cost that is not supported.
    assert_refused(write(vault), either=changes == {4: 8})


def test_number_and_order_of_slots():
    vault = small_vault()
    slots = [password_slot(vault, "password", slot_id=bytes([n] * 16)) for n in range(9)]
    for count, code in ((8, None), (9, NOT_SUPPORTED), (0, DAMAGED)):
        vault.slots = slots[:count]
        assert assert_refused(write(vault), code, "number of key slots") is None if code else read(write(vault))
    vault.slots = [slots[1], slots[0]]
    assert_refused(write(vault), message="out of order")
    vault.slots = [slots[0], password_slot(vault, "other", slot_id=slots[0][0])]
    assert_refused(write(vault), message="out of order")


def test_wrong_commitment_and_wrapped_key():
    vault = small_vault()
    good = vault.slots[0]
    vault.slots = [good | {7: bytes(32)}]
    assert_refused(write(vault), WRONG_PASSWORD)
    vault.slots = [good | {8: bytes(48)}]
    assert_refused(write(vault), message="not authentic")
    vault.slots = [password_slot(Vault(vault_key=bytes(32)), "password")]
    assert_refused(write(vault), message="epoch check")


def test_header_alterations():
    vault = small_vault()
    assert_refused(write(vault, header_tag=bytes(32)), message="tag")
    for change in ({0: bytes(16)}, {1: 2}, {2: bytes(16)}, {5: 0}, {4: 0}, {6: 0}, {1: 0}):
        with pytest.raises(Refused) as refused:
            read(write(vault, change_body=lambda body: body.update(change)))
        assert refused.value.code == (WRONG_PASSWORD if 0 in change or change == {1: 2} else DAMAGED)
    # The same slots with another epoch: everything fits but the epoch check value.
    assert_refused(write(vault, change_body=lambda body: body.update({2: b"x" * 16})), message="epoch check")
    for bad in (b"\xa0", b"\x80", b""):
        assert_refused(write(vault, change_body=lambda body: bad))
    assert_refused(write(vault, change_body=lambda body: encode(body) + b"\0"), message="after the item")


def test_longest_header_body():
    """65,536 bytes are damaged, 65,537 not supported."""
    vault = small_vault()
    assert_refused(write(vault, change_body=lambda body: b"\x80".ljust(65_536)), message="after the item")
    assert_refused(write(vault, change_body=lambda body: b"\x80".ljust(65_537)), NOT_SUPPORTED, message="header: too long")


def test_lengths_in_the_header():
    for key in (4, 5):
        for by in (-1, 1, 1 << 40):
            def change(body):
                body[key] += by
            assert_refused(write(small_vault(), change_body=change), message="another length", either=True)


def test_registry_and_header_must_agree():
    vault = small_vault()
    other = password_slot(vault, "other", seed=1)
    for registry in ([], forge.slot_versions([other]), forge.slot_versions([vault.slots[0], other]),
                     [version(2, encode(vault.slots[0]))], [version(3, encode(vault.slots[0]))],
                     [version(1, vault.slots[0][0])], [version(1, "text")],
                     forge.by_id([version(3, None), *forge.slot_versions(vault.slots)]),
                     forge.by_id([version("x", None), *forge.slot_versions(vault.slots)]),
                     forge.by_id([version(1, encode(vault.slots[0]), seed=n) for n in (1, 2)])):
        vault.registry = registry
        assert_refused(write(vault))


# --- Index and entries


def test_entries_swapped_dropped_repeated():
    vault = small_vault(login(1, "one"), login(2, "two"))
    frames_changes = [
        lambda f: [f[1], f[0]], lambda f: f[:1], lambda f: f[1:], lambda f: [f[0], f[0]], lambda f: [*f, f[1]],
        lambda f: [f[0][:16] + f[1][16:], f[1][:16] + f[0][16:]], lambda f: [f[0], f[1][:16] + f[0][16:]], lambda f: []]
    for change in frames_changes:
        assert_refused(write(vault, change_frames=change))


def test_records_that_do_not_fit():
    vault = small_vault(login(1, "one"), login(2, "two"))

    def swap_ids(index):
        index[2][0][0], index[2][1][0] = index[2][1][0], index[2][0][0]

    changes = [
        lambda i: i[2].reverse(), lambda i: i[2].pop(), lambda i: i[2].append(i[2][1]), swap_ids,
        lambda i: i[2][0].append(0), lambda i: i[2][0].__setitem__(1, i[2][0][1] + 1),
        lambda i: i[2][0].__setitem__(2, bytes(32)), lambda i: i[2][0].__setitem__(3, {}),
        lambda i: i[2][0][3].update({0: "other"}), lambda i: i[2][0][3].update({6: 0}), lambda i: i[2][0][3].pop(7),
        lambda i: i.pop(0), lambda i: i.update({3: []}), lambda i: i.update({2: {}}), lambda i: i.update({0: None})]
    for change in changes:
        assert_refused(write(vault, change_index=change))
    backwards = small_vault(login(2, "two"), login(1, "one"))
    assert_refused(write(backwards), message="entries out of order")
    assert_refused(write(small_vault(login(1), login(1))), message="entries out of order")
    # The whole of both entries under the other's id: the boxes do not open.
    boxes = [forge.entry_box(vault, item) for item in vault.entries]

    def exchange(index):
        index[2][0][1:], index[2][1][1:] = index[2][1][1:], index[2][0][1:]

    frames = [item.id + forge.u32(len(box)) + box for item, box in zip(vault.entries, reversed(boxes))]
    assert_refused(write(vault, change_index=exchange, change_frames=lambda _: frames), message="entry: not authentic")


def test_stale_index():
    old, new = small_vault(login(1, "old")), small_vault(login(1, "new"))
    old_data, new_data = write(old), write(new)
    assert len(old_data) == len(new_data)
    assert_refused(write(new, index=forge.split(old_data)[1]), message="index")
    old_records, _ = forge.records_and_frames(old)
    assert_refused(write(new, change_index=lambda index: index.update({2: old_records})), message="of the index")
    # Same header and keys, another index box: the entry is older than its record.
    assert_refused(write(old, change_frames=lambda _: forge.split(new_data)[2]), message="of the index")


def test_entry_of_another_epoch():
    vault = small_vault()
    vault.epoch = 2
    vault.slots = [password_slot(vault, "password")]
    assert read(write(vault))
    box = forge.entry_box(small_vault(), vault.entries[0])
    frame = vault.entries[0].id + forge.u32(len(box)) + box

    def pin(index):
        index[2][0][2] = forge.b2(32, box)

    assert_refused(write(vault, change_frames=lambda _: [frame], change_index=pin), message="entry: not authentic")


@pytest.mark.parametrize("length", [0, 23, 39, 40, 295])
def test_box_too_short(length):
    assert_refused(write(small_vault(), index=bytes(length)), message="index: box too short")


def test_nonce_must_be_the_computed_one():
    item = login(1)
    item.nonce = b"n" * 24
    assert_refused(write(small_vault(item)), message="nonce")
    assert_refused(write(small_vault(), index_nonce=bytes(24)), message="nonce")


def test_padding_must_be_the_computed_one():
    item = login(1)
    content = encode(item.content)
    assert read(write(small_vault(forge.Entry(item.id, item.content, padded=forge.pad(content)))))
    good = forge.pad(content)
    for padded in (forge.pad(content, 512), forge.pad(content, 257), good[:-1] + b"\1", b"\xff" + good[1:],
                   forge.pad(content, len(content) + 4), b"", b"\0\0\0"):
        item.padded = padded
        assert_refused(write(small_vault(item)))
        assert_refused(write(small_vault(), index_padded=padded))


@pytest.mark.parametrize("content", [
    b"", b"\x9f\xff", b"\x80\x80", b"\x98\x00", b"\xa0", b"\x81", b"\x20", b"\xf7", b"\xf9\x00\x00", b"\xc0\x80", b"\x1c",
    b"\xff", b"\x61\xff", b"\x62a", b"\x9b" + b"\xff" * 8, b"\x81\x80", b"\xf6", b"\x63\xed\xa0\x80"])
def test_content_that_is_no_array_of_versions(content):
    item = forge.Entry(bytes(16), content)
    assert_refused(write(small_vault(item)))


def test_content_that_nests_twenty_deep_without_end():
    item = forge.Entry(bytes(16), b"\x81" * 20 + b"\x80")
    assert_refused(write(small_vault(item)), NOT_SUPPORTED, either=True)


def test_noncanonical_encodings_resealed():
    title = version(TITLE, "T")
    good = encode([title])
    long_at = good.replace(b"\x03\x1a" + T.to_bytes(4, "big"), b"\x03\x1b" + T.to_bytes(8, "big"))
    swapped = good.replace(b"\x04\x61m\x05\x61T", b"\x05\x61T\x04\x61m")
    repeated = good.replace(b"\xa5", b"\xa6").replace(b"\x04\x61m", b"\x04\x61m\x04\x61m")
    indefinite = good.replace(b"\x05\x61T", b"\x05\x7f\x61T\xff")
    for bad in (long_at, swapped, repeated, indefinite):
        assert bad != good
        assert_refused(write(small_vault(forge.Entry(bytes(16), bad, overview={0: "T", 7: T}))), message="CBOR")


def test_nesting_limit():
    deep = 1
    for _ in range(15):
        deep = [deep]
    assert_versions_refused([version(TITLE, "T", extra={7: deep})], "nested", NOT_SUPPORTED)


ID = bytes(12)


@pytest.mark.parametrize("versions", [
    [{}], [{0: ID}], [{0: bytes(11), 1: 1}], [{0: ID, 1: 1, 3: 0}], [{0: ID, 1: 1, 7: 0}], [{0: ID, 1: 1}],
    [{0: ID, 1: 1, 3: 0, 4: "m", 5: "x", "k": 0}], [{0: ID, 1: 1, 3: 0, 4: "m", 5: "x", 6: []}],
    [{0: ID, 1: 1, 3: "0", 4: "m", 5: "x"}], [{0: ID, 1: 1, 3: 0, 4: b"m", 5: "x"}],
    [{0: ID, 1: 1, 2: [], 3: 0, 4: "m", 5: "x"}], [{0: ID, 1: 1, 2: [bytes(11)], 3: 0, 4: "m", 5: "x"}],
    [version(TITLE, "T") | {2: [b"b" * 12, b"a" * 12]}], [version(TITLE, "T") | {2: [b"a" * 12] * 2}],
    [version(True, "T")], [version(None, "T")], [version(b"x", "T")], [version([], "T")], [version(["x"], "T")],
    [version([1], "T")], [version([1, bytes(15)], "T")], [version([4, bytes(16)], ["x", True])], [version([5, bytes(16)], 1)],
    [version("", ["x", True])], [version("n", "x")], [version("n", ["x", 1])],
    [version("n", ["x", True, True])], [version(TITLE, 1)],
    [version([3, bytes(16)], 2)], [version([3, bytes(16)], True)], [version([4, bytes(16), bytes(16)], "x")],
    [version([5, ID], "1")], [version(JOINED, bytes(15))], [version(10, b"x")], [version(TRASH, None, seen=[])], [version(TRASH, True)],
    [version(PURGE, None, seen=[])], [version(PURGE, "x")], [version(77, {})], [version(77, [1, True])],
    [{0: ID, 1: PURGE}], [version(PURGE, "x", seen=[], replaces=[ID])], [version(TITLE, "a"), version(TITLE, "a")],
    list(reversed(forge.by_id([version(TITLE, "a"), version(TITLE, "b")])))])
def test_malformed_versions(versions):
    assert_versions_refused(versions, "version")


@pytest.mark.parametrize("beyond", [
    {0: ID, 1: 1, 3: 0, 4: "m" * 65, 5: "x"}, {0: ID, 1: 1, 3: 253_402_300_800, 4: "m", 5: "x"},
    version("n" * 257, ["x", True]), version(TITLE, "x" * 4097), version([2, bytes(16)], "x" * 4097),
    version(PURGE, "x" * 4097, seen=[]), version([9, bytes(257)], 1)])
def test_versions_beyond_a_limit(beyond):
    assert_versions_refused([beyond], "too l", NOT_SUPPORTED)


def test_circles():
    a = {0: b"a" * 12, 1: TITLE, 2: [b"b" * 12], 3: 1, 4: "", 5: "a"}
    b = {0: b"b" * 12, 1: TITLE, 2: [b"a" * 12], 3: 1, 4: "", 5: "b"}
    assert_versions_refused([a, b], "circle")
    assert_versions_refused([a | {2: [a[0]]}], "circle")


def test_trimmed_form_is_required():
    history = edits(TITLE, [f"title {n}" for n in range(12)])
    assert_versions_refused(forge.by_id(history), "must be trimmed")
    assert_versions_refused(forge.by_id([*history[:-1], trimmed(history[-1])]), "trimmed")
    purge = version(PURGE, "T", seen=[history[1]])
    assert_versions_refused(forge.by_id([trimmed(history[0]), history[1], purge]), "must be trimmed")
    assert_versions_refused(forge.by_id([history[0], trimmed(history[1]), purge]), "must be trimmed")


def test_ten_that_keep_their_content_are_chosen_by_their_replacers():
    """A branch of one, replaced late, counts as replaced late."""
    history = edits(TITLE, [f"title {n}" for n in range(12)])
    branch = version(TITLE, "branch")
    last = version(TITLE, "last", replaces=[history[-1], branch])
    kept = trim([*history, branch, last])
    assert ids(v for v in kept if 5 not in v) == ids(history[:3])
    assert read_one(*kept)["title"] == "last"


def test_settings():
    vault = small_vault()
    for settings in ([version(1, "x")], [version("x", {})], {}, [version("x", "y")] * 2, edits("x", ["y"] * 12)):
        vault.settings = settings if type(settings) is dict else forge.by_id(settings)
        assert_refused(write(vault))
    vault.settings = trim(edits("x", list(range(12))))
    assert read(write(vault))
