#!/usr/bin/env python3
"""One-time passwords from RFC 4226 and RFC 6238 with Python's own hmac, to compare Coffer's with.

Reads lines of `HASH DIGITS|steam PERIOD AT HEXKEY`. AT is a time in seconds since 1970, or the counter itself
when PERIOD is 0. Prints one code a line.
"""
import hashlib
import hmac
import struct
import sys

STEAM = "23456789BCDFGHJKMNPQRTVWXY"


def truncated(key, counter, algorithm):
    tag = hmac.new(key, struct.pack(">Q", counter), getattr(hashlib, algorithm)).digest()
    offset = tag[-1] & 0x0F
    return struct.unpack(">I", tag[offset:offset + 4])[0] & 0x7FFFFFFF


def code(key, counter, algorithm, form):
    value = truncated(key, counter, algorithm)
    if form != "steam":
        return str(value % 10 ** int(form)).zfill(int(form))
    symbols = ""
    for _ in range(5):
        value, place = divmod(value, len(STEAM))
        symbols += STEAM[place]
    return symbols


for line in sys.stdin:
    algorithm, form, period, at, key = line.split()
    counter = int(at) // int(period) if period != "0" else int(at)
    print(code(bytes.fromhex(key), counter, algorithm, form))
