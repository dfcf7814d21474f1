"""Help everywhere, with an example; topics; completions that their shells accept."""

import re
import shutil
import subprocess

import pytest

from conftest import PROGRAM, TREE

TOPICS = ["exit-codes", "naming", "fields", "secrets", "json", "environment", "templates", "recovery"]


def subcommands(help_text):
    """The names in a help text's list of subcommands, aliases left out."""
    section = re.search(r"^SUBCOMMANDS:\n(.*?)(?:\n\n|\Z)", help_text, re.S | re.M)
    if section is None:
        return []
    names = re.findall(r"^  ([a-z][a-z-]*)", section.group(1), re.M)
    return [name for name in names if name != "help"]


def all_commands(home, words=()):
    text = home.ok(*words, "--help", unlock=False).decode()
    for name in subcommands(text):
        yield (*words, name)
        yield from all_commands(home, (*words, name))


def test_every_command_has_help_with_an_example(home):
    commands = list(all_commands(home))
    assert len(commands) > 12
    for words in commands:
        text = home.ok(*words, "--help", unlock=False).decode()
        assert "Example" in text and "coffer " + words[0] in text, words
        # help COMMAND is the same text.
        assert home.ok("help", *words, unlock=False).decode() == text, words
    print(f"{len(commands)} commands")


@pytest.mark.parametrize("topic", TOPICS)
def test_every_topic_is_a_page_that_fits(home, topic):
    text = home.ok("help", topic, unlock=False).decode()
    assert len(text.splitlines()) > 5 and max(map(len, text.splitlines())) <= 120
    assert topic in home.ok("help", unlock=False).decode()


def test_an_unknown_topic_names_the_nearest(home):
    result = home.run("help", "exit-code", unlock=False)
    assert result.status == 64 and b"coffer help exit-codes" in result.err
    assert home.run("help", "kit", "nothing", unlock=False).status == 64


def test_no_help_is_written_anywhere_else(home):
    assert home.run("help", unlock=False).err == b""
    assert list(home.home.iterdir()) == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completions_parse(home, shell):
    script = home.ok("completion", shell, unlock=False)
    assert b"passwd" in script and b"salvage" in script
    program = shutil.which(shell)
    assert program, f"{shell} is not installed; scripts/test does that"
    done = subprocess.run([program, "-n"], input=script, capture_output=True, timeout=30)
    assert done.returncode == 0 and done.stderr == b"", done


def test_bash_completes_commands_and_options(home):
    (home.home / "complete").write_bytes(home.ok("completion", "bash", unlock=False))

    def complete(*words):
        line = " ".join(words)
        script = (
            f"source ./complete; COMP_WORDS=({line} ''); COMP_CWORD={len(words)}; COMP_LINE='{line} ';"
            f" COMP_POINT={len(line) + 1}; _coffer '' '' ''; printf '%s\\n' \"${{COMPREPLY[@]}}\"")
        done = subprocess.run(["bash", "-c", script], cwd=home.home, capture_output=True, timeout=30)
        return done.stdout.decode().split()

    commands = complete("coffer")
    assert {"init", "passwd", "kit", "verify"} <= set(commands) and commands.count("help") == 1
    assert {"new", "check"} <= set(complete("coffer", "kit"))


def test_an_unknown_shell_is_a_usage_error(home):
    assert home.run("completion", "tcsh", unlock=False).status == 64


def test_every_command_has_a_man_page_without_a_formatting_fault(home):
    script = TREE / "scripts" / "make-man"
    folder = home.home / "man1"
    done = subprocess.run([script, PROGRAM, folder], capture_output=True, timeout=120)
    assert done.returncode == 0, done
    pages = {page.name for page in folder.iterdir()}
    commands = {"-".join(("coffer", *words)) + ".1" for words in all_commands(home)}
    assert pages == commands | {"coffer.1", "coffer-help.1"}
    for page in folder.iterdir():
        assert page.read_text().startswith(".TH COFFER"), page
        shown = subprocess.run(["nroff", "-ww", "-man", page], capture_output=True, timeout=30)
        assert shown.returncode == 0 and shown.stderr == b"", (page, shown.stderr)
    print(f"{len(pages)} pages")
