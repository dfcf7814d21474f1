"""Makes Coffer vault files, good and bad, for the tests that attack the program.

    vault = Vault(entries=[entry(1, version(1, "Bank"), version(3, "s3cret"))])
    vault.slots = [password_slot(vault, "password")]
    data = write(vault)                                   # a whole file; the same input gives the same bytes

    vault = take_apart(data, vault_key)                   # nothing is verified
    vault.entries[0].content = b"\\x80"                    # any plaintext, sealed with the right keys
    data = write(vault, change_index=lambda index: index[2].reverse())

Everything is derived from what is passed in: nothing is random. CBOR structures are the plain Python ones of the reader
(maps are dicts with the integer keys of docs/format.md); where a function takes `content` it may also be bytes, which
are taken as they are. `reader` is vault_file.py; `small_reader` is scripts/read_vault.py as a module.
"""
import importlib.util
import struct
from dataclasses import dataclass, field as dataclass_field
from pathlib import Path

READER = Path(__file__).resolve().parents[2] / "scripts/read_vault.py"


def load_small_reader():
    """scripts/read_vault.py as a module."""
    spec = importlib.util.spec_from_file_location("read_vault", READER)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


small_reader = load_small_reader()

import vault_file as reader
from vault_boxes import ChaCha20_Poly1305, associated_data, b2, box_nonce, epoch_check, padded_length, subkey, u32, u64
from vault_cbor import decode, encode
from vault_entries import Entry as ReadEntry
from vault_entries import History

MAGIC = b"\x89COFFER\n"
TITLE, USERNAME, PASSWORD, NOTES, OTP, TEMPLATE, TRASH, PURGE, JOINED = range(1, 10)
PBKDF2_SHA512, PBKDF2_SHA256, ARGON2ID, NO_KDF = 1, 2, 3, 4
NEEDS_KEY_FILE, TEST_KDF = 1, 2
VAULT_KEY = bytes(range(32))


def seeded(size, *seed):
    """Bytes that look random and depend on the seed only."""
    return b2(size, repr(seed).encode())


# --- The content of a vault


@dataclass
class Entry:
    """An entry to write. What is None is computed from the rest."""
    id: bytes
    content: object  # array of versions, or bytes taken as the plaintext of the box
    overview: object = None
    nonce: bytes | None = None  # of the box
    padded: bytes | None = None  # the whole padded plaintext of the box


@dataclass
class Vault:
    """A vault to write; what take_apart gives."""
    vault_key: bytes = VAULT_KEY
    vault_id: bytes = seeded(16, "vault")
    epoch: int = 1
    slots: list = dataclass_field(default_factory=list)
    settings: object = dataclass_field(default_factory=list)
    registry: object = None  # None: one version for each slot
    entries: list = dataclass_field(default_factory=list)
    format_version: int = 1
    suite: int = 1
    critical_flags: int = 0


def entry(number, *versions, **changes):
    """An entry whose id ends with the number; the versions may come in any order."""
    return Entry(number.to_bytes(16, "big"), by_id(versions), **changes)


def by_id(versions):
    return sorted(versions, key=lambda v: v[0])


def version(field, value, at=1_700_000_000, by="m", replaces=(), seen=None, seed=0, extra=None):
    """One full version. `replaces` and `seen` are versions or ids; `extra` is a dict of further keys."""
    encoded = {1: field, 3: at, 4: by, 5: value}
    if replaces:
        encoded[2] = ids(replaces)
    if seen is not None:
        encoded[6] = ids(seen)
    encoded |= extra or {}
    return {0: b2(32, seeded(32, seed) + encode(encoded))[:12]} | encoded


def ids(versions):
    """Ascending ids of versions; what is bytes already is an id."""
    return sorted(v if isinstance(v, bytes) else v[0] for v in versions)


def trimmed(full):
    """The trimmed form of a version."""
    return {key: value for key, value in full.items() if key in (0, 1, 2)}


def trim(versions, keep=10):
    """The array as a file holds it: rules 1 to 3 of trimming."""
    gone = History(by_id(versions)).to_trim(keep)
    return [trimmed(v) if v[0] in gone else v for v in by_id(versions)]


def edits(field, values, start=1_700_000_000, **keys):
    """A chain of versions of one field, each replacing the one before, a second apart."""
    chain = []
    for number, value in enumerate(values):
        chain.append(version(field, value, start + number, replaces=chain[-1:], **keys))
    return chain


def element_name(vault, kind, *parts):
    """h of a tag (1) or URL (2) from its text, or of a code (4) from its set and its text."""
    data = b"".join(part.encode() if isinstance(part, str) else part for part in parts)
    return b2(16, bytes([kind]) + data, subkey(vault.vault_key, b"coffer/1 element names"))


def tag(vault, text, **keys):
    return version([1, element_name(vault, 1, text)], text, **keys)


def url(vault, text, **keys):
    return version([2, element_name(vault, 2, text)], text, **keys)


def code_set_id(vault, codes):
    texts = sorted(code.encode() for code in codes)
    return element_name(vault, 3, *(u32(len(text)) + text for text in texts))


def code_set(vault, codes, used=(), retired=False, **keys):
    """The versions of a set of backup codes; those in `used` are used."""
    g = code_set_id(vault, codes)
    return [version([3, g], int(retired), **keys)] + [
        version([4, g, element_name(vault, 4, g, code)], [code, code in used], **keys) for code in codes]


# --- Key slots


def make_slot(vault, secret, role, kdf, iterations=None, memory=None, flags=0, key_file=None, seed=0, **changes):
    """A key slot that opens with the secret (bytes). `changes` (slot_id, salt, wrapped, commitment) override parts."""
    salt = changes.get("salt", seeded(16 if kdf == ARGON2ID else 32, "salt", seed))
    slot = {0: changes.get("slot_id", seeded(16, "slot", seed)), 1: role, 2: kdf, 5: salt, 6: flags}
    slot |= {key: cost for key, cost in ((3, iterations), (4, memory)) if cost is not None}
    wrapping_key, commitment = reader.slot_keys(vault, slot, secret, key_file)
    wrapped = aead_seal(wrapping_key, bytes(24), reader.slot_ad(vault, slot), vault.vault_key)
    return slot | {7: changes.get("commitment", commitment), 8: changes.get("wrapped", wrapped)}


def password_slot(vault, password, kdf=PBKDF2_SHA512, iterations=1, memory=None, flags=TEST_KDF, key_file=None,
                  seed=0, **changes):
    """A password slot with any KDF and cost; with a key file, its flag is set."""
    if kdf == ARGON2ID and memory is None:
        memory = 8
    flags |= NEEDS_KEY_FILE if key_file is not None else 0
    return make_slot(vault, password.encode(), 1, kdf, iterations, memory, flags, key_file, seed, **changes)


def recovery_slot(vault, key, seed="recovery", **changes):
    """A recovery slot; `key` are the 20 bytes of the recovery key."""
    return make_slot(vault, key, 2, NO_KDF, seed=seed, **changes)


def recovery_text(key):
    """The 20 bytes of a recovery key as they are written for people."""
    check = int.from_bytes(b2(32, b"coffer/1 recovery key checksum" + key)[:3], "big") >> 4
    number = int.from_bytes(key, "big") << 20 | check
    symbols = ["0123456789ABCDEFGHJKMNPQRSTVWXYZ"[number >> shift & 31] for shift in range(175, -1, -5)]
    return "-".join(["CR1"] + ["".join(symbols[at:at + 4]) for at in range(0, 36, 4)])


def slot_versions(slots):
    """The registry that goes with the slots."""
    return by_id(version(slot[1], encode(slot), seed=slot[0]) for slot in slots)


# --- Boxes and files


def aead_seal(key, nonce, ad, plaintext):
    cipher = ChaCha20_Poly1305.new(key=key, nonce=nonce)
    cipher.update(ad)
    return b"".join(cipher.encrypt_and_digest(plaintext))


def pad(content, length=None):
    """The padded plaintext; `length` overrides the padded length."""
    plaintext = u32(len(content)) + content
    return plaintext.ljust(padded_length(len(plaintext)) if length is None else length, b"\0")


def seal(vault, label, content, kind, *parts, nonce=None, padded=None):
    """A sealed box. `nonce` and `padded` override the computed nonce and padded plaintext."""
    plaintext = pad(content) if padded is None else padded
    ad = associated_data(vault, kind, *parts, u64(len(plaintext)))
    nonce = nonce or box_nonce(vault.vault_key, ad, plaintext)
    return nonce + aead_seal(subkey(vault.vault_key, label), nonce, ad, plaintext)


def plain(content):
    """The bytes of a content that may be bytes already."""
    return content if isinstance(content, bytes) else encode(content)


def entry_box(vault, item):
    return seal(vault, b"coffer/1 entry" + item.id, plain(item.content), b"entry", item.id, nonce=item.nonce,
                padded=item.padded)


def entry_overview(item):
    """The overview that the entry has, or else the one that follows from its versions (empty for other bytes)."""
    if item.overview is not None:
        return item.overview
    return {} if isinstance(item.content, bytes) else ReadEntry(item.content).overview()


def records_and_frames(vault):
    """What the index says of the entries, and the entry frames, both in the order of vault.entries."""
    records, frames = [], []
    for item in vault.entries:
        box = entry_box(vault, item)
        records.append([item.id, len(box), b2(32, box), entry_overview(item)])
        frames.append(item.id + u32(len(box)) + box)
    return records, frames


def write(vault, change_frames=None, change_index=None, change_body=None, index=None, index_nonce=None,
          index_padded=None, header_tag=None):
    """The whole file. The hooks change a part in place, or return what replaces it; all else fits the changed part:

    change_frames  the list of entry frames, when the index is made already (lengths in the header follow the frames)
    change_index   the index map; what it returns may be bytes
    change_body    the body of the header; may return bytes; the tag and the index box follow it
    index          bytes to take as the index box (a stale one, say)
    index_nonce, index_padded, header_tag   override what is computed
    """
    records, frames = records_and_frames(vault)
    frames = changed(frames, change_frames)
    registry = slot_versions(vault.slots) if vault.registry is None else vault.registry
    index_plain = plain(changed({0: vault.settings, 1: registry, 2: records}, change_index))
    index_length = len(index) if index is not None else len(pad(index_plain) if index_padded is None else index_padded) + 40
    header = write_header(vault, index_length, sum(map(len, frames)), change_body, header_tag)
    if index is None:
        index = seal(vault, b"coffer/1 index", index_plain, b"index", b2(32, header), nonce=index_nonce,
                     padded=index_padded)
    return header + index + b"".join(frames)


def write_header(vault, index_length, entries_length, change_body=None, header_tag=None):
    """Fixed part, body and tag."""
    body = {0: vault.vault_id, 1: vault.epoch, 2: epoch_check(vault, vault.vault_key), 3: vault.slots,
            4: index_length, 5: entries_length}
    body = plain(changed(body, change_body))
    fixed = MAGIC + struct.pack(">HHII", vault.format_version, vault.suite, vault.critical_flags, len(body))
    tag = b2(32, fixed + body, subkey(vault.vault_key, b"coffer/1 header tag"))
    return fixed + body + (tag if header_tag is None else header_tag)


def changed(part, hook):
    """What the hook returns, or the part that it changed in place."""
    if hook is None:
        return part
    result = hook(part)
    return part if result is None else result


# --- Taking a file apart


def split(data):
    """The file cut into header, index box and list of entry frames."""
    start = 52 + int.from_bytes(data[16:20], "big")
    at = start + decode(data[20:start - 32])[4]
    header, index, frames = data[:start], data[start:at], []
    while at < len(data):
        end = at + 20 + int.from_bytes(data[at + 16:at + 20], "big")
        frames.append(data[at:end])
        at = end
    return header, index, frames


def open_content(vault, label, box, kind, *parts):
    """The content of a box; padding and nonce are not verified."""
    ad = associated_data(vault, kind, *parts, u64(len(box) - 40))
    cipher = ChaCha20_Poly1305.new(key=subkey(vault.vault_key, label), nonce=box[:24])
    cipher.update(ad)
    plaintext = cipher.decrypt_and_verify(box[24:-16], box[-16:])
    return plaintext[4:4 + int.from_bytes(plaintext[:4], "big")]


def take_apart(data, vault_key):
    """The Vault that write makes the same file of. Overviews are computed anew by write."""
    header, index_box, frames = split(data)
    format_version, suite, critical_flags, _ = struct.unpack(">HHII", data[8:20])
    body = decode(header[20:-32])
    vault = Vault(vault_key, body[0], body[1], body[3], format_version=format_version, suite=suite,
                  critical_flags=critical_flags)
    index = decode(open_content(vault, b"coffer/1 index", index_box, b"index", b2(32, header)))
    vault.settings, vault.registry = index[0], index[1]
    for frame in frames:
        content = open_content(vault, b"coffer/1 entry" + frame[:16], frame[20:], b"entry", frame[:16])
        vault.entries.append(Entry(frame[:16], decode(content)))
    return vault


def vault_key_of(data, role, secret, key_file=None):
    """The vault key of a good file; `role` 1 takes the password and 2 the recovery key, both as bytes."""
    return reader.unlock(reader.read_header(data), role, secret, key_file)
