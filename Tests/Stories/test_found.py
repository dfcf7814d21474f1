"""What people who attacked and scripted the program found, each as its smallest case."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

import conftest
from conflicts import with_second_value
from conftest import Coffer
from machines import clone
from terminal import answer, asked, end, shown
from terminal import answer, asked, end

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Independent"))
import vault_forge as forge  # noqa: E402

CHEAP = ["--unsafe-test-kdf", "--iterations", "1"]
CODES = [b"%08x" % (0x3f9a01c7 * number % 2**32) for number in range(1, 5)]


@pytest.fixture
def vk(coffer):
    coffer.add("vk", "--username", "anna", password=b"s3cret")
    coffer.ok("codes", "add", "vk", "-", stdin=b"\n".join(CODES))
    return coffer


def refused(coffer, status, *arguments, **options):
    """Nothing is printed and the vault stays; returns the error."""
    before = coffer.vault.read_bytes() if coffer.vault.exists() else None
    result = coffer.run(*arguments, **options)
    assert (result.status, result.out) == (status, b""), result
    assert (coffer.vault.read_bytes() if coffer.vault.exists() else None) == before
    return result.err


# --- Arguments and surroundings


@pytest.mark.parametrize("words", ["get vk", "verify --deep", "codes next vk", "nonsense"])
def test_without_a_free_descriptor_no_help_passes_for_a_value(vk, words):
    (vk.home / "pw").write_bytes(vk.password + b"\n")
    before = vk.vault.read_bytes()
    done = subprocess.run(
        ["bash", "-c", f"ulimit -n 4; exec {conftest.PROGRAM} {words} --password-fd 3 3<pw"], cwd=vk.home,
        env=vk.environment, capture_output=True, timeout=60)
    assert done.returncode != 0 and done.stdout == b"", done
    assert vk.vault.read_bytes() == before


@pytest.mark.parametrize("words", [["get", "-dash"], ["get", "-qh"], ["rm", "-xh"], ["set", "vk", "password", "-fh"]])
def test_a_title_that_begins_with_a_hyphen_is_no_call_for_help(vk, words):
    assert b"goes behind --" in refused(vk, 64, *words)


def test_such_a_title_is_reached_behind_two_hyphens(vk):
    vk.ok("add", "--password-stdin", "--", "-dash", stdin=b"p\n")
    assert vk.ok("get", "--", "-dash") == b"p\n"


def test_hints_can_be_pasted_for_such_a_title_too(coffer, tmp_path):
    def said(*words, **options):
        return coffer.run(*words, **options).err

    coffer.ok("add", "--password-stdin", "--", "-d", stdin=b"p\n")
    assert b"coffer show -- -d\n" in said("codes", "mark-used", "--", "-d", "-", stdin=b"aaaa1111\n")
    assert b"coffer codes add -- -d\n" in said("codes", "list", "--", "-d")
    assert b"coffer codes add -- -d\n" in said("codes", "next", "--", "-d")
    assert b"coffer enrol -- -d\n" in said("codes", "add", "--", "-d", "-", stdin=b"\n".join(CODES[:2]))
    coffer.ok("otp", "add", "--uri-stdin", "--", "-d", stdin=b"otpauth://hotp/t?secret=JBSWY3DPEHPK3PXP&counter=0")
    assert b"coffer otp --next -- -d\n" in said("get", "--", "-d", "otp")
    assert b"coffer rm -- -d\n" in said("restore", "--", "-d")
    other = clone(coffer, tmp_path / "laptop", "laptop")
    for machine, password in ((coffer, b"one\n"), (other, b"two\n")):
        machine.ok("set", "--", "-d", "password", "-", stdin=password)
    assert b"coffer resolve -- -d password\n" in said("merge", other.vault)
    assert b"coffer resolve -- -d password\n" in said("conflicts")
    assert b"coffer resolve -- -d password \xe2" in said("get", "--", "-d")
    assert b"coffer history -- -d password\n" in said("resolve", "--pick", "newest", "--", "-d")
    assert b"coffer restore -- -d\n" in said("rm", "--", "-d")
    assert b"coffer restore -- -d\n" in said("get", "--", "-d")
    coffer.ok("restore", "--", "-d")


def test_a_place_that_is_not_utf8_is_refused_and_not_repaired(home):
    for variable in (b"COFFER_VAULT", b"HOME", b"XDG_DATA_HOME"):
        environment = {b"HOME": os.fsencode(home.home), b"PATH": b"/usr/bin:/bin", variable: os.fsencode(home.home) + b"/a\xff"}
        done = subprocess.run([conftest.PROGRAM, "ls", "--no-input"], env=environment, capture_output=True, timeout=60)
        assert done.returncode == 64 and b"is not UTF-8 text" in done.stderr, done
    assert not [path for path in home.home.iterdir() if b"\xef\xbf\xbd" in os.fsencode(path.name)]


def test_no_home_is_needed_where_the_vault_is_named(vk):
    (vk.home / "pw").write_bytes(vk.password + b"\n")
    with (vk.home / "pw").open() as password:
        done = subprocess.run(
            [conftest.PROGRAM, "get", "vk", "--vault", vk.vault, "--password-fd", "0"], stdin=password, env={},
            capture_output=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, b"s3cret\n"), done


def test_a_clock_beyond_the_year_9999_makes_nothing_that_cannot_be_read(vk, tmp_path):
    (tmp_path / "clock.c").write_text("long time(long *out) { long t = 253402300800; if (out) *out = t; return t; }\n")
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", tmp_path / "clock.so", tmp_path / "clock.c"], check=True)
    program, conftest.PROGRAM = conftest.PROGRAM, conftest.DYNAMIC_PROGRAM
    try:
        vk.ok("add", "late", "--password-stdin", stdin=b"x\n", env={"LD_PRELOAD": str(tmp_path / "clock.so")})
    finally:
        conftest.PROGRAM = program
    assert vk.ok("get", "late") == b"x\n"
    assert vk.run("show", "late", "--json").json()["created"] == "9999-12-31T23:59:59Z"
    vk.ok("verify", "--deep")


# --- Files that saving uses


@pytest.mark.parametrize("name", ["vault.coffer", "vault.coffer.lock", "vault.coffer.backups/mine", ".vault.coffer.tmp-x"])
def test_no_key_file_or_sheet_lies_where_a_save_would_take_it_away(vk, name):
    vk.ok("set", "vk", "password", "-", stdin=b"second\n")
    place = vk.home / name
    was_there = place.exists()
    assert b"a name that the vault itself uses" in refused(vk, 9, "keys", "--add-key-file", place)
    assert b"a name that the vault itself uses" in refused(vk, 9, "kit", "new", "--output", place)
    assert place.exists() == was_there
    assert vk.ok("get", "vk") == b"second\n"


@pytest.mark.parametrize("option", ["--kit", "--key-file"])
@pytest.mark.parametrize("name", ["vault.coffer", "vault.coffer.lock"])
def test_init_refuses_such_a_name_and_leaves_nothing(home, option, name):
    arguments = [option, home.home / name] + (["--no-recovery-key"] if option == "--key-file" else [])
    refused(home, 9, "init", *CHEAP, *arguments, fds={"--new-password-fd": b"p\n"}, unlock=False)
    assert not [path for path in home.home.iterdir() if path.is_file()]


def test_a_vault_is_no_key_file(vk, tmp_path):
    other = Coffer(tmp_path / "other").init()
    assert b"cannot be used: it is a vault" in refused(vk, 3, "keys", "--add-key-file", other.vault)


def test_what_can_be_no_key_file_is_a_wrong_key_file(home):
    home.init("--key-file", str(home.home / "key"))
    os.mkfifo(home.home / "pipe")
    (home.home / "short").write_bytes(b"x" * 31)
    for name, why in (("pipe", b"not a regular file"), ("vault.coffer.backups", b"there is no such file"), (".", b"not a regular file"),
                      ("short", b"32 bytes"), ("none", b"there is no such file"), ("vault.coffer", b"it is a vault"),
                      ("key/key", b"there is no such file")):
        assert why in refused(home, 3, "ls", "--key-file", home.home / name), name


def test_a_salvage_that_fails_leaves_no_sheet(vk):
    (vk.home / "out.lock").mkdir()
    result = vk.run("verify", "--salvage", "out", "--kit", "sheet.txt", *CHEAP)
    assert result.status == 1 and not (vk.home / "sheet.txt").exists(), result
    (vk.home / "out.lock").rmdir()
    vk.ok("verify", "--salvage", "out", "--kit", "sheet.txt", *CHEAP)


def test_backups_that_cannot_be_read_are_not_called_none(vk):
    shutil.rmtree(vk.home / "vault.coffer.backups")
    (vk.home / "vault.coffer.backups").write_bytes(b"")
    for words in (["backups"], ["backups", "--json"], ["backups", "restore", "1"]):
        result = vk.run(*words, unlock="restore" in words)
        assert result.status == 1 and b"Not a directory" in result.err and result.out == b"", result


def test_a_backup_of_another_vault_is_not_put_in_the_place(vk, tmp_path):
    other = Coffer(tmp_path / "other", b"other").init()
    shutil.copy(other.vault, vk.home / "vault.coffer.backups/00000077-5.coffer")
    vk.password, own = b"other", vk.password
    assert b"a different vault" in refused(vk, 9, "backups", "restore", "77", "--replace", "--yes")
    vk.password = own
    assert vk.ok("get", "vk") == b"s3cret\n"


# --- Size and time


def test_salvage_is_bounded_where_every_offset_looks_like_a_frame(vk):
    data = vk.vault.read_bytes()
    vk.vault.write_bytes(data[:-1] + bytes([data[-1] ^ 1]) + bytes([0, 8, 0, 40]) * (512 * 1024))
    start = time.monotonic()
    result = vk.run("verify", "--salvage", "out", "--no-recovery-key", "--json", *CHEAP)
    assert time.monotonic() - start < 20
    assert result.status == 4 or result.json()["missing"], result


def test_a_full_entry_can_be_emptied_drawn_from_and_thrown_away(vk):
    data = vk.vault.read_bytes()
    vault = forge.take_apart(data, forge.vault_key_of(data, 1, vk.password))
    texts = [forge.version(f"f{number}", ["x" * 1_040_000, True]) for number in range(4)]
    vault.entries[0].content = forge.by_id(vault.entries[0].content + texts)
    room = 4 * 1024**2 - len(forge.encode(vault.entries[0].content)) - 100
    vault.entries[0].content = forge.by_id(vault.entries[0].content + [forge.version("rest", ["x" * room, True])])
    vk.vault.write_bytes(forge.write(vault))
    assert b"exceed a limit" in refused(vk, 7, "set", "vk", "more", "-", stdin=b"x" * 500)
    assert vk.ok("codes", "next", "vk").strip() in CODES
    vk.ok("set", "vk", "f0", "--remove")
    vk.ok("rm", "vk")
    vk.ok("purge", "vk", "--yes")


def test_a_long_chain_of_joined_entries_is_read_in_time(vk):
    data = vk.vault.read_bytes()
    vault = forge.take_apart(data, forge.vault_key_of(data, 1, vk.password))
    count = 3000
    vault.entries = [
        forge.entry(number, forge.version(forge.TITLE, f"t{number}"),
                    *([forge.version(forge.JOINED, (number - 1).to_bytes(16, "big"))] if number > 1 else []))
        for number in range(1, count + 1)]
    vk.vault.write_bytes(forge.write(vault))
    for words in (["ls"], ["otp"], ["get", f"t{count}", "id"]):
        start = time.monotonic()
        vk.ok(*words)
        assert time.monotonic() - start < 5, words
    # Each name finds what they are shown as.
    assert vk.ok("get", f"t{count}", "id") == vk.ok("get", "t1", "id")


def test_joined_entries_have_the_same_names_everywhere(coffer):
    coffer.add("zeta", "--username", "old")
    coffer.add("mid")
    first = coffer.run("show", "zeta", "--json").json()["id"]
    coffer.add("other")
    coffer.ok("join", "zeta", "other")
    data = coffer.vault.read_bytes()
    vault = forge.take_apart(data, forge.vault_key_of(data, 1, coffer.password))
    [item] = [item for item in vault.entries if any(version.get(5) == "other" for version in item.content)]
    old = [version for version in item.content if version[1] == forge.TITLE]
    later = 4_000_000_000
    item.content = forge.by_id(item.content + [
        forge.version(forge.TITLE, "alpha", at=later, replaces=old), forge.version(forge.USERNAME, "new", at=later)])
    coffer.vault.write_bytes(forge.write(vault))
    shown = coffer.run("show", "zeta", "--json").json()
    assert (shown["title"], shown["username"]) == ("alpha", "new")
    assert coffer.ok("ls") == b"alpha\tnew\nmid\t\n"
    assert coffer.ok("ls", "al") == b"alpha\tnew\n" and coffer.ok("ls", "ze") == b""
    assert coffer.ok("find", "alpha") == coffer.ok("find", "zeta") == b"alpha\tnew\n"
    listed = coffer.run("ls", "--json").json()
    assert listed[0] == shown
    for id in (first, item.id.hex()):
        assert coffer.ok("get", f"id:{id[:8]}", "id").decode().strip() == shown["id"]
    assert b"coffer ls" in refused(coffer, 2, "get", "id:00000000")


# --- Codes and counters


def test_codes_that_a_list_calls_used_are_used_though_they_were_known(vk):
    vk.ok("codes", "add", "vk", "-", stdin=b"\n".join([CODES[0] + b" used", *CODES[1:]]))
    assert vk.run("show", "vk", "--json").json()["codes"] == {"sets": 1, "unused": 3, "used": 1}


def test_the_old_list_does_not_replace_itself(vk):
    for _ in CODES:
        vk.ok("codes", "next", "vk")
    assert b"that is the old list" in refused(vk, 9, "codes", "replace", "vk", "-", stdin=b"\n".join(CODES))


OTHERS = [b"%08x" % (0x2b7e1517 * number % 2**32) for number in range(1, 5)]


def drawn(coffer):
    """All codes that are handed out until there are none."""
    codes = []
    while (result := coffer.run("codes", "next", "vk")).status == 0:
        codes.append(result.out.strip())
    assert result.status == 2, result
    return codes


def test_a_list_that_returns_after_another_keeps_its_used_codes(vk):
    used = vk.ok("codes", "next", "vk").strip()
    vk.ok("codes", "replace", "vk", "-", "--yes", stdin=b"\n".join(OTHERS))
    result = vk.run("codes", "add", "vk", "-", stdin=b"\n".join(CODES))
    assert b"Added 4 codes to vk; 1 of them was used before and stays used." in result.err, result
    assert sorted(drawn(vk)) == sorted({*CODES, *OTHERS} - {used})


def test_a_new_list_that_repeats_a_used_code_does_not_hand_it_out(vk):
    used = vk.ok("codes", "next", "vk").strip()
    result = vk.run("codes", "replace", "vk", "-", "--yes", stdin=b"\n".join([*OTHERS, used]))
    assert b"5 new codes; 1 of them was used before and stays used; the old ones are retired." in result.err, result
    vk.ok("codes", "undo", "vk")
    assert sorted(drawn(vk)) == sorted([*OTHERS, used])


def forged_codes(vk, *sets):
    """Gives the entry sets of codes whose names another vault key made, as after a change of it."""
    data = vk.vault.read_bytes()
    vault = forge.take_apart(data, forge.vault_key_of(data, 1, vk.password))
    other = forge.Vault()
    for codes, used, retired in sets:
        vault.entries[0].content = forge.by_id(
            vault.entries[0].content + forge.code_set(
                other, [code.decode() for code in codes], used=[code.decode() for code in used], retired=retired))
    vk.vault.write_bytes(forge.write(vault))


def test_codes_are_known_by_their_text_whatever_their_names(coffer):
    coffer.add("vk")
    forged_codes(coffer, (CODES, CODES[:1], False))
    result = coffer.run("codes", "add", "vk", "-", stdin=b"\n".join(CODES))
    assert b"Added 0 codes to vk; 4 known already." in result.err, result
    assert b"that is the old list" in refused(coffer, 9, "codes", "replace", "vk", "-", "--yes", stdin=b"\n".join(CODES))
    assert sorted(drawn(coffer)) == sorted(CODES[1:])


def test_a_use_that_a_merge_brought_into_a_retired_list_counts(coffer):
    coffer.add("vk")
    forged_codes(coffer, (CODES, CODES[:1], True), (CODES[:1] + OTHERS, [], False))
    assert coffer.run("show", "vk", "--json").json()["codes"] == {"sets": 1, "unused": 4, "used": 1}
    assert sorted(drawn(coffer)) == sorted(OTHERS)


def test_tags_and_urls_are_known_by_their_text_too(coffer):
    coffer.add("vk", "--tag", "own")
    data = coffer.vault.read_bytes()
    vault = forge.take_apart(data, forge.vault_key_of(data, 1, coffer.password))
    other = forge.Vault()
    vault.entries[0].content = forge.by_id(
        vault.entries[0].content + [forge.tag(other, "old"), forge.tag(vault, "old", seed=1), forge.tag(other, "own")])
    coffer.vault.write_bytes(forge.write(vault))
    before = coffer.vault.read_bytes()
    assert b"Nothing to change" in coffer.run("set", "vk", "tag", "old", "--add").err
    assert coffer.vault.read_bytes() == before
    coffer.ok("set", "vk", "tag", "old", "--remove")
    assert coffer.run("show", "vk", "--json").json()["tags"] == ["own"]
    coffer.ok("set", "vk", "tag", "own", "--remove")
    assert coffer.run("show", "vk", "--json").json()["tags"] == []


def test_what_was_spent_before_a_purge_is_spent_when_the_entry_comes_back(vk):
    vk.ok("otp", "add", "vk", "--uri-stdin", stdin=b"otpauth://hotp/t?secret=JBSWY3DPEHPK3PXP&counter=5")
    number = vk.run("backups", "--json", unlock=False).json()[0]["number"]
    vk.ok("set", "vk", "username", "b")  # the state with codes and counter, before any use, is a backup
    for _ in range(2):
        vk.ok("otp", "vk", "--next")
    used = vk.ok("codes", "next", "vk").strip()
    for _ in range(2):
        vk.ok("rm", "vk")
        vk.ok("purge", "vk", "--yes")
        result = vk.run("backups", "restore", number + 1)
        assert result.status == 0 and b"warning: the vault had forgotten vk" in result.err, result
        assert b"counter=7" in vk.ok("get", "vk", "otp-uri")
        assert vk.run("show", "vk", "--json").json()["codes"] == {"sets": 1, "unused": 3, "used": 1}
        assert vk.ok("backups", "restore", number + 1) == b""
    assert sorted(drawn(vk)) == sorted(set(CODES) - {used})


def test_a_code_that_was_spent_in_a_backup_is_spent(vk):
    drawn = vk.ok("codes", "next", "vk")
    # The backup that the draw made, from before it, takes the vault's place; the state with the draw is a backup then.
    before = vk.run("backups", "--json", unlock=False).json()[0]["number"]
    vk.ok("backups", "restore", before, "--replace", "--yes")
    assert vk.run("show", "vk", "--json").json()["codes"]["used"] == 0
    vk.ok("backups", "restore", vk.run("backups", "--json", unlock=False).json()[0]["number"])
    assert vk.run("show", "vk", "--json").json()["codes"]["used"] == 1
    assert drawn not in [vk.ok("codes", "next", "vk") for _ in CODES[1:]]


def test_a_code_that_could_not_be_printed_is_told_of(vk):
    with open("/dev/full", "wb") as full:
        reading, writing = os.pipe()
        os.write(writing, vk.password + b"\n")
        os.close(writing)
        done = subprocess.run(
            [conftest.PROGRAM, "codes", "next", "vk", "--password-fd", str(reading)], stdout=full, stderr=subprocess.PIPE,
            pass_fds=[reading], env=vk.environment, cwd=vk.home, timeout=60)
        os.close(reading)
    assert done.returncode == 1 and b"coffer codes undo vk" in done.stderr, done
    assert vk.run("show", "vk", "--json").json()["codes"]["used"] == 1


def test_the_link_of_a_counter_goes_on_where_the_counter_is(vk):
    vk.ok("otp", "add", "vk", "--uri-stdin", stdin=b"otpauth://hotp/t?secret=JBSWY3DPEHPK3PXP&counter=5")
    for _ in range(2):
        vk.ok("otp", "vk", "--next")
    assert b"counter=7" in vk.ok("get", "vk", "otp-uri")


def test_a_paste_with_empty_lines_is_taken_whole(coffer):
    coffer.add("vk")
    child = asked(coffer, "codes", "add", "vk")
    child.expect("empty line:")
    child.send("Backup codes\n\n" + "\n\n".join(code.decode() for code in CODES) + "\n")
    time.sleep(0.5)
    child.send("\n")
    assert end(child) == 0
    assert coffer.run("show", "vk", "--json").json()["codes"]["unused"] == len(CODES)


# --- Answers


def test_a_slip_in_the_key_does_not_cost_the_answers_before_it(coffer):
    child = asked(coffer, "add", "vk", "--template", "vk-cloud")
    answer(child, "E-mail: ", "anna@example.com")
    answer(child, "Password: ", "p")
    answer(child, "TOTP key or otpauth URI: ", "not a key 189")
    answer(child, "TOTP key or otpauth URI: ", "JBSWY3DPEHPK3PXP")
    for question in ("Backup codes", "Project id: ", "Region: ", "Auth URL: ", "User domain"):
        answer(child, question, "")
    assert end(child) == 0
    shown = coffer.run("show", "vk", "--json").json()
    assert shown["username"] == "anna@example.com" and shown["has"]["otp"]


def test_an_empty_master_password_is_asked_for_again(home):
    child = asked(home, "init", *CHEAP, "--no-recovery-key", unlock=False)
    answer(child, "New master password: ", "")
    child.expect("cannot be empty. Once more.")
    for question in ("New master password: ", "The same again: "):
        answer(child, question, "correct horse battery staple")
    assert end(child) == 0
    home.ok("ls")


def test_two_fitting_values_are_not_called_entries(vk):
    with_second_value(vk, forge.PASSWORD, "second", "vk")
    with_second_value(vk, forge.PASSWORD, "third", "vk")
    err = refused(vk, 2, "resolve", "vk", "password", "--pick", "laptop")
    assert b"Several values of password match that" in err and b"entries" not in err


def test_conflicts_in_fields_of_a_newer_program_have_names(vk):
    data = vk.vault.read_bytes()
    vault = forge.take_apart(data, forge.vault_key_of(data, 1, vk.password))
    for seed, machine in enumerate(("work-pc", "laptop")):
        vault.entries[0].content = forge.by_id(vault.entries[0].content + [
            forge.version(field, machine, by=machine, seed=seed) for field in (42, 43, [9, b"\xab" * 8])])
    vk.vault.write_bytes(forge.write(vault))
    names = ["field-42", "field-43", "element-9-abababab"]
    assert sorted(c["field"] for c in vk.run("conflicts", "--json").json()) == sorted(names)
    for left, name in reversed(list(enumerate(names))):
        vk.ok("resolve", "vk", name, "--pick", "laptop")
        assert len(vk.run("conflicts", "--json").json()) == left
        rows = vk.run("history", "vk", name, "--json").json()
        assert len(rows) == 3 and {row["field"] for row in rows} == {name}


def test_damage_of_the_header_or_index_is_json_too(vk):
    data = bytearray(vk.vault.read_bytes())
    header, _, _ = forge.split(bytes(data))
    data[len(header) + 30] ^= 1
    vk.vault.write_bytes(data)
    result = vk.run("verify", "--json")
    assert result.status == 4
    assert result.json() == {"ok": False, "entries": None, "deep": False, "damaged": [], "part": "index"}


def test_a_cost_that_is_asked_for_in_vain_is_told(coffer):
    coffer.ok("passwd", "--iterations", "700000", fds={"--new-password-fd": b"second\n"})
    coffer.password = b"second"
    result = coffer.run("passwd", "--iterations", "600000", fds={"--new-password-fd": b"third\n"})
    assert result.status == 0 and b"Nothing lowers a cost: it stays 700000 iterations." in result.err


def test_a_missing_key_file_is_named(home):
    home.init("--key-file", str(home.home / "key"))
    assert b"opens only with its key file" in refused(home, 3, "ls")


def test_a_code_that_was_used_under_one_list_is_used_under_every_other(coffer):
    coffer.add("vk")
    old, new = b"3f9a01c7 7f34038e", b"beae0555 fe68071c"
    coffer.ok("codes", "add", "vk", "-", stdin=old)
    drawn = coffer.ok("codes", "next", "vk").strip()
    coffer.ok("codes", "replace", "vk", "-", "--yes", stdin=new + b" " + drawn)
    assert coffer.run("show", "vk", "--json").json()["codes"] == {"sets": 1, "unused": 2, "used": 1}
    coffer.ok("codes", "add", "vk", "-", stdin=old)
    handed_out = {coffer.ok("codes", "next", "vk").strip() for _ in range(3)}
    assert drawn not in handed_out and coffer.run("codes", "next", "vk").status == 2


def test_merging_a_file_that_is_not_there_names_it(coffer):
    result = coffer.run("merge", coffer.home / "nowhere.coffer")
    assert result.status == 2 and b"nowhere.coffer" in result.err and b"coffer init" not in result.err, result


def test_choices_before_a_cancelled_one_are_told_to_be_saved(coffer, tmp_path):
    coffer.add("bank", "--username", "anna")
    other = clone(coffer, tmp_path / "other", "laptop")
    for machine, text in ((coffer, "one"), (other, "two")):
        machine.ok("set", "bank", "region", text, "--plain")
        machine.ok("set", "bank", "zone", text, "--plain")
    coffer.ok("merge", other.vault)
    child = asked(coffer, "resolve", "bank")
    answer(child, "Which one counts.*", "newest")
    child.expect("Which one counts.*")
    child.sendeof()
    assert end(child) == 130
    assert b"nothing was changed" not in shown(child) and b"1 choice is saved" in shown(child)
    assert len(coffer.run("conflicts", "--json").json()) == 1
# --- Merging


def test_a_key_file_that_comes_in_with_a_merge_is_told(vk, tmp_path):
    other = clone(vk, tmp_path / "laptop", "laptop")
    other.ok("keys", "--add-key-file", other.home / "key")
    for arguments, verb in ((["--dry-run"], b"would open"), ([], b"opens")):
        told = vk.run("merge", other.vault, *arguments)
        assert told.status == 0 and b"given a key file on laptop" in told.err and b"password was changed" not in told.err, told
        assert verb + b" this vault from now on, and only together with that file" in told.err
    assert b"opens only with its key file" in refused(vk, 3, "ls")
    assert vk.ok("get", "vk", "--key-file", other.home / "key") == b"s3cret\n"


def with_large_fields(coffer, path, name):
    """A copy of the vault in which the first entry is nine megabytes larger."""
    data = coffer.vault.read_bytes()
    vault = forge.take_apart(data, forge.vault_key_of(data, 1, coffer.password))
    vault.entries[0].content = forge.by_id(
        vault.entries[0].content + [forge.version(f"{name}{number}", ["x" * 1_000_000, True]) for number in range(9)])
    path.write_bytes(forge.write(vault))


def test_an_entry_that_would_become_too_large_is_said_to_be_left(coffer, tmp_path):
    coffer.add("vk", password=b"s3cret")
    laptop = clone(coffer, tmp_path / "laptop", "laptop")
    one, two = tmp_path / "one.coffer", laptop.vault
    with_large_fields(coffer, one, "a")
    with_large_fields(coffer, two, "b")
    before = coffer.vault.read_bytes()
    for arguments, said in ((["--dry-run"], b"Nothing would be merged."), ([], b"Nothing was merged")):
        result = coffer.run("merge", one, two, *arguments)
        assert (result.status, result.out) == (7, b"too large\tvk\t\n") and said in result.err, result
        assert b"saved" not in result.err and coffer.vault.read_bytes() == before
    coffer.ok("merge", one)
    laptop.add("new")
    result = coffer.run("merge", two)
    assert result.status == 7 and b"1 entry added, 0 entries changed, 0 conflicts; that is saved." in result.err, result
    assert b"vk was not merged" in result.err and coffer.ok("ls").count(b"\n") == 2
    # The way out that is proposed.
    laptop.ok("rm", "vk")
    laptop.ok("purge", "vk", "--yes")
    coffer.ok("merge", two)
    assert len(coffer.ok("get", "vk", "a8")) == 1_000_001
    assert coffer.run("get", "vk", "b8").status == 2


def test_a_file_that_is_not_there_is_no_reason_to_make_a_vault(vk):
    err = refused(vk, 2, "merge", "nothing.coffer")
    assert b"There is no file at nothing.coffer" in err and b"init" not in err
