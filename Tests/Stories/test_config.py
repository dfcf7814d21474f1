"""coffer config: the settings of this machine."""

import concurrent.futures
import os
import stat

import pytest


def settings_file(home):
    return home.home / ".config/coffer/config"


def config(home, *arguments, **options):
    return home.run("config", *arguments, unlock=False, **options)


def key_file(home, name="k"):
    path = home.home / name
    path.write_bytes(bytes(64))
    return str(path)


def test_a_setting_has_its_initial_value_until_it_is_set(home):
    assert config(home, "get", "sync.auto").out == b"on\n"
    assert config(home, "get", "key-file").out == b"\n"
    assert not settings_file(home).exists()
    assert config(home, "set", "sync.auto", "off").status == 0
    assert config(home, "get", "sync.auto").out == b"off\n"
    assert config(home, "set", "sync.auto", "on").status == 0
    assert config(home, "get", "sync.auto").out == b"on\n"


def test_an_empty_value_takes_a_setting_back(home):
    path = key_file(home)
    assert config(home, "set", "key-file", path).status == 0
    assert config(home, "get", "key-file").out == path.encode() + b"\n"
    assert config(home, "set", "key-file", "").status == 0
    assert config(home, "get", "key-file").out == b"\n"


def test_an_empty_value_takes_back_a_setting_with_choices(home):
    """As the help of `config set` says of its value: an empty one takes it back."""
    assert config(home, "set", "sync.auto", "off").status == 0
    assert config(home, "set", "sync.auto", "").status == 0
    assert config(home, "get", "sync.auto").out == b"on\n"


def test_settings_that_are_changed_at_once_are_all_there(home):
    names = {"clipboard-seconds": "50", "unlock-seconds": "700", "unlock-lifetime-seconds": "3000", "sync.auto": "off"}
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        results = list(pool.map(lambda item: config(home, "set", *item), [*names.items()] * 6))
    assert all(result.status == 0 for result in results), results
    settings = config(home, "list", "--json").json()
    assert {name: settings[name] for name in names} == names


def test_json_has_every_setting_with_its_value(home):
    config(home, "set", "sync.auto", "off")
    settings = config(home, "list", "--json").json()
    assert (settings["sync.auto"], settings["key-file"], settings["clipboard-seconds"]) == ("off", "", "45")


def test_list_shows_every_setting_with_its_value(home):
    config(home, "set", "sync.auto", "off")
    result = config(home, "list")
    assert result.status == 0
    rows = {line.split(b"\t")[0]: line.split(b"\t")[1] for line in result.out.splitlines()}
    assert rows == {
        b"sync.auto": b"off", b"key-file": b"", b"clipboard-seconds": b"45", b"unlock-seconds": b"600",
        b"unlock-lifetime-seconds": b"28800", b"ask": b"terminal", b"pinentry": b"",
        b"machine": config(home, "get", "machine").out.strip()}


@pytest.mark.parametrize("words", [["get", "sync.autom"], ["set", "sync.autom", "off"], ["get", ""], ["set", "", "x"]])
def test_an_unknown_name_is_refused_with_the_known_ones(home, words):
    result = config(home, *words)
    assert result.status == 64 and b"sync.auto, key-file" in result.err, result
    assert not settings_file(home).exists()


@pytest.mark.parametrize("name, value", [
    ("sync.auto", "maybe"), ("sync.auto", "OFF"), ("key-file", "a\nsync.auto = off"), ("key-file", "a\x1bb")])
def test_a_bad_value_is_refused_and_the_file_stays(home, name, value):
    config(home, "set", "key-file", key_file(home))
    before = settings_file(home).read_bytes()
    result = config(home, "set", name, value)
    assert result.status == 64 and b"does not take that" in result.err, result
    assert settings_file(home).read_bytes() == before


def test_the_same_value_again_leaves_the_file_as_it_is(home):
    config(home, "set", "key-file", key_file(home))
    before = settings_file(home).read_bytes()
    assert config(home, "set", "key-file", key_file(home)).status == 0
    assert settings_file(home).read_bytes() == before


def test_the_settings_are_their_owners_only_whatever_the_umask(home):
    assert config(home, "set", "sync.auto", "off", preexec_fn=lambda: os.umask(0)).status == 0
    file = settings_file(home)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_a_value_with_spaces_and_an_equals_sign_comes_back_as_it_was(home):
    value = key_file(home, "my key = b")
    assert config(home, "set", "key-file", value).status == 0
    assert config(home, "get", "key-file").out == value.encode() + b"\n"


def test_comments_and_unknown_lines_stay_when_a_setting_changes(home):
    file = settings_file(home)
    file.parent.mkdir(parents=True, mode=0o700)
    file.write_text("# my own words\n\nnewer.setting = 5\nsync.auto = off\nno equals sign\n")
    assert config(home, "get", "sync.auto").out == b"off\n"
    path = key_file(home)
    assert config(home, "set", "key-file", path).status == 0
    lines = file.read_text().splitlines()
    assert "newer.setting = 5" in lines and "sync.auto = off" in lines and f"key-file = {path}" in lines
    assert "# my own words" in lines and "no equals sign" in lines


def test_spaces_and_tabs_around_a_setting_do_not_matter(home):
    file = settings_file(home)
    file.parent.mkdir(parents=True, mode=0o700)
    file.write_bytes(b"  sync.auto=off  \n\tkey-file =\t/keys/k")
    assert config(home, "get", "key-file").out == b"/keys/k\n"
    assert config(home, "get", "sync.auto").out == b"off\n"


def test_lines_that_end_as_on_windows_are_lines(home):
    file = settings_file(home)
    file.parent.mkdir(parents=True, mode=0o700)
    file.write_bytes(b"sync.auto = off\r\nkey-file = /keys/k\r\n")
    assert config(home, "get", "sync.auto").out == b"off\n"
    assert config(home, "get", "key-file").out == b"/keys/k\n"


def test_a_file_that_is_no_text_is_never_replaced(home):
    """One byte of another encoding in a comment, say."""
    file = settings_file(home)
    file.parent.mkdir(parents=True, mode=0o700)
    file.write_bytes(b"# caf\xe9\nsync.auto = off\n")
    result = config(home, "set", "key-file", key_file(home))
    assert b"sync.auto = off" in file.read_bytes(), result


def test_a_bad_value_in_the_file_is_named(home):
    """`sync.auto = of` would otherwise publish every change without a word."""
    file = settings_file(home)
    file.parent.mkdir(parents=True, mode=0o700)
    file.write_text("sync.auto = of\n")
    result = config(home, "get", "sync.auto")
    assert result.status != 0 or b"sync.auto" in result.err, result


def test_settings_in_a_folder_that_cannot_be_written_are_an_error(home):
    folder = home.home / ".config"
    folder.write_text("a file where the folder belongs")
    result = config(home, "set", "sync.auto", "off")
    assert result.status == 1 and result.err.startswith(b"coffer: error 1: "), result


def test_a_huge_settings_file_is_never_cut(home):
    """What is more than the program reads is left alone, not replaced by one line."""
    file = settings_file(home)
    file.parent.mkdir(parents=True, mode=0o700)
    text = "".join(f"newer.setting{number} = {'x' * 90}\n" for number in range(20_000))
    file.write_text(text)
    result = config(home, "set", "sync.auto", "off")
    now = file.read_text()
    assert (result.status != 0 and now == text) or (result.status == 0 and "newer.setting19999" in now), result


def test_without_a_home_the_settings_are_refused(home):
    result = config(home, "set", "sync.auto", "off", env={"HOME": ""})
    assert result.status == 64 and b"HOME" in result.err, result
    other = home.home / "other"
    assert config(home, "set", "sync.auto", "off", env={"XDG_CONFIG_HOME": str(other)}).status == 0
    assert (other / "coffer/config").read_text() == "sync.auto = off\n"
    assert not settings_file(home).exists()


def test_the_key_file_is_the_same_one_from_every_folder(home):
    path = key_file(home)
    assert config(home, "set", "key-file", "k").status == 0
    assert config(home, "get", "key-file").out == path.encode() + b"\n"


def test_a_key_file_that_is_not_there_is_refused(home):
    result = config(home, "set", "key-file", str(home.home / "nothing"))
    assert result.status == 64 and b"There is no file" in result.err and not settings_file(home).exists(), result


def test_the_machine_gets_another_name_and_keeps_its_number(home):
    config(home, "set", "machine", "first")
    file = home.home / ".local/state/coffer/machine"
    number = file.read_text().splitlines()[1]
    assert config(home, "set", "machine", "second").status == 0
    assert config(home, "get", "machine").out == b"second\n"
    assert file.read_text().splitlines() == ["second", number]
    assert config(home, "set", "machine", "a name that is longer than it may be").status == 64
