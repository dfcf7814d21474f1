"""Two machines with a vault each, and what the stories of movers do with them."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Stories"))

from conftest import PROGRAM, Coffer, pipe_with  # noqa: E402, F401
from machines import clone, named  # noqa: E402
from rotation import NEW, accept, rotated  # noqa: E402, F401


def machines(home, automatic=False):
    """Two machines that hold the same vault: two accounts, one of them with backup codes.

    A sync by itself after every change would make the order of things a matter of luck: only with `automatic`.
    """
    one = named(Coffer(home / "one"), "one").init()
    one.add("bank", "--username", "anna", password=b"first")
    one.add("mail", "--username", "anna", password=b"first")
    one.ok("codes", "add", "bank", "-", stdin=b"3f9a01c7 7f34038e beae0555 fe68071c")
    two = clone(one, home / "two", "two")
    if not automatic:
        for machine in (one, two):
            machine.ok("config", "set", "sync.auto", "off", unlock=False)
    return one, two


def sync(machine, *arguments):
    return machine.run("sync", *arguments, "--accept-weak-password")


def edit_apart(one, two):
    """Edits that meet in every way. Returns the two backup codes that were drawn."""
    one.ok("set", "bank", "password", "-", stdin=b"from one\n")
    two.ok("set", "bank", "password", "-", stdin=b"from two\n")
    one.ok("set", "bank", "region", "RegionOne", "--plain")
    two.ok("set", "bank", "url", "https://bank.example", "--add")
    one.ok("rm", "mail")
    two.ok("set", "mail", "notes", "-", stdin=b"still needed\n")
    two.add("new", password=b"only two has it")
    return one.ok("codes", "next", "bank").strip(), two.ok("codes", "next", "bank").strip()


def require_nothing_lost(one, two, drawn):
    """Both vaults are the same bytes, and every value that nobody replaced is there."""
    assert one.vault.read_bytes() == two.vault.read_bytes()
    for machine in (one, two):
        [conflict] = machine.run("conflicts", "--json", "--reveal").json()
        assert (conflict["title"], conflict["field"]) == ("bank", "password")
        assert {value["value"] for value in conflict["values"]} == {"from one", "from two"}
        assert machine.ok("get", "bank", "region") == b"RegionOne\n"
        assert machine.run("show", "bank", "--json").json()["urls"] == ["https://bank.example"]
        assert machine.ok("get", "mail", "notes") == b"still needed\n"
        assert machine.ok("get", "new") == b"only two has it\n"
        sets = machine.run("codes", "list", "bank", "--json", "--reveal").json()
        used = {code["code"].encode() for one_set in sets for code in one_set["codes"] if code["used"]}
        assert used == set(drawn)
