"""The program merges random histories as the model of docs/merge.md does: the same survivors, history included.

Each entry of a vault is a history of its own, so that one merge of a few files tries hundreds. COFFER_HISTORIES says how
many histories there are, COFFER_SEED repeats them.
"""
import base64
import hmac
import os
import random
import shutil
import sys
from pathlib import Path

import pytest

import merge_model as model
import vault_forge as forge
from random_entries import HOTP_SECRET, VAULT, History, Step, make_history, make_setting_history, play, shrunk

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Stories"))
from conftest import Coffer  # noqa: E402

BATCH = 500
HISTORIES = int(os.environ.get("COFFER_HISTORIES", BATCH))
MACHINES = 5
STATES = ["live", "trash", "purged"]


# --- From the model to a file and back


def encodable(value):
    return list(value) if isinstance(value, tuple) else value


def as_written(versions):
    """A set as an entry, the registry or the settings hold it."""
    return forge.by_id(
        {0: v.id, 1: encodable(v.field)} | ({2: sorted(v.replaces)} if v.replaces else {})
        | ({} if v.content is None else written_content(v.content)) for v in versions.values())


def written_content(content):
    return ({3: content.at, 4: content.by, 5: encodable(content.value)}
            | ({} if content.seen is None else {6: sorted(content.seen)}) | dict(content.unknown or ()))


def as_read(array):
    """The model's set of an array of versions."""
    return {v[0]: model.Version(
        v[0], hashable(v[1]), frozenset(v.get(2, ())),
        model.Content(v[3], v[4], hashable(v[5]), frozenset(v[6]) if 6 in v else None,
                      tuple((key, hashable(v[key])) for key in sorted(v) if key > 6) or None) if 3 in v else None)
        for v in array}


def hashable(value):
    return tuple(value) if isinstance(value, list) else value


def entry_id(history):
    return history.place.to_bytes(16, "big")


def write(path, entries, registry, settings):
    vault = forge.Vault(registry=as_written(registry), settings=as_written(settings))
    slots = [head.content.value for head in model.visible(registry)[1]]
    vault.slots = sorted(map(forge.decode, slots), key=lambda slot: slot[0])
    vault.entries = [forge.Entry(id, as_written(entries[id])) for id in sorted(entries)]
    path.write_bytes(forge.write(vault))


def overviews(data):
    """What the program computed of each entry, by id."""
    header, index, _ = forge.split(data)
    content = forge.open_content(VAULT, b"coffer/1 index", index, b"index", forge.b2(32, header))
    return {record[0]: record[3] for record in forge.decode(content)[2]}


# --- What must be the same


def shown(versions):
    """What the model says of what the program puts into an overview."""
    active = [codes for is_active, codes in model.code_sets(versions).values() if is_active]
    uses = [used for codes in active for _, used in codes.values()]
    return {
        "title": model.title(versions) or "", "username": model.value(versions, 2),
        "tags": model.texts(versions, model.TAG), "URLs": model.texts(versions, model.URL),
        "codes": [len(active), uses.count(False), uses.count(True)], "conflicts": model.conflicts(versions),
        "state": model.state(versions),
    }


def shown_by_program(overview):
    return {
        "title": overview.get(0, ""), "username": overview.get(1), "tags": set(overview.get(3, ())),
        "URLs": set(overview.get(2, ())), "codes": overview.get(9, [0, 0, 0]),
        "conflicts": set(map(hashable, overview.get(10, ()))), "state": STATES[overview.get(11, 0)],
    }


class Trial:
    """Histories played by the model, merged by the program in two orders, and compared."""

    def __init__(self, folder, histories, registry, settings):
        self.folder, self.histories = folder, histories
        played = {entry_id(history): play(history) for history in histories}
        first = forge.slot_versions([forge.password_slot(VAULT, "password", seed="first")])
        self.tables = [play(registry, as_read(first).values()), play(settings)]
        self.expected = {id: model.merge(*now, old) for id, (now, old) in played.items()}
        self.expected = {id: versions for id, versions in self.expected.items() if versions}
        self.paths = [folder / f"{number}.coffer" for number in range(MACHINES + 1)]
        for number, path in enumerate(self.paths):
            entries = {id: part(states, number) for id, states in played.items()}
            write(path, {id: versions for id, versions in entries.items() if versions},
                  *(part(table, number) for table in self.tables))
        self.failure, self.culprit = None, None

    def run(self):
        """The first difference, or None."""
        self.home = self.merged("home", self.paths)
        turned = self.merged("turned", [self.paths[1], *reversed(self.paths), self.paths[2]])
        if self.failure is None:
            data = self.home.vault.read_bytes()
            if data != turned.vault.read_bytes():
                self.failure = "another order gives other bytes"
            self.compare(data)
        return self.failure

    def merged(self, name, paths):
        home = Coffer(self.folder / name, b"password")
        home.vault.write_bytes(paths[0].read_bytes())
        result = home.run("merge", *paths[1:], timeout=240)
        if result.status != 0:
            self.failure = f"coffer merge: {result.status} {result.err!r}"
        return home

    def compare(self, data):
        vault = forge.take_apart(data, forge.VAULT_KEY)
        for what, found, kept, (now, old) in zip(
                ("slot registry", "settings"), (vault.registry, vault.settings), (model.KEPT_SLOTS, model.KEPT),
                self.tables):
            if forge.plain(found) != forge.plain(as_written(model.merge(*now, old, kept=kept))):
                self.failure = f"the {what}: other versions survive"
        found, seen = {entry.id: entry.content for entry in vault.entries}, overviews(data)
        if found.keys() != self.expected.keys():
            self.failure = "other entries"
        for history in self.histories:
            id = entry_id(history)
            versions = self.expected.get(id, {})
            if versions and forge.plain(found.get(id)) != forge.plain(as_written(versions)):
                self.fail(history, f"other versions survive: the model has {contents(versions)}, "
                                   f"the program {contents(as_read(found.get(id, [])))}")
            elif versions and shown_by_program(seen[id]) != shown(versions):
                self.fail(history, f"the model shows {shown(versions)}, the program {shown_by_program(seen[id])}")

    def fail(self, history, failure):
        if self.culprit is None:
            self.failure, self.culprit = failure, history


def part(states, number):
    """What lies in file `number`: a machine's state, in the last one an old one."""
    now, old = states
    return old if number == MACHINES else now[number % len(now)]


def contents(versions):
    """Which versions are there, and which in full."""
    return {id.hex(): "trimmed" if version.content is None else "full" for id, version in versions.items()}


def tried(folder, histories, tables):
    """`tables` are the histories of the slot registry and of the settings."""
    folder.mkdir()
    trial = Trial(folder, histories, *tables)
    trial.run()
    return trial


def make_tables(seed):
    return [make_setting_history(seed, "registry"), make_setting_history(seed, "settings")]


def explained(folder, trial, tables):
    """The smallest history that shows the failure."""
    numbers = iter(range(1 << 30))
    calm = [table._replace(steps=[]) for table in tables]

    def failure(histories, tables=calm):
        return tried(folder / f"shrink-{next(numbers)}", histories, tables).failure

    def fails(history):
        """An entry's, or that of one of the tables."""
        return failure([history] if history.place else [], calm if history.place else [
            history if history.fields == table.fields else table for table in calm])

    suspects = [trial.culprit] if trial.culprit else trial.histories
    suspects = [table for table in tables if fails(table)] or suspects
    while len(suspects) > 1:
        half = suspects[:len(suspects) // 2]
        suspects = half if failure(half) else suspects[len(suspects) // 2:]
    if not suspects or not fails(suspects[0]):
        return f"{trial.failure}\nno single history shows it"
    smallest = shrunk(suspects[0], lambda history: fails(history) is not None)
    return f"{fails(smallest)}\nthe smallest history found:\n{smallest}"


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("batch", range(-(-HISTORIES // BATCH)))
def test_the_program_keeps_and_shows_what_the_model_does(tmp_path, batch):
    base = os.environ.get("COFFER_SEED", random.randrange(1 << 32))
    seed = f"{base}-{batch}"
    count = min(BATCH, HISTORIES - batch * BATCH)
    histories = [make_history(seed, place) for place in range(1, count + 1)]
    print(f"batch {batch}, COFFER_SEED={base}: {count} histories of {sum(len(h.steps) for h in histories)} steps")
    tables = make_tables(seed)
    trial = tried(tmp_path / "all", histories, tables)
    assert trial.failure is None, explained(tmp_path, trial, tables)
    assert_joined_are_shown_as_one(trial)
    assert_counters_go_on(trial)
    shutil.rmtree(tmp_path / "all")  # a hundred thousand histories are gigabytes


def test_slots_and_settings_are_kept_as_the_model_does(tmp_path):
    base = os.environ.get("COFFER_SEED", random.randrange(1 << 32))
    print(f"COFFER_SEED={base}")
    for number in range(20):
        tables = make_tables(f"{base}-{number}")
        trial = tried(tmp_path / f"{number}", [], tables)
        assert trial.failure is None, explained(tmp_path, trial, tables)


def assert_joined_are_shown_as_one(trial, most=15):
    """Which entries are listed, and what is shown of some that others are joined into."""
    groups = model.groups(trial.expected)
    joint = {id: model.union(*(trial.expected[member] for member in group)) for id, group in groups.items()}
    listed = {bytes.fromhex(entry["id"]) for entry in trial.home.run("ls", "--json").json()}
    assert listed == {id for id, versions in joint.items() if model.state(versions) == "live"}
    for id in [id for id in sorted(listed) if len(groups[id]) > 1][:most]:
        entry, says = trial.home.run("show", f"id:{id.hex()}", "--json").json(), shown(joint[id])
        assert (entry["title"], entry["username"], set(entry["tags"]), set(entry["urls"]),
                list(entry["codes"].values())) == (
            says["title"], says["username"], says["tags"], says["URLs"], says["codes"]), id.hex()


def assert_counters_go_on(trial, most=3):
    """The program draws the count that the model says is the next, of a few secrets."""
    for group in model.groups(trial.expected).values():
        versions = trial.expected[min(group)]
        secrets = model.visible(versions).get(model.OTP, [])
        if len(group) > 1 or len(secrets) != 1 or model.state(versions) != "live" or not most:
            continue
        count = model.counter(versions, secrets[0].id)
        if count is not None and secrets[0].content.value is not None:
            printed = trial.home.ok("otp", f"id:{min(group).hex()}", "--next").decode().split()[0]
            assert printed == hotp(count), (min(group).hex(), count)
            most -= 1


def test_of_two_counters_the_highest_is_next(tmp_path):
    """Whichever machine's clock is ahead; deciding by the latest would hand out a count that was used."""
    base = model.edit({}, b"t" * 12, model.TITLE, "token", 1, "pc")
    secret = model.edit({}, b"s" * 12, model.OTP, f"otpauth://hotp/t?secret={HOTP_SECRET}&counter=0", 1, "pc")
    start = {version.id: version for version in (base, secret)}
    slots = as_read(forge.slot_versions([forge.password_slot(VAULT, "password", seed="first")]))
    home = Coffer(tmp_path / "home", b"password")
    for path, count, at in ((home.vault, 7, 5), (tmp_path / "laptop.coffer", 3, 9)):
        drawn = model.edit(start, bytes([count]) * 12, (model.COUNTER, secret.id), count, at, "pc")
        write(path, {bytes(16): model.save(start, start, drawn)}, slots, {})
    home.ok("merge", tmp_path / "laptop.coffer")
    assert home.ok("otp", "token", "--next").decode().split()[0] == hotp(7)


def hotp(count):
    """RFC 4226, six digits."""
    mac = hmac.digest(base64.b32decode(HOTP_SECRET), count.to_bytes(8, "big"), "sha1")
    start = mac[-1] & 15
    return f"{(int.from_bytes(mac[start:start + 4], 'big') & 0x7fffffff) % 1_000_000:06}"


def test_the_forge_trims_as_the_model_does():
    """Two of the tests' own tools: one written from docs/format.md, one from docs/merge.md."""
    for place in range(1, 200):
        now, old = play(make_history("forge", place))
        full = model.union(*now, old)
        assert forge.trim(as_written(full)) == as_written(model.trim(full)), place


def test_histories_reach_everything():
    """What the comparison is worth depends on what the histories lead to."""
    found = dict.fromkeys(
        ("trash", "purged", "back", "conflict", "trimmed", "ten full", "used", "retired", "joined"), 0)
    for place in range(1, 600):
        now, old = play(make_history("reach", place))
        versions = model.merge(*now, old)
        sees, says = model.visible(versions), shown(versions)
        full = [v.id for v in versions.values() if v.content]
        found["trash"] += says["state"] == "trash"
        found["purged"] += says["state"] == "purged"
        found["back"] += says["state"] == "live" and any(v.field == model.PURGE for v in versions.values())
        found["conflict"] += bool(says["conflicts"])
        found["trimmed"] += len(full) < len(versions)
        found["ten full"] += any(len(ranked) > 10 and sum(id in full for id in ranked) == 10
                                 for ranked in model.ranks(versions).values())
        found["used"] += says["codes"][2] > 0
        found["retired"] += any(not active for active, _ in model.code_sets(versions).values())
        found["joined"] += model.JOINED in sees
    print(found)
    assert min(found.values()) >= 10, found


def test_a_contradiction_is_refused(tmp_path):
    """One id, two contents: by the model and by the program, which changes nothing."""
    one = model.edit({}, b"twelve bytes", model.TITLE, "one", 5, "pc")
    two = one._replace(content=one.content._replace(value="two"))
    with pytest.raises(model.Contradiction):
        model.merge({one.id: one}, {two.id: two})
    slots = as_read(forge.slot_versions([forge.password_slot(VAULT, "password", seed="first")]))
    home = Coffer(tmp_path / "home", b"password")
    for path, version in ((home.vault, one), (tmp_path / "other.coffer", two)):
        write(path, {bytes(16): {version.id: version}}, slots, {})
    before = home.vault.read_bytes()
    assert home.run("merge", tmp_path / "other.coffer").status == 4
    assert home.vault.read_bytes() == before


def test_a_failing_history_shrinks_to_the_steps_that_matter():
    history = make_history("shrink", 3)
    history = history._replace(steps=history.steps + [Step(90, "purge", 0, 0, 0, 0, 0)])
    assert len(shrunk(history, lambda h: any(step.kind == "purge" for step in h.steps)).steps) == 1
    assert isinstance(history, History)
