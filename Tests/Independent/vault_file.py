"""Reads a whole vault file: header, key slots, index, entries. Written from docs/format.md alone, and strict.

The forge writes with the parts of this reader; scripts/read_vault.py is another one, and both are tested alike.
"""
import hashlib
import hmac
import struct
import unicodedata
from dataclasses import dataclass

from vault_boxes import aead_open, associated_data, b2, epoch_check, open_box, subkey, u32
from vault_cbor import NOT_SUPPORTED, WRONG_PASSWORD, Refused, decode, encode, is_bytes, require
from vault_entries import (Entry, ascending, check_entry_field, check_entry_value, check_versions,
                           shown_entries)

# --- Header and key slots

@dataclass
class Header:
    vault_id: bytes
    epoch: int
    check: bytes
    slots: list
    index_length: int
    entries_length: int
    signed: bytes
    tag: bytes

def read_header(data):
    require(len(data) >= 20 and data[:8] == b"\x89COFFER\n", "not a vault file")
    version, suite, flags, length = struct.unpack(">HHII", data[8:20])
    if (version, suite, flags) != (1, 1, 0):
        raise Refused(NOT_SUPPORTED, f"format version {version}, suite {suite}, critical flags {flags:#x}")
    require(length <= 65536, "header: too long", NOT_SUPPORTED)
    require(20 + length + 32 <= len(data), "header: wrong length")
    body = decode(data[20:20 + length])
    require(type(body) is dict and body.keys() == set(range(6)), "header: wrong keys")
    require(is_bytes(body[0], 16) and is_bytes(body[2], 16) and type(body[3]) is list and
            all(type(body[key]) is int for key in (1, 4, 5)) and body[1] >= 1, "header: wrong values")
    require(len(body[3]) >= 1, "header: wrong number of key slots")
    require(len(body[3]) <= 8, "header: wrong number of key slots", NOT_SUPPORTED)
    for slot in body[3]:
        check_slot(slot)
    require(ascending([slot[0] for slot in body[3]]), "header: key slots out of order")
    require(52 + length + body[4] + body[5] == len(data), "the file has another length than its header says")
    return Header(*(body[key] for key in range(6)), data[:20 + length], data[20 + length:52 + length])

def check_slot(slot):
    require(type(slot) is dict and {0, 1, 2, 5, 6, 7, 8} <= slot.keys() <= set(range(9)), "key slot: wrong keys")
    require(all(type(slot[key]) is int for key in slot.keys() & {1, 2, 3, 4, 6}) and type(slot[5]) is bytes and
            is_bytes(slot[0], 16) and is_bytes(slot[7], 32) and is_bytes(slot[8], 48), "key slot: wrong values")
    role, kdf, flags = slot[1], slot[2], slot[6]
    if not (role == 1 and kdf in (1, 2, 3) and flags <= 3 or (role, kdf, flags) == (2, 4, 0)):
        raise Refused(NOT_SUPPORTED, f"key slot: role {role}, KDF {kdf}, flags {flags:#x}")
    require(slot.keys() & {3, 4} == {1: {3}, 2: {3}, 3: {3, 4}, 4: set()}[kdf], "key slot: wrong keys")
    require(len(slot[5]) == (16 if kdf == 3 else 32), "key slot: wrong length of the salt")
    least, most = (1 if flags & 2 or kdf == 3 else 600_000), (20 if kdf == 3 else 20_000_000)
    least_memory = 8 if flags & 2 else 65_536
    if kdf != 4 and not least <= slot[3] <= most or kdf == 3 and not least_memory <= slot[4] <= 2_097_152:
        raise Refused(NOT_SUPPORTED, "key slot: costs that are not accepted")

def slot_ad(vault, slot):
    return associated_data(vault, b"slot", slot[0], bytes([slot[1]]), bytes([slot[2]]), u32(slot.get(3, 0)),
                           u32(slot.get(4, 0)), slot[5], u32(slot[6]))

def slot_keys(vault, slot, secret, key_file):
    """The wrapping key and the commitment; `secret` is the password or the 20 bytes of the recovery key."""
    if slot[2] in (1, 2):
        name, size = {1: ("sha512", 64), 2: ("sha256", 32)}[slot[2]]
        secret = hashlib.pbkdf2_hmac(name, secret, slot[5], slot[3], size)
    elif slot[2] == 3:
        from argon2 import low_level
        secret = low_level.hash_secret_raw(secret, slot[5], slot[3], slot[4], 1, 64, low_level.Type.ID, 19)
    if slot[6] & 1:
        secret += b2(64, key_file)
    extracted = hmac.digest(slot[5], secret, "sha512")
    okm = hmac.digest(extracted, b"coffer/1 slot" + slot_ad(vault, slot) + b"\1", "sha512")
    return okm[:32], okm[32:]

def unlock(header, role, secret, key_file=None):
    """The vault key, from the first slot that opens."""
    if key_file is not None and not 32 <= len(key_file) <= 1 << 20:
        raise Refused(WRONG_PASSWORD, "this cannot be a key file")
    usable = [s for s in header.slots if s[1] == role and (key_file is not None or not s[6] & 1)]
    left = 4.0
    for slot in usable:
        share = slot[3] / 20 * slot[4] / (2 << 20) if slot[2] == 3 else slot.get(3, 0) / 20_000_000
        if share > left:
            continue
        left -= share
        wrapping_key, commitment = slot_keys(header, slot, secret, key_file)
        if hmac.compare_digest(commitment, slot[7]):
            vault_key = aead_open(wrapping_key, bytes(24), slot_ad(header, slot), slot[8], "key slot")
            require(hmac.compare_digest(header.check, epoch_check(header, vault_key)), "epoch check value differs")
            return vault_key
    raise Refused(WRONG_PASSWORD, "no key slot opens")

def normalised_password(line):
    try:
        password = unicodedata.normalize("NFC", line.decode()).encode()
    except UnicodeDecodeError:
        raise Refused(WRONG_PASSWORD, "the password is not UTF-8") from None
    if not 1 <= len(password) <= 1024 or b"\0" in password:
        raise Refused(WRONG_PASSWORD, "this cannot be a password")
    return password

def parse_recovery_key(line):
    symbols = "".join(line.decode("ascii", "replace").upper().replace("-", "").split()).translate(
        str.maketrans("OIL", "011"))
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    if len(symbols) != 39 or symbols[:3] != "CR1" or not set(symbols) <= set(alphabet):
        raise Refused(WRONG_PASSWORD, "this is no recovery key")
    number = 0
    for symbol in symbols[3:]:
        number = number << 5 | alphabet.index(symbol)
    key = (number >> 20).to_bytes(20, "big")
    checksum = int.from_bytes(b2(32, b"coffer/1 recovery key checksum" + key)[:3], "big") >> 4
    if checksum != number & 0xFFFFF:
        raise Refused(WRONG_PASSWORD, "the recovery key's last group does not fit")
    return key

# --- The whole file

def check_registry(history, header):
    heads = [v[5] for of_field in history.heads().values() for v in of_field if v[5] is not None]
    require(sorted(heads, key=lambda slot: decode(slot)[0]) == [encode(slot) for slot in header.slots],
            "the key slots of header and registry differ")

def check_registry_field(field):
    require(type(field) is int and field in (1, 2), "registry: wrong field")

def check_registry_value(field, value):
    if value is not None:
        require(type(value) is bytes, "registry: wrong value")
        slot = decode(value)
        check_slot(slot)
        require(slot[1] == field, "registry: slot of another role")

def check_settings_field(field):
    require(type(field) is str and field != "", "settings: wrong field")
    require(len(field.encode()) <= 256, "settings: name too long", NOT_SUPPORTED)

def read_index(data, header, vault_key):
    start = len(data) - header.entries_length - header.index_length
    header_hash = b2(32, data[:start])
    box = data[start:start + header.index_length]
    index = decode(open_box(header, vault_key, b"coffer/1 index", box, b"index", header_hash))
    require(type(index) is dict and index.keys() == {0, 1, 2} and type(index[2]) is list, "index: wrong keys")
    check_versions(index[0], check_settings_field, lambda field, value: None, keep=10)
    check_registry(check_versions(index[1], check_registry_field, check_registry_value, keep=0), header)
    require(len(index[2]) <= 1_000_000, "too many entries", NOT_SUPPORTED)
    for record in index[2]:
        require(type(record) is list and len(record) == 4 and is_bytes(record[0], 16) and type(record[1]) is int and
                is_bytes(record[2], 32), "index: wrong record")
    require(ascending([record[0] for record in index[2]]), "index: entries out of order")
    require(sum(20 + record[1] for record in index[2]) == header.entries_length, "index: wrong lengths of entries")
    return index

def read_entry(header, vault_key, record, frame):
    entry_id, length, pinned, overview = record
    box = frame[20:]
    require(frame[:20] == entry_id + u32(length) and b2(32, box) == pinned, "an entry is not the one of the index")
    content = open_box(header, vault_key, b"coffer/1 entry" + entry_id, box, b"entry", entry_id)
    require(len(content) <= 16 << 20, "entry too long", NOT_SUPPORTED)
    versions = decode(content)
    check_versions(versions, check_entry_field, check_entry_value, keep=10)
    require(encode(overview) == encode(Entry(versions).overview()), "an entry's overview is not the computed one")
    return versions

def read_vault(data, role, secret, key_file=None):
    """The vault as a list of JSON objects; or raises Refused."""
    header = read_header(data)
    vault_key = unlock(header, role, secret, key_file)
    require(hmac.compare_digest(header.tag, b2(32, header.signed, subkey(vault_key, b"coffer/1 header tag"))),
            "the header's tag differs")
    index = read_index(data, header, vault_key)
    entries, at = {}, len(data) - header.entries_length
    for record in index[2]:
        end = at + 20 + record[1]
        entries[record[0]] = read_entry(header, vault_key, record, data[at:end])
        at = end
    shown = [entry.json(entry_id) for entry_id, entry in shown_entries(entries).items()]
    return sorted(shown, key=lambda entry: (entry["title"], entry["id"]))
