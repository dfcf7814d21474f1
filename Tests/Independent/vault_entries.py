"""Versions and what they say of an entry, as docs/format.md has it, for read_vault.py."""
import datetime, graphlib

from vault_cbor import NOT_SUPPORTED, DAMAGED, Refused, encode, is_bytes, require

AT_MAXIMUM = 253_402_300_799  # 9999-12-31T23:59:59Z
TITLE, USERNAME, PASSWORD, NOTES, OTP, TEMPLATE, TRASH, PURGE, JOINED, PENDING = range(1, 11)
# kind() of a field gives these for texts and arrays; integers are their own kind.
CUSTOM, TAG, URL, CODE_SET, CODE, COUNTER = "custom", (1,), (2,), (3,), (4,), (5,)
NAMES = {TITLE: "title", USERNAME: "username", PASSWORD: "password", NOTES: "notes", OTP: "otp", TEMPLATE: "template"}
VALUE_TYPES = dict.fromkeys((*NAMES, PURGE, PENDING, TAG, URL), str) | {
    TRASH: bool, JOINED: bytes, CUSTOM: list, CODE_SET: int, CODE: list, COUNTER: int}
AT_MOST_4_KIB = (TITLE, USERNAME, TEMPLATE, PURGE, TAG, URL)
NEVER_IN_CONFLICT = (TRASH, PURGE, JOINED, TAG, URL, CODE_SET, CODE, COUNTER)
STATES = ("live", "trash", "purged")

def ascending(ids):
    return all(a < b for a, b in zip(ids, ids[1:]))

def is_id_list(ids):
    return type(ids) is list and all(is_bytes(i, 12) for i in ids) and ascending(ids)

def kind(field):
    return field if type(field) is int else CUSTOM if type(field) is str else (field[0],)

def check_entry_field(field):
    if type(field) is list:
        require(field and type(field[0]) is int, "version: wrong field")
        sizes = {1: [16], 2: [16], 3: [16], 4: [16, 16], 5: [12]}.get(field[0])
        parts = field[1:]
        fits = (len(parts) == len(sizes) and all(map(is_bytes, parts, sizes)) if sizes else
                1 <= len(parts) <= 2 and all(type(part) is bytes for part in parts))
        require(fits, "version: wrong field")
        require(all(len(part) <= 256 for part in parts), "version: name of the field too long", NOT_SUPPORTED)
    else:
        require(type(field) is int or type(field) is str and field != "", "version: wrong field")
        require(type(field) is int or len(field.encode()) <= 256, "version: name of the field too long", NOT_SUPPORTED)

def check_entry_value(field, value):
    of = kind(field)
    if value is None:
        require(of not in (TRASH, PURGE), "version: wrong value")
        return
    require(type(value) is VALUE_TYPES.get(of, type(value)), "version: wrong value")
    require(of not in AT_MOST_4_KIB or len(value.encode()) <= 4096, "version: value too long", NOT_SUPPORTED)
    require((of != JOINED or len(value) == 16) and (of != CODE_SET or value <= 1), "version: wrong value")

def check_version(version, check_field, check_value):
    require(type(version) is dict and {0, 1} <= version.keys() and is_bytes(version[0], 12), "version: wrong id")
    require(2 not in version or version[2] and is_id_list(version[2]), "version: wrong replaces")
    field = version[1]
    check_field(field)
    require(field != PURGE or 3 in version and 2 not in version, "a purge version is trimmed or replaces another")
    if version.keys() <= {0, 1, 2}:
        return
    needed = {0, 1, 3, 4, 5} | ({6} if field in (TRASH, PURGE) else set())
    others = version.keys() - needed - {2}
    require(needed <= version.keys() and all(type(k) is int and k >= 7 for k in others), "version: wrong keys")
    require(type(version[3]) is int and type(version[4]) is str and (6 not in needed or is_id_list(version[6])),
            "version: wrong values")
    require(version[3] <= AT_MAXIMUM and len(version[4].encode()) <= 64, "version: too late or too long", NOT_SUPPORTED)
    value = version[5]
    pair = type(value) is list and [type(part) for part in value] == [str, bool]
    require(pair or value is None or type(value) in (bool, int, str, bytes), "version: wrong value")
    check_value(field, value)

class History:
    """How the versions of one array hang together."""

    def __init__(self, versions):
        self.versions = {v[0]: v for v in versions}
        self.fields = {v[0]: encode(v[1]) for v in versions}
        purges = {v[0] for v in versions if v[1] == PURGE}
        require(all(self.fields.get(r, self.fields[i]) == self.fields[i] for i, v in self.versions.items()
                    for r in v.get(2, [])), "version: replaces one of another field")
        self.covered = self.reached(seen for p in purges for seen in self.versions[p][6]) - purges
        self.chains, self.replacers = {}, {}
        for i in self.oldest_first():
            same = [r for r in self.versions[i].get(2, []) if self.fields.get(r) == self.fields[i]]
            self.chains[i] = 1 + max((self.chains[r] for r in same), default=-1)
            for r in same:
                self.replacers[r] = max(self.replacers.get(r, (0, b"")), (self.chains[i], i))

    def oldest_first(self):
        graph = {i: [r for r in v.get(2, []) if r in self.versions] for i, v in self.versions.items()}
        try:
            return list(graphlib.TopologicalSorter(graph).static_order())
        except graphlib.CycleError:
            raise Refused(DAMAGED, "versions replace each other in a circle") from None

    def reached(self, ids):
        found, left = set(), list(ids)
        while left:
            i = left.pop()
            if i in self.versions and i not in found:
                found.add(i)
                left += self.versions[i].get(2, [])
        return found

    def to_trim(self, keep):
        """The ids whose content must be gone."""
        ranks = {}
        for i, replacer in self.replacers.items():
            ranks.setdefault(self.fields[i], []).append((*replacer, self.chains[i], i))
        return self.covered.union(*({rank[-1] for rank in sorted(of_field, reverse=True)[keep:]}
                                    for of_field in ranks.values()))

    def heads(self):
        """Encoded field to its heads that are not covered, the latest last."""
        heads = {}
        for i, version in self.versions.items():
            if i not in self.replacers and i not in self.covered:
                heads.setdefault(self.fields[i], []).append(version)
        return {field: sorted(of_field, key=lambda v: (v[3], v[0])) for field, of_field in sorted(heads.items())}

def check_versions(versions, check_field, check_value, keep):
    require(type(versions) is list, "versions: not an array")
    for version in versions:
        check_version(version, check_field, check_value)
    require(ascending([v[0] for v in versions]), "versions: ids out of order")
    history = History(versions)
    to_trim = history.to_trim(keep)
    for i, version in history.versions.items():
        require(3 not in version or i not in to_trim, "versions: one that must be trimmed is not")
        require(3 in version or i in history.covered or i in history.replacers, "versions: a head is trimmed")
    return history

# --- Entries

class Entry:
    """What an array of versions says."""

    def __init__(self, versions):
        self.history = History(versions)
        self.heads = self.history.heads()
        self.by_kind = {}
        for heads in self.heads.values():
            self.by_kind.setdefault(kind(heads[0][1]), []).append(heads)
        purges = self.heads.get(encode(PURGE))
        self.title = self.value(TITLE)
        if self.title is None:
            self.title = purges[-1][5] if purges else ""
        times = [v[3] for v in versions if 3 in v]
        self.created, self.modified = min(times, default=0), max(times, default=0)
        self.custom = {heads[0][1]: heads[-1][5] for heads in self.by_kind.get(CUSTOM, []) if heads[-1][5] is not None}
        self.conflicts = [heads[0][1] for heads in self.heads.values() if kind(heads[0][1]) not in NEVER_IN_CONFLICT
                          and len({encode(v[5]) for v in heads}) > 1]
        self.joined = sorted({v[5] for v in self.heads.get(encode(JOINED), []) if v[5] is not None})
        self.codes = self.read_codes()
        self.state = self.read_state()

    def value(self, field):
        return self.heads[encode(field)][-1][5] if encode(field) in self.heads else None

    def elements(self, of):
        return sorted({v[5].encode() for heads in self.by_kind.get(of, []) for v in heads if v[5] is not None})

    def texts(self, of):
        return [text.decode() for text in self.elements(of)]

    def present(self, of):
        """Field and the values of its heads that are not null, for each field of a kind that has any."""
        found = [(heads[0][1], [v[5] for v in heads if v[5] is not None]) for heads in self.by_kind.get(of, [])]
        return [(field, values) for field, values in found if values]

    def read_codes(self):
        self.sets = {field[1]: 1 in values for field, values in self.present(CODE_SET)}
        named = {heads[0][1][1] for heads in self.by_kind.get(CODE_SET, [])}
        self.sets |= {field[1]: False for field, _ in self.present(CODE) if field[1] not in named}
        codes = [{"set": field[1].hex(), "code": values[-1][0], "used": any(used for _, used in values),
                  "retired": self.sets[field[1]]} for field, values in self.present(CODE) if field[1] in self.sets]
        return sorted(codes, key=lambda code: (code["set"], code["code"]))

    def code_counts(self):
        active = [code["used"] for code in self.codes if not code["retired"]]
        return [list(self.sets.values()).count(False), active.count(False), active.count(True)]

    def read_state(self):
        others = [v for heads in self.heads.values() for v in heads if v[1] != PURGE]
        if not others and encode(PURGE) in self.heads:
            return 2
        trash = self.heads.get(encode(TRASH), [])
        seen = self.history.reached(i for v in trash for i in v[6])
        return int(bool(trash) and all(v[5] for v in trash) and all(v[0] in seen for v in others if v[1] != TRASH))

    def has(self):
        return [self.value(field) is not None for field in (PASSWORD, OTP, NOTES)]

    def custom_texts(self, secret):
        return {name: text for name, (text, is_secret) in self.custom.items() if is_secret == secret}

    def overview(self):
        flags = (*self.has(), bool(self.custom_texts(True)))
        keys = {0: self.title or None, 1: self.value(USERNAME), 2: self.texts(URL) or None, 3: self.texts(TAG) or None,
                4: self.value(TEMPLATE), 5: self.custom_texts(False) or None,
                6: sum(1 << bit for bit, flag in enumerate(flags) if flag) or None, 7: self.created or None,
                8: self.modified if self.modified != self.created else None,
                9: self.code_counts() if self.code_counts() != [0, 0, 0] else None, 10: self.conflicts or None,
                11: self.state or None, 12: self.joined or None}
        return {key: value for key, value in keys.items() if value is not None}

    def json(self, entry_id):
        secrets = {"password": self.value(PASSWORD), "notes": self.value(NOTES), "otp": self.value(OTP),
                   "fields": self.custom_texts(True) or None, "codes": self.codes or None}
        return {"id": entry_id.hex(), "title": self.title, "username": self.value(USERNAME), "urls": self.texts(URL),
                "tags": self.texts(TAG), "template": self.value(TEMPLATE), "fields": self.custom_texts(False),
                "has": dict(zip(("password", "otp", "notes"), self.has())),
                "codes": dict(zip(("sets", "unused", "used"), self.code_counts())),
                "conflicts": [NAMES.get(f, f) for f in self.conflicts if type(f) is str or f in NAMES.keys()],
                "created": rfc3339(self.created), "modified": rfc3339(self.modified), "state": STATES[self.state],
                "secrets": {name: secret for name, secret in secrets.items() if secret is not None}}

def rfc3339(seconds):
    """UTC; what lies after the year 9999 is shown as its last second."""
    when = datetime.datetime.fromtimestamp(min(seconds, AT_MAXIMUM), datetime.timezone.utc)
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")

# --- Joined entries

def union(arrays):
    """Every version of any of the arrays; a full one takes the place of its trimmed form."""
    versions = {}
    for version in (v for array in arrays for v in array):
        other = versions.setdefault(version[0], version)
        require(encode([other[1], other.get(2)]) == encode([version[1], version.get(2)]) and
                (3 not in other or 3 not in version or encode(other) == encode(version)), "one id, two versions")
        if 3 in version:
            versions[version[0]] = version
    return [versions[i] for i in sorted(versions)]

def closure(links, start):
    """What can be reached from `start`; itself only in a circle."""
    found, left = set(), [start]
    while left:
        new = links.get(left.pop(), set()) - found
        found |= new
        left += new
    return found

def shown_entries(arrays):
    """Entry id to Entry, joined ones read as one. `arrays` maps entry ids to versions."""
    entries = {i: Entry(versions) for i, versions in arrays.items()}
    links = {i: {t for t in e.joined if t in entries and t != i} for i, e in entries.items() if e.joined}
    both_ways = {}
    for i, targets in links.items():
        for target in targets:
            both_ways.setdefault(i, set()).add(target)
            both_ways.setdefault(target, set()).add(i)
    while both_ways:
        group = closure(both_ways, next(iter(both_ways)))
        joined = Entry(union(arrays[i] for i in sorted(group)))
        for i in group:
            del both_ways[i], entries[i]
        entries[min([i for i in group if not links.get(i)] or group)] = joined
    return entries
