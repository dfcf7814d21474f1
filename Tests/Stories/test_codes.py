"""Backup codes through the program: lists as people have them, drawing, marking, taking back, replacing."""

import os
import shutil
import subprocess

import pexpect
import pytest

from conftest import PROGRAM, pipe_with

# The form of VK Cloud's own codes: eight lower-case hexadecimal characters.
TEN = ["3f9a01c7", "88d2e4b0", "1b6c90ff", "704ae2d5", "c2190b6e", "5e83f7a4", "9a0d41c8", "e67b25f3", "0c4f9e1a",
       "d815a6b2"]
TWENTY = TEN + ["a1b2c3d4", "00ff11ee", "7d3e9c01", "b4c5d6e7", "12345678", "f0e1d2c3", "68a7b9c0", "4d5e6f70",
                "2b3c4d5e", "91a2b3c4"]
REMEDY = (b"While you are still signed in, turn two-factor authentication off and on again, then run: coffer enrol vk")


def text(codes):
    return "".join(code + "\n" for code in codes).encode()


def say_nothing_of(result, codes):
    """What a command says beside its data names no code."""
    assert not [code for code in codes if code.encode() in result.err], result


@pytest.fixture
def vk(coffer):
    coffer.add("vk")
    return coffer


def add(coffer, codes=TEN):
    result = coffer.run("codes", "add", "vk", "-", stdin=text(codes))
    assert (result.status, result.out) == (0, b""), result
    say_nothing_of(result, codes)
    return result


def listed(coffer, *arguments):
    return coffer.run("codes", "list", "vk", "--json", *arguments).json()


def test_a_list_is_understood_and_counted(vk):
    result = add(vk)
    assert b"understood 10 codes of 8 hexadecimal characters" in result.err
    assert b"10 unused backup codes left for vk." in result.err
    assert vk.run("show", "vk", "--json").json()["codes"] == {"sets": 1, "unused": 10, "used": 0}


@pytest.mark.parametrize("content", [
    b"\xef\xbb\xbf" + "\r\n".join(TEN).encode() + b"\r\n",
    "".join(f"{number}. {code}\n" for number, code in enumerate(TEN, 1)).encode(),
    "".join(f"- {code}\r" for code in TEN).encode(),
    ("VK Cloud backup codes\nKeep them in a safe place!\n\n" + "".join(
        f"{TEN[i]}\t{TEN[i + 1]}\n" for i in range(0, 10, 2)) + "\nGenerated on 2025-11-24\n").encode(),
    text(TEN + TEN[:3]),
])
def test_downloaded_lists_are_read_whatever_stands_around_the_codes(vk, content):
    (vk.home / "codes.txt").write_bytes(content)
    result = vk.run("codes", "add", "vk", "codes.txt")
    assert result.status == 0, result
    say_nothing_of(result, TEN)
    codes = listed(vk, "--reveal")[0]["codes"]
    assert sorted(code["code"] for code in codes) == sorted(TEN)


@pytest.mark.parametrize("content, words", [
    (b"", b"No backup code was found"),
    (b"These are no codes, only words\n", b"No backup code was found"),
    ("\n".join(TEN).encode("utf-16"), b"UTF-16"),
    (b"3f9a01c7\x00\n", b"not a text"),
    (b"caf\xe9 3f9a01c7\n", b"not a text"),
    (b"x" * 70_000, b"longer than"),
    ("\n".join(f"{number:08x}" for number in range(1_000, 1_300)).encode(), b"more than 256 codes"),
])
def test_what_holds_no_list_is_refused_and_nothing_changes(vk, content, words):
    before = vk.vault.read_bytes()
    for command in ("add", "replace"):
        result = vk.run("codes", command, "vk", "-", stdin=content)
        assert (result.status, result.out) == (64, b""), result
        assert words in result.err
        assert b"3f9a01c7" not in result.err
    assert vk.vault.read_bytes() == before


def test_a_missing_file_and_a_missing_entry_are_told(vk):
    assert vk.run("codes", "add", "vk", "nowhere.txt").status == 2
    result = vk.run("codes", "add", "vk")
    assert result.status == 64 and b"a file or -" in result.err
    for command in (["add", "no", "-"], ["next", "no"], ["list", "no"], ["undo", "no"], ["mark-used", "no", "-"]):
        assert vk.run("codes", *command, stdin=text(TEN)).status == 2


def test_twenty_codes_are_handed_out_once_each_and_then_no_more(vk):
    add(vk, TWENTY)
    drawn = []
    for left in range(19, -1, -1):
        result = vk.run("codes", "next", "vk")
        assert result.status == 0, result
        code = result.out.decode()
        assert code.endswith("\n")
        drawn.append(code[:-1])
        say_nothing_of(result, TWENTY)
        if left > 3:
            assert result.err.endswith(f"{left} unused backup codes left for vk.\n".encode()), result
        elif left > 0:
            assert f"{left} unused backup code".encode() in result.err and b"coffer enrol vk" in result.err
        else:
            assert b"That was the last unused backup code for vk. " + REMEDY + b"\n" in result.err
    assert sorted(drawn) == sorted(TWENTY)
    before = vk.vault.read_bytes()
    result = vk.run("codes", "next", "vk")
    assert (result.status, result.out) == (2, b"")
    assert b"coffer: error 2: No unused backup code is left for vk. " + REMEDY in result.err
    assert vk.vault.read_bytes() == before


def test_json_has_the_code_and_how_many_are_left(vk):
    add(vk, TWENTY)
    drawn = vk.run("codes", "next", "vk", "--json").json()
    assert drawn["code"] in TWENTY and drawn == {"code": drawn["code"], "unused": 19}
    refused = vk.run("codes", "next", "vk", "--json", "--clip")
    assert (refused.status, refused.out) == (64, b"")
    assert vk.run("codes", "next", "vk", "--json").json()["unused"] == 18


def test_an_entry_without_codes_says_how_to_add_them(vk):
    result = vk.run("codes", "next", "vk")
    assert (result.status, result.out) == (2, b"")
    assert b"coffer codes add vk" in result.err
    result = vk.run("codes", "list", "vk")
    assert (result.status, result.out) == (0, b"")
    assert listed(vk) == []


def test_get_refuses_codes_and_names_next(vk):
    add(vk)
    result = vk.run("get", "vk", "codes")
    assert (result.status, result.out) == (64, b"")
    assert b"coffer codes next" in result.err


def test_a_code_is_marked_used_before_it_is_printed(vk):
    add(vk)
    with open("/dev/full", "wb") as full:
        password = pipe_with(vk.password)
        done = subprocess.run(
            [PROGRAM, "codes", "next", "vk", "--password-fd", str(password)], stdout=full, stderr=subprocess.PIPE,
            pass_fds=[password], env=vk.environment, cwd=vk.home)
        os.close(password)
    assert done.returncode == 1
    assert vk.run("show", "vk", "--json").json()["codes"] == {"sets": 1, "unused": 9, "used": 1}


def test_ten_draws_at_once_give_ten_codes(vk):
    add(vk)
    passwords = [pipe_with(vk.password) for _ in range(10)]
    processes = [
        subprocess.Popen(
            [PROGRAM, "codes", "next", "vk", "--password-fd", str(password)], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, pass_fds=[password], env=vk.environment, cwd=vk.home)
        for password in passwords]
    for password in passwords:
        os.close(password)
    outputs = [process.communicate() for process in processes]
    assert all(process.returncode == 0 for process in processes), outputs
    assert sorted(out.decode().strip() for out, _ in outputs) == sorted(TEN)


def test_two_machines_hand_out_codes_in_different_orders(vk):
    add(vk, TWENTY)
    orders = []
    for machine in ("one", "two"):
        copy = vk.home / f"{machine}.coffer"
        shutil.copy(vk.vault, copy)
        environment = {"XDG_STATE_HOME": str(vk.home / machine), "COFFER_VAULT": str(copy)}
        order = [vk.run("codes", "next", "vk", env=environment).out.decode().strip() for _ in range(5)]
        assert len(set(order)) == 5 and set(order) <= set(TWENTY)
        orders.append(order)
    # Equal by chance once in 20·19·18·17·16 = 1,860,480 times.
    assert orders[0] != orders[1]


def test_lists_are_masked_unless_revealed(vk):
    add(vk)
    drawn = vk.run("codes", "next", "vk").out.decode().strip()
    result = vk.run("codes", "list", "vk")
    assert not [code for code in TEN if code.encode() in result.out]
    rows = [line.split("\t") for line in result.out.decode().splitlines()]
    assert [row[1] for row in rows] == ["unused"] * 9 + ["used"]
    assert b"9 unused backup codes left for vk." in result.err
    revealed = vk.run("codes", "list", "vk", "--reveal")
    rows = [line.split("\t") for line in revealed.out.decode().splitlines()]
    assert sorted(row[0] for row in rows) == sorted(TEN) and rows[-1][:2] == [drawn, "used"]
    say_nothing_of(revealed, TEN)


def test_json_of_a_list_has_the_documented_keys(vk):
    add(vk)
    drawn = vk.run("codes", "next", "vk").out.decode().strip()
    [masked] = listed(vk)
    assert set(masked) == {"set", "state", "created", "codes"} and masked["state"] == "active"
    assert all(set(code) == {"used", "used_at", "used_by"} for code in masked["codes"])
    [revealed] = listed(vk, "--reveal")
    used = [code for code in revealed["codes"] if code["used"]]
    assert [code["code"] for code in used] == [drawn]
    assert used[0]["used_at"].endswith("Z") and used[0]["used_by"]
    assert all(code["used_at"] is code["used_by"] is None for code in revealed["codes"] if not code["used"])


def test_a_code_that_was_used_elsewhere_is_marked(vk):
    add(vk)
    result = vk.run("codes", "mark-used", "vk", "-", stdin=b"3F9A-01C7\n")
    assert result.status == 0, result
    assert b"9 unused" in result.err
    say_nothing_of(result, TEN)
    [codes] = listed(vk, "--reveal")
    assert [code["code"] for code in codes["codes"] if code["used"]] == ["3f9a01c7"]
    before = vk.vault.read_bytes()
    result = vk.run("codes", "mark-used", "vk", "-", stdin=b"3f9a01c7\n")
    assert result.status == 0 and b"marked used already" in result.err
    assert vk.vault.read_bytes() == before


def test_a_code_that_is_not_there_is_not_marked(vk):
    add(vk)
    before = vk.vault.read_bytes()
    for typed, status in ((b"ffffffff\n", 2), (b" \n", 2), (b"", 64)):
        result = vk.run("codes", "mark-used", "vk", "-", stdin=typed)
        assert (result.status, result.out) == (status, b""), result
        assert b"ffffffff" not in result.err
    assert vk.vault.read_bytes() == before


def test_a_code_as_an_argument_is_refused_and_not_repeated(vk):
    add(vk)
    result = vk.run("codes", "mark-used", "vk", "3f9a01c7")
    assert (result.status, result.out) == (9, b""), result
    say_nothing_of(result, TEN)
    assert vk.run("show", "vk", "--json").json()["codes"]["used"] == 0


def test_marking_the_last_code_says_that_it_was_the_last(vk):
    add(vk, TEN[:1])
    result = vk.run("codes", "mark-used", "vk", "-", stdin=TEN[0].encode())
    assert b"That was the last unused backup code for vk. " + REMEDY in result.err


def test_undo_takes_back_the_last_use(vk):
    add(vk)
    vk.ok("codes", "next", "vk")
    result = vk.run("codes", "undo", "vk")
    assert (result.status, result.out) == (0, b"")
    assert b"10 unused backup codes left" in result.err
    say_nothing_of(result, TEN)
    result = vk.run("codes", "undo", "vk")
    assert result.status == 2 and b"There is no used backup code in vk" in result.err


def test_replacing_retires_the_old_codes_and_keeps_them(vk):
    add(vk)
    used = vk.run("codes", "next", "vk").out.decode().strip()
    new = TWENTY[10:]
    before = vk.vault.read_bytes()
    result = vk.run("codes", "replace", "vk", "-", stdin=text(new))
    assert result.status == 9 and b"--yes" in result.err, result
    say_nothing_of(result, TWENTY)
    assert vk.vault.read_bytes() == before
    result = vk.run("codes", "replace", "vk", "-", "--yes", stdin=text(new))
    assert (result.status, result.out) == (0, b"")
    assert b"10 unused backup codes left for vk." in result.err
    say_nothing_of(result, TWENTY)
    sets = {entry["state"]: entry["codes"] for entry in listed(vk, "--reveal")}
    assert sorted(code["code"] for code in sets["active"]) == sorted(new)
    assert sorted(code["code"] for code in sets["retired"]) == sorted(TEN)
    assert [code["code"] for code in sets["retired"] if code["used"]] == [used]
    # Only new ones are handed out.
    assert vk.run("codes", "next", "vk").out.decode().strip() in new
    # A retired code cannot be marked: it is not valid any more.
    old = next(code for code in TEN if code != used)
    assert vk.run("codes", "mark-used", "vk", "-", stdin=old.encode()).status == 2


def test_adding_the_same_list_again_adds_nothing_and_revives_no_used_code(vk):
    add(vk)
    vk.ok("codes", "next", "vk")
    before = vk.vault.read_bytes()
    result = vk.run("codes", "add", "vk", "-", stdin=text(TEN))
    assert result.status == 0 and b"Added 0 codes to vk; 10 known already." in result.err, result
    assert b"9 unused" in result.err
    assert vk.vault.read_bytes() == before


def test_codes_marked_in_the_list_are_kept_as_used(vk):
    content = "".join(f"{code}{' (used)' if index < 2 else ''}\n" for index, code in enumerate(TEN)).encode()
    vk.ok("codes", "add", "vk", "-", stdin=content)
    assert vk.run("show", "vk", "--json").json()["codes"] == {"sets": 1, "unused": 8, "used": 2}
    drawn = {vk.run("codes", "next", "vk").out.decode().strip() for _ in range(8)}
    assert drawn == set(TEN[2:])


def test_a_title_that_a_shell_would_split_is_quoted_in_the_remedy(coffer):
    coffer.add("my bank")
    result = coffer.run("codes", "add", "my bank", "-", stdin=text(TEN[:2]))
    assert b"coffer enrol 'my bank'" in result.err


def test_on_a_terminal_codes_are_pasted_and_not_shown(vk):
    asks = vk.prepare(["codes"], True)
    child = pexpect.spawn(
        PROGRAM, ["codes", "add", "vk"], env={**vk.environment, "TERM": "dumb"}, cwd=str(vk.home), timeout=30)
    if asks:
        child.expect("Master password")
        child.sendline(vk.password)
    child.expect("Paste the backup codes")
    child.send(text(TEN) + b"\n")
    child.expect("10 unused backup codes left")
    shown = child.before
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert not [code for code in TEN if code.encode() in shown]
