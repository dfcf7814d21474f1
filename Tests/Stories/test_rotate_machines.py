"""A new vault key among several machines: the others take it over when a person says so, and lose nothing."""

import re
import shutil
import subprocess

import pytest

import terminal
from fault_injection import calls, kill, share, trace
from rotation import COST, NEW, accept, epoch, fields_to_change, full, machines, rotate, rotated
from shared_folder import content, join, opens, pair, replicas, sync_all

__all__ = ["full", "machines"]  # fixtures


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


def test_a_lost_machine_that_is_not_known_is_said_and_no_failure(machines):
    pc, _, folder = machines
    result = rotated(pc, "--lost", "tablet", new=NEW)
    assert b"no machine tablet is known in the shared folder. Known are: " in result.err
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
    terminal.answer(child, "Master password of the other key epoch, which opens .*: ", NEW)
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
    assert result.status != 0
    assert (b"nothing was changed" in result.err) == (laptop.vault.read_bytes() == before), result
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


def test_an_old_own_file_of_the_old_key_that_comes_back_ends_in_one_file_of_the_machine(machines):
    """A syncer brings back what lay there before the rotation."""
    pc, laptop, folder = machines
    own = next(machine["file"] for machine in laptop.run("sync", "status", "--json").json()["machines"] if machine["own"])
    old = (folder / own).read_bytes()
    laptop.add("before")
    rotated(pc)
    (folder / own).write_bytes(old)
    accept(laptop, pc.password)
    for title in ("one", "two", "three"):
        laptop.add(title)
    assert len(replicas(folder)) <= 3, replicas(folder)
    assert sum(path.read_bytes() == laptop.vault.read_bytes() for path in replicas(folder)) == 1


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
    assert alone.status == 9, alone
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
        assert b"epoch" in result.err or b"vault key" in result.err, result
    assert (pc.vault.read_bytes(), laptop.vault.read_bytes()) == vaults
    assert {name: content(folder)[name] for name in before if name.endswith(".coffer")} == {
        name: before[name] for name in before if name.endswith(".coffer")}


def test_two_rotations_at_once_can_be_brought_together_without_a_loss(rotated_at_once):
    """One of them takes the other's file in, with its password; then it rotates again, or the other accepts."""
    pc, laptop, folder = rotated_at_once
    other = next(path for path in replicas(folder) if path.read_bytes() == laptop.vault.read_bytes())
    result = pc.run("merge", other, fds={"--password-fd": NEW + b"\n", "--other-password-fd": b"of the laptop\n"})
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


# --- Power cuts


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
    for call in share(targets, 9):
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
    # without a word
    assert not forgot, "\n".join(forgot)
