"""`coffer merge`: what two machines did apart comes together, byte for byte the same on both, and nothing is lost."""

import json
import shutil
import sys
from pathlib import Path

import pytest

from conftest import Coffer
from machines import clone, named

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Independent"))
import vault_forge as forge  # noqa: E402


@pytest.fixture
def two(home, tmp_path):
    """Two machines with the same vault."""
    home.init("--machine", "work-pc")
    named(home, "work-pc")
    home.add("work/vk", "--username", "anna", "--tag", "prod", password=b"first")
    home.add("mail", password=b"mail-1")
    return home, clone(home, tmp_path / "laptop", "laptop")


def merge(coffer, *others, status=0, arguments=()):
    result = coffer.run("merge", *[other.vault if isinstance(other, Coffer) else other for other in others], *arguments)
    assert result.status == status, result
    return result


def together(one, two):
    """Merges each into the other; both files are the same then."""
    merge(one, two)
    merge(two, one)
    assert one.vault.read_bytes() == two.vault.read_bytes()


def test_edits_of_different_fields_come_together(two):
    pc, laptop = two
    pc.ok("set", "work/vk", "password", "-", stdin=b"second\n")
    laptop.ok("set", "work/vk", "region", "ru-1", "--plain")
    laptop.add("new", password=b"n")
    result = merge(pc, laptop)
    assert result.out == b"added\tnew\tpassword, title\nchanged\twork/vk\tregion\n"
    assert b"Merged: 1 entry added, 1 entry changed, 0 conflicts; all saved." in result.err
    assert pc.ok("get", "work/vk") == b"second\n"
    assert pc.ok("get", "work/vk", "region") == b"ru-1\n"
    assert pc.ok("get", "new") == b"n\n"
    together(pc, laptop)


def test_merging_again_changes_nothing_and_says_so(two):
    pc, laptop = two
    laptop.add("new", password=b"n")
    merge(pc, laptop)
    before = pc.vault.read_bytes(), pc.vault.stat().st_ino
    result = merge(pc, laptop, pc.vault, laptop)
    assert result.out == b"" and b"Nothing new" in result.err
    assert (pc.vault.read_bytes(), pc.vault.stat().st_ino) == before


def test_an_ancestor_changes_nothing(two, tmp_path):
    pc, _ = two
    old = tmp_path / "old.coffer"
    shutil.copy(pc.vault, old)
    pc.ok("set", "mail", "password", "-", stdin=b"mail-2\n")
    before = pc.vault.read_bytes()
    merge(pc, old)
    assert pc.vault.read_bytes() == before


def test_a_clash_keeps_both_values_and_says_what_to_do(two):
    pc, laptop = two
    pc.ok("set", "work/vk", "password", "-", stdin=b"from-pc\n")
    laptop.ok("set", "work/vk", "password", "-", stdin=b"from-laptop\n")
    result = merge(pc, laptop)
    assert result.out == b"conflict\twork/vk\tpassword\n"
    assert b"Choose: coffer resolve work/vk password" in result.err
    assert pc.run("get", "work/vk").status == 8
    together(pc, laptop)
    shown = pc.run("conflicts", "--reveal", "--json").json()
    assert sorted(value["value"] for value in shown[0]["values"]) == ["from-laptop", "from-pc"]


def test_equal_edits_are_no_conflict(two):
    pc, laptop = two
    for machine in two:
        machine.ok("set", "work/vk", "password", "-", stdin=b"the same\n")
    together(pc, laptop)
    assert pc.ok("get", "work/vk") == b"the same\n"


def test_an_edit_elsewhere_brings_an_entry_back_from_the_trash(two):
    pc, laptop = two
    pc.ok("rm", "mail")
    laptop.ok("set", "mail", "password", "-", stdin=b"mail-2\n")
    result = merge(pc, laptop)
    assert result.out == b"brought back\tmail\t\nchanged\tmail\tpassword\n"
    assert pc.ok("get", "mail") == b"mail-2\n"
    together(pc, laptop)


def test_trash_reaches_a_machine_that_did_nothing(two):
    pc, laptop = two
    pc.ok("rm", "mail")
    merge(laptop, pc)
    assert laptop.run("get", "mail").status == 2
    assert b"mail" in laptop.ok("ls", "--trash")


def test_what_was_purged_stays_purged_whatever_old_copy_is_merged(two, tmp_path):
    pc, laptop = two
    old = tmp_path / "old.coffer"
    shutil.copy(pc.vault, old)
    pc.ok("rm", "mail")
    pc.ok("purge", "mail", "--yes")
    merge(pc, old, laptop)
    assert pc.run("get", "mail").status == 2 and b"mail" not in pc.ok("ls", "--trash")
    merge(laptop, pc)
    assert laptop.run("get", "mail").status == 2


def test_an_edit_that_a_purge_had_not_seen_survives_it(two):
    pc, laptop = two
    pc.ok("rm", "mail")
    pc.ok("purge", "mail", "--yes")
    laptop.ok("set", "mail", "password", "-", stdin=b"still here\n")
    together(pc, laptop)
    assert pc.ok("get", "mail") == b"still here\n"


def test_used_codes_stay_used_and_machines_rarely_draw_the_same(two):
    pc, laptop = two
    codes = [b"%08x" % (0x3f9a01c7 * n % 2**32) for n in range(1, 11)]
    pc.ok("codes", "add", "work/vk", "-", stdin=b"\n".join(codes))
    merge(laptop, pc)
    drawn = [machine.ok("codes", "next", "work/vk") for machine in (pc, laptop)]
    together(pc, laptop)
    counts = pc.run("show", "work/vk", "--json").json()["codes"]
    assert counts == {"sets": 1, "unused": 10 - len(set(drawn)), "used": len(set(drawn))}
    assert pc.ok("codes", "next", "work/vk") not in drawn


def test_tags_and_urls_of_both_are_there(two):
    pc, laptop = two
    pc.ok("set", "work/vk", "tag", "mine", "--add")
    laptop.ok("set", "work/vk", "tag", "yours", "--add")
    laptop.ok("set", "work/vk", "tag", "prod", "--remove")
    together(pc, laptop)
    assert pc.run("show", "work/vk", "--json").json()["tags"] == ["mine", "yours"]


def test_a_dry_run_says_the_same_and_changes_nothing(two):
    pc, laptop = two
    laptop.add("new", password=b"n")
    laptop.ok("set", "work/vk", "password", "-", stdin=b"x\n")
    before = pc.vault.read_bytes()
    dry = merge(pc, laptop, arguments=["--dry-run"])
    assert pc.vault.read_bytes() == before
    assert b"This would be merged: 1 entry added, 1 entry changed, 0 conflicts; nothing was changed." in dry.err
    assert merge(pc, laptop).out == dry.out


def test_json_has_the_documented_members(two):
    pc, laptop = two
    laptop.ok("set", "work/vk", "password", "-", stdin=b"x\n")
    pc.ok("set", "work/vk", "password", "-", stdin=b"y\n")
    shown = json.loads(merge(pc, laptop, arguments=["--json"]).out)
    [entry] = shown.pop("entries")
    assert shown == {"dry_run": False, "too_large": [], "keys": []}
    assert len(entry.pop("id")) == 32
    assert entry == {"title": "work/vk", "added": False, "changed": ["password"], "conflicts": ["password"],
                     "brought_back": False, "trashed": False, "purged": False}


def test_a_master_password_that_was_changed_elsewhere_comes_in(two):
    pc, laptop = two
    laptop.ok("passwd", "--iterations", "600000", fds={"--new-password-fd": b"a new master password\n"})
    result = merge(pc, laptop)
    assert b"The master password was changed on laptop: the new one opens this vault from now on" in result.err
    assert pc.run("ls").status == 3
    pc.password = b"a new master password"
    pc.ok("ls")
    laptop.password = pc.password
    together(pc, laptop)


def test_two_changed_master_passwords_both_open_until_one_is_chosen(two):
    pc, laptop = two
    for machine, password in ((pc, b"password of the pc"), (laptop, b"password of the laptop")):
        machine.ok("passwd", "--iterations", "600000", fds={"--new-password-fd": password + b"\n"})
        machine.password = password
    result = merge(pc, laptop)
    assert b"Another master password, made on laptop, opens this vault too" in result.err
    for password in (b"password of the pc", b"password of the laptop"):
        pc.password = password
        pc.ok("get", "mail")
    assert b"two master passwords" in pc.run("keys").err
    pc.ok("passwd", "--iterations", "600000", fds={"--new-password-fd": b"chosen\n"})
    assert pc.run("ls").status == 3
    pc.password = b"chosen"
    pc.ok("ls")


def test_another_vault_is_refused_even_with_the_same_password(two, tmp_path):
    pc, laptop = two
    stranger = Coffer(tmp_path / "stranger", pc.password).init()
    laptop.add("new", password=b"n")
    before = pc.vault.read_bytes()
    result = merge(pc, laptop, stranger, status=9)
    assert b"is a different vault; nothing was changed" in result.err and result.out == b""
    assert pc.vault.read_bytes() == before


@pytest.mark.parametrize("spoil, status", [
    (lambda data: data[:-1], 4), (lambda data: data + b"\0", 4), (lambda data: data[:60] + b"x" + data[61:], 4),
    (lambda data: data[:-9] + bytes([data[-9] ^ 1]) + data[-8:], 4), (lambda data: b"no vault", 7), (lambda data: b"", 7)])
def test_a_damaged_file_is_refused_and_named_and_nothing_is_merged(two, tmp_path, spoil, status):
    pc, laptop = two
    # Every entry differs: one whose sealed bytes are known is not looked at.
    for title in ("work/vk", "mail"):
        laptop.ok("set", title, "password", "-", stdin=b"n\n")
    bad = tmp_path / "bad.coffer"
    bad.write_bytes(spoil(laptop.vault.read_bytes()))
    before = pc.vault.read_bytes()
    result = merge(pc, laptop, bad, status=status)
    assert str(bad).encode() in result.err and result.out == b""
    assert pc.vault.read_bytes() == before


def test_what_is_no_file_is_refused(two, tmp_path):
    pc, _ = two
    assert merge(pc, tmp_path, status=7).out == b""
    assert merge(pc, tmp_path / "nothing", status=2).out == b""


def test_a_version_that_contradicts_our_own_of_the_same_id_is_refused(two, tmp_path):
    """The forger has the key and gives a known version another content."""
    pc, _ = two
    data = pc.vault.read_bytes()
    vault = forge.take_apart(data, forge.vault_key_of(data, 1, pc.password))
    for item in vault.entries:
        for version in item.content:
            if version[1] == forge.PASSWORD:
                version[5] = "forged"
    bad = tmp_path / "forged.coffer"
    bad.write_bytes(forge.write(vault))
    result = merge(pc, bad, status=4)
    assert b"a version that differs" in result.err and str(bad).encode() in result.err
    assert pc.vault.read_bytes() == data


def test_versions_of_a_newer_program_come_through(two, tmp_path):
    pc, _ = two
    data = pc.vault.read_bytes()
    vault = forge.take_apart(data, forge.vault_key_of(data, 1, pc.password))
    vault.entries[0].content = forge.by_id(vault.entries[0].content + [
        forge.version(77, "a field of tomorrow"), forge.version("pin", ["1", True], extra={8: {"k": 1}})])
    vault.settings = [forge.version("theme", "dark")]
    newer = tmp_path / "newer.coffer"
    newer.write_bytes(forge.write(vault))
    merge(pc, newer)
    assert pc.vault.read_bytes() == newer.read_bytes()


def test_three_machines_in_any_order_end_with_the_same_bytes(two, tmp_path):
    pc, laptop = two
    phone = clone(pc, tmp_path / "phone", "phone")
    pc.ok("set", "mail", "password", "-", stdin=b"1\n")
    laptop.ok("set", "mail", "password", "-", stdin=b"2\n")
    laptop.ok("rm", "work/vk")
    phone.ok("set", "work/vk", "notes", "-", stdin=b"note\n")
    phone.add("phone only", password=b"3")
    files = {name: tmp_path / f"{name}.coffer" for name in ("pc", "laptop", "phone")}
    for name, machine in (("pc", pc), ("laptop", laptop), ("phone", phone)):
        shutil.copy(machine.vault, files[name])
    merge(pc, files["laptop"], files["phone"])
    merge(laptop, files["phone"])
    merge(laptop, files["pc"])
    merge(phone, files["pc"], files["phone"], files["laptop"], files["pc"])
    assert pc.vault.read_bytes() == laptop.vault.read_bytes() == phone.vault.read_bytes()
    assert pc.ok("get", "work/vk", "notes") == b"note\n"


@pytest.mark.parametrize("is_purged", [False, True], ids=["trash", "purge"])
def test_what_was_joined_into_an_entry_outlives_its_removal_elsewhere(two, is_purged):
    pc, laptop = two
    for one, other in (("a1", "b1"), ("b2", "a2")):
        pc.add(one, password=one.encode())
        pc.add(other, password=other.encode())
    merge(laptop, pc)
    for one, other in (("a1", "b1"), ("b2", "a2")):
        pc.ok("rm", one)
        if is_purged:
            pc.ok("purge", one, "--yes")
        laptop.ok("join", one, other)
    together(pc, laptop)
    for machine in two:
        for kept in ("b1", "a2"):
            # What is in the trash of one is live again as a part of the other, so that the two passwords are a conflict.
            found = machine.run("get", kept)
            assert (found.status, found.out) == ((0, kept.encode() + b"\n") if is_purged else (8, b""))
            assert machine.run("show", kept, "--json").json()["state"] == "live"
        listed = [line.split(b"\t")[0] for line in machine.ok("ls").splitlines()]
        assert listed == [b"a2", b"b1", b"mail", b"work/vk"] if is_purged else len(listed) == 4
        assert machine.ok("ls", "--trash") == b""


@pytest.mark.process_road
def test_a_dry_run_leaves_no_trace_on_a_machine_that_had_none(coffer, tmp_path):
    other = clone(coffer, tmp_path / "other", "laptop")
    other.add("bank")
    shutil.rmtree(coffer.home / ".local", ignore_errors=True)
    before = sorted(coffer.home.rglob("*"))
    assert merge(coffer, other, arguments=["--dry-run"]).err
    assert sorted(coffer.home.rglob("*")) == before


def test_a_file_that_brings_too_many_key_slots_exceeds_a_limit_and_is_not_called_damaged(coffer, tmp_path):
    data = coffer.vault.read_bytes()
    copies = []
    for number in range(2):
        vault = forge.take_apart(data, forge.vault_key_of(data, 1, coffer.password))
        # Slots that the vault has never had, so that nothing replaces them.
        vault.slots = [forge.password_slot(vault, f"another {seed}", seed=seed) for seed in range(7 * number, 7 * number + 7)]
        vault.slots.sort(key=lambda slot: slot[0])
        vault.registry = None
        copies.append(tmp_path / f"{number}.coffer")
        copies[-1].write_bytes(forge.write(vault))
    result = merge(coffer, *copies, status=7)
    assert b"8 key slots" in result.err and coffer.vault.read_bytes() == data
