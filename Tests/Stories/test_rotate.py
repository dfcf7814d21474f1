"""coffer rotate: a new vault key; everything stays, and the old keys open only old files."""

import json
import shutil
import subprocess
import time

import pytest

import terminal
from conftest import Coffer, pipe_with
from fault_injection import calls, kill, share, trace
from rotation import CODES, COST, NEW, backups, epoch, forge, full, reader, rotate, rotated, shown, todo
from shared_folder import content, opens, pair, recovery_key, sync_all

__all__ = ["full"]  # fixtures

EVERYTHING = [
    ["ls"], ["ls", "--json"], ["ls", "--trash"], ["show", "bank", "--json", "--reveal"],
    ["history", "bank", "--reveal"], ["conflicts", "--json", "--reveal"],
    ["codes", "list", "bank", "--json", "--reveal"],
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


@pytest.mark.parametrize("field, value, other", [
    ("tag", "money", "home"), ("url", "https://bank.example", "https://b.example")])
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
    assert b"coffer backups prune" in result.err


def test_pruned_backups_are_gone(full):
    rotated(full, "--prune-backups", new=NEW)
    assert backups(full) == []
    full.add("later")
    assert [epoch(path) for path in backups(full)] == [2]


def test_backups_can_be_pruned_later_as_the_message_says(full):
    rotated(full, new=NEW)
    full.add("later")
    assert full.run("backups", "prune").status == 9
    result = full.run("backups", "prune", "--yes")
    assert result.status == 0, result
    assert epoch(full.vault) == 2
    assert {epoch(path) for path in backups(full)} == {2}


# --- Size and power cuts


def test_a_vault_of_two_thousand_entries_is_sealed_again(home):
    vault = forge.Vault()
    vault.slots = [forge.password_slot(vault, home.password.decode())]
    vault.entries = [
        forge.entry(
            number, forge.version(forge.TITLE, f"site {number}"), forge.version(forge.PASSWORD, f"password {number}"))
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
    for number, call in enumerate(share(targets, 3)):
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
