"""coffer rotate: a new vault key when a machine is lost; everything stays, the old keys open only old files, and the other
machines take the new key over when a person says so."""

import json
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

import terminal
from conflicts import with_second_value
from conftest import Coffer, pipe_with
from fault_injection import calls, kill, trace
from shared_folder import content, join, opens, pair, recovery_key, replicas, sync_all

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Independent"))
import vault_file as reader  # noqa: E402
import vault_forge as forge  # noqa: E402

NEW = b"a password of after"
COST = ("--iterations", "600000")
CODES = b"3f9a01c7 7f34038e beae0555 fe68071c\n"
HOTP = b"otpauth://hotp/t?secret=JBSWY3DPEHPK3PXP&counter=3"


def rotate(coffer, *arguments, new=None, recovery=("--no-recovery-key",), **options):
    """Rotates without a question, with another password if `new` is one; the result."""
    fds = {"--password-fd": coffer.password + b"\n"}
    if new is not None:
        fds["--new-password-fd"] = new + b"\n"
    result = coffer.run("rotate", "--yes", *COST, *recovery, *arguments, **{"fds": fds, **options})
    if result.status == 0 and new is not None:
        coffer.password = new
    return result


def rotated(coffer, *arguments, **options):
    result = rotate(coffer, *arguments, **options)
    assert result.status == 0, result
    return result


def epoch(path):
    return reader.read_header(path.read_bytes()).epoch


def backups(coffer):
    return sorted(coffer.vault.with_name("vault.coffer.backups").glob("*.coffer"))


def shown(coffer, *words):
    """What a command prints, with all secrets."""
    return coffer.ok(*words)


def todo(coffer):
    return coffer.run("rotate", "--todo", "--json").json()


def fields_to_change(coffer):
    return {entry["title"]: entry["fields"] for entry in todo(coffer)["entries"]}


@pytest.fixture
def full(coffer):
    """A vault with something of every kind."""
    coffer.add("bank", "--username", "me", "--url", "https://bank.example", "--tag", "money", password=b"first")
    coffer.ok("set", "bank", "password", "-", stdin=b"second\n")
    coffer.ok("set", "bank", "pin", "-", stdin=b"4711\n")
    coffer.ok("set", "bank", "branch", "Mitte", "--plain")
    coffer.ok("set", "bank", "notes", "-", stdin=b"two\nlines\n")
    coffer.ok("otp", "add", "bank", "--uri-stdin", "--yes", stdin=HOTP)
    coffer.ok("otp", "bank", "--next")
    coffer.ok("codes", "add", "bank", "-", stdin=CODES)
    coffer.ok("codes", "next", "bank")
    coffer.add("work/vk", password=b"one")
    with_second_value(coffer, forge.PASSWORD, "two")
    coffer.add("rubbish", password=b"in the trash")
    coffer.ok("rm", "rubbish")
    coffer.add("gone", password=b"canary-purged")
    coffer.ok("rm", "gone")
    coffer.ok("purge", "gone", "--yes")
    return coffer


EVERYTHING = [
    ["ls"], ["ls", "--json"], ["ls", "--trash"], ["show", "bank", "--json", "--reveal"],
    ["history", "bank", "--reveal"], ["conflicts", "--json", "--reveal"], ["codes", "list", "bank", "--json", "--reveal"],
    ["get", "bank"], ["get", "bank", "pin"], ["get", "bank", "notes"], ["get", "bank", "otp-uri"],
    ["find", "money", "--json"], ["ls", "--tag", "money"],
]


# --- What stays


def test_everything_is_there_as_it_was_with_a_new_epoch(full):
    before = {" ".join(words): shown(full, *words) for words in EVERYTHING}
    old = full.vault.read_bytes()
    result = rotated(full)
    assert b"epoch 2" in result.err
    assert reader.read_header(old).epoch == 1 and epoch(full.vault) == 2
    assert reader.read_header(old).vault_id == reader.read_header(full.vault.read_bytes()).vault_id
    assert {" ".join(words): shown(full, *words) for words in EVERYTHING} == before
    full.ok("verify", "--deep")
    assert len(full.vault.read_bytes()) > 0 and b"warning" not in full.run("ls").err


def test_no_sealed_box_of_before_is_in_the_new_file(full):
    boxes = [frame[20:] for frame in forge.split(full.vault.read_bytes())[2]]
    rotated(full)
    now = full.vault.read_bytes()
    assert boxes and not [box for box in boxes if box[:24] in now or box[-16:] in now]


def test_the_present_password_stays_unless_another_one_is_given(full):
    old = full.password
    rotated(full)
    assert opens(full, old)
    rotated(full, new=NEW)
    assert opens(full, NEW) and not opens(full, old) and epoch(full.vault) == 3


def test_the_old_password_opens_only_old_files(full, tmp_path):
    old, copy = full.password, tmp_path / "old.coffer"
    shutil.copy(full.vault, copy)
    rotated(full, new=NEW)
    assert full.run("ls", fds={"--password-fd": old + b"\n"}).status == 3
    assert full.run("ls", "--vault", copy, fds={"--password-fd": old + b"\n"}).status == 0
    assert full.run("ls", "--vault", copy).status == 3


def test_the_old_recovery_key_opens_only_old_files_and_the_new_one_the_new(home, tmp_path):
    first, second, copy = home.home / "first", home.home / "second", tmp_path / "old.coffer"
    home.init("--kit", first)
    shutil.copy(home.vault, copy)
    rotated(home, "--kit", second, recovery=())
    old, new = recovery_key(first), recovery_key(second)
    assert old != new and second.stat().st_mode & 0o777 == 0o600

    def status(path, key):
        return home.run("ls", "--vault", path, fds={"--recovery-key-fd": key + b"\n"}).status

    assert [status(home.vault, old), status(home.vault, new), status(copy, old), status(copy, new)] == [3, 0, 0, 3]


def test_without_a_recovery_key_none_opens_the_vault(home):
    home.init("--kit", home.home / "kit")
    rotated(home)
    roles = [slot["role"] for slot in home.run("keys", "--json").json()]
    assert roles == ["password"]
    fds = {"--recovery-key-fd": recovery_key(home.home / "kit") + b"\n"}
    assert home.run("ls", fds=fds).status == 3


def test_the_key_file_stays_needed(home):
    key = home.home / "key"
    home.init("--key-file", key)
    rotated(home, "--key-file", key)
    assert home.run("ls").status == 3
    assert home.run("ls", "--key-file", key).status == 0
    rotated(home, "--key-file", key, "--lost", "laptop", new=NEW)
    assert home.run("ls").status == 3 and home.run("ls", "--key-file", key).status == 0


def test_a_cost_never_gets_lower(coffer):
    rotated(coffer, "--iterations", "700000")
    assert rotate(coffer, "--iterations", "599999").status == 64
    rotated(coffer)
    assert [slot["iterations"] for slot in coffer.run("keys", "--json").json()] == [700_000]


def test_the_independent_readers_read_the_rotated_vault(full):
    def read():
        descriptor = pipe_with(full.password + b"\n")
        done = subprocess.run(
            ["/usr/bin/python3", forge.READER, full.vault, "--password-fd", str(descriptor)], pass_fds=[descriptor],
            capture_output=True, timeout=60)
        assert done.returncode == 0, done
        shown = json.loads(done.stdout)
        assert reader.read_vault(full.vault.read_bytes(), 1, full.password, None) == shown
        return shown

    before = read()
    assert len(before) == 4
    rotated(full, new=NEW)
    assert read() == before
    # Once more, and with edits of the new epoch among those of the old.
    full.ok("set", "bank", "tag", "home", "--add")
    rotated(full, "--lost", "laptop", new=b"a third")
    assert len(read()) == 4


# --- What is named by a hash under the vault key


def test_used_codes_stay_used_and_the_counter_goes_on(full):
    counter = shown(full, "get", "bank", "otp-uri")
    used = {code["code"] for code in used_codes(full)}
    rotated(full)
    assert shown(full, "get", "bank", "otp-uri") == counter and b"counter=4" in counter
    assert {code["code"] for code in used_codes(full)} == used and len(used) == 1
    drawn = {full.ok("codes", "next", "bank").strip().decode() for _ in range(3)}
    assert len(drawn) == 3 and not drawn & used
    assert full.run("codes", "next", "bank").status == 2
    full.ok("otp", "bank", "--next")
    assert b"counter=5" in shown(full, "get", "bank", "otp-uri")


def listed_codes(coffer):
    """The codes of the entry `bank`."""
    sets = coffer.run("codes", "list", "bank", "--json", "--reveal").json()
    return [code for codes in sets for code in codes["codes"]]


def used_codes(coffer):
    return [code for code in listed_codes(coffer) if code["used"]]


def test_the_same_list_of_codes_added_again_brings_no_used_code_back(full):
    used = {code["code"] for code in used_codes(full)}
    rotated(full)
    result = full.run("codes", "add", "bank", "-", stdin=CODES)
    assert result.status in (0, 9), result
    codes = listed_codes(full)
    assert len(codes) == 4 and {code["code"] for code in codes if code["used"]} == used
    drawn = {full.ok("codes", "next", "bank").strip().decode() for _ in range(3)}
    assert not drawn & used


def test_the_same_list_added_on_a_late_machine_brings_no_used_code_back(coffer, tmp_path):
    """The laptop adds the list under the old key, the pc has it already and rotates."""
    coffer.add("bank")
    pc, laptop, _ = pair(coffer, tmp_path)
    laptop.ok("config", "set", "sync.auto", "off", unlock=False)
    pc.ok("codes", "add", "bank", "-", stdin=CODES)
    used = pc.ok("codes", "next", "bank").strip().decode()
    rotated(pc)
    laptop.ok("codes", "add", "bank", "-", stdin=CODES)
    laptop.ok("sync", "--accept-rotation")
    sync_all(pc, laptop)
    codes = listed_codes(laptop)
    assert len(codes) == 4 and {code["code"] for code in codes if code["used"]} == {used}


@pytest.mark.parametrize("field, value, other", [("tag", "money", "home"), ("url", "https://bank.example", "https://b.example")])
def test_a_tag_or_url_of_before_is_removed_and_is_not_doubled(full, field, value, other):
    rotated(full)
    plural = field + "s"

    def values():
        return full.run("show", "bank", "--json").json()[plural]

    full.ok("set", "bank", field, value, "--add")
    assert values() == [value]
    full.ok("set", "bank", field, other, "--add")
    assert sorted(values()) == sorted([value, other])
    full.ok("set", "bank", field, value, "--remove")
    assert values() == [other]
    full.ok("set", "bank", field, value, "--add")
    assert sorted(values()) == sorted([value, other])


def test_a_tag_that_was_removed_before_stays_removed_and_undo_brings_it_back(coffer):
    coffer.add("bank", "--tag", "money", "--tag", "home")
    time.sleep(1.1)  # undo takes what was written in one second for one change
    coffer.ok("set", "bank", "tag", "money", "--remove")
    rotated(coffer)
    assert coffer.run("show", "bank", "--json").json()["tags"] == ["home"]
    coffer.ok("undo", "bank", "tag")
    assert sorted(coffer.run("show", "bank", "--json").json()["tags"]) == ["home", "money"]


def test_a_tag_added_on_both_sides_of_a_rotation_is_one_and_goes_with_one_removal(coffer, tmp_path):
    coffer.add("bank")
    pc, laptop, _ = pair(coffer, tmp_path)
    laptop.ok("config", "set", "sync.auto", "off", unlock=False)
    laptop.ok("set", "bank", "tag", "money", "--add")
    rotated(pc)
    pc.ok("set", "bank", "tag", "money", "--add")
    laptop.ok("sync", "--accept-rotation")
    sync_all(pc, laptop)
    assert laptop.run("show", "bank", "--json").json()["tags"] == ["money"]
    laptop.ok("set", "bank", "tag", "money", "--remove")
    assert laptop.run("show", "bank", "--json").json()["tags"] == []


def test_the_trash_and_what_was_purged_stay_what_they_were(full):
    rotated(full)
    assert b"rubbish" in full.ok("ls", "--trash")
    full.ok("restore", "rubbish")
    assert full.ok("get", "rubbish") == b"in the trash\n"
    assert full.run("get", "gone").status == 2 and full.run("restore", "gone").status == 2
    assert full.run("history", "gone", "--reveal").status == 2


def test_a_replica_of_before_does_not_bring_back_what_was_purged(full, tmp_path):
    full.add("secret", password=b"canary-late")
    copy = tmp_path / "old.coffer"
    shutil.copy(full.vault, copy)
    full.ok("rm", "secret")
    full.ok("purge", "secret", "--yes")
    old = full.password
    rotated(full, new=NEW)
    full.ok("merge", copy, fds={"--password-fd": NEW + b"\n", "--other-password-fd": old + b"\n"})
    assert full.run("get", "secret").status == 2


def test_a_conflict_can_be_settled_afterwards(full):
    rotated(full)
    assert full.run("get", "work/vk").status == 8
    full.ok("resolve", "work/vk", "password", "--pick", "newest")
    assert full.ok("get", "work/vk") == b"two\n"


def test_a_backup_of_before_is_restored_with_its_own_password_only_or_refused(full):
    """The list of backups says which are of another key; nothing is damaged by trying."""
    old = full.password
    rotated(full, new=NEW)
    before = full.vault.read_bytes()
    newest = full.run("backups", "--json", unlock=False).json()[0]["number"]
    result = full.run("backups", "restore", newest)
    assert result.status != 0 and result.status < 128, result
    assert full.vault.read_bytes() == before
    assert full.run("ls", "--vault", backups(full)[-1], fds={"--password-fd": old + b"\n"}).status == 0


def test_a_backup_of_before_does_not_take_the_place_of_the_rotated_vault(full):
    """With the same password it opens: the rotation would be undone, and the lost machine could read on."""
    rotated(full)
    before = full.vault.read_bytes()
    newest = full.run("backups", "--json", unlock=False).json()[0]["number"]
    result = full.run("backups", "restore", newest, "--replace", "--yes")
    # fails today: it is done without a word of the vault key, and the shared folder is forgotten
    assert result.status == 9 and b"epoch" in result.err, result
    assert full.vault.read_bytes() == before


# --- Refusals


def test_without_a_terminal_the_recovery_key_needs_an_option(coffer):
    before = coffer.vault.read_bytes()
    result = coffer.run("rotate", "--yes", *COST)
    assert result.status == 64 and b"--kit" in result.err and b"--no-recovery-key" in result.err, result
    assert coffer.vault.read_bytes() == before


def test_without_a_terminal_the_question_needs_yes(coffer):
    before = coffer.vault.read_bytes()
    result = coffer.run("rotate", "--no-recovery-key", *COST)
    assert result.status in (9, 64) and b"--yes" in result.err, result
    assert coffer.vault.read_bytes() == before


def test_without_a_terminal_the_password_after_a_loss_needs_its_option(coffer):
    before = coffer.vault.read_bytes()
    result = rotate(coffer, "--lost", "laptop")
    assert result.status == 64 and b"--new-password-fd" in result.err, result
    assert coffer.vault.read_bytes() == before


def test_a_refused_rotation_after_a_loss_leaves_the_folder_as_it_was(coffer, tmp_path):
    """The file of the lost machine goes only when the vault gets a new key."""
    pc, _, folder = pair(coffer, tmp_path)
    before = content(folder)
    assert rotate(pc, "--lost", "laptop").status == 64
    # fails today: the file of the lost machine is gone
    assert content(folder) == before


def test_kit_and_no_recovery_key_exclude_each_other(coffer):
    assert rotate(coffer, "--kit", coffer.home / "kit").status == 64
    assert not (coffer.home / "kit").exists()


def test_a_wrong_password_changes_nothing(coffer):
    before = coffer.vault.read_bytes()
    result = rotate(coffer, "--kit", coffer.home / "kit", recovery=(), fds={"--password-fd": b"wrong\n"})
    assert result.status == 3, result
    assert coffer.vault.read_bytes() == before and not (coffer.home / "kit").exists()


@pytest.mark.parametrize("new", [b"", b"x" * 1025, b"\xff"])
def test_a_bad_new_password_changes_nothing(coffer, new):
    before = coffer.vault.read_bytes()
    result = rotate(coffer, "--kit", coffer.home / "kit", recovery=(), new=new)
    assert result.status == 64, result
    assert coffer.vault.read_bytes() == before and not (coffer.home / "kit").exists()


def test_a_declined_question_changes_nothing(coffer, tmp_path):
    pc, _, folder = pair(coffer, tmp_path)
    before = pc.vault.read_bytes(), content(folder)
    for answer in ("n", ""):
        child = terminal.asked(pc, "rotate", "--no-recovery-key", *COST)
        terminal.answer(child, "Make a new vault key\\?.*", answer)
        assert terminal.end(child) == 1
        assert (pc.vault.read_bytes(), content(folder)) == before


def test_ctrl_c_at_the_question_changes_nothing(coffer):
    before = coffer.vault.read_bytes()
    child = terminal.asked(coffer, "rotate", "--no-recovery-key", *COST)
    terminal.interrupt(child, "Make a new vault key\\?.*")
    assert terminal.end(child) == 130
    assert coffer.vault.read_bytes() == before


def test_a_kit_that_is_there_is_never_overwritten(coffer):
    sheet = coffer.home / "there.txt"
    sheet.write_text("mine")
    before = coffer.vault.read_bytes()
    assert rotate(coffer, "--kit", sheet, recovery=()).status == 9
    assert sheet.read_text() == "mine" and coffer.vault.read_bytes() == before


def test_the_sheet_goes_again_when_the_rotation_fails(coffer):
    before = coffer.vault.read_bytes()
    lock = coffer.home / "vault.coffer.lock"
    lock.unlink()
    lock.mkdir()
    result = rotate(coffer, "--kit", coffer.home / "kit", recovery=())
    lock.rmdir()
    assert result.status == 1, result
    assert coffer.vault.read_bytes() == before and not (coffer.home / "kit").exists()


def test_on_a_terminal_the_new_recovery_key_is_asked_back_before_anything_changes(coffer):
    before = coffer.vault.read_bytes()
    child = terminal.asked(coffer, "rotate", "--yes", *COST)
    child.expect(rb"CR1(-[0-9A-Z]{4}){9}")
    key = child.match.group()
    assert coffer.vault.read_bytes() == before
    for _ in range(2):
        child.expect(rb"Type group (\d) ")
        terminal.answer(child, ": ", key.split(b"-")[int(child.match.group(1))])
    terminal.answer(child, "Delete them\\? .*", "n")
    assert terminal.end(child) == 0
    assert coffer.run("kit", "check", fds={"--recovery-key-fd": key + b"\n"}).status == 0
    assert backups(coffer)


def test_a_recovery_key_that_was_not_confirmed_changes_nothing(coffer):
    before = coffer.vault.read_bytes()
    child = terminal.asked(coffer, "rotate", "--yes", *COST)
    for _ in range(3):
        child.expect(rb"Type group (\d) ")
        terminal.answer(child, ": ", "ZZZZ")
    assert terminal.end(child) == 9
    assert coffer.vault.read_bytes() == before


def test_opened_with_the_recovery_key_a_new_password_is_needed(home):
    home.init("--kit", home.home / "kit")
    fds = {"--recovery-key-fd": recovery_key(home.home / "kit") + b"\n"}
    before = home.vault.read_bytes()
    result = home.run("rotate", "--yes", "--no-recovery-key", *COST, fds=fds)
    assert result.status == 64 and b"--new-password-fd" in result.err, result
    assert home.vault.read_bytes() == before
    home.ok("rotate", "--yes", "--no-recovery-key", *COST, fds={**fds, "--new-password-fd": NEW + b"\n"})
    assert opens(home, NEW)


# --- Backups


def test_the_backups_that_the_old_password_opens_are_told_and_kept(full):
    result = rotated(full, new=NEW)
    count = len(backups(full))
    assert count and f"{count} backups beside the vault still open with the old password".encode() in result.err
    assert b"--prune-backups" in result.err


def test_pruned_backups_are_gone(full):
    rotated(full, "--prune-backups", new=NEW)
    assert backups(full) == []
    full.add("later")
    assert [epoch(path) for path in backups(full)] == [2]


def test_backups_can_be_pruned_later_as_the_message_says(full):
    """`coffer rotate --prune-backups` by itself must not make yet another key and delete what it should keep."""
    rotated(full, new=NEW)
    full.add("later")
    result = full.run("rotate", "--prune-backups")
    # fails today: it is taken for another rotation, and asks for --kit
    assert result.status == 0, result
    assert epoch(full.vault) == 2
    assert {epoch(path) for path in backups(full)} == {2}


# --- The list of what the lost machine could read


@pytest.fixture
def exposed(coffer):
    """A vault whose machine `laptop` was lost."""
    coffer.add("bank", "--username", "me", password=b"one")
    coffer.ok("set", "bank", "pin", "-", stdin=b"4711\n")
    coffer.ok("set", "bank", "branch", "Mitte", "--plain")
    coffer.ok("otp", "add", "bank", "--uri-stdin", "--yes", stdin=HOTP)
    coffer.ok("codes", "add", "bank", "-", stdin=CODES)
    coffer.add("mail", password=b"two")
    coffer.add("trashed", password=b"three")
    coffer.ok("rm", "trashed")
    result = rotated(coffer, "--lost", "laptop", new=NEW)
    assert b"laptop could read the secrets of 3 entries" in result.err
    return coffer


def test_the_list_names_all_secrets_and_nothing_else(exposed):
    assert todo(exposed)["lost"] == "laptop"
    assert fields_to_change(exposed) == {
        "bank": ["codes", "otp", "password", "pin"], "mail": ["password"], "trashed": ["password"]}
    text = exposed.run("rotate", "--todo")
    assert text.status == 0 and b"bank\tme\tcodes, otp, password, pin\n" in text.out, text
    assert b"4711" not in text.out + text.err


def test_what_changes_leaves_the_list(exposed):
    exposed.ok("set", "bank", "password", "-", stdin=b"other\n")
    assert fields_to_change(exposed)["bank"] == ["codes", "otp", "pin"]
    exposed.ok("set", "bank", "pin", "-", stdin=b"0815\n")
    assert fields_to_change(exposed)["bank"] == ["codes", "otp"]
    exposed.ok("otp", "add", "bank", "--uri-stdin", "--yes", stdin=b"otpauth://totp/t?secret=GEZDGNBVGY3TQOJQ")
    assert fields_to_change(exposed)["bank"] == ["codes"]
    exposed.ok("codes", "replace", "bank", "-", "--yes", stdin=b"11111111 22222222 33333333")
    # fails today: unused codes of the retired list count as open
    assert "bank" not in fields_to_change(exposed)
    exposed.ok("set", "mail", "password", "--remove")
    assert fields_to_change(exposed) == {"trashed": ["password"]}
    exposed.ok("purge", "trashed", "--yes")
    assert fields_to_change(exposed) == {}
    assert b"All that laptop could read has been changed" in exposed.run("rotate", "--todo").err


def test_what_does_not_change_a_secret_stays_on_the_list(exposed):
    before = fields_to_change(exposed)
    exposed.ok("set", "bank", "username", "other", "--duplicate")
    exposed.ok("set", "mail", "password", "-", stdin=b"two\n")  # the same value again
    exposed.ok("mv", "mail", "post")
    exposed.ok("otp", "bank", "--next")
    exposed.ok("restore", "trashed")
    before["post"] = before.pop("mail")
    assert fields_to_change(exposed) == before


def test_a_code_that_was_used_leaves_the_list_with_the_last_one(exposed):
    for left in (3, 2, 1, 0):
        assert ("codes" in fields_to_change(exposed)["bank"])
        exposed.ok("codes", "next", "bank")
    assert "codes" not in fields_to_change(exposed)["bank"]


def test_a_value_that_goes_back_to_what_was_read_is_on_the_list_again(exposed):
    exposed.ok("set", "mail", "password", "-", stdin=b"other\n")
    exposed.ok("undo", "mail", "password")
    assert exposed.ok("get", "mail") == b"two\n"
    # fails today: the value that the lost machine knows counts as changed
    assert fields_to_change(exposed)["mail"] == ["password"]


def test_the_list_can_be_given_up_and_is_gone_on_every_machine(coffer, tmp_path):
    coffer.add("bank")
    pc, laptop, folder = pair(coffer, tmp_path)
    rotated(pc, "--lost", "tablet", new=NEW)
    accept(laptop, NEW)
    assert fields_to_change(laptop) == fields_to_change(pc) == {"bank": ["password"]}
    laptop.ok("set", "bank", "password", "-", stdin=b"other\n")
    pc.ok("sync")
    assert fields_to_change(pc) == {}
    result = pc.run("rotate", "--todo", "--clear")
    assert result.status == 0, result
    laptop.ok("sync")
    for machine in (pc, laptop):
        assert machine.run("rotate", "--todo", "--json").json() == {"lost": None, "entries": []}
        assert b"nothing to do" in machine.run("rotate", "--todo").err


def test_without_a_lost_machine_there_is_no_list(coffer):
    coffer.add("bank")
    rotated(coffer)
    assert todo(coffer) == {"lost": None, "entries": []}


def test_an_entry_that_the_lost_machine_never_saw_is_not_on_the_list(exposed):
    exposed.add("new", password=b"of after")
    assert "new" not in fields_to_change(exposed)


def test_a_second_rotation_without_a_loss_keeps_the_list(exposed):
    before = fields_to_change(exposed)
    rotated(exposed)
    assert fields_to_change(exposed) == before


def test_a_second_loss_adds_to_what_the_first_could_read(exposed):
    exposed.ok("set", "bank", "password", "-", stdin=b"other\n")
    rotated(exposed, "--lost", "phone", new=b"a third one")
    # The phone read the new password, and the laptop's are still not changed.
    assert fields_to_change(exposed) == {
        "bank": ["codes", "otp", "password", "pin"], "mail": ["password"], "trashed": ["password"]}


# --- Several machines


def accept(machine, password, *arguments):
    """Takes over the new key, which opens with `password`; the machine knows it from then on."""
    result = machine.run("sync", "--accept-rotation", *arguments, fds={
        "--password-fd": machine.password + b"\n", "--other-password-fd": password + b"\n"})
    assert result.status == 0, result
    machine.password = password
    return result


@pytest.fixture
def machines(coffer, tmp_path):
    coffer.add("bank", password=b"one")
    return pair(coffer, tmp_path)


def test_the_file_of_the_lost_machine_leaves_the_folder(machines):
    pc, laptop, folder = machines
    result = rotated(pc, "--lost", "laptop", new=NEW)
    assert b"No file of" not in result.err
    assert len(replicas(folder)) == 1 and len(content(folder)) == 2
    assert replicas(folder)[0].read_bytes() == pc.vault.read_bytes()
    assert not (set(pc.vault.parent.rglob("*.tmp-*")) | set(folder.rglob("*.tmp-*")))


def test_what_the_lost_machine_had_published_last_is_in_the_vault(machines):
    pc, laptop, _ = machines
    laptop.add("late", password=b"of the laptop")
    rotated(pc, "--lost", "laptop", new=NEW)
    assert pc.ok("get", "late") == b"of the laptop\n"
    assert "late" in fields_to_change(pc)


def test_a_lost_machine_without_a_file_is_said_and_no_failure(machines):
    pc, _, folder = machines
    result = rotated(pc, "--lost", "tablet", new=NEW)
    assert b"No file of tablet" in result.err
    assert len(replicas(folder)) == 2


def test_other_machines_stop_with_9_until_a_person_accepts(machines):
    pc, laptop, folder = machines
    rotated(pc)
    before = laptop.vault.read_bytes(), content(folder)
    result = laptop.run("sync")
    assert result.status == 9 and b"--accept-rotation" in result.err and b"key epoch 2" in result.err, result
    assert (laptop.vault.read_bytes(), content(folder)) == before
    # The machine works on; its edits are not published.
    result = laptop.run("add", "late", "--password-stdin", stdin=b"of the laptop\n")
    assert result.status == 0 and b"not synced" in result.err, result
    assert content(folder) == before[1]


def test_with_the_same_password_accepting_needs_no_other(machines):
    pc, laptop, folder = machines
    rotated(pc)
    laptop.add("late", password=b"of the laptop")
    result = laptop.run("sync", "--accept-rotation")
    assert result.status == 0 and b"epoch 2" in result.err and b"1 entry" in result.err, result
    assert epoch(laptop.vault) == 2
    sync_all(pc, laptop)
    assert pc.ok("get", "late") == b"of the laptop\n"
    assert {path.read_bytes() for path in replicas(folder)} == {pc.vault.read_bytes()}


def test_another_password_comes_through_its_descriptor(machines):
    pc, laptop, _ = machines
    old = pc.password
    rotated(pc, new=NEW)
    before = laptop.vault.read_bytes()
    result = laptop.run("sync", "--accept-rotation")
    assert result.status == 64 and b"--other-password-fd" in result.err, result
    assert laptop.vault.read_bytes() == before
    accept(laptop, NEW)
    assert opens(laptop, NEW) and not opens(laptop, old)
    sync_all(pc, laptop)


def test_a_wrong_other_password_is_3_and_changes_nothing(machines):
    pc, laptop, folder = machines
    rotated(pc, new=NEW)
    before = laptop.vault.read_bytes(), content(folder)
    result = laptop.run("sync", "--accept-rotation", fds={
        "--password-fd": laptop.password + b"\n", "--other-password-fd": b"wrong\n"})
    assert result.status == 3 and b"nothing was changed" in result.err, result
    assert (laptop.vault.read_bytes(), content(folder)) == before


def test_on_a_terminal_the_other_password_is_asked_for(machines):
    pc, laptop, _ = machines
    rotated(pc, new=NEW)
    child = terminal.asked(laptop, "sync", "--accept-rotation")
    terminal.answer(child, "Master password that goes with the vault key of .*: ", NEW)
    assert terminal.end(child) == 0
    assert epoch(laptop.vault) == 2 and NEW not in terminal.shown(child)


def test_a_damaged_newer_file_changes_nothing(machines):
    pc, laptop, folder = machines
    rotated(pc)
    for path in replicas(folder):
        if epoch(path) == 2:
            data = bytearray(path.read_bytes())
            data[-30] ^= 1
            path.write_bytes(data)
    before = laptop.vault.read_bytes()
    result = laptop.run("sync", "--accept-rotation")
    assert result.status == 4, result
    assert laptop.vault.read_bytes() == before
    laptop.ok("verify", "--deep")


def test_a_dry_run_of_accepting_changes_nothing(machines):
    pc, laptop, folder = machines
    rotated(pc)
    before = laptop.vault.read_bytes(), content(folder)
    result = laptop.run("sync", "--accept-rotation", "--dry-run")
    assert result.status in (0, 9), result
    # fails today: the new key is taken over, and "nothing was changed" is said
    assert (laptop.vault.read_bytes(), content(folder)) == before, result


def test_a_machine_two_rotations_behind_takes_over_the_newest_or_says_what_it_did(machines, tmp_path):
    """The pc is off since it rotated, a third machine has rotated again; on the laptop the pc's password is typed."""
    pc, laptop, folder = machines
    third = join(folder, tmp_path / "third", "third", pc.password)
    rotated(pc, new=NEW)
    accept(third, NEW)
    rotated(third, new=b"of the third")
    before = laptop.vault.read_bytes()
    result = laptop.run("sync", "--accept-rotation", fds={
        "--password-fd": laptop.password + b"\n", "--other-password-fd": NEW + b"\n"})
    # fails today: epoch 2 is taken over, and the error says that nothing was changed
    assert result.status != 0 and (b"nothing was changed" in result.err) == (laptop.vault.read_bytes() == before), result
    if laptop.vault.read_bytes() != before:
        laptop.password = NEW
    accept(laptop, b"of the third")
    assert epoch(laptop.vault) == 3


def test_who_has_not_seen_a_rotation_cannot_rotate(machines):
    pc, laptop, folder = machines
    rotated(pc)
    before = laptop.vault.read_bytes(), content(folder)
    result = rotate(laptop, "--kit", laptop.home / "kit", recovery=())
    assert result.status == 9 and b"--accept-rotation" in result.err, result
    assert (laptop.vault.read_bytes(), content(folder)) == before and not (laptop.home / "kit").exists()


def test_the_machine_itself_is_not_lost(machines):
    """`--lost` with the name of the machine that is used is a slip: its own secrets would all be listed."""
    pc, _, folder = machines
    before = pc.vault.read_bytes(), content(folder)
    result = rotate(pc, "--lost", "pc", new=NEW)
    # fails today: it is done
    assert result.status in (9, 64), result
    assert (pc.vault.read_bytes(), content(folder)) == before


def test_without_the_shared_folder_nothing_is_rotated(machines):
    """What the others have published would be missing in the new key's first file."""
    pc, _, folder = machines
    before = pc.vault.read_bytes()
    folder.rename(folder.with_name("away"))
    result = rotate(pc, "--kit", pc.home / "kit", recovery=())
    assert result.status == 2 and b"no shared folder" in result.err, result
    assert pc.vault.read_bytes() == before and not (pc.home / "kit").exists()


def test_accepting_when_nothing_is_newer_only_syncs(machines):
    pc, laptop, _ = machines
    result = laptop.run("sync", "--accept-rotation")
    assert result.status == 0 and b"No file in the shared folder has a newer vault key" in result.err, result


def test_a_new_machine_joins_the_new_epoch(machines, tmp_path):
    pc, laptop, folder = machines
    rotated(pc, new=NEW)
    third = join(folder, tmp_path / "third", "third", NEW)
    assert epoch(third.vault) == 2 and third.ok("get", "bank") == b"one\n"


def test_late_edits_of_every_kind_are_in_the_result_on_all_machines(full, tmp_path):
    pc, laptop, folder = pair(full, tmp_path)
    third = join(folder, tmp_path / "third", "third", pc.password)
    for machine in (laptop, third):
        machine.ok("config", "set", "sync.auto", "off", unlock=False)
    laptop.ok("set", "bank", "password", "-", stdin=b"of the laptop\n")
    laptop.ok("set", "bank", "tag", "late", "--add")
    laptop.ok("codes", "next", "bank")
    third.ok("otp", "bank", "--next")
    third.ok("rm", "bank")
    third.add("new", password=b"of the third")
    rotated(pc, new=NEW)
    pc.ok("set", "bank", "branch", "Nord", "--plain")
    accept(laptop, NEW)
    accept(third, NEW)
    sync_all(pc, laptop, third)
    assert {path.read_bytes() for path in replicas(folder)} == {pc.vault.read_bytes()}
    # The edits that the third had not seen bring the entry back from the trash.
    assert third.ok("get", "bank") == b"of the laptop\n"
    entry = pc.run("show", "bank", "--json").json()
    assert entry["fields"]["branch"] == "Nord" and sorted(entry["tags"]) == ["late", "money"]
    assert entry["codes"] == {**entry["codes"], "used": 2, "unused": 2}
    assert b"counter=5" in pc.ok("get", "bank", "otp-uri")
    assert laptop.ok("get", "new") == b"of the third\n"
    for machine in (pc, laptop, third):
        machine.ok("verify", "--deep")


def test_a_password_changed_on_a_late_machine_does_not_come_back(machines):
    """Versions unite, slots never do."""
    pc, laptop, _ = machines
    laptop.ok("config", "set", "sync.auto", "off", unlock=False)
    laptop.ok("passwd", *COST, fds={"--password-fd": laptop.password + b"\n", "--new-password-fd": b"late\n"})
    laptop.password = b"late"
    rotated(pc, new=NEW)
    accept(laptop, NEW)
    assert not opens(laptop, b"late") and opens(laptop, NEW)
    assert len(laptop.run("keys", "--json").json()) == 1


def test_a_stray_replica_of_the_old_epoch_is_named_every_time_and_left_alone(machines, tmp_path):
    pc, _, folder = machines
    copy = tmp_path / "copy"
    shutil.copy(pc.vault, copy)
    rotated(pc)
    stray = folder / "stray.coffer"
    shutil.copy(copy, stray)
    for _ in range(2):
        result = pc.run("sync")
        assert result.status == 0 and b"stray.coffer, of the earlier key epoch 1" in result.err, result
    assert stray.read_bytes() == copy.read_bytes()
    status = pc.run("sync", "status", "--json").json()
    assert "stray.coffer" in [file["file"] for file in status["skipped"]]


def test_a_machine_that_has_not_taken_over_the_new_key_is_named_at_every_sync(machines):
    """Its file was known before the rotation and has not changed since."""
    pc, laptop, folder = machines
    behind = next(path.name for path in replicas(folder) if path.read_bytes() == laptop.vault.read_bytes()
                  and path.name not in own_names(pc))
    result = rotated(pc)
    # fails today: it is taken for an unchanged replica, and only sync status names it
    assert f"{behind}, of the earlier key epoch 1".encode() in result.err, result
    result = pc.run("sync")
    assert f"{behind}, of the earlier key epoch 1".encode() in result.err, result


def own_names(coffer):
    """The names of the machine's own files in the folder."""
    machines = coffer.run("sync", "status", "--json").json()["machines"]
    return [machine["file"] for machine in machines if machine["own"]]


@pytest.mark.parametrize("new", [None, NEW])
def test_a_file_of_the_old_epoch_is_merged_with_its_own_password(machines, tmp_path, new):
    """A machine that was found again, or a stick: what was edited there is taken in."""
    pc, laptop, _ = machines
    laptop.ok("config", "set", "sync.auto", "off", unlock=False)
    laptop.add("late", password=b"of the laptop")
    old = pc.password
    rotated(pc, "--lost", "laptop", new=NEW)
    for other, status in ((b"wrong", 3), (old, 0)):
        result = pc.run("merge", laptop.vault, fds={
            "--password-fd": pc.password + b"\n", "--other-password-fd": other + b"\n"})
        assert result.status == status, result
    assert pc.ok("get", "late") == b"of the laptop\n"
    again = pc.vault.read_bytes()
    pc.ok("merge", laptop.vault, fds={"--password-fd": pc.password + b"\n", "--other-password-fd": old + b"\n"})
    assert pc.vault.read_bytes() == again
    assert opens(pc, NEW) and not opens(pc, old)


def test_a_file_of_the_old_epoch_without_its_password_is_refused_with_the_option(machines):
    pc, laptop, _ = machines
    rotated(pc, new=NEW)
    before = pc.vault.read_bytes()
    result = pc.run("merge", laptop.vault)
    assert result.status == 64 and b"--other-password-fd" in result.err, result
    assert pc.vault.read_bytes() == before


def test_a_dry_run_of_merging_an_old_epoch_changes_nothing(machines):
    pc, laptop, _ = machines
    laptop.ok("config", "set", "sync.auto", "off", unlock=False)
    laptop.add("late")
    old = pc.password
    rotated(pc, new=NEW)
    before = pc.vault.read_bytes()
    result = pc.run("merge", laptop.vault, "--dry-run", fds={
        "--password-fd": NEW + b"\n", "--other-password-fd": old + b"\n"})
    assert result.status == 0 and b"late" in result.out + result.err, result
    assert pc.vault.read_bytes() == before


def test_the_old_vault_file_put_back_is_named_as_one_of_before_the_rotation(machines, tmp_path):
    pc, _, folder = machines
    copy = tmp_path / "old"
    shutil.copy(pc.vault, copy)
    rotated(pc)
    before = content(folder)
    shutil.copy(copy, pc.vault)
    result = pc.run("ls")
    assert result.status == 9, result
    assert pc.run("add", "late", "--password-stdin", stdin=b"x\n").status == 9
    assert content(folder) == before


def test_an_old_vault_file_that_came_back_is_brought_to_the_new_key_by_accepting_both(machines, tmp_path):
    """The person restored the file alone: the machine's memory is of the new key."""
    pc, laptop, folder = machines
    copy = tmp_path / "old"
    shutil.copy(pc.vault, copy)
    rotated(pc)
    pc.add("after", password=b"of after")
    before = content(folder)
    shutil.copy(copy, pc.vault)
    alone = pc.run("sync", "--accept-older")
    # fails today: it says "Synced: 0 changes in, all saved", does nothing, and the next command refuses as before
    assert alone.status == 9 and b"--accept-rotation" in alone.err, alone
    assert content(folder) == before
    result = pc.run("sync", "--accept-older", "--accept-rotation")
    assert result.status == 0 and epoch(pc.vault) == 2, result
    assert pc.ok("get", "after") == b"of after\n"


def test_accepting_a_key_that_needs_a_key_file_names_the_key_file(machines):
    pc, laptop, _ = machines
    rotated(pc)
    key = pc.home / "key"
    pc.ok("keys", "--add-key-file", key)
    before = laptop.vault.read_bytes()
    result = laptop.run("sync", "--accept-rotation")
    # fails today: another password is asked for, which there is none
    assert result.status == 3 and b"key file" in result.err and b"--key-file" in result.err, result
    assert laptop.vault.read_bytes() == before
    laptop.ok("sync", "--accept-rotation", "--key-file", key)
    assert laptop.run("get", "bank").status == 3 and laptop.ok("get", "bank", "--key-file", key) == b"one\n"


# --- Two at once


@pytest.fixture
def rotated_at_once(machines):
    """Both machines rotated while apart, and each has an edit that the other has not."""
    pc, laptop, folder = machines
    elsewhere = folder.with_name("elsewhere")
    folder.rename(elsewhere)  # the carrier is away, so that neither sees the other
    folder.mkdir()
    pc.add("of pc", password=b"pc edit")
    rotated(pc, new=NEW)
    pc_files = content(folder)
    shutil.rmtree(folder)
    shutil.copytree(elsewhere, folder)
    laptop.add("of laptop", password=b"laptop edit")
    rotated(laptop, new=b"of the laptop")
    for name, data in pc_files.items():
        (folder / name).write_bytes(data)
    assert {epoch(path) for path in replicas(folder)} == {2}
    return pc, laptop, folder


def test_two_rotations_at_once_damage_nothing_and_are_named(rotated_at_once):
    pc, laptop, folder = rotated_at_once
    before = content(folder)
    vaults = pc.vault.read_bytes(), laptop.vault.read_bytes()
    for machine, password in ((pc, NEW), (laptop, b"of the laptop")):
        result = machine.run("sync")
        assert result.status in (0, 9), result
        # fails today: the other's file is called damaged or forged
        assert b"epoch" in result.err or b"vault key" in result.err, result
    assert (pc.vault.read_bytes(), laptop.vault.read_bytes()) == vaults
    assert {name: content(folder)[name] for name in before if name.endswith(".coffer")} == {
        name: before[name] for name in before if name.endswith(".coffer")}


def test_two_rotations_at_once_can_be_brought_together_without_a_loss(rotated_at_once):
    """One of them takes the other's file in, with its password; then it rotates again, or the other accepts."""
    pc, laptop, folder = rotated_at_once
    other = next(path for path in replicas(folder) if path.read_bytes() == laptop.vault.read_bytes())
    result = pc.run("merge", other, fds={"--password-fd": NEW + b"\n", "--other-password-fd": b"of the laptop\n"})
    # fails today: a file of the same epoch with another key is damaged, or forged
    assert result.status == 0, result
    assert pc.ok("get", "of laptop") == b"laptop edit\n"
    rotated(pc, new=b"for both")
    accept(laptop, b"for both")
    sync_all(pc, laptop)
    for machine in (pc, laptop):
        assert machine.ok("ls") == b"bank\t\nof laptop\t\nof pc\t\n"
    assert laptop.ok("get", "of pc") == b"pc edit\n"


def test_after_two_rotations_at_once_a_third_one_brings_both_together(rotated_at_once):
    """Without a merge: the one that rotates again is newer, the other accepts it and brings its edits."""
    pc, laptop, folder = rotated_at_once
    rotated(pc, new=b"for both")
    assert epoch(pc.vault) == 3
    accept(laptop, b"for both")
    sync_all(pc, laptop)
    for machine in (pc, laptop):
        assert machine.ok("ls") == b"bank\t\nof laptop\t\nof pc\t\n"


# --- Size and power cuts


def test_a_vault_of_two_thousand_entries_is_sealed_again(home):
    vault = forge.Vault()
    vault.slots = [forge.password_slot(vault, home.password.decode())]
    vault.entries = [
        forge.entry(number, forge.version(forge.TITLE, f"site {number}"), forge.version(forge.PASSWORD, f"password {number}"))
        for number in range(1, 2001)]
    home.vault.write_bytes(forge.write(vault))
    home.vault.chmod(0o600)
    before = home.run("ls", "--json").json()
    start = time.monotonic()
    rotated(home, "--lost", "laptop", new=NEW)
    print(f"2,000 entries: {time.monotonic() - start:.2f} s")
    assert home.run("ls", "--json").json() == before and len(before) == 2000
    assert home.ok("get", "site 1234") == b"password 1234\n"
    home.ok("verify", "--deep")
    assert len(todo(home)["entries"]) == 2000


def test_a_rotation_that_is_killed_at_any_call_leaves_the_old_vault_or_the_new_one(tmp_path):
    """Wholly old or wholly new: it opens with the password that goes with it, and nothing else is beside it."""
    def small(home):
        coffer = Coffer(home)
        coffer.vault = coffer.home / "vaults" / "v.coffer"
        coffer.vault.parent.mkdir()
        coffer.init()
        for title in ("one", "two"):
            coffer.add(title, password=title.encode())
        return coffer

    original = small(tmp_path / "original")
    words = ["rotate", "--yes", "--no-recovery-key", *COST]
    fds = {"--password-fd": original.password + b"\n", "--new-password-fd": NEW + b"\n"}

    def copy(name):
        subprocess.run(["cp", "-a", original.home, tmp_path / name], check=True)
        coffer = Coffer(tmp_path / name)
        coffer.vault = coffer.home / "vaults" / "v.coffer"
        return coffer

    result, lines = trace(copy("sample"), words, fds=fds)
    assert result.status == 0, result
    targets = calls(lines, tmp_path / "sample" / "vaults")
    assert len(targets) > 30
    outcomes, faults = {1: 0, 2: 0}, []
    for number, call in enumerate(targets):
        coffer = copy(str(number))
        was_killed = kill(coffer, call, words, fds=fds)
        found = epoch(coffer.vault)
        outcomes[found] += 1
        coffer.password = NEW if found == 2 else original.password
        listed = coffer.run("ls")
        if not was_killed or listed.status != 0 or listed.out != b"one\t\ntwo\t\n":
            faults.append(f"{call.line}\n    killed {was_killed}, epoch {found}: {listed}")
        elif coffer.run("verify", "--deep").status != 0:
            faults.append(f"{call.line}\n    not whole, epoch {found}")
        else:
            coffer.add("three")
            left = [path.name for path in coffer.vault.parent.rglob("*") if ".tmp-" in path.name]
            if left:
                faults.append(f"{call.line}\n    left behind: {left}")
        shutil.rmtree(coffer.home)
    print(f"calls: {len(targets)}, old: {outcomes[1]}, new: {outcomes[2]}")
    assert not faults, "\n".join(faults)
    assert outcomes[1] and outcomes[2]


def test_taking_over_a_new_key_that_is_killed_at_any_call_leaves_the_old_vault_or_the_new_one(coffer, tmp_path):
    """Whichever it is opens, has the late edit, and ends at the new key when it is tried again."""
    pc, laptop, folder = pair(coffer, tmp_path)
    laptop.ok("config", "set", "sync.auto", "off", unlock=False)
    laptop.add("late", password=b"of the laptop")
    rotated(pc, new=NEW)
    old = laptop.password
    fds = {"--password-fd": old + b"\n", "--other-password-fd": NEW + b"\n"}
    words = ["sync", "--accept-rotation"]
    saved = tmp_path / "saved"
    subprocess.run(["cp", "-a", laptop.home, saved], check=True)
    saved_folder = tmp_path / "saved-folder"
    subprocess.run(["cp", "-a", folder, saved_folder], check=True)

    def again():
        """Puts machine and folder back as they were: what they remember names their places."""
        for place, copy in ((laptop.home, saved), (folder, saved_folder)):
            shutil.rmtree(place)
            subprocess.run(["cp", "-a", copy, place], check=True)

    again()
    result, lines = trace(laptop, words, fds=fds)
    assert result.status == 0, result
    targets = [call for call in calls(lines, tmp_path) if re.search(r"vault\.coffer|shared|/vaults", call.line)]
    assert len(targets) > 30
    outcomes, faults, forgot = {1: 0, 2: 0}, [], []
    for call in targets[::3]:
        again()
        was_killed = kill(laptop, call, words, fds=fds)
        found = epoch(laptop.vault)
        outcomes[found] += 1
        laptop.password = NEW if found == 2 else old
        late = laptop.run("get", "late")
        retry = {"fds": {"--password-fd": laptop.password + b"\n", "--other-password-fd": NEW + b"\n"}}
        result = laptop.run("sync", "--accept-rotation", **retry)
        if result.status == 64:
            forgot.append(f"{call.line}\n    epoch {found}: {result}")
            result = laptop.run("sync", folder, "--accept-rotation", "--accept-weak-password", **retry)
        laptop.password = NEW
        if late.out != b"of the laptop\n" or result.status != 0 or laptop.run("get", "late").out != late.out:
            faults.append(f"{call.line}\n    killed {was_killed}, epoch {found}: {late}, {result}")
    print(f"calls: {len(targets[::3])}, old: {outcomes[1]}, new: {outcomes[2]}, folder forgotten: {len(forgot)}")
    assert not faults, "\n".join(faults)
    assert outcomes[1] and outcomes[2]
    sync_all(pc, laptop)
    assert pc.ok("get", "late") == b"of the laptop\n"
    # fails today: between the new vault and the new memory the machine forgets its folder, and automatic sync ends
    # without a word
    assert not forgot, "\n".join(forgot)
