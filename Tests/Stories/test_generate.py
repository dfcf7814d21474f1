"""`coffer generate`: passwords without a vault."""

import re

import pytest


def run(home, *arguments):
    return home.run("generate", *arguments, unlock=False)


def test_a_password_is_printed_and_no_vault_is_made_or_opened(home):
    result = run(home)
    assert result.status == 0 and result.err == b""
    assert re.fullmatch(rb"[A-Za-z][A-Za-z0-9+\-.=_]{23}\n", result.out)
    assert list(home.home.iterdir()) == []


def test_length_symbols_words_and_count_are_kept(home):
    assert re.fullmatch(rb"[A-Za-z0-9]{12}\n", run(home, "--length", "12", "--no-symbols").out)
    assert len(run(home, "--words", "6").out.split(b"-")) >= 6
    lines = run(home, "--count", "50").out.splitlines()
    assert len(lines) == len(set(lines)) == 50


def test_json_gives_values_and_bits(home):
    values = run(home, "--json", "--count", "2", "--words", "6").json()
    assert [set(value) for value in values] == [{"value", "entropy_bits"}] * 2
    assert values[0]["entropy_bits"] == 77
    assert run(home, "--json").json()[0]["entropy_bits"] == 144


@pytest.mark.parametrize("arguments", [
    ["work/vk-cloud"], ["--length", "7"], ["--length", "1025"], ["--words", "3"], ["--words", "6", "--length", "20"],
    ["--words", "6", "--no-symbols"], ["--count", "0"], ["--count", "1001"], ["--count", "x"]])
def test_what_cannot_be_generated_is_a_usage_error(home, arguments):
    result = run(home, *arguments)
    assert result.status == 64 and result.out == b"", result
    assert b"vk-cloud" not in result.err


def test_a_title_is_refused_with_the_command_that_was_meant(home):
    error = run(home, "work/vk-cloud").err
    assert b"coffer add TITLE --generate" in error and b"coffer set TITLE password --generate" in error


def test_a_title_alone_is_refused_with_the_command_that_was_meant(home):
    result = home.run("work/vk-cloud", unlock=False)
    assert result.status == 64 and b"coffer show TITLE" in result.err and b"vk-cloud" not in result.err
