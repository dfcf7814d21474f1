"""history and undo: what a field held before, masked, and how it comes back."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "Independent"))
import vault_forge as forge  # noqa: E402

SECRETS = [b"first-secret", b"second-secret", b"third-secret"]


@pytest.fixture
def vk(coffer):
    coffer.add("vk", "--username", "me", "--url", "https://one.example", password=SECRETS[0])
    for secret in SECRETS[1:]:
        coffer.ok("set", "vk", "password", "-", stdin=secret + b"\n")
    return coffer


def history(coffer, *arguments):
    return coffer.run("history", "vk", *arguments, "--json").json()


def test_history_masks_secrets_unless_revealed(vk):
    for arguments in ([], ["password"], ["--json"], ["password", "--json"]):
        out = vk.ok("history", "vk", *arguments)
        assert out and not [secret for secret in SECRETS if secret in out]
    assert all("value" not in row for row in history(vk, "password"))
    out = vk.ok("history", "vk", "password", "--reveal")
    assert [secret for secret in SECRETS if secret in out] == SECRETS


def test_history_goes_from_the_newest_back_even_within_one_second(vk):
    rows = history(vk, "password", "--reveal")
    assert [row["value"].encode() for row in rows] == SECRETS[::-1]
    assert [row["current"] for row in rows] == [True, False, False]
    assert set(rows[0]) == {"field", "version", "at", "machine", "event", "current", "secret", "value"}
    assert rows[0]["at"].endswith("Z") and rows[0]["event"] == "set" and rows[0]["secret"] is True


def test_versions_beyond_the_tenth_are_marked_trimmed(vk):
    for number in range(12):
        vk.ok("set", "vk", "password", "-", stdin=b"number %d\n" % number)
    rows = history(vk, "password", "--reveal")
    assert [row["event"] for row in rows] == ["set"] * 11 + ["trimmed"] * 4
    assert all(row["at"] is None and row["value"] is None for row in rows[11:])
    assert vk.ok("history", "vk", "password").count(b"(trimmed)") == 4


def test_every_kind_of_field_is_told_sensibly(vk):
    vk.ok("set", "vk", "region", "ru", "--plain")
    vk.ok("set", "vk", "pin", "-", stdin=b"0000-pin\n")
    vk.ok("set", "vk", "tag", "prod")
    vk.ok("set", "vk", "tag", "--remove")
    vk.ok("set", "vk", "otp", "-", stdin=b"otpauth://hotp/x?secret=JBSWY3DPEHPK3PXP&counter=0")
    vk.ok("codes", "add", "vk", "-", stdin=b"1a2b3c4d\n5e6f7a8b\n")
    code = vk.ok("codes", "next", "vk").strip()
    vk.ok("otp", "vk", "--next")
    vk.ok("rm", "vk")
    out = vk.ok("history", "vk")
    for hidden in (b"0000-pin", b"JBSWY", b"1a2b3c4d", b"5e6f7a8b", *SECRETS):
        assert hidden not in out
    events = {(row["field"], row["event"]) for row in history(vk)}
    assert {("region", "set"), ("pin", "set"), ("tag", "set"), ("tag", "removed"), ("codes", "enrolled"),
            ("codes", "used"), ("codes", "unused"), ("otp-counter", "set"), ("trash", "trashed"), ("url", "set"),
            ("title", "set")} <= events
    codes = [row["value"].encode() for row in history(vk, "codes", "--reveal") if row["event"] == "used"]
    assert codes == [code]
    assert {row["field"] for row in history(vk, "otp")} == {"otp", "otp-counter"}


def test_a_value_with_a_line_feed_stays_one_row_and_is_exact_in_a_pipe(vk):
    vk.ok("set", "vk", "region", "a\x1b[31m\nb", "--plain")
    out = vk.ok("history", "vk", "region")
    assert out.count(b"\n") == 1 and out.endswith(b"\ta\x1b[31m\\nb\n")


def test_history_of_what_is_not_there_is_not_found(vk):
    assert vk.run("history", "vk", "nothing").status == 2
    assert vk.run("history", "nothing").status == 2
    assert vk.run("history", "vk", "id").status == 64


def test_undo_brings_the_value_before_back_and_can_be_undone(vk):
    vk.ok("undo", "vk", "password")
    assert vk.ok("get", "vk") == SECRETS[1] + b"\n"
    vk.ok("undo", "vk", "password")
    assert vk.ok("get", "vk") == SECRETS[2] + b"\n"
    assert len(history(vk, "password")) == 5


def test_undo_says_nothing_secret(vk):
    result = vk.run("undo", "vk", "password")
    assert result.out == b"" and not [secret for secret in SECRETS if secret in result.err]


def test_undo_of_a_removal_brings_the_field_back(vk):
    vk.ok("set", "vk", "username", "--remove")
    vk.ok("undo", "vk", "username")
    assert vk.ok("get", "vk", "username") == b"me\n"


def test_undo_of_a_first_value_takes_the_field_away(vk):
    vk.ok("set", "vk", "region", "ru", "--plain")
    vk.ok("undo", "vk", "region")
    assert vk.run("get", "vk", "region").status == 2


def test_undo_takes_the_last_change_of_urls_back(vk):
    import time

    time.sleep(1.1)
    vk.ok("set", "vk", "url", "https://two.example")
    vk.ok("undo", "vk", "url")
    assert vk.run("show", "vk", "--json").json()["urls"] == ["https://one.example"]


def test_an_old_one_time_secret_goes_on_where_its_counter_was(vk):
    vk.ok("set", "vk", "otp", "-", stdin=b"otpauth://hotp/x?secret=JBSWY3DPEHPK3PXP&counter=0")
    codes = [vk.ok("otp", "vk", "--next") for _ in range(3)]
    vk.ok("set", "vk", "otp", "-", stdin=b"otpauth://hotp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&counter=0")
    vk.ok("undo", "vk", "otp")
    assert vk.ok("otp", "vk", "--next") not in codes


def test_undo_of_a_title_onto_an_existing_one_is_refused(vk):
    vk.ok("mv", "vk", "other")
    vk.add("vk", "--username", "me")
    assert vk.run("undo", "other", "title").status == 9
    vk.ok("undo", "other", "title", "--duplicate")


@pytest.mark.parametrize("arguments, status", [
    (("vk", "title"), 2), (("vk", "notes"), 2), (("vk", "codes"), 64), (("nothing", "password"), 2)])
def test_what_cannot_be_undone_is_refused(vk, arguments, status):
    before = vk.vault.read_bytes()
    result = vk.run("undo", *arguments)
    assert result.status == status, result
    assert vk.vault.read_bytes() == before


def test_an_entry_of_a_hundred_thousand_edits_is_told_of_when_it_is_saved(home):
    home.password = b"password"
    chain = forge.edits(1, [f"title {number % 7}" for number in range(100_000)])
    vault = forge.Vault()
    vault.slots = [forge.password_slot(vault, home.password.decode())]
    short = forge.entry(2, forge.version(1, "short"))
    vault.entries = [forge.entry(1, *forge.by_id([*map(forge.trimmed, chain[:-11]), *chain[-11:]])), short]
    home.vault.write_bytes(forge.write(vault))
    assert b"edits" not in home.run("set", "short", "username", "me").err
    result = home.run("set", "title 4", "username", "me", timeout=60)
    assert result.status == 0 and b"title 4 has 100001 edits" in result.err
    assert home.ok("get", "title 4", "username") == b"me\n"
