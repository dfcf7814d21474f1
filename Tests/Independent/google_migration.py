#!/usr/bin/env python3
"""Google Authenticator's export texts, written from the protobuf encoding alone, to compare Coffer's with.

Reads lines of `SIZE INDEX ID ACCOUNT...`, each ACCOUNT being `KEY:ISSUER:NAME:ALGORITHM:DIGITS:KIND:COUNTER` with the
first three in hexadecimal and the rest in decimal, an empty one left out of the message. Prints one text a line.
"""
import base64
import sys
from urllib.parse import quote


def varint(number):
    groups = []
    number &= 2**64 - 1
    while True:
        number, group = divmod(number, 128)
        groups.append(group)
        if not number:
            return bytes(group + 128 for group in groups[:-1]) + bytes(groups[-1:])


def field(number, value):
    """An int as a varint, bytes with their length, nothing for None."""
    if value is None:
        return b""
    if isinstance(value, int):
        return varint(number * 8) + varint(value)
    return varint(number * 8 + 2) + varint(len(value)) + value


def message(*values):
    """A message with these values as fields 1, 2, 3 and so on; a list is a repeated field."""
    return b"".join(
        field(number, value) for number, values in enumerate(values, 1)
        for value in (values if isinstance(values, list) else [values]))


def text(payload, safe=""):
    return "otpauth-migration://offline?data=" + quote(base64.b64encode(payload), safe=safe)


def main():
    for line in sys.stdin:
        size, index, batch, *accounts = line.split()
        parsed = []
        for account in accounts:
            key, issuer, name, *numbers = account.split(":")
            texts = [bytes.fromhex(key), bytes.fromhex(name), bytes.fromhex(issuer) if issuer else None]
            parsed.append(message(*texts, *(int(number) if number else None for number in numbers)))
        print(text(message(parsed, 1, int(size), int(index), int(batch))))


if __name__ == "__main__":
    main()
