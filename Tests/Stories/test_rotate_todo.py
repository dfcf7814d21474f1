"""coffer rotate --todo: what a lost machine could read, until it is changed, on every machine."""

import pytest

from rotation import CODES, HOTP, NEW, accept, fields_to_change, rotated, todo
from shared_folder import pair


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
    result = pc.run("rotate", "--todo", "--clear", "--yes")
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
