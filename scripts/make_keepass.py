"""Writes two KeePass files with the logins of standard input, each changed in a hundredth, for scripts/bench.

    coffer-bench logins --entries 10000 | /usr/bin/python3 scripts/make_keepass.py FOLDER

FOLDER/one.kdbx and FOLDER/two.kdbx: the same entries, every hundredth with another password in each, other ones in each.
The password is "bench"; the key derivation costs as good as nothing. Needs pykeepass (python3-pykeepass).
"""

import base64
import hashlib
import struct
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pykeepass
from lxml.builder import E

MADE = datetime(2026, 1, 1, tzinfo=timezone.utc)
CHANGED = MADE + timedelta(days=30)
FIELDS = ("Title", "UserName", "Password", "URL", "Notes")


def stamp(when):
    """A time as KDBX 4 has it: seconds since the year 1."""
    seconds = int((when - datetime(1, 1, 1, tzinfo=timezone.utc)).total_seconds())
    return base64.b64encode(struct.pack("<Q", seconds)).decode()


def entry(uuid, login, changed, *rest):
    """An entry of the file's XML."""
    strings = [
        E.String(E.Key(name), E.Value(text, Protected="True") if name == "Password" else E.Value(text))
        for name, text in zip(FIELDS, login)
    ]
    times = [E.CreationTime(stamp(MADE)), E.LastModificationTime(stamp(changed)), E.LastAccessTime(stamp(changed))]
    times += [E.ExpiryTime(stamp(MADE)), E.Expires("False"), E.UsageCount("0"), E.LocationChanged(stamp(MADE))]
    return E.Entry(E.UUID(uuid), E.IconID("0"), E.Times(*times), *strings, *rest)


def fill(path, logins, first):
    """Writes a file in which every hundredth login has another password, beginning with number `first`."""
    file = pykeepass.create_database(str(path), password="bench")
    group = file.tree.find("Root/Group")
    for number, login in enumerate(logins):
        uuid = base64.b64encode(hashlib.md5(str(number).encode()).digest()).decode()
        if number % 100 != first:
            group.append(entry(uuid, login, MADE))
            continue
        new = [*login]
        new[2] = f"changed-{first}-{number}"
        group.append(entry(uuid, new, CHANGED, E.History(entry(uuid, login, MADE))))
    parameters = file.kdbx.header.value.dynamic_header.kdf_parameters.data.dict
    parameters["I"].value, parameters["M"].value, parameters["P"].value = 1, 8192, 1
    # Both files are one database: the group that holds the entries must be the same one.
    group.find("UUID").text = base64.b64encode(bytes(16)[:-1] + b"\1").decode()
    # The header is written from its parts only when its bytes are not there.
    file.kdbx.header.pop("data", None)
    file.save()


def main():
    logins = [line.rstrip("\n").split("\t") for line in sys.stdin]
    assert all(len(login) == len(FIELDS) for login in logins), "five fields a line, with tabs between"
    for name, first in (("one", 3), ("two", 50)):
        fill(Path(sys.argv[1]) / f"{name}.kdbx", logins, first)


main()
