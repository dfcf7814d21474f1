"""`coffer conflicts` and `coffer resolve`: both values are shown with their origin, and one is chosen, never by position."""

import pytest

from machines import clone, named
from terminal import answer, asked, end, shown


@pytest.fixture
def clash(home, tmp_path):
    """A vault in which work/vk has two passwords, two user names and a plain and a secret field with two values."""
    home.init("--machine", "work-pc")
    named(home, "work-pc")
    home.add("work/vk", "--username", "anna", password=b"first")
    other = clone(home, tmp_path / "laptop", "laptop")
    for machine, name in ((home, b"pc"), (other, b"laptop")):
        machine.ok("set", "work/vk", "password", "-", stdin=b"secret-of-" + name + b"\n")
        machine.ok("set", "work/vk", "username", "-", stdin=name + b"\n")
        machine.ok("set", "work/vk", "region", name.decode(), "--plain")
        machine.ok("set", "work/vk", "pin", "-", stdin=b"pin-of-" + name + b"\n")
    home.ok("merge", other.vault)
    return home


def fields(coffer):
    return [conflict["field"] for conflict in coffer.run("conflicts", "--json").json()]


def test_conflicts_show_machine_and_time_and_mask_secrets(clash):
    out = clash.ok("conflicts")
    assert b"secret-of" not in out and b"pin-of" not in out
    assert out.count("••••••••".encode()) == 4
    assert b"work/vk  password\n" in out and b"work-pc  " in out and b"laptop   " in out
    assert b"secret-of-pc" in clash.ok("conflicts", "--reveal")
    assert b"Choose: coffer resolve work/vk username" in clash.run("conflicts").err


def test_json_has_the_documented_members(clash):
    masked = {c["field"]: c for c in clash.run("conflicts", "--json").json()}
    assert set(masked) == {"username", "password", "region", "pin"}
    assert set(masked["password"]) == {"title", "id", "field", "values"}
    assert all(set(value) == {"version", "machine", "at"} for value in masked["password"]["values"] + masked["pin"]["values"])
    assert {value["value"] for value in masked["region"]["values"]} == {"pc", "laptop"}
    revealed = {c["field"]: c for c in clash.run("conflicts", "--json", "--reveal").json()}
    assert {(v["machine"], v["value"]) for v in revealed["password"]["values"]} == {
        ("work-pc", "secret-of-pc"), ("laptop", "secret-of-laptop")}


def test_no_conflict_is_said(coffer):
    coffer.add("one")
    result = coffer.run("conflicts")
    assert (result.status, result.out) == (0, b"") and b"There are no conflicts." in result.err
    assert coffer.run("conflicts", "--json").json() == []


def test_a_value_is_chosen_by_its_machine(clash):
    result = clash.run("resolve", "work/vk", "password", "--pick", "laptop")
    assert result.status == 0 and b"secret-of" not in result.err
    assert clash.ok("get", "work/vk") == b"secret-of-laptop\n"
    assert "password" not in fields(clash)
    # What was not chosen is in the history.
    assert b"secret-of-pc" in clash.ok("history", "work/vk", "password", "--reveal")


def test_a_value_is_chosen_by_the_start_of_its_version(clash):
    [conflict] = [c for c in clash.run("conflicts", "--json", "--reveal").json() if c["field"] == "pin"]
    wanted = next(value for value in conflict["values"] if value["value"] == "pin-of-pc")
    clash.ok("resolve", "work/vk", "pin", "--pick", wanted["version"][:8])
    assert clash.ok("get", "work/vk", "pin") == b"pin-of-pc\n"
    # It stays secret.
    assert "pin" not in clash.run("show", "work/vk", "--json").json()["fields"]


def test_the_newest_is_chosen_by_that_word(clash):
    newest = clash.run("conflicts", "--json").json()
    at = max((value["at"], value["version"], value["value"]) for c in newest if c["field"] == "region" for value in c["values"])
    clash.ok("resolve", "work/vk", "region", "--pick", "newest")
    assert clash.ok("get", "work/vk", "region").decode().strip() == at[2]


@pytest.mark.parametrize("arguments, status, words", [
    (["work/vk", "password", "--pick", "1"], 2, b"no such value"),
    (["work/vk", "password", "--pick", "phone"], 2, b"no such value"),
    (["work/vk", "--pick", "laptop"], 64, b"several fields"), (["--pick", "laptop"], 64, b"one entry"),
    (["work/vk", "notes", "--pick", "laptop"], 2, b"no conflict of that field"), (["nobody", "--pick", "newest"], 2, b"no nobody"),
    (["work/vk", "password"], 64, b"--pick"), ([], 64, b"--pick")])
def test_what_does_not_choose_is_refused(clash, arguments, status, words):
    before = clash.vault.read_bytes()
    result = clash.run("resolve", *arguments)
    assert result.status == status and words in result.err, result
    assert result.out == b"" and clash.vault.read_bytes() == before


def test_setting_the_field_settles_it_too(clash):
    clash.ok("set", "work/vk", "password", "-", stdin=b"third\n")
    assert "password" not in fields(clash) and clash.ok("get", "work/vk") == b"third\n"


def test_a_choice_reaches_the_other_machine_and_stays(clash, tmp_path):
    other = clone(clash, tmp_path / "third", "third")
    clash.ok("resolve", "work/vk", "password", "--pick", "laptop")
    other.ok("merge", clash.vault)
    assert other.ok("get", "work/vk") == b"secret-of-laptop\n"


def test_on_a_terminal_all_conflicts_are_gone_through(clash):
    child = asked(clash, "resolve")
    for reply in ("laptop", "", "nonsense", "newest", "work-pc"):
        answer(child, r"Which one counts .*\? ", reply)
    assert end(child) == 0
    assert b"secret-of" not in shown(child)
    # username, password, then pin (asked again after the nonsense), region.
    assert clash.ok("get", "work/vk", "username") == b"laptop\n"
    assert fields(clash) == ["password"]


@pytest.mark.parametrize("saved, told", [
    (0, b"nothing was changed"), (1, b"1 choice is saved, and 3 conflicts are left"), (3, b"3 choices are saved, and 1 conflict is left")])
def test_the_end_of_input_says_what_was_saved(clash, saved, told):
    child = asked(clash, "resolve")
    for _ in range(saved):
        answer(child, r"Which one counts .*\? ", "newest")
    child.expect(r"Which one counts .*\? ")
    child.sendeof()
    assert end(child) == 130
    assert told in shown(child) and len(fields(clash)) == 4 - saved


def test_entries_that_were_added_twice_are_listed_and_become_one(home, tmp_path):
    home.init()
    other = clone(home, tmp_path / "laptop", "laptop")
    home.add("bank", "--username", "jo", password=b"one")
    other.add("bank", "--username", "jo", "--tag", "money", password=b"two")
    home.ok("merge", other.vault)
    assert home.run("get", "bank").status == 2
    result = home.run("conflicts")
    assert b"bank is there 2 times" in result.err and b"coffer join id:" in result.err
    [double] = home.run("conflicts", "--json").json()
    assert double["field"] is None and len(double["duplicates"]) == 2 and double["title"] == "bank"
    home.ok("join", *[f"id:{id}" for id in double["duplicates"]])
    assert home.run("show", "bank", "--json").json()["tags"] == ["money"]
    assert fields(home) == ["password"]
    home.ok("resolve", "bank", "--pick", "newest")
    assert home.run("conflicts", "--json").json() == []
    assert home.run("get", "bank").status == 0


def test_a_chosen_one_time_secret_goes_on_where_its_counter_was(home, tmp_path):
    home.init("--machine", "pc")
    named(home, "pc")
    home.add("token")
    other = clone(home, tmp_path / "laptop", "laptop")
    for machine, counter in ((home, 3), (other, 8)):
        uri = b"otpauth://hotp/t?secret=JBSWY3DPEHPK3PX%c&counter=%d" % (b"PQ"[counter == 8], counter)
        machine.ok("otp", "add", "token", "--uri-stdin", stdin=uri)
        machine.ok("otp", "token", "--next")
    home.ok("merge", other.vault)
    assert home.run("otp", "token", "--next").status == 8
    home.ok("resolve", "token", "otp", "--pick", "laptop")
    assert home.run("otp", "token", "--next", "--json").json()["counter"] == 9
