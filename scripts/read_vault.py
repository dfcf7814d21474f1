#!/usr/bin/python3
"""An independent reader of vault files, format version 1, written from format.md alone. Prints all entries as JSON:
read_vault.py VAULT --password-fd N | --recovery-key-fd N [--key-file F]. Exit codes: 1 a file cannot be read, 2 usage,
3 wrong password, recovery key or key file, 4 damaged (a wrong form may also end in a KeyError …), 7 not supported."""
import argparse, collections, datetime, enum, graphlib, hashlib, hmac, itertools, json, unicodedata
from Cryptodome.Cipher import ChaCha20_Poly1305

WRONG_SECRET, DAMAGED, NOT_SUPPORTED = 3, 4, 7
ID, FIELD, REPLACES, AT, BY, VALUE, SEEN = range(7)  # keys of versions
TITLE, USERNAME, PASSWORD, NOTES, OTP, TEMPLATE, TRASH, PURGE, JOINED, PENDING = range(1, 11)  # fields
TAG, URL, CODE_SET, CODE, COUNTER = KINDS = range(1, 6)  # kinds of fields that are arrays
NAMES = {TITLE: "title", USERNAME: "username", PASSWORD: "password", NOTES: "notes", OTP: "otp", TEMPLATE: "template"}
Truth = enum.Enum("Truth", "false true")  # CBOR's; unlike Python's they do not equal 0 and 1
NULL, PAIR, SHORT = type(None), (str, Truth), [TITLE, USERNAME, TEMPLATE, PURGE, (TAG, 16), (URL, 16)]
VALUES = {**dict.fromkeys([*NAMES, *SHORT, PENDING], {str, NULL}), TRASH: {Truth}, PURGE: {str}, JOINED: {16, NULL},
          str: {PAIR, NULL}, (CODE, 16, 16): {PAIR, NULL}, (CODE_SET, 16): {int, NULL}, (COUNTER, 12): {int, NULL}}
TIMES = {3: (600_000, 1, 20_000_000)}  # by key of a slot: the lowest cost, the lowest with test-kdf, the highest
COSTS = {(1, 1): TIMES, (1, 2): TIMES, (1, 3): {3: (1, 1, 20), 4: (65_536, 8, 2_097_152)}, (2, 4): {}}  # role, KDF
class Refused(Exception): code = property(lambda self: self.args[0])
def need(holds, code=DAMAGED):
    if not holds: raise Refused(code, {3: "wrong secret", 4: "damaged", 7: "not supported"}[code])
def shape(item):  # the type, of a byte string the size, of an array or a map the shapes of what it holds
    if type(item) is dict: return {key: shape(value) for key, value in item.items()}
    return tuple(map(shape, item)) if type(item) is tuple else len(item) if type(item) is bytes else type(item)
def ascending(items): return items == sorted(set(items))
def b2(size, message, key=b""): return hashlib.blake2b(message, digest_size=size, key=key).digest()
def u(bits, number): return number.to_bytes(bits // 8, "big")
def reached(starts, edges):
    found, new = set(), edges.keys() & starts
    while new:
        found |= new
        new = {after for node in new for after in edges[node]} - found
    return found
def decode_item(data, at=0, depth=1):
    major, number, at = data[at] >> 5, data[at] & 31, at + 1
    if number >= 24 and major < 7:
        smallest, start, at = (24, 1 << 8, 1 << 16, 1 << 32)[number - 24], at, at + (1 << number - 24)
        number = int.from_bytes(data[start:at])
        need(number >= smallest)
    if major in (0, 7): return number if major == 0 else {20: Truth.false, 21: Truth.true, 22: None}[number], at
    if major in (2, 3): return data[at:at + number] if major == 2 else data[at:at + number].decode(), at + number
    need(major in (4, 5))
    need(depth <= 16, NOT_SUPPORTED)
    items, encoded_keys = {}, []
    for key in range(number):
        if major == 5:
            start, (key, at) = at, decode_item(data, at, depth + 1)
            encoded_keys.append(data[start:at])
        items[key if type(key) in (int, str) else encoded_keys[-1]], at = decode_item(data, at, depth + 1)
    need(ascending(encoded_keys))
    return tuple(items.values()) if major == 4 else items, at
def decode(data):
    item, end = decode_item(data)
    return item if end == len(data) else need(False)
def normalised_password(line: bytes) -> bytes:
    text = line.decode(errors="ignore")
    password = unicodedata.normalize("NFC", text).encode()
    need(text.encode() == line and 1 <= len(password) <= 1024 and 0 not in password, WRONG_SECRET)
    return password
def parse_recovery_key(line: bytes) -> bytes:
    symbols = line.decode("ascii", "replace").upper().translate(str.maketrans("OIL", "011", " \t\r\n-"))
    digits = ["0123456789ABCDEFGHJKMNPQRSTVWXYZ".find(symbol) for symbol in symbols]
    need(symbols[:3] == "CR1" and len(digits) == 39 and -1 not in digits, WRONG_SECRET)
    secret, checksum = divmod(sum(digit << 5 * place for place, digit in enumerate(reversed(digits[3:]))), 1 << 20)
    need(checksum == int.from_bytes(b2(32, b"coffer/1 recovery key checksum" + u(160, secret))) >> 236, WRONG_SECRET)
    return u(160, secret)
def padded_length(n):  # n counts the four bytes of the length
    exponent = n.bit_length() - 1
    step = 1 << exponent - exponent.bit_length() if n > 65536 else max(256, 1 << (n - 1).bit_length())
    return -(-max(n, 1) // step) * step
def check_slot(slot):
    costs = COSTS.get((slot[1], slot[2]))
    need(costs is not None, NOT_SUPPORTED)
    need(shape(slot) == {0: 16, 5: 16 if 4 in costs else 32, 7: 32, 8: 48, **dict.fromkeys((1, 2, 6, *costs), int)})
    in_range = slot[6] < 4 and all(limits[slot[6] >> 1] <= slot[key] <= limits[2] for key, limits in costs.items())
    need(in_range and (slot[1] == 1 or slot[6] == 0), NOT_SUPPORTED)
def stretch(slot, secret):
    if slot[2] == 3:
        from argon2.low_level import Type, hash_secret_raw
        return hash_secret_raw(secret, slot[5], slot[3], slot[4], 1, 64, Type.ID, 19)
    return secret if slot[2] == 4 else hashlib.pbkdf2_hmac(("sha512", "sha256")[slot[2] - 1], secret, slot[5], slot[3])
def decrypt(key, nonce, ad, sealed):
    cipher = ChaCha20_Poly1305.new(key=key, nonce=nonce)
    cipher.update(ad)
    return cipher.decrypt_and_verify(sealed[:-16], sealed[-16:])  # ValueError when it does not verify
class Vault:
    def read(self, data, role, secret, key_file):
        need(len(data) >= 20 and data.startswith(b"\x89COFFER\n"))
        body_end, version_suite_flags = 20 + int.from_bytes(data[16:20]), data[8:16].hex()
        need(version_suite_flags == "0001000100000000" and body_end <= 65_556 and len(data) <= 1 << 32, NOT_SUPPORTED)
        body = decode(data[20:body_end])
        self.id, self.epoch, epoch_check, slots, *sizes = map(body.get, range(6))
        need(shape(body) == {0: 16, 1: int, 2: 16, 3: shape(slots), 4: int, 5: int} and type(slots) is tuple)
        need(len(slots) <= 8, NOT_SUPPORTED)
        for slot in slots: check_slot(slot)
        cuts = list(itertools.accumulate([0, body_end, 32, *sizes]))
        need(self.epoch <= 1 << 32, NOT_SUPPORTED)
        need(self.epoch >= 1 and slots and ascending([slot[0] for slot in slots]) and cuts[-1] == len(data))
        head, tag, index_box, frames = [data[start:end] for start, end in itertools.pairwise(cuts)]
        self.key = self.open_slot(slots, role, secret, key_file)
        need(epoch_check == b2(16, b"coffer/1 epoch check" + self.id + u(64, self.epoch), self.key))
        need(tag == b2(32, head, b2(32, b"coffer/1 header tag", self.key)))
        index = self.open_box(index_box, b"index", b2(32, head + tag))
        need(list(index) == [0, 1, 2] and type(index[2]) is tuple)
        need(len(index[2]) <= 1_000_000, NOT_SUPPORTED)
        resolve(index[0], 10, lambda setting: check_name(setting[FIELD]))
        _, heads, _ = resolve(index[1], 0, lambda slot: need(slot[FIELD] in (1, 2)))
        heads = [(role, decode(head[VALUE])) for role in heads for head in heads[role] if head[VALUE] is not None]
        need(sorted((slot[0], role, slot) for role, slot in heads) == [(slot[0], slot[1], slot) for slot in slots])
        entries, shown, at = {}, {}, 0
        for entry_id, size, pinned, overview in index[2]:
            frame = frames[at:at + 20 + size]
            need(frame[:20] == entry_id + u(32, size) and pinned == b2(32, frame[20:]))
            entries[entry_id], at = self.open_box(frame[20:], b"entry", entry_id, entry_id), at + len(frame)
            need(overview == read_entry(entry_id, *resolve(entries[entry_id], 10, check_entry_version))[0])
        need(at == len(frames) and ascending([record[0] for record in index[2]]))
        joins = {(record[0], other) for record in index[2] for other in record[3].get(12, ()) if other in entries}
        links, joined = {one: [one] for one in entries}, {one for one, other in joins if one != other}
        for one, other in joins | {(other, one) for one, other in joins}: links[one].append(other)
        for one in entries:
            if group := reached([one] if one not in shown else [], links):
                found = read_entry(min(group - joined or group), *resolve(itertools.chain(*map(entries.get, group))))
                shown |= {**dict.fromkeys(group), one: found[1]}
        return sorted(filter(None, shown.values()), key=lambda entry: (entry["title"], entry["id"]))
    def ad(self, kind, *parts):
        parts = b"coffer/1", u(16, 1), u(16, 1), self.id, u(64, self.epoch), kind, *parts
        return b2(32, b"".join(u(32, len(part)) + part for part in parts))
    def open_slot(self, slots, role, secret, key_file):
        need(key_file is None or 32 <= len(key_file) <= 1 << 20, WRONG_SECRET)
        slots = [slot for slot in slots if slot[1] == role and (key_file is not None or not slot[6] & 1)]
        for slot in slots:
            costs = u(32, slot.get(3, 0)), u(32, slot.get(4, 0))
            ad = self.ad(b"slot", slot[0], u(8, role), u(8, slot[2]), *costs, slot[5], u(32, slot[6]))
            material = stretch(slot, secret) + (b2(64, key_file) if slot[6] & 1 else b"")
            okm = hmac.digest(hmac.digest(slot[5], material, "sha512"), b"coffer/1 slot" + ad + b"\1", "sha512")  # HKDF
            if hmac.compare_digest(okm[32:], slot[7]): return decrypt(okm[:32], bytes(24), ad, slot[8])
        raise Refused(WRONG_SECRET, "no slot opens with this password, recovery key or key file")
    def open_box(self, box, kind, part, entry_id=b""):
        ad = self.ad(kind, part, u(64, len(box) - 40))
        plain = decrypt(b2(32, b"coffer/1 " + kind + entry_id, self.key), box[:24], ad, box[24:])
        end = 4 + int.from_bytes(plain[:4])
        need(end <= len(plain) == padded_length(end) and not plain[end:].strip(b"\0"))
        need(box[:24] == b2(24, u(64, 32) + ad + plain, b2(32, b"coffer/1 nonce", self.key)))
        need(kind == b"index" or end <= 4 + (16 << 20), NOT_SUPPORTED)
        return decode(plain[4:end])
def check_version(version):
    full, replaces, seen = AT in version, version.get(REPLACES, ()), version.get(SEEN, ())
    form = {ID: 12, FIELD: shape(version[FIELD]), REPLACES: (12,) * len(replaces)}
    form |= {AT: int, BY: str, VALUE: shape(version[VALUE])} if full else {}
    form |= {SEEN: (12,) * len(seen)} if full and version[FIELD] in (TRASH, PURGE) else {}
    need({REPLACES: ()} | {key: shape(version[key]) for key in version if key < 7 or not full} == form)
    need(version.get(REPLACES) != () and ascending([*replaces]) and ascending([*seen]))
    need(not full or type(version[VALUE]) is bytes or form[VALUE] in (NULL, Truth, int, str, PAIR))
    need(not full or version[AT] <= 253_402_300_799 and len(version[BY].encode()) <= 64, NOT_SUPPORTED)
def check_entry_version(version):
    field, value = version[FIELD], version.get(VALUE)
    key = (field[0], *map(len, field[1:])) if type(field) is tuple else str if type(field) is str else field
    if type(field) is tuple:
        need(len(field) in (2, 3) and type(field[0]) is int and {*map(type, field[1:])} == {bytes})
        need(max(key[1:]) <= 256, NOT_SUPPORTED)
        need((key in VALUES) == (field[0] in KINDS))
    if key is str: check_name(field)
    need(type(field) in (int, str, tuple) and (key != (CODE_SET, 16) or value in (None, 0, 1)))
    need(AT not in version or shape(value) in VALUES.get(key, [shape(value)]))
    need(key not in SHORT or len((value or "").encode()) <= 4096, NOT_SUPPORTED)
def check_name(name):
    need(type(name) is str and name)
    need(len(name.encode()) <= 256, NOT_SUPPORTED)
def resolve(array, keep=None, check_field=None):  # with keep an array of the file, without a union of arrays
    versions, heads, chain, replacer, kept = {}, {}, {}, {}, collections.Counter()
    for version in array:
        if check_field: check_version(version), check_field(version)
        small, large = sorted((version, versions.get(version[ID], version)), key=len)
        need(small in (large, {key: large[key] for key in large if key <= REPLACES}))
        versions[version[ID]] = large
    need(keep is None or type(array) is tuple and ascending([version[ID] for version in array]))
    edges = {one: [old for old in versions[one].get(REPLACES, ()) if old in versions] for one in versions}
    for new in graphlib.TopologicalSorter(edges).static_order():  # a CycleError is a ValueError
        chain[new] = max((chain[old] + 1 for old in edges[new]), default=0)
        for old in edges[new]:
            need(versions[old][FIELD] == versions[new][FIELD] != PURGE)
            replacer[old] = max(replacer.get(old, (0, b"")), (chain[new], new))
    purges = [one for one in versions if versions[one][FIELD] == PURGE]
    covered = reached({old for one in purges for old in versions[one].get(SEEN, ())}, edges).difference(purges)
    for *_, old in sorted(((*replacer[old], chain[old], old) for old in replacer), reverse=True):
        kept[versions[old][FIELD]] += 1
        need(keep is None or AT not in versions[old] or kept[versions[old][FIELD]] <= keep and old not in covered)
    for at, one in sorted((versions[one].get(AT, -1), one) for one in versions.keys() - replacer.keys()):
        need(keep is None or (at < 0) == (one in covered))
        if one not in covered: heads.setdefault(versions[one][FIELD], []).append(versions[one])
    return versions, heads, edges
def encoded_order(field):  # sorts as the encoded fields do
    if type(field) is tuple: return 2, len(field), field[0], [(len(name), name) for name in field[1:]]
    return (0, field) if type(field) is int else (1, len(field.encode()), field)
def read_entry(entry_id, versions, heads, edges):  # returns the overview and the JSON
    values = {field: [head[VALUE] for head in heads[field] if head[VALUE] is not None] for field in heads}
    latest = {field: heads[field][-1][VALUE] for field in heads if heads[field][-1][VALUE] is not None}
    kinds = {kind: [field for field in heads if type(field) is tuple and field[0] == kind] for kind in KINDS}
    tags, urls = [tuple(sorted({text for field in kinds[kind] for text in values[field]})) for kind in (TAG, URL)]
    fields, secret_fields = [{name: pair[0] for name, pair in latest.items() if type(name) is str and pair[1] is truth}
                             for truth in Truth]
    there = {field: values[field] for field in kinds[CODE] if values[field]}
    sets = {group: [0] for _, group, _ in there} | {field[1]: values[field] for field in kinds[CODE_SET]}
    codes = sorted((group.hex(), found[-1][0], any(used is Truth.true for _, used in found), 1 in sets[group])
                   for (_, group, _), found in there.items() if sets[group])
    counts = (sum(0 in found and 1 not in found for found in sets.values()),
              *map([used for *_, used, retired in codes if not retired].count, (False, True)))
    conflicts = tuple(sorted([field for field in heads.keys() - {TRASH, PURGE, JOINED}.union(*kinds.values())
                              if len({head[VALUE] for head in heads[field]}) > 1], key=encoded_order))
    others = {head[ID] for field in heads.keys() - {TRASH, PURGE} for head in heads[field]}
    seen = reached({one for head in heads.get(TRASH, ()) for one in head[SEEN]}, edges)
    state = 2 if heads.keys() == {PURGE} else int({*values.get(TRASH, ())} == {Truth.true} and others <= seen)
    times = [version[AT] for version in versions.values() if AT in version] or [0]
    has = PASSWORD in latest, OTP in latest, NOTES in latest, bool(secret_fields)
    overview = (latest.get(TITLE, latest.get(PURGE, "")), latest.get(USERNAME), urls, tags, latest.get(TEMPLATE),
                fields, sum(bit << place for place, bit in enumerate(has)), min(times), max(times), counts, conflicts,
                state, tuple(sorted({*values.get(JOINED, ())})))
    defaults = "", None, (), (), None, {}, 0, 0, min(times), (0, 0, 0), (), 0, ()
    secrets = {NAMES[field]: latest[field] for field in (PASSWORD, NOTES, OTP) if field in latest}
    secrets |= {"fields": secret_fields} if secret_fields else {}
    secrets |= {"codes": [dict(zip(("set", "code", "used", "retired"), code)) for code in codes]} if codes else {}
    created, modified = [f"{datetime.datetime(1970, 1, 1) + datetime.timedelta(0, at):%FT%TZ}" for at in overview[7:9]]
    return {key: value for key, (value, default) in enumerate(zip(overview, defaults)) if value != default}, {
        "id": entry_id.hex(), "title": overview[0], "username": overview[1], "urls": [*urls], "tags": [*tags],
        "template": overview[4], "fields": fields, "has": dict(zip(("password", "otp", "notes"), has)),
        "codes": dict(zip(("sets", "unused", "used"), counts)), "conflicts": [NAMES.get(field, field) for field in
        conflicts if field in NAMES or type(field) is str], "created": created, "modified": modified,
        "state": ("live", "trash", "purged")[state], "secrets": secrets}
def read_vault(data: bytes, role: int, secret: bytes, key_file: bytes | None = None) -> list:
    try: return Vault().read(data, role, secret, key_file)
    except Refused: raise
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError) as error:
        raise Refused(DAMAGED, repr(error)) from None
    except Exception as error: raise Refused(NOT_SUPPORTED, repr(error)) from None  # too little memory, no Argon2id
def main():
    parser = argparse.ArgumentParser(usage=argparse.SUPPRESS, allow_abbrev=False)
    parser.add_argument("vault")
    parser.add_argument("--key-file")
    sources = parser.add_mutually_exclusive_group(required=True)
    sources.add_argument("--password-fd", dest="source", type=lambda fd: (1, normalised_password, int(fd)))
    sources.add_argument("--recovery-key-fd", dest="source", type=lambda fd: (2, parse_recovery_key, int(fd)))
    args = parser.parse_args()
    try:
        data, key_file = [None if path is None else open(path, "rb").read() for path in (args.vault, args.key_file)]
        role, parse, fd = args.source
        secret = parse(open(fd, "rb").readline().removesuffix(b"\n"))
        print(json.dumps(read_vault(data, role, secret, key_file), indent=2), flush=True)
    except Exception as error:
        parser.exit(getattr(error, "code", 1), f"read_vault: {error!r}\n")
if __name__ == "__main__": main()
