"""mv, rm, restore, purge and join: an entry moves, goes, comes back, or becomes part of another."""

import pytest

import terminal
from fault_injection import trace

SECRET = b"Zq8-not-for-eyes"


@pytest.fixture
def vk(coffer):
    coffer.add("vk", "--username", "me", password=SECRET)
    return coffer


def titles(coffer, *arguments):
    return [entry["title"] for entry in coffer.run("ls", "--json", *arguments).json()]


def refuse(coffer, status, *arguments, **options):
    before = coffer.vault.read_bytes()
    result = coffer.run(*arguments, **options)
    assert result.status == status, result
    assert result.out == b"" and SECRET not in result.err
    assert coffer.vault.read_bytes() == before
    return result.err.decode()


def test_mv_gives_another_title_and_keeps_everything_else(vk):
    id = vk.ok("get", "vk", "id")
    vk.ok("mv", "vk", "work/vk")
    assert titles(vk) == ["work/vk"]
    assert vk.ok("get", "work/vk") == SECRET + b"\n"
    assert vk.ok("get", "work/vk", "id") == id
    refuse(vk, 2, "mv", "vk", "other")


def test_mv_onto_an_existing_title_and_user_is_refused_unless_duplicate(vk):
    vk.add("gl", "--username", "me")
    refuse(vk, 9, "mv", "gl", "vk")
    vk.ok("mv", "gl", "vk", "--duplicate")
    assert titles(vk) == ["vk", "vk"]
    refuse(vk, 2, "get", "vk")


def test_mv_to_its_own_or_an_empty_title_changes_nothing(vk):
    before = vk.vault.read_bytes()
    vk.ok("mv", "vk", "vk")
    assert vk.vault.read_bytes() == before
    refuse(vk, 64, "mv", "vk", "")


def test_rm_moves_to_the_trash_and_says_how_it_comes_back(vk):
    result = vk.run("rm", "vk")
    assert result.status == 0 and b"coffer restore vk" in result.err
    assert titles(vk) == [] and titles(vk, "--trash") == ["vk"]
    assert vk.run("find", "vk").status == 2
    assert "coffer restore vk" in refuse(vk, 2, "get", "vk")
    assert vk.run("show", "vk", "--json").json()["state"] == "trash"
    vk.ok("restore", "vk")
    assert vk.ok("get", "vk") == SECRET + b"\n"
    assert titles(vk, "--trash") == []


def test_a_live_entry_is_shown_before_one_of_its_name_in_the_trash(vk):
    vk.ok("rm", "vk")
    vk.add("vk", "--username", "me", password=b"newer")
    assert vk.run("show", "vk", "--json", "--reveal").json()["secrets"]["password"] == "newer"
    assert b"newer" in vk.ok("history", "vk", "password", "--reveal")


def test_restore_and_purge_look_in_the_trash_only(vk):
    assert "coffer rm vk" in refuse(vk, 2, "restore", "vk")
    assert "coffer rm vk" in refuse(vk, 2, "purge", "vk", "--yes")
    refuse(vk, 2, "restore", "nothing")
    assert titles(vk) == ["vk"]


def test_restore_onto_an_existing_title_and_user_is_refused_unless_duplicate(vk):
    vk.ok("rm", "vk")
    vk.add("vk", "--username", "me")
    refuse(vk, 9, "restore", "vk")
    vk.ok("restore", "vk", "--duplicate")
    assert titles(vk) == ["vk", "vk"]


def test_of_two_of_one_name_in_the_trash_the_id_tells_which(vk):
    vk.ok("rm", "vk")
    vk.add("vk", "--username", "me", password=b"second")
    result = vk.run("rm", "vk")
    id = result.err.decode().split("coffer restore ")[1].split()[0]
    assert id.startswith("id:")
    assert "id:" in refuse(vk, 2, "restore", "vk")
    vk.ok("restore", id)
    assert vk.ok("get", "vk") == b"second\n"


def test_a_title_for_a_shell_is_quoted_in_the_remedy(coffer):
    coffer.add("my bank; rm -r")
    assert b"coffer restore 'my bank; rm -r'" in coffer.run("rm", "my bank; rm -r").err


def test_purge_needs_a_yes_and_leaves_nothing_but_names_the_backups(vk):
    vk.ok("rm", "vk")
    assert "--yes" in refuse(vk, 9, "purge", "vk")
    result = vk.run("purge", "vk", "--yes")
    assert result.status == 0
    assert b"coffer backups" in result.err
    named = [line.strip().decode() for line in result.err.splitlines() if line.strip().endswith(b".coffer")]
    assert named and all((vk.home / name).exists() for name in named)
    assert titles(vk) == [] and titles(vk, "--trash") == []
    for command in (["show", "vk"], ["restore", "vk"], ["history", "vk"], ["get", "vk"]):
        assert vk.run(*command).status == 2


def held(coffer, secret_title):
    """The backups that show the entry, live or in the trash."""
    backups = sorted((coffer.home / "vault.coffer.backups").iterdir())
    return [path for path in backups
            if any(secret_title in titles(coffer, "--vault", path, *trash) for trash in ((), ("--trash",)))]


def test_purge_deletes_the_backups_that_still_hold_the_entry_when_told_to(vk):
    vk.ok("rm", "vk")
    holding = held(vk, "vk")
    result = vk.run("purge", "vk", "--yes", "--prune-backups")
    # The state before the purge became one more.
    assert f"Deleted {len(holding) + 1} backups." in result.err.decode()
    assert not any(path.exists() for path in holding) and held(vk, "vk") == []
    assert list((vk.home / "vault.coffer.backups").iterdir()), "the backup from before the entry stays"


def test_purge_offers_to_delete_the_backups(vk):
    vk.ok("rm", "vk")
    before = held(vk, "vk")
    child = terminal.asked(vk, "purge", "vk")
    terminal.answer(child, "for good\\? .*", "y")
    terminal.answer(child, "Delete them\\? .*", "n")
    assert terminal.end(child) == 0
    assert b"If it must be gone, delete them" in terminal.shown(child)
    assert set(before) <= set(held(vk, "vk"))


def test_purge_says_when_a_backup_cannot_be_deleted(vk):
    vk.add("gl", password=b"other")
    vk.ok("rm", "vk")
    vk.ok("rm", "gl")
    result, lines = trace(vk, ["purge", "gl", "--yes", "--prune-backups"], ["unlink"])
    assert result.status == 0
    deletes = [number for number, line in enumerate(lines, 1) if ".backups/" in line]
    result, lines = trace(
        vk, ["purge", "vk", "--yes", "--prune-backups"], ["unlink"], f"unlink:error=EPERM:when={deletes[0]}")
    assert ".backups/" in next(line for line in lines if "(INJECTED)" in line)
    assert result.status == 1 and b"could not delete" in result.err.lower() and b"Deleted" not in result.err, result
    assert held(vk, "vk")


def test_purge_does_not_name_backups_of_before_and_after_the_entry(vk):
    before = {path.name for path in (vk.home / "vault.coffer.backups").iterdir()}
    vk.ok("rm", "vk")
    result = vk.run("purge", "vk", "--yes")
    assert not [name for name in before if name.encode() in result.err]


def test_join_keeps_both_values_and_names_the_conflict(vk):
    vk.add("vk", "--username", "me", "--duplicate", "--tag", "second", password=b"other")
    one, two = [entry["id"] for entry in vk.run("ls", "--json").json()]
    refuse(vk, 2, "join", "vk", "id:" + two)
    result = vk.run("join", "id:" + one[:8], "id:" + two[:8])
    assert result.status == 0 and b"password" in result.err
    entry = vk.run("show", "vk", "--json").json()
    assert entry["id"] == one and entry["conflicts"] == ["password"] and entry["tags"] == ["second"]
    assert vk.run("get", "vk").status == 8
    history = vk.run("history", "vk", "password", "--json", "--reveal").json()
    assert {row["value"] for row in history if row["current"]} == {SECRET.decode(), "other"}
    vk.ok("set", "vk", "password", "-", stdin=b"settled\n")
    assert vk.ok("get", "vk") == b"settled\n"


def test_joined_entries_go_to_the_trash_and_are_purged_together(vk):
    vk.add("gl", password=b"other")
    vk.ok("join", "vk", "gl")
    # The later title of both; within one second, whichever has the greater id.
    [title] = titles(vk)
    assert title in ("vk", "gl")
    vk.ok("rm", "vk@me")
    assert titles(vk) == [] and titles(vk, "--trash") == [title]
    vk.ok("purge", "vk", "--yes")
    assert titles(vk) == [] and titles(vk, "--trash") == []


def test_an_entry_cannot_be_joined_to_itself_or_to_nothing(vk):
    refuse(vk, 64, "join", "vk", "vk")
    refuse(vk, 2, "join", "vk", "nothing")
