"""Programs that `coffer run` runs: what they got, and how it refuses to run one."""

import pytest

from clouds import KEY, PASSWORD, URI, set_plain, set_secret, variables
from conftest import MASTER_PASSWORD

TOKEN = b"t0ken-not-for-eyes"
TOKEN_REFERENCE = "coffer://work/api/token"
ENV = ("--", "env", "-0")


@pytest.fixture
def api(coffer):
    """An entry with secrets of several kinds."""
    coffer.add("work/api", "--username", "anna", password=PASSWORD)
    set_secret(coffer, "work/api", "token", TOKEN)
    set_plain(coffer, "work/api", region="ru-moscow")
    coffer.ok("otp", "add", "work/api", "--uri-stdin", stdin=URI)
    return coffer


def refuse(coffer, *arguments, status=125, inner=None, **options):
    """Nothing is run, and nothing secret is said; `inner` is the number in the message. Returns the message."""
    words = [str(word) for word in arguments]
    words = words[:words.index("--")] if "--" in words else words
    ran = coffer.home / "it-was-run"
    before = coffer.vault.read_bytes()
    result = coffer.run("run", *words, "--", "touch", ran, **options)
    assert (result.status, result.out) == (status, b""), result
    assert f"coffer: error {inner}: ".encode() in result.err if inner else b"coffer: error " in result.err, result
    assert not ran.exists()
    assert coffer.vault.read_bytes() == before
    for secret in (PASSWORD, TOKEN, KEY.encode(), MASTER_PASSWORD):
        assert secret not in result.err
    return result.err.decode()


def got(coffer, *arguments, **options):
    """The variables of a program that is run with these options."""
    return variables(coffer.ok("run", *arguments, *ENV, **options))


def written(coffer, content, name="variables.env"):
    (coffer.home / name).write_bytes(content)
    return name
