"""Gives a field a second value, as another machine would that knew nothing of the first."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Independent"))

import vault_forge as forge

LATER_THAN_ANY_TEST = 4_000_000_000


def with_second_value(coffer, field, value, title="work/vk"):
    """`field` and `value` as docs/format.md has them. Returns the entry's id in hexadecimal."""
    data = coffer.vault.read_bytes()
    vault = forge.take_apart(data, forge.vault_key_of(data, 1, coffer.password))
    [item] = [item for item in vault.entries if any(version[1] == forge.TITLE and version.get(5) == title
                                                    for version in item.content)]
    version = forge.version(field, value, at=LATER_THAN_ANY_TEST, by="laptop")
    item.content = forge.by_id(item.content + [version])
    coffer.vault.write_bytes(forge.write(vault))
    return item.id.hex()
