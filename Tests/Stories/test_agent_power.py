"""What the agent asks the master password for again (docs/agent.md)."""

import pytest

from agent import agent
from conftest import MASTER_PASSWORD
from terminal import answer, asked, end, interrupt, shown


def test_many_secrets_within_a_minute_are_asked_for_again(agent):
    fds = {"--password-fd": MASTER_PASSWORD + b"\n"}
    for number in range(29):
        agent.add(f"e{number}", password=b"x", fds=fds)
    agent.unlocked()
    for number in range(29):
        assert agent.run("get", f"e{number}").status == 0
    assert agent.run("get", "mail").status == 0
    refused = agent.run("get", "work/vk")
    assert (refused.status, refused.out) == (9, b"")
    assert b"coffer unlock --bulk" in refused.err
    # What was read already may be read again; what tells no secret, and codes, do not count.
    assert agent.ok("get", "e3") == b"x\n"
    assert agent.ok("get", "work/vk", "username") == b"me\n"
    assert b"first secret" not in agent.ok("show", "work/vk")
    assert agent.run("show", "work/vk", "--reveal").status == 9
    assert agent.run("history", "work/vk", "--reveal").status == 9
    agent.ok("ls", "--json")
    # Looking for a word in all secrets would tell them all, letter by letter.
    assert agent.run("find", "--secrets", "first").status == 9
    # A plain field is no secret.
    agent.ok("set", "work/vk", "project", "p1", "--plain", fds=fds)
    assert agent.ok("get", "work/vk", "project") == b"p1\n"
    agent.unlocked("--bulk")
    assert agent.ok("get", "work/vk") == b"first secret\n"
    assert agent.ok("find", "--secrets", "first") == b"work/vk\tme\n"


def test_joining_does_not_get_around_the_limit(agent):
    fds = {"--password-fd": MASTER_PASSWORD + b"\n"}
    for number in range(31):
        agent.add(f"e{number}", password=b"x", fds=fds)
    for number in range(1, 31):
        agent.ok("join", "e0", f"e{number}", fds=fds)
    agent.unlocked()
    assert agent.run("get", "e0", "--pick", "newest").status == 9
    assert agent.run("find", "--secrets", "x").status == 9


@pytest.fixture
def exhausted(agent):
    """An unlocked vault of which thirty entries' secrets were read just now."""
    fds = {"--password-fd": MASTER_PASSWORD + b"\n"}
    for number in range(30):
        agent.add(f"e{number}", password=b"x", fds=fds)
    agent.ok("codes", "add", "mail", "-", stdin=b"3f9a01c7\n88d2e4b0\n1b6c90ff\n", fds=fds)
    agent.unlocked()
    for number in range(30):
        agent.ok("get", f"e{number}")
    return agent


def test_the_master_password_is_asked_for_and_lets_go_on(exhausted):
    child = asked(exhausted, "get", "mail", unlock=False)
    answer(child, "Master password for .*: ", exhausted.password)
    assert end(child) == 0 and shown(child).endswith(b"second secret\r\n")
    # It counts anew from now on.
    assert exhausted.ok("get", "work/vk") == b"first secret\n"


def test_it_is_asked_for_before_all_secrets_are_searched(exhausted):
    child = asked(exhausted, "find", "--secrets", "first", unlock=False)
    answer(child, "Master password for .*: ", exhausted.password)
    assert end(child) == 0 and b"work/vk" in shown(child)


def test_a_wrong_password_there_gives_nothing(exhausted):
    child = asked(exhausted, "get", "mail", unlock=False)
    for _ in range(3):
        answer(child, "Master password for .*: ", b"wrong")
    assert end(child) == 3 and b"second secret" not in shown(child)
    assert exhausted.run("get", "mail").status == 9


def test_ctrl_c_there_is_an_interruption(exhausted):
    child = asked(exhausted, "get", "mail", unlock=False)
    interrupt(child, "Master password for .*: ")
    assert end(child) == 130 and b"second secret" not in shown(child)


def test_a_code_that_is_refused_is_not_spent(exhausted):
    before = exhausted.vault.read_bytes()
    result = exhausted.run("codes", "next", "mail")
    assert (result.status, result.out) == (9, b"")
    assert exhausted.vault.read_bytes() == before


def test_codes_do_not_count(agent):
    fds = {"--password-fd": MASTER_PASSWORD + b"\n"}
    for number in range(31):
        agent.add(f"e{number}", password=b"x", fds=fds)
        agent.ok("otp", "add", f"e{number}", "--key-stdin", stdin=b"JBSWY3DPEHPK3PXP\n", fds=fds)
    agent.unlocked()
    for number in range(31):
        assert agent.run("otp", f"e{number}").status == 0
    assert len(agent.ok("otp").splitlines()) == 31
    assert agent.ok("get", "mail") == b"second secret\n"


def test_power_asks_again(agent):
    agent.unlocked("--bulk")
    for words in (["passwd"], ["rotate", "--no-recovery-key", "--yes"], ["kit", "new", "--output", "kit.txt"], ["keys"]):
        before = agent.vault.read_bytes()
        result = agent.run(*words, "--no-input")
        assert result.status == 5 and b"although the vault is unlocked" in result.err, (words, result)
        assert agent.vault.read_bytes() == before
        assert agent.ok("get", "mail") == b"second secret\n"


def test_the_plainest_forms_are_the_same_as_the_parsers(agent):
    fds = {"--password-fd": MASTER_PASSWORD + b"\n"}
    agent.ok("otp", "add", "work/vk", "--key-stdin", stdin=b"JBSWY3DPEHPK3PXP\n", fds=fds)
    agent.unlocked()
    for words in (["get", "mail"], ["get", "work/vk", "username"], ["get", "none"], ["get", "mail", "none"], ["show", "mail"],
                  ["ls"], ["ls", "work/"], ["otp", "none"], ["otp", "add"], ["get"], ["show"], ["get", "a", "b", "c"]):
        plain, parsed = agent.run(*words), agent.run(*words, "--no-input")
        assert (plain.status, plain.out, plain.err) == (parsed.status, parsed.out, parsed.err), words
