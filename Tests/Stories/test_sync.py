"""`coffer sync`: machines that share a folder end with the same bytes, and what two of them did apart is all there."""

import os
import random
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from conftest import Coffer
from machines import clone, named
from synced_machines import (
    WEAK, by_hand, change, differences, in_step, machines, own_replica, replicas, settle, snapshot, sync, value)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "folder"


@pytest.fixture
def two(folder, tmp_path):
    return machines(folder, tmp_path, "work-pc", "laptop")


@pytest.fixture
def three(folder, tmp_path):
    return machines(folder, tmp_path, "work-pc", "laptop", "phone")


# --- Coming together


def test_two_machines_end_byte_for_byte_the_same(two):
    pc, laptop = two
    change(pc, b"second")
    laptop.ok("set", "work/vk", "region", "ru-1", "--plain")
    laptop.add("new", password=b"n")
    settle(pc, laptop)
    for machine in two:
        assert value(machine) == b"second" and value(machine, "new") == b"n"
        assert machine.ok("get", "work/vk", "region") == b"ru-1\n"


def test_three_machines_end_the_same_whatever_the_order_and_nothing_is_lost(three):
    for number, machine in enumerate(three):
        machine.add(f"of {number}", password=b"x")
        change(machine, b"from %d" % number)
    settle(*reversed(three))
    settle(*three)
    for machine in three:
        assert {line.split(b"\t")[0] for line in machine.ok("ls").splitlines()} == {
            b"mail", b"of 0", b"of 1", b"of 2", b"work/vk"}
        [conflict] = machine.run("conflicts", "--json", "--reveal").json()
        assert {found["value"] for found in conflict["values"]} == {"from 0", "from 1", "from 2"}
    three[1].ok("resolve", "mail", "password", "--pick", "phone")
    settle(*three)
    assert {value(machine) for machine in three} == {b"from 2"}


def test_every_machine_writes_one_file_and_a_receipt_of_its_own_that_only_it_can_read(three, folder):
    for machine in three:
        machine.add(f"of {machine.home.name}")
        sync(machine)
    settle(*three)
    names = [path.name for path in replicas(folder)]
    assert len(names) == 3 and all(re.fullmatch(r"[0-9a-f]{16}\.coffer", name) for name in names)
    assert sorted(os.listdir(folder)) == sorted(names + [name.replace(".coffer", ".receipt") for name in names])
    assert {path.read_bytes() for path in replicas(folder)} == {three[0].vault.read_bytes()}
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    # Neither name nor content of a receipt tells who it is.
    for path in folder.glob("*.receipt"):
        assert not any(machine.home.name.encode() in path.read_bytes() for machine in three)


def test_a_machine_writes_only_its_own_file(two, folder):
    pc, laptop = two
    change(pc, b"second")
    own = {own_replica(pc), own_replica(pc).replace(".coffer", ".receipt")}
    before = snapshot(folder)
    sync(pc)
    assert set(differences(before, snapshot(folder))) == own
    assert sync(laptop).err.endswith(b"Synced: 1 change in, 0 out, all saved.\n")


def test_umask_000_makes_files_that_only_their_owner_reads(two, folder):
    change(two[0], b"second")
    sync(two[0], preexec_fn=lambda: os.umask(0))
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    state = two[0].home / ".local/state/coffer/vaults"
    assert {path.stat().st_mode & 0o777 for path in state.iterdir()} == {0o600}


def test_a_clash_says_who_and_when_and_what_to_do_and_keeps_both(two):
    pc, laptop = two
    change(pc, b"from-pc", "work/vk")
    change(laptop, b"from-laptop", "work/vk")
    sync(laptop)
    result = sync(pc)
    assert re.search(
        rb"^Synced: 1 change in, 1 out, all saved\.$\n"
        rb"^work/vk has two passwords \((laptop|work-pc) \d\d:\d\d, (laptop|work-pc) \d\d:\d\d\); both are kept\."
        rb" Compare: coffer conflicts --reveal\. Choose: coffer resolve work/vk password$", result.err, re.MULTILINE), result
    assert b"from-pc" not in result.err and b"from-laptop" not in result.err
    assert pc.run("get", "work/vk").status == 8
    [conflict] = pc.run("conflicts", "--json", "--reveal").json()
    assert {(found["machine"], found["value"]) for found in conflict["values"]} == {
        ("work-pc", "from-pc"), ("laptop", "from-laptop")}


def test_exit_code_8_is_given_only_when_asked_for(two):
    pc, laptop = two
    change(pc, b"from-pc")
    change(laptop, b"from-laptop")
    sync(laptop)
    before = pc.vault.read_bytes()
    assert sync(pc, "--exit-code", status=8).err.count(b"both are kept") == 1
    assert pc.vault.read_bytes() != before
    assert sync(laptop).err.count(b"both are kept") == 1


def test_json_has_the_documented_members(two, folder):
    pc, laptop = two
    change(laptop, b"x")
    sync(laptop)
    (folder / "junk").write_bytes(b"junk")
    shown = sync(pc, "--json").json()
    assert [entry["title"] for entry in shown.pop("entries")] == ["mail"]
    assert shown == {
        "dry_run": False, "place": str(folder), "published": True, "out": 0, "too_large": [], "keys": [],
        "skipped": [{"file": "junk", "reason": "not_a_vault", "why": "no vault"}], "went_back": [], "merged_copies": [],
        "published_as": None, "came_back": None, "missing": None}


# --- The first time, and joining


def test_without_a_folder_named_once_a_sync_says_how(coffer):
    before = coffer.vault.read_bytes()
    result = sync(coffer, status=64)
    assert b"Name it once: coffer sync FOLDER" in result.err and coffer.vault.read_bytes() == before
    assert coffer.run("sync", "status").status == 64


def test_a_folder_that_is_not_there_is_not_made(coffer, tmp_path):
    result = sync(coffer, tmp_path / "nowhere", status=2)
    assert b"There is no shared folder at" in result.err and not (tmp_path / "nowhere").exists()
    assert not coffer.run("sync", "status").status == 0


def test_a_weak_password_is_not_published_before_a_person_says_so(coffer, folder):
    folder.mkdir()
    result = coffer.run("sync", folder)
    assert result.status == 9 and b"nothing was published" in result.err, result
    assert b"--accept-weak-password" in result.err and not os.listdir(folder)
    sync(coffer, folder)
    # Once is enough.
    assert coffer.run("sync").status == 0


def test_a_second_machine_joins_and_compares_the_fingerprint(two, folder, tmp_path):
    pc, _ = two
    tablet = named(Coffer(tmp_path / "tablet"), "tablet")
    result = sync(tablet, folder, "--join")
    assert b"holds 2 entries now" in result.err and in_step(pc, tablet)
    assert tablet.vault.stat().st_mode & 0o777 == 0o600
    words = result.out.decode().removeprefix("Fingerprint: ").split()
    assert len(words) == 8
    assert pc.run("sync", "status", "--json").json()["fingerprint"].split() == words
    assert len(replicas(folder)) == 3


def test_joining_an_empty_folder_is_exit_2_and_makes_no_vault(tmp_path, folder):
    folder.mkdir()
    tablet = Coffer(tmp_path / "tablet")
    result = sync(tablet, folder, "--join", status=2)
    assert b"There is no vault in" in result.err and b"nothing was changed" in result.err
    assert not tablet.vault.exists() and not os.listdir(folder)
    sync(tablet, tmp_path / "nowhere", "--join", status=2)
    (folder / "junk.coffer").write_bytes(b"junk")
    sync(tablet, folder, "--join", status=2)
    assert not tablet.vault.exists() and os.listdir(folder) == ["junk.coffer"]


def test_joining_without_a_folder_is_a_usage_error(tmp_path):
    assert sync(Coffer(tmp_path / "tablet"), "--join", status=64)


def test_joining_over_another_vault_is_refused_and_over_the_same_one_it_only_syncs(two, folder, tmp_path):
    pc, laptop = two
    other = Coffer(tmp_path / "other").init()
    before, in_folder = other.vault.read_bytes(), snapshot(folder)
    result = sync(other, folder, "--join", status=9)
    assert b"is a different vault" in result.err and b"nothing was changed" in result.err
    assert other.vault.read_bytes() == before and differences(in_folder, snapshot(folder)) == []
    change(laptop, b"second")
    sync(laptop)
    result = sync(pc, folder, "--join")
    assert b"is this vault already" in result.err and value(pc) == b"second"


def test_several_vaults_in_one_folder_need_the_id_and_keep_apart(two, folder, tmp_path):
    other = Coffer(tmp_path / "other", b"another password").init()
    other.add("theirs")
    sync(other, folder)
    ids = [machine.vault.read_bytes()[23:39].hex() for machine in (two[0], other)]
    tablet = Coffer(tmp_path / "tablet")
    result = sync(tablet, folder, "--join", status=2)
    assert b"--vault-id" in result.err and all(id[:8].encode() in result.err for id in ids), result
    assert not tablet.vault.exists()
    sync(tablet, folder, "--join", "--vault-id", "ffffffff" if not ids[0].startswith("ffffffff") else "00000000", status=2)
    assert not tablet.vault.exists()
    sync(tablet, folder, "--join", "--vault-id", ids[0][:8])
    assert in_step(two[0], tablet)
    before = other.vault.read_bytes()
    assert b"another vault" in sync(other).err and other.vault.read_bytes() == before


def test_a_wrong_password_joins_nothing(two, folder, tmp_path):
    tablet = Coffer(tmp_path / "tablet", b"wrong")
    before = snapshot(folder)
    sync(tablet, folder, "--join", status=3)
    assert not tablet.vault.exists() and differences(before, snapshot(folder)) == []
    assert [path.name for path in tablet.home.iterdir() if "tmp" in path.name] == []


def test_a_vault_with_a_key_file_is_joined_with_it_only(home, folder, tmp_path):
    key = tmp_path / "key"
    home.init("--key-file", key)
    home.ok("add", "mail", "--generate", "--key-file", key)
    folder.mkdir()
    home.ok("sync", folder, "--key-file", key)  # no password is too weak for it
    tablet = Coffer(tmp_path / "tablet")
    result = sync(tablet, folder, "--join", status=3)
    assert b"--key-file" in result.err and not tablet.vault.exists()
    wrong = tmp_path / "wrong"
    wrong.write_bytes(os.urandom(64))
    sync(tablet, folder, "--join", "--key-file", wrong, status=3)
    assert not tablet.vault.exists()
    sync(tablet, folder, "--join", "--key-file", key)
    assert in_step(home, tablet)
    assert not [path for path in folder.iterdir() if key.read_bytes() in path.read_bytes()]


def test_the_vault_itself_may_not_lie_in_the_folder(coffer):
    before = snapshot(coffer.home)
    for place in (coffer.home, coffer.vault):
        result = sync(coffer, place, status=9)
        assert b"vault itself lies there" in result.err and b"nothing was changed" in result.err
    (coffer.home / "link").symlink_to(coffer.home)
    sync(coffer, coffer.home / "link", status=9)
    (coffer.home / "link").unlink()
    assert not [path for path in differences(before, snapshot(coffer.home)) if ".local" not in path and path != str(coffer.home)]


def test_the_vault_may_not_lie_deeper_in_the_folder_either(coffer, tmp_path):
    """The mover would carry it all the same, with its lock and its backups."""
    sync(coffer, tmp_path, status=9)


def test_a_shared_file_beside_the_vault_never_has_the_vault_called_needless(coffer):
    """Whoever follows the advice deletes the vault."""
    coffer.add("mail")
    result = coffer.run("sync", coffer.home / "shared.coffer", WEAK)
    assert b"vault.coffer" not in result.err.replace(str(coffer.vault).encode(), b""), result


# --- By itself after each change


def test_a_change_reaches_the_folder_by_itself_until_that_is_switched_off(two, folder):
    pc, laptop = two
    for machine in two:
        machine.ok("config", "set", "sync.auto", "on", unlock=False)
    change(pc, b"second")
    assert replicas(folder)[0].read_bytes() != replicas(folder)[1].read_bytes()
    laptop.add("new")
    assert value(laptop) == b"second" and value(laptop, "new") == b"a password"
    pc.ok("config", "set", "sync.auto", "off", unlock=False)
    before = snapshot(folder)
    change(pc, b"third")
    assert differences(before, snapshot(folder)) == []
    sync(pc)
    assert differences(before, snapshot(folder)) != []


def test_reading_syncs_nothing(two, folder):
    pc, laptop = two
    for machine in two:
        machine.ok("config", "set", "sync.auto", "on", unlock=False)
    change(laptop, b"second")
    before = snapshot(folder), pc.vault.read_bytes()
    for words in (["ls"], ["show", "mail"], ["get", "mail"], ["find", "mail"], ["conflicts"], ["sync", "status"]):
        pc.ok(*words)
    assert (snapshot(folder), pc.vault.read_bytes()) == before


def test_a_clash_that_comes_with_a_change_is_said(two):
    pc, laptop = two
    change(laptop, b"from-laptop")
    sync(laptop)
    pc.ok("config", "set", "sync.auto", "on", unlock=False)
    result = pc.run("set", "mail", "password", "-", stdin=b"from-pc\n")
    assert result.status == 0 and b"mail has two passwords" in result.err, result


def test_a_folder_that_is_not_there_only_warns_and_the_change_is_saved(two, folder):
    pc, laptop = two
    pc.ok("config", "set", "sync.auto", "on", unlock=False)
    away = folder.rename(folder.with_name("unmounted"))
    result = pc.run("set", "mail", "password", "-", stdin=b"second\n")
    assert result.status == 0 and b"warning: the change is saved here, and not synced" in result.err, result
    assert value(pc) == b"second" and not folder.exists()
    sync(pc, status=2)
    away.rename(folder)
    sync(pc)
    sync(laptop)
    assert value(laptop) == b"second"


def test_ten_changes_at_once_with_their_syncs_lose_nothing_and_raise_no_alarm(two, folder):
    pc, laptop = two
    pc.ok("config", "set", "sync.auto", "on", unlock=False)
    with ThreadPoolExecutor(10) as pool:
        results = list(pool.map(lambda n: pc.run("add", f"new {n}", "--generate"), range(10)))
    for result in results:
        assert result.status == 0 and result.err.count(b"warning") == 1, result  # that of the test KDF
    assert len(pc.ok("ls").splitlines()) == 12
    sync(pc)
    sync(laptop)
    assert in_step(pc, laptop)


# --- Nothing new


def test_nothing_new_twice_writes_nothing(two, folder):
    pc, laptop = two
    settle(pc, laptop)
    before = snapshot(folder, pc.home, laptop.home)
    for _ in range(2):
        for machine in two:
            assert b"Synced: 0 changes in, 0 out, all saved." in sync(machine).err
    assert differences(before, snapshot(folder, pc.home, laptop.home)) == []


def test_a_dry_run_says_what_would_be_and_changes_nothing_anywhere(two, folder):
    pc, laptop = two
    change(laptop, b"second")
    sync(laptop)
    pc.add("new")
    before = snapshot(folder, pc.home, laptop.home)
    result = sync(pc, "--dry-run")
    assert result.out == b"changed\tmail\tpassword\n"
    assert b"A sync would bring: 1 change in" in result.err and b"nothing was changed" in result.err
    shown = sync(pc, "--dry-run", "--json").json()
    assert shown["dry_run"] is True and shown["published"] is False
    assert [entry["title"] for entry in shown["entries"]] == ["mail"]
    assert differences(before, snapshot(folder, pc.home, laptop.home)) == []


def test_a_dry_run_for_the_first_time_publishes_nothing_and_remembers_no_folder(coffer, folder):
    folder.mkdir()
    coffer.add("mail")
    before = snapshot(folder, coffer.home)
    sync(coffer, folder, "--dry-run")
    assert differences(before, snapshot(folder, coffer.home)) == []
    sync(coffer, status=64)


# --- Status and forgetting


def status_of(machine):
    shown = machine.run("sync", "status", "--json").json()
    return shown, {found["machine"]: found for found in shown["machines"]}


def test_status_counts_entries_ahead_and_behind(two, folder):
    pc, laptop = two
    for number in range(3):
        laptop.add(f"new {number}")
    change(laptop, b"second")
    sync(laptop)
    pc.add("mine")
    change(pc, b"mine")
    before = snapshot(folder, pc.home)
    shown, found = status_of(pc)
    assert shown["place"] == str(folder) and shown["skipped"] == []
    # mail was edited on both; three are only there, one only here.
    assert (found["laptop"]["ahead"], found["laptop"]["behind"]) == (4, 2)
    assert (found["work-pc"]["ahead"], found["work-pc"]["behind"], found["work-pc"]["own"]) == (0, 2, True)
    assert not any(machine["missing"] or machine["went_back"] for machine in found.values())
    assert differences(before, snapshot(folder, pc.home)) == []
    text = pc.ok("sync", "status").decode()
    row = next(line for line in text.splitlines() if line.startswith("laptop"))
    assert row.split("\t")[3:5] == ["4", "2"], text
    settle(pc, laptop)
    for machine in two:
        _, found = status_of(machine)
        assert {(each["ahead"], each["behind"]) for each in found.values()} == {(0, 0)}
    for machine in found.values():
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", machine["heard"]) and machine["changed"]


def test_the_fingerprint_is_equal_on_machines_in_step_and_on_no_others(two):
    pc, laptop = two
    words = lambda machine: machine.run("sync", "status", "--json").json()["fingerprint"]
    assert words(pc) == words(laptop) and len(words(pc).split()) == 8
    assert f"Fingerprint: {words(pc)}" in pc.ok("sync", "status").decode().splitlines()
    change(pc, b"second")
    assert words(pc) != words(laptop)
    settle(pc, laptop)
    assert words(pc) == words(laptop)


def test_forgetting_removes_a_machine_s_file_and_receipt_after_merging_what_it_holds(three, folder):
    pc, laptop, phone = three
    phone.add("only there")
    sync(phone)
    gone = own_replica(phone)
    result = pc.run("sync", "forget", "phone")
    assert result.status != 0 and os.path.exists(gone), result  # it asks
    result = pc.run("sync", "forget", "phone", "--yes")
    assert result.status == 0 and b"Removed" in result.err, result
    assert value(pc, "only there") == b"a password"
    assert not os.path.exists(gone) and not os.path.exists(gone.replace(".coffer", ".receipt"))
    assert "phone" not in status_of(pc)[1] and len(replicas(folder)) == 2
    # A machine that is there after all comes back by its next sync.
    phone.add("later")
    sync(phone)
    sync(pc)
    assert os.path.exists(gone) and value(pc, "later") == b"a password"


def test_forgetting_what_is_not_there_or_this_machine_removes_nothing(two, folder):
    pc, _ = two
    before = snapshot(folder)
    assert pc.run("sync", "forget", "nobody", "--yes").status == 2
    assert pc.run("sync", "forget", "work-pc", "--yes").status == 9
    assert pc.run("sync", "forget", "", "--yes").status == 2
    assert differences(before, snapshot(folder)) == []


def test_a_machine_whose_file_is_gone_is_shown_as_gone_and_can_be_forgotten(two):
    pc, laptop = two
    os.unlink(own_replica(laptop))
    sync(pc)
    assert status_of(pc)[1]["laptop"]["missing"] is True
    assert b"(gone)" in pc.ok("sync", "status")
    assert pc.run("sync", "forget", "laptop", "--yes").status == 0
    assert "laptop" not in status_of(pc)[1]


# --- One shared file


@pytest.fixture
def one_file(tmp_path):
    """Two machines that share the file folder/shared.coffer."""
    folder = tmp_path / "folder"
    folder.mkdir()
    pc = named(Coffer(tmp_path / "work-pc"), "work-pc").init()
    pc.add("mail", password=b"mail-1")
    laptop = clone(pc, tmp_path / "laptop", "laptop")
    for machine in (pc, laptop):
        sync(machine, folder / "shared.coffer")
    by_hand(pc, laptop)
    return pc, laptop, folder / "shared.coffer"


def test_one_shared_file_brings_two_machines_together(one_file):
    pc, laptop, shared = one_file
    change(pc, b"second")
    laptop.add("new")
    settle(pc, laptop)
    assert shared.read_bytes() == pc.vault.read_bytes() and os.listdir(shared.parent) == [shared.name]
    assert value(laptop) == b"second" and value(pc, "new") == b"a password"
    before = snapshot(shared.parent)
    settle(pc, laptop)
    assert differences(before, snapshot(shared.parent)) == []


@pytest.mark.parametrize("copy", [
    "shared.sync-conflict-20261125-071103-ABCDEFG.coffer", "shared (Anna's conflicted copy 2026-11-25).coffer",
    "shared.coffer..path1", "shared.conflict1.coffer", "shared.coffer.conflict2", "shared (conflicted copy 1).coffer~"])
def test_a_conflict_copy_beside_the_shared_file_is_merged_and_named_as_no_longer_needed(one_file, copy):
    pc, laptop, shared = one_file
    change(laptop, b"second")
    shutil.copy(laptop.vault, shared.parent / copy)
    before = (shared.parent / copy).read_bytes()
    result = sync(pc)
    assert f"Merged, and no longer needed: {copy}." in result.err.decode(), result
    assert value(pc) == b"second" and shared.read_bytes() == pc.vault.read_bytes()
    assert (shared.parent / copy).read_bytes() == before


def test_both_sides_of_an_rclone_conflict_are_merged_and_the_plain_file_returns(one_file):
    """rclone renames both and leaves no file under the plain name."""
    pc, laptop, shared = one_file
    change(pc, b"from-pc")
    laptop.add("new")
    shared.unlink()
    shutil.copy(pc.vault, shared.with_name("shared.coffer..path1"))
    shutil.copy(laptop.vault, shared.with_name("shared.coffer..path2"))
    settle(pc, laptop)
    assert shared.read_bytes() == pc.vault.read_bytes()
    assert value(laptop) == b"from-pc" and value(pc, "new") == b"a password"


def test_a_second_machine_joins_one_shared_file(one_file, tmp_path):
    pc, _, shared = one_file
    tablet = Coffer(tmp_path / "tablet")
    sync(tablet, shared, "--join")
    assert in_step(pc, tablet) and os.listdir(shared.parent) == [shared.name]


def test_two_machines_that_write_the_shared_file_at_once_lose_nothing(one_file):
    pc, laptop, shared = one_file
    for round in range(3):
        pc.add(f"pc {round}")
        laptop.add(f"laptop {round}")
        with ThreadPoolExecutor(2) as pool:
            assert {result.status for result in pool.map(lambda machine: sync(machine), (pc, laptop))} == {0}
    settle(pc, laptop)
    assert len(pc.ok("ls").splitlines()) == 7 and os.listdir(shared.parent) == [shared.name]


# --- Conflict copies, clones and old states in a folder


@pytest.mark.parametrize("pattern", [
    "{}.sync-conflict-20261125-071103-ABCDEFG.coffer", "{} (laptop's conflicted copy 2026-11-25).coffer",
    "{} (conflicted copy 2026-11-25 071103).coffer", "{}.conflict1.coffer", "{}.coffer..path2", "{} 2.coffer"])
def test_a_conflict_copy_in_the_folder_is_merged_and_left_where_it_is(two, folder, pattern):
    pc, laptop = two
    change(laptop, b"second")
    copy = folder / pattern.format(os.path.basename(own_replica(laptop)).removesuffix(".coffer"))
    shutil.copy(laptop.vault, copy)
    before = copy.read_bytes(), copy.stat().st_ino
    sync(pc)
    assert value(pc) == b"second"
    assert (copy.read_bytes(), copy.stat().st_ino) == before


def test_a_vault_file_under_a_name_that_is_no_text_is_merged_or_named(two, folder):
    pc, laptop = two
    change(laptop, b"second")
    shutil.copy(laptop.vault, os.fsencode(folder) + b"/Kopie \xe4.coffer")
    result = sync(pc)
    assert value(pc) == b"second" or b"Kopie" in result.err, result


def test_two_clones_with_the_same_machine_number_lose_nothing(two, folder, tmp_path):
    """A copied state folder: both write the same file, which each reads before it replaces it."""
    pc, laptop = two
    shutil.copytree(pc.home, tmp_path / "twin")
    twin = Coffer(tmp_path / "twin")
    sync(twin, folder)
    pc.add("of pc")
    change(pc, b"from pc")
    twin.add("of twin")
    for machine in (pc, twin, pc, twin):
        sync(machine)
    assert in_step(pc, twin) and len(replicas(folder)) == 2
    # Each on its own for a while, and then at once.
    for round in range(3):
        pc.add(f"pc {round}")
        twin.add(f"twin {round}")
        with ThreadPoolExecutor(2) as pool:
            assert {result.status for result in pool.map(lambda machine: sync(machine), (pc, twin))} == {0}
    settle(pc, twin, laptop)
    assert len(laptop.ok("ls").splitlines()) == 10 and value(laptop) == b"from pc"


def test_a_machine_that_was_set_back_with_all_it_remembers_loses_nothing(two, tmp_path):
    pc, laptop = two
    shutil.copytree(laptop.home, tmp_path / "kept", symlinks=True)
    laptop.add("after the copy")
    sync(laptop)
    shutil.rmtree(laptop.home)
    shutil.move(tmp_path / "kept", laptop.home)
    change(laptop, b"second")
    sync(laptop)
    assert value(laptop, "after the copy") == b"a password"
    settle(pc, laptop)
    assert value(pc) == b"second" and value(pc, "after the copy") == b"a password"


def test_what_was_purged_stays_purged_whatever_old_replica_returns(two, folder, tmp_path):
    pc, laptop = two
    old = tmp_path / "old"
    shutil.copytree(folder, old)
    pc.ok("rm", "mail")
    pc.ok("purge", "mail", "--yes")
    settle(pc, laptop)
    for path in replicas(old):
        shutil.copy(path, folder / path.name)
        shutil.copy(path, folder / ("copy of " + path.name))
    settle(pc, laptop)
    for machine in two:
        assert machine.run("get", "mail").status == 2
        assert b"mail" not in machine.ok("ls", "--trash") and machine.run("find", "mail").status == 2


def test_a_used_code_stays_used_whatever_old_replica_returns(two, folder, tmp_path):
    pc, laptop = two
    pc.ok("codes", "add", "mail", "-", stdin=b"3f9a01c7 7f34038e beae0555 fe68071c")
    settle(pc, laptop)
    old = tmp_path / "old"
    shutil.copytree(folder, old)
    drawn = pc.ok("codes", "next", "mail")
    settle(pc, laptop)
    for path in replicas(old):
        shutil.copy(path, folder / path.name)
    settle(pc, laptop)
    assert laptop.run("show", "mail", "--json").json()["codes"]["used"] == 1
    assert drawn not in [laptop.ok("codes", "next", "mail") for _ in range(3)]


def test_a_changed_master_password_comes_over_and_both_of_two_open(two):
    pc, laptop = two
    for machine, password in ((pc, b"password of the pc"), (laptop, b"password of the laptop")):
        machine.ok("passwd", "--iterations", "600000", fds={"--new-password-fd": password + b"\n"})
        machine.password = password
    sync(laptop)
    assert b"Another master password, made on laptop, opens this vault too" in sync(pc).err
    for password in (b"password of the pc", b"password of the laptop"):
        pc.password = password
        assert value(pc) == b"mail-1"


# --- Any order of things


def random_edit(machine, draw, number):
    """Any of the edits that people make; those that do not fit just now are refused and change nothing."""
    title = draw.choice(["mail", "work/vk", "new 1", "new 2"])
    machine.run(*draw.choice([
        ["set", title, "password", "-"], ["set", title, "tag", f"t{number % 3}", "--add"], ["add", title, "--password-stdin"],
        ["set", title, "tag", f"t{number % 3}", "--remove"], ["rm", title], ["restore", title], ["purge", title, "--yes"],
        ["undo", title, "password"], ["resolve", title, "password", "--pick", "newest"], ["mv", title, f"new {number % 3}"],
    ]), stdin=b"%d\n" % number)


@pytest.mark.parametrize("seed", range(4))
def test_random_lives_raise_no_false_alarm_and_end_with_the_same_bytes(three, seed):
    """No honest history looks like a file that went back in time."""
    draw = random.Random(f"sync {seed}")
    for number in range(60):
        machine = draw.choice(three)
        if draw.random() < 0.4:
            assert b"back in time" not in sync(machine).err, f"seed {seed}, step {number}"
        else:
            random_edit(machine, draw, number)
    for machine in three * 2:
        assert b"back in time" not in sync(machine).err, f"seed {seed}"
    assert in_step(*three), f"seed {seed}"
    three[0].ok("verify", "--deep")
    assert {(each["ahead"], each["behind"]) for each in three[0].run("sync", "status", "--json").json()["machines"]} == {(0, 0)}


def test_a_movers_hidden_copy_is_merged_and_not_called_needless(home, folder):
    home.init()
    folder.mkdir()
    shared = folder / "vault.coffer"
    sync(home, shared)
    shutil.copy(shared, folder / ".syncthing.vault.coffer.tmp")
    home.add("bank")
    result = sync(home)
    assert b".syncthing" not in result.err, result


def test_another_name_is_told_of(two, folder):
    pc, _ = two
    pc.ok("config", "set", "sync.auto", "off", unlock=False)
    own = Path(own_replica(pc))
    own.write_bytes(b"junk")
    change(pc, b"second")
    result = sync(pc)
    assert own.read_bytes() == b"junk"
    assert f"because what lies at {own.name} is not to be overwritten".encode() in result.err, result
