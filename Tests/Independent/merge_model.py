"""How copies of a vault become one: a model, written from docs/merge.md alone and over plain values.

    pc = add(start, Version(b"2", "password", {b"1"}, Content(at=5, by="pc", value="second")))
    both = merge(pc, laptop)                   # a dict of versions by id
    value(both, "password"), conflicts(both), state(both)

A set of versions is a dict from id to Version. A field is any value that can be compared and hashed; the names below
are those that the rules speak of, as docs/format.md numbers them. Numbers in comments are the rules of docs/merge.md.
"""
from typing import Any, NamedTuple

TITLE, OTP, TRASH, PURGE, JOINED = 1, 5, 7, 8, 9
# First items of the fields that are elements: (TAG, hash), (SET, set), (CODE, set, hash), (COUNTER, version id).
TAG, URL, SET, CODE, COUNTER = 1, 2, 3, 4, 5
KEPT = 10
KEPT_SLOTS = 0


class Contradiction(Exception):
    """Two versions of one id that cannot both be (1)."""


class Content(NamedTuple):
    at: int
    by: str
    value: Any
    seen: frozenset | None = None  # of trash and purge
    unknown: Any = None  # what a newer program wrote


class Version(NamedTuple):
    id: bytes
    field: Any
    replaces: frozenset
    content: Content | None  # None: trimmed


# --- Union and trimming


def union(*sets):
    """(1, 3) Every version of any; a full one takes the place of its trimmed form."""
    found = {}
    for version in (version for one in sets for version in one.values()):
        known = found.setdefault(version.id, version)
        if (known.field, known.replaces) != (version.field, version.replaces):
            raise Contradiction(version.id)
        if known.content is None:
            found[version.id] = version
        elif version.content is not None and version.content != known.content:
            raise Contradiction(version.id)
    return found


def merge(*sets, kept=KEPT):
    """(3)"""
    return trim(union(*sets), kept)


def trim(versions, kept=KEPT):
    """(3) The same versions, of which fewer have their content."""
    gone = covered(versions)
    for ranked in ranks(versions).values():
        gone |= set(ranked[kept:])
    return {id: v._replace(content=None) if id in gone else v for id, v in versions.items()}


def ranks(versions):
    """(3) For each field the ids of its replaced versions, the one that is kept longest first."""
    replacers = replacers_of(versions)
    chain = chains(versions)
    ranked = {}
    for id, those in replacers.items():
        chain_of_replacer, replacer = max((chain[other], other) for other in those)
        ranked.setdefault(versions[id].field, []).append((chain_of_replacer, replacer, chain[id], id))
    return {field: [rank[-1] for rank in sorted(those, reverse=True)] for field, those in ranked.items()}


def older(versions, version):
    """The versions of its own field that this one replaces, of those that the set holds."""
    return [id for id in version.replaces if id in versions and versions[id].field == version.field]


def replacers_of(versions):
    """For each replaced version the ids of those that replace it."""
    found = {}
    for version in versions.values():
        for id in older(versions, version):
            found.setdefault(id, []).append(version.id)
    return found


def chains(versions):
    """(3) The longest path from each version through what it replaces."""
    found = {}

    def chain(id):
        if id not in found:
            found[id] = max((1 + chain(before) for before in older(versions, versions[id])), default=0)
        return found[id]

    for id in versions:
        chain(id)
    return found


def reached(versions, ids):
    """(4) The ids, and whatever they replace, directly or through others."""
    found, open_ends = set(), [id for id in ids if id in versions]
    while open_ends:
        id = open_ends.pop()
        if id not in found:
            found.add(id)
            open_ends += [before for before in versions[id].replaces if before in versions]
    return found


def covered(versions):
    """(5) What any purge takes the content of."""
    purges = {id for id, version in versions.items() if version.field == PURGE}
    return reached(versions, {id for purge in purges for id in versions[purge].content.seen}) - purges


# --- What a reader sees


def heads(versions):
    """(2) Every version that no other one of its field replaces."""
    replaced = replacers_of(versions)
    return [version for version in versions.values() if version.id not in replaced]


def visible(versions):
    """(2) The heads that are not covered, by field, the latest first; purge versions aside."""
    hidden, found = covered(versions), {}
    shown = [head for head in heads(versions) if head.id not in hidden and head.field != PURGE]
    for head in sorted(shown, key=lambda head: (head.content.at, head.id), reverse=True):
        found.setdefault(head.field, []).append(head)
    return found


def value(versions, field):
    """(2) The value of a field, None when it is absent."""
    there = visible(versions).get(field)
    return there[0].content.value if there else None


def conflicts(versions):
    """(2) The fields with several values."""
    return {field for field, those in visible(versions).items()
            if field not in (TRASH, JOINED) and kind(field) not in (TAG, URL, SET, CODE, COUNTER)
            and any(head.content.value != those[0].content.value for head in those)}


def kind(field):
    """What element a field is; None for other fields."""
    return field[0] if isinstance(field, tuple) else None


def state(versions):
    """(4, 5) live, trash or purged."""
    others = visible(versions)
    trash = others.pop(TRASH, [])
    if not trash and not others and any(version.field == PURGE for version in versions.values()):
        return "purged"
    known = reached(versions, {id for head in trash for id in head.content.seen})
    thrown = trash and all(head.content.value is True for head in trash)
    return "trash" if thrown and all(head.id in known for those in others.values() for head in those) else "live"


def title(versions):
    """(5) The title, or the one of the latest purge."""
    shown = value(versions, TITLE)
    purges = [(v.content.at, v.id, v.content.value) for v in versions.values() if v.field == PURGE]
    return max(purges)[2] if shown is None and purges else shown


def texts(versions, element):
    """(6) The tags (TAG) or URLs (URL) that are there."""
    return {head.content.value for field, those in visible(versions).items() if kind(field) == element
            for head in those if head.content.value is not None}


def code_sets(versions):
    """(7) For each set that is there: whether it is active, and its codes as a dict from text to used."""
    shown, codes = visible(versions), {}
    for field, those in shown.items():
        there = [head.content.value for head in those if head.content.value is not None]
        if kind(field) == CODE and there:
            codes.setdefault(field[1], {})[field] = (there[0][0], any(used for _, used in there))
    found = {}
    for name in {field[1] for field in shown if kind(field) == SET} | set(codes):
        says = [head.content.value for head in shown.get((SET, name), [])]
        if not says or any(value is not None for value in says):
            found[name] = (1 not in says, codes.get(name, {}))
    return found


def counter(versions, secret):
    """(7) The counter of the secret that the version of this id holds."""
    counts = [head.content.value for head in visible(versions).get((COUNTER, secret), [])]
    return max((count for count in counts if count is not None), default=None)


def groups(entries):
    """(9) Entries that are shown as one: the id of the one shown, and the set of all of them."""
    targets = {id: {head.content.value for head in visible(versions).get(JOINED, [])} & set(entries) - {id}
               for id, versions in entries.items()}
    found, left = {}, set(entries)
    while left:
        group, grown = set(), {min(left)}
        while grown != group:
            group = set(grown)
            grown |= {other for id in group for other in targets[id]}
            grown |= {id for id in left if targets[id] & group}
        left -= group
        found[min({id for id in group if not targets[id]} or group)] = group
    return found


# --- What an author writes


def edit(shown, id, field, value, at, by, unknown=None):
    """(4, 5, 8) The version that a person makes who was shown this set."""
    heads_shown = visible(shown)
    seen = frozenset(head.id for those in heads_shown.values() for head in those) if field in (TRASH, PURGE) else None
    replaces = frozenset(head.id for head in heads_shown.get(field, []))
    return Version(id, field, replaces, Content(at, by, value, seen, unknown))


def save(now, shown, version, kept=KEPT):
    """(8) What was shown, the edit, and what there is now."""
    return merge(now, shown, {version.id: version}, kept=kept)
