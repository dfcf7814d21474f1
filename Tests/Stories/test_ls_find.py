"""`coffer ls` and `coffer find`: what there is, in order; for a person, for a pipe, and for a program."""

import re

import pytest

from conflicts import forge, with_second_value
from terminal import printed

SECRET = b"Zq8-not-for-eyes"
ENTRIES = [
    # title, user name, URLs, tags
    ("work/vk-cloud", "anna@example.com", ["https://msk.cloud.vk.com"], ["prod", "cloud"]),
    ("work/GitLab", "anna", ["https://gitlab.example"], ["prod"]),
    ("Bank", None, [], ["private"]),
    ("bank/card", "4711", [], []),
    ("Яндекс/Почта", "анна", ["https://mail.yandex.example/Вход"], ["Почта"]),
    ("wiki", "bob", [], ["prod", "private"]),
]


@pytest.fixture
def many(coffer):
    for title, username, urls, tags in reversed(ENTRIES):
        words = ["--username", username] if username else []
        words += [word for url in urls for word in ("--url", url)] + [word for tag in tags for word in ("--tag", tag)]
        coffer.add(title, *words, password=SECRET)
    coffer.ok("set", "Bank", "branch", "Kazan Центр", "--plain")
    coffer.ok("set", "Bank", "pin", "-", stdin=b"0815-geheim\n")
    coffer.ok("set", "wiki", "notes", "-", stdin="Это заметка about Lisp\n".encode())
    return coffer


def titles(coffer, *arguments, **options):
    """The titles that a command lists, in its order, by its JSON; the rows for a pipe must be the same."""
    entries = coffer.run(*arguments, "--json", **options).json()
    rows = coffer.run(*arguments, **options).out.decode().splitlines()
    assert [row.split("\t")[0] for row in rows] == [entry["title"] for entry in entries]
    return [entry["title"] for entry in entries]


def found(coffer, *arguments):
    return sorted(titles(coffer, "find", *arguments))


def not_found(coffer, *arguments):
    """Nothing is found: status 2, nothing printed, and an empty array for a program."""
    result = coffer.run("find", *arguments)
    assert (result.status, result.out) == (2, b""), result
    result = coffer.run("find", *arguments, "--json")
    assert (result.status, result.json()) == (2, []), result


# --- ls


@pytest.mark.parametrize("name", ["ls", "list"])
def test_titles_are_listed_in_order_whatever_their_case(many, name):
    assert titles(many, name) == ["Bank", "bank/card", "wiki", "work/GitLab", "work/vk-cloud", "Яндекс/Почта"]


def test_entries_of_one_title_are_in_the_order_of_their_user_names(coffer):
    for username in ("carl", "anna", "bob"):
        coffer.add("site", "--username", username)
    assert coffer.ok("ls") == b"site\tanna\nsite\tbob\nsite\tcarl\n"


def test_for_a_pipe_a_line_is_a_title_a_tab_and_a_user_name(many):
    result = many.run("ls")
    assert result.status == 0
    expected = sorted(ENTRIES, key=lambda entry: entry[0].lower())
    rows = [line.split("\t") for line in result.out.decode().splitlines()]
    assert [row[0] for row in rows] == [entry[0] for entry in expected]
    assert [row[1] or None if len(row) > 1 else None for row in rows] == [entry[1] for entry in expected]
    assert all(len(row) <= 2 for row in rows)
    assert SECRET not in result.out + result.err


def test_a_line_for_a_pipe_has_its_tab_even_without_a_user_name(many):
    """docs/cli.md: a line is a title, a tab and a user name. A script may cut at the tab, always."""
    assert all(line.count(b"\t") == 1 for line in many.ok("ls").splitlines())


def test_a_conflict_does_not_change_the_user_name_of_a_line_for_a_pipe(coffer):
    coffer.add("vk", "--username", "anna")
    with_second_value(coffer, forge.PASSWORD, "other", title="vk")
    assert coffer.ok("ls") == b"vk\tanna\n"
    assert coffer.run("ls", "--json").json()[0]["conflicts"] == ["password"]
    # A person sees it beside the entry.
    assert b"[conflict]" in printed(coffer, "ls").out


def test_a_prefix_is_the_start_of_a_title_exactly(many):
    assert titles(many, "ls", "work/") == ["work/GitLab", "work/vk-cloud"]
    assert titles(many, "ls", "Яндекс") == ["Яндекс/Почта"]
    assert titles(many, "ls", "bank") == ["bank/card"]
    assert titles(many, "ls", "work/vk-cloud") == ["work/vk-cloud"]
    assert titles(many, "ls", "") == titles(many, "ls")
    assert titles(many, "ls", "cloud") == []
    assert many.run("ls", "cloud").status == 0


def test_a_prefix_may_be_composed_in_another_way(coffer):
    coffer.add("Café/bar")
    assert titles(coffer, "ls", "Cafe\u0301") == ["Café/bar"]


def test_tags_and_a_user_name_narrow_the_list(many):
    assert titles(many, "ls", "--tag", "prod") == ["wiki", "work/GitLab", "work/vk-cloud"]
    assert titles(many, "ls", "--tag", "prod", "--tag", "private") == ["wiki"]
    assert titles(many, "ls", "work/", "--tag", "cloud") == ["work/vk-cloud"]
    assert titles(many, "ls", "--tag", "Почта") == ["Яндекс/Почта"]
    assert titles(many, "ls", "--tag", "pro") == []
    assert titles(many, "ls", "--username", "anna") == ["work/GitLab"]
    assert titles(many, "ls", "--username", "анна", "--tag", "Почта") == ["Яндекс/Почта"]


def test_the_trash_is_listed_only_when_it_is_asked_for(many):
    many.ok("rm", "wiki")
    many.ok("rm", "work/GitLab")
    assert titles(many, "ls") == ["Bank", "bank/card", "work/vk-cloud", "Яндекс/Почта"]
    assert titles(many, "ls", "--trash") == ["wiki", "work/GitLab"]
    assert titles(many, "ls", "work/", "--trash") == ["work/GitLab"]
    assert titles(many, "ls", "--trash", "--tag", "private") == ["wiki"]
    assert {entry["state"] for entry in many.run("ls", "--trash", "--json").json()} == {"trash"}
    many.ok("purge", "wiki", "--yes")
    assert titles(many, "ls", "--trash") == ["work/GitLab"]


def test_json_is_an_array_of_what_show_prints_without_secrets(many):
    result = many.run("ls", "--json")
    entries = result.json()
    for entry in entries:
        assert entry == many.run("show", f"id:{entry['id']}", "--json").json()
    assert SECRET not in result.out and b"0815" not in result.out and b"Lisp" not in result.out


def test_an_empty_vault_lists_nothing(coffer):
    assert coffer.ok("ls") == b"" and coffer.ok("ls", "--trash") == b""
    assert coffer.run("ls", "--json").json() == []
    not_found(coffer, "anything")


def test_for_a_person_titles_and_user_names_stand_in_columns(coffer):
    for title, username in [("short", "anna"), ("a rather long title", "bob")]:
        coffer.add(title, "--username", username)
    rows = printed(coffer, "ls").out.decode().splitlines()[-2:]
    assert [re.split("  +", row) for row in rows] == [["a rather long title", "bob"], ["short", "anna"]]
    assert rows[0].index("bob") == rows[1].index("anna")


def test_columns_stay_columns_with_letters_of_several_bytes(coffer):
    """A Cyrillic letter takes two bytes and one column."""
    for title, username in [("Почта", "anna"), ("mail", "bob"), ("Госуслуги", "carl")]:
        coffer.add(title, "--username", username)
    rows = printed(coffer, "ls").out.decode().splitlines()[-3:]
    assert len({row.index(name) for row in rows for name in ("anna", "bob", "carl") if name in row}) == 1, rows


def test_a_title_of_several_lines_stays_one_row_for_a_pipe(coffer):
    coffer.add("one\ntwo\tthree", "--username", "a\nb\tc")
    out = coffer.ok("ls")
    assert out.count(b"\n") == 1 and out.count(b"\t") == 1


@pytest.mark.parametrize("title", ["کتاب\u200cخانه", "👨\u200d👩\u200d👧", "co\u00adop", "\\u{1B}"], ids=ascii)
def test_every_title_that_is_listed_for_a_pipe_finds_its_entry(coffer, title):
    """Persian and families of emoji cannot be written without what joins and parts letters."""
    coffer.add(title, "--username", title)
    listed, username = coffer.ok("ls").decode().removesuffix("\n").split("\t")
    assert coffer.run("get", listed).status == 0
    assert (listed, username) == (title, title)


def test_two_prefixes_are_one_too_many(many):
    result = many.run("ls", "work/", "bank")
    assert (result.status, result.out) == (64, b""), result
    assert b"coffer: error 64: " in result.err


# --- find


@pytest.mark.parametrize("name", ["find", "search"])
def test_words_are_found_wherever_something_plain_stands(many, name):
    for word, expected in [
            ("gitlab", ["work/GitLab"]), ("anna", ["work/GitLab", "work/vk-cloud"]), ("msk.cloud", ["work/vk-cloud"]),
            ("private", ["Bank", "wiki"]), ("kazan", ["Bank"]), ("bank", ["Bank", "bank/card"]),
            ("4711", ["bank/card"]), ("/", ["bank/card", "work/GitLab", "work/vk-cloud", "Яндекс/Почта"])]:
        assert sorted(titles(many, name, word)) == expected, word


def test_case_does_not_matter_in_any_script(many):
    for word in ("яндекс", "ЯНДЕКС", "ЯндеКС", "АННА", "почта", "вход"):
        assert found(many, word) == ["Яндекс/Почта"], word
    assert found(many, "центр") == ["Bank"]
    assert found(many, "GITLAB") == ["work/GitLab"]
    many.add("Straße Ärger")
    many.add("Ёлка")
    assert found(many, "ÄRGER") == ["Straße Ärger"] and found(many, "STRASSE") == ["Straße Ärger"]
    assert found(many, "ёлка") == ["Ёлка"]
    # Composed in another way.
    assert found(many, "е\u0308лка") == ["Ёлка"] and found(many, "a\u0308rger") == ["Straße Ärger"]


def test_all_words_must_occur_but_not_in_one_place(many):
    assert found(many, "anna", "gitlab") == ["work/GitLab"]
    assert found(many, "anna", "cloud", "prod") == ["work/vk-cloud"]
    assert found(many, "почта", "yandex") == ["Яндекс/Почта"]
    not_found(many, "anna", "kazan")
    # One argument is one text, blanks and all.
    assert found(many, "Kazan Центр") == ["Bank"]
    not_found(many, "Центр Kazan")


def test_secrets_are_looked_at_only_when_it_is_asked_for(many):
    for text, title in [("geheim", "Bank"), ("ЗАМЕТКА", "wiki"), ("lisp", "wiki")]:
        not_found(many, text)
        assert found(many, text, "--secrets") == [title]
    assert found(many, "not-for-eyes", "--secrets") == sorted(entry[0] for entry in ENTRIES)
    # One word in the open, one in a secret.
    assert found(many, "wiki", "lisp", "--secrets") == ["wiki"]
    not_found(many, "nowhere-at-all", "--secrets")
    result = many.run("find", "not-for-eyes", "--secrets", "--json")
    assert SECRET not in result.out + result.err


def test_what_is_in_the_trash_is_not_found(many):
    many.ok("rm", "wiki")
    not_found(many, "wiki")
    many.ok("restore", "wiki")
    assert found(many, "wiki") == ["wiki"]


def test_what_was_replaced_is_not_found(many):
    many.ok("set", "Bank", "branch", "Moscow")
    not_found(many, "kazan")
    many.ok("set", "wiki", "notes", "--remove")
    not_found(many, "lisp", "--secrets")


def test_find_prints_like_ls(many):
    assert many.ok("find", "work/") == many.ok("ls", "work/")
    assert many.run("find", "work/", "--json").json() == many.run("ls", "work/", "--json").json()


def test_a_word_is_text_and_no_pattern(many):
    for pattern in ("w.rk", "wor*", "^work", "[w]ork", "work/%"):
        not_found(many, pattern)


def test_find_needs_a_text(many):
    result = many.run("find")
    assert (result.status, result.out) == (64, b""), result
    assert b"TEXT is missing" in result.err


# --- Many entries


COUNT = 300


def test_three_hundred_entries_are_listed_and_found(coffer):
    data = coffer.vault.read_bytes()
    vault = forge.take_apart(data, forge.vault_key_of(data, 1, coffer.password))
    for number in range(COUNT):
        vault.entries.append(forge.entry(
            number + 1, forge.version(forge.TITLE, f"folder{number % 7}/Entry {number:03}", seed=("t", number)),
            forge.version(forge.USERNAME, f"user{number % 10}@example.com", seed=("u", number)),
            forge.version(forge.PASSWORD, f"secret {number}", seed=("p", number)),
            forge.tag(vault, "even" if number % 2 == 0 else "odd", seed=("g", number))))
    coffer.vault.write_bytes(forge.write(vault))
    everything = titles(coffer, "ls")
    assert everything == sorted(everything) and len(set(everything)) == COUNT
    assert len(titles(coffer, "ls", "folder3/")) == len(range(3, COUNT, 7))
    assert len(titles(coffer, "ls", "--tag", "even")) == COUNT // 2
    assert found(coffer, "ENTRY 123") == ["folder4/Entry 123"]
    assert len(found(coffer, "user7@", "odd")) == COUNT // 10
    assert found(coffer, "secret 299", "--secrets") == ["folder5/Entry 299"]
    assert coffer.ok("get", "folder5/Entry 299") == b"secret 299\n"
    # One more, written by the program itself, takes its place among them.
    coffer.add("folder3/Entry 150.5")
    assert titles(coffer, "ls") == sorted(everything + ["folder3/Entry 150.5"])
