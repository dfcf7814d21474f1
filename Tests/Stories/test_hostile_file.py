"""Vault files that were damaged, altered or forged: each is refused with its exit code, and left as it is.

The forger knows docs/format.md, and the keys where a test says so (Tests/Independent/vault_forge.py).
"""

import copy
import os
import pathlib
import random
import resource
import shutil
import struct
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Independent"))

import vault_forge as forge
from vault_forge import NEEDS_KEY_FILE, PASSWORD, TEST_KDF, TITLE, Vault, encode, entry, password_slot, write

from conftest import Coffer

WRONG_PASSWORD, DAMAGED, NOT_SUPPORTED = 3, 4, 7
# Ten seconds and more on any machine: what is refused within one second computed nothing of it.
COSTLY = 20_000_000
AT_ONCE_SECONDS = 1


def made(*entries, slots=None, **changes):
    """A vault that opens with "password", with two logins of the same length or the given entries."""
    vault = Vault(**changes)
    vault.slots = [password_slot(vault, "password")] if slots is None else slots
    vault.entries = list(entries) or [login(1, "Bank", "first"), login(2, "Mail", "other")]
    return vault


def login(number, title="Bank", password="s3cret", **keys):
    return entry(number, forge.version(TITLE, title), forge.version(PASSWORD, password), **keys)


def cheap(vault, seed=0, **changes):
    """A slot with other parameters than it was made with: what is tested comes before anything would open."""
    slot = password_slot(vault, "password", seed=seed)
    return {key: value for key, value in (slot | changes.pop("fields", {})).items() if value is not None}


@pytest.fixture
def place(home):
    """A home whose vault opens with "password"."""
    home.password = b"password"
    return home


def put(place, data):
    place.vault.write_bytes(data)
    return data


def assert_opens(place, data, value=b"first\n", title="Bank"):
    """The forger's work is good but for what a test changes."""
    put(place, data)
    result = place.run("get", title)
    assert (result.status, result.out) == (0, value), result


def assert_refused(place, data, status=DAMAGED, where="", words=("get", "Bank"), at_once=False, **options):
    """Nothing is shown, the error says where, the file stays, and nothing is left beside it."""
    put(place, data)
    start = time.monotonic()
    result = place.run(*words, **options)
    seconds = time.monotonic() - start
    assert result.status == status and result.out == b"", result
    assert where.encode() in result.err, result
    assert place.vault.read_bytes() == data
    assert [p.name for p in place.home.iterdir() if p.name.startswith(("vault.coffer.b", ".vault"))] == []
    assert not at_once or seconds < AT_ONCE_SECONDS, seconds
    return result


# --- The file


def refuse_each(tmp_path, variants):
    """Every variant of a file must be refused; two at a time."""

    def attempt(job):
        number, (name, data, allowed) = job
        place = Coffer(tmp_path / f"{number % 2}-{number}", password=b"password")
        put(place, data)
        result = place.run("get", "Bank")
        good = result.status in allowed and result.out == b"" and place.vault.read_bytes() == data
        shutil.rmtree(place.home)
        return None if good else f"{name}: {result}"

    with ThreadPoolExecutor(2) as pool:
        faults = [fault for fault in pool.map(attempt, enumerate(variants)) if fault]
    print(f"{len(variants)} files refused" if not faults else f"{len(faults)} of {len(variants)} not refused")
    assert not faults, "\n".join(faults[:20])


def test_a_flipped_bit_anywhere_is_refused(tmp_path):
    """One bit of each byte, another one from byte to byte; a flip in the header may also look like a wrong password."""
    data = write(made(login(1)))
    variants = []
    for at in range(len(data)):
        flipped = bytearray(data)
        flipped[at] ^= 1 << at % 8
        variants.append((f"bit {at % 8} of byte {at}", bytes(flipped), {WRONG_PASSWORD, DAMAGED, NOT_SUPPORTED}))
    refuse_each(tmp_path, variants)


def test_a_file_cut_at_any_length_is_refused(tmp_path):
    data = write(made(login(1)))
    variants = [(f"{count} bytes", data[:count], {DAMAGED if count >= 8 else NOT_SUPPORTED}) for count in range(len(data))]
    refuse_each(tmp_path, variants)


@pytest.mark.parametrize("more", [b"\0", bytes(100), b"\x89COFFER\n", bytes(5000)])
def test_appended_bytes_are_refused(place, more):
    assert_refused(place, write(made()) + more, DAMAGED, "header")


def test_swapped_entries_are_refused(place):
    assert_opens(place, write(made()))
    assert_refused(place, write(made(), change_frames=lambda frames: frames.reverse()))
    # The boxes alone, each under the other's id.
    def swap(frames):
        frames[:] = [frames[0][:20] + frames[1][20:], frames[1][:20] + frames[0][20:]]
    assert_refused(place, write(made(), change_frames=swap), DAMAGED, "entry id:")


def test_an_older_sealed_entry_is_refused_by_the_hash_that_the_index_pins(place):
    """It is sealed with the right key, for the same id and length, and its overview is the same."""
    old, new = made(login(1, "Bank", "older")), made(login(1, "Bank", "newer"))
    assert_opens(place, write(old), b"older\n")
    assert_opens(place, write(new), b"newer\n")
    [old_frame] = forge.split(write(old))[2]
    header, index, [new_frame] = forge.split(write(new))
    assert len(old_frame) == len(new_frame) and old_frame[:20] == new_frame[:20]
    assert_refused(place, header + index + old_frame, DAMAGED, "entry id:")
    # Changing the entry would carry the old value on under a new hash.
    add = ["add", "Shop", "--password-stdin"]
    put(place, header + index + old_frame)
    assert place.run(*add, stdin=b"x\n").status == DAMAGED
    assert place.vault.read_bytes() == header + index + old_frame


def test_dropped_and_repeated_entries_are_refused(place):
    assert_refused(place, write(made(), change_frames=lambda frames: frames[:1]))
    assert_refused(place, write(made(), change_frames=lambda frames: frames + frames[1:]))
    # With the lengths of the header as they were.
    header, index, frames = forge.split(write(made()))
    assert_refused(place, header + index + frames[0])
    # Of the entries, only those that are read are looked at (coffer verify looks at all).
    assert_refused(place, header + index + frames[0] + frames[0], DAMAGED, "entry id:", words=("get", "Mail"))


def test_an_old_index_with_new_entries_is_refused(place):
    old = forge.split(write(made(login(1, "Bank", "older"))))
    new = forge.split(write(made(login(1, "Bank", "newer"))))
    assert_refused(place, new[0] + old[1] + new[2][0], DAMAGED, "index" if new[0] != old[0] else "entry id:")
    longer = forge.split(write(made(login(1, "Bank", "newer"), login(2, "Mail"))))
    assert_refused(place, longer[0] + old[1] + longer[2][0] + longer[2][1])
    assert_refused(place, write(made(login(1, "Bank", "newer"), login(2, "Mail")), index=old[1]), DAMAGED, "index")


def test_an_index_is_bound_to_its_header(place):
    """Same keys, same content: only the header differs."""
    vault = made()
    other = made(slots=[password_slot(Vault(), "password", seed=1)])
    other.registry = forge.slot_versions(vault.slots)
    header, index, frames = forge.split(write(vault))
    assert_refused(place, forge.split(write(other))[0] + index + b"".join(frames), DAMAGED, "index")


def test_parts_of_another_vault_with_the_same_password_are_refused(place):
    mine = forge.split(write(made()))
    other_vault = made(vault_key=bytes(range(1, 33)), vault_id=bytes(16))
    other_vault.slots = [password_slot(other_vault, "password")]
    other = forge.split(write(other_vault))
    assert_opens(place, write(other_vault))
    assert_refused(place, mine[0] + other[1] + b"".join(mine[2]), DAMAGED, "index")
    assert_refused(place, mine[0] + mine[1] + b"".join(other[2]), DAMAGED, "entry id:")
    assert_refused(place, other[0] + mine[1] + b"".join(mine[2]), DAMAGED, "index")


def test_an_overview_that_is_not_that_of_its_entry_is_refused(place):
    false = login(1, "Bank", overview={0: "Bank", 1: "somebody else", 6: 1, 7: 1_700_000_000})
    assert_refused(place, write(made(false)), DAMAGED, "entry id:")


# --- The header


def test_a_header_tag_that_does_not_fit_is_refused_before_anything_large_is_read(place):
    """The header claims an index of three gigabytes, and the file has them: no memory is reserved for it."""
    header, index, frames = forge.split(write(made()))
    assert_refused(place, header[:-1] + bytes([header[-1] ^ 1]) + index + b"".join(frames), DAMAGED, "header tag")
    tag = header[-32:]
    huge = forge.write_header(made(), 3 << 30, 0, header_tag=tag)
    put(place, huge)
    os.truncate(place.vault, len(huge) + (3 << 30))
    limit = lambda: resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
    start = time.monotonic()
    result = place.run("ls", preexec_fn=limit)
    assert time.monotonic() - start < AT_ONCE_SECONDS
    assert result.status == DAMAGED and b"header tag" in result.err, result


def test_the_header_s_lengths_are_refused_when_they_are_absurd(place):
    for lengths in [(1 << 63, 0), (2**64 - 1, 2**64 - 1), (0, 2**64 - 1), (1 << 32, 1), (2**31, 2**31 + 1)]:
        header = forge.write_header(made(), *lengths)
        assert_refused(place, header + bytes(1000), NOT_SUPPORTED, at_once=True)
    assert_refused(place, forge.write_header(made(), 0, 0))


@pytest.mark.parametrize("iterations", [0, 1, 599_999, COSTLY + 1, 2**32 - 1, 2**63, 2**64 - 1, None])
@pytest.mark.parametrize("kdf", [forge.PBKDF2_SHA512, forge.PBKDF2_SHA256])
def test_a_cost_out_of_bounds_or_missing_is_refused_before_any_kdf_work(place, kdf, iterations):
    """Also when another slot, which comes first and would be tried first, costs ten seconds."""
    vault = Vault()
    bad = cheap(vault, fields={0: b"\xff" * 16, 2: kdf, 3: iterations, 6: 0})
    costly = cheap(vault, fields={0: b"\0" * 16, 3: COSTLY, 6: 0})
    for slots in [[bad], [costly, bad]]:
        assert_refused(place, write(made(slots=slots)), NOT_SUPPORTED, "key slot", at_once=True)


@pytest.mark.parametrize(
    "passes, memory",
    [(0, 65_536), (21, 65_536), (2**32 - 1, 65_536), (1, 65_535), (1, 2_097_153), (1, 2**64 - 1), (None, 65_536),
     (1, None), (None, None)])
def test_argon2id_costs_are_refused_before_any_memory_is_taken(place, passes, memory):
    slot = cheap(Vault(), fields={2: forge.ARGON2ID, 3: passes, 4: memory, 5: bytes(16), 6: 0})
    assert_refused(place, write(made(slots=[slot])), NOT_SUPPORTED, "key slot", at_once=True)


@pytest.mark.parametrize("iterations", [0, COSTLY + 1, 2**32 - 1])
def test_the_test_flag_lowers_only_the_floor(place, iterations):
    slot = cheap(Vault(), fields={3: iterations, 6: TEST_KDF})
    assert_refused(place, write(made(slots=[slot])), NOT_SUPPORTED, at_once=True)


def costly_slots(count):
    return [cheap(Vault(), fields={0: bytes([number]) * 16, 3: COSTLY, 6: 0}) for number in range(count)]


def test_nine_slots_are_refused_by_the_limit_before_any_kdf_work(place):
    assert_refused(place, write(made(slots=costly_slots(9))), NOT_SUPPORTED, "limit: key slots", at_once=True)


def test_no_slot_two_slots_of_one_id_and_slots_out_of_order_are_refused_before_any_kdf_work(place):
    one, two = costly_slots(2)
    for slots in [[], [one, one], [one, two, two], [two, one]]:
        assert_refused(place, write(made(slots=slots)), DAMAGED, "header", at_once=True)


@pytest.mark.parametrize("offset, size", [(8, 2), (10, 2), (12, 4)])
def test_an_unknown_version_suite_or_critical_flag_is_not_supported(place, offset, size):
    data = write(made())
    known = int.from_bytes(data[offset:offset + size], "big")
    for value in {known + 1, 1 << 8 * size - 1, 0 if known else 2} - {known}:
        changed = data[:offset] + value.to_bytes(size, "big") + data[offset + size:]
        assert_refused(place, changed, NOT_SUPPORTED, at_once=True)
    # Also when whoever changed it has the keys.
    for change in [{"format_version": 2}, {"suite": 2}, {"critical_flags": 1}]:
        vault = made(**change)
        vault.slots = [password_slot(vault, "password")]
        assert_refused(place, write(vault), NOT_SUPPORTED)


@pytest.mark.parametrize("fields", [{6: 4}, {6: 2**40}, {1: 3}, {1: 0}, {2: 5}, {2: 0}, {1: 2}, {4: 8}])
def test_slots_of_unknown_kinds_are_not_supported(place, fields):
    assert_refused(place, write(made(slots=[cheap(Vault(), fields=fields)])), NOT_SUPPORTED, "key slot", at_once=True)


def test_every_one_of_eight_passwords_opens_the_vault(place):
    """As many as machines that changed it at the same time can leave behind, whatever order their slots have."""
    vault = made()
    passwords = [f"password {number}" for number in range(8)]
    vault.slots = [password_slot(vault, text, slot_id=bytes([n] * 16)) for n, text in enumerate(passwords)]
    put(place, write(vault))
    for text in passwords:
        result = place.run("get", "Bank", fds={"--password-fd": text.encode()})
        assert result.out == b"first\n", (text, result.err)


def test_a_cleared_key_file_flag_looks_like_a_wrong_password(place, tmp_path):
    key_file = tmp_path / "key"
    key_file.write_bytes(forge.seeded(64, "key file"))
    vault = Vault()
    slot = password_slot(vault, "password", key_file=key_file.read_bytes())
    data = write(made(slots=[slot]))
    put(place, data)
    assert place.run("get", "Bank", "--key-file", key_file).out == b"first\n"
    wrong = place.run("get", "Bank", "--key-file", key_file, fds={"--password-fd": b"wrong\n"})
    cleared = write(made(slots=[slot | {6: slot[6] & ~NEEDS_KEY_FILE}]))
    for words in [("get", "Bank"), ("get", "Bank", "--key-file", key_file)]:
        result = assert_refused(place, cleared, WRONG_PASSWORD, words=words)
        assert result.err == wrong.err
    # Neither does an ordinary slot open when the flag is added, nor the right one without its file.
    assert_refused(place, data, WRONG_PASSWORD)
    ordinary = password_slot(vault, "password")
    added = write(made(slots=[ordinary | {6: ordinary[6] | NEEDS_KEY_FILE}]))
    assert_refused(place, added, WRONG_PASSWORD, words=("get", "Bank", "--key-file", key_file))


def test_altered_slot_parameters_look_like_a_wrong_password(place):
    """The cost, the salt, the id and the flags are bound to what they lead to."""
    slot = password_slot(Vault(), "password")
    for fields in [{3: 2}, {5: bytes(32)}, {0: bytes(16)}, {2: forge.PBKDF2_SHA256}, {7: bytes(32)}]:
        assert_refused(place, write(made(slots=[slot | fields])), WRONG_PASSWORD)


def test_a_wrapped_key_that_was_altered_behind_its_commitment_is_damage(place):
    assert_refused(place, write(made(slots=[password_slot(Vault(), "password") | {8: bytes(48)}])), DAMAGED, "key slot")


def test_a_slot_whose_commitment_differs_does_not_open(place):
    """Its wrapped key is right: only the commitment stands against it."""
    slot = password_slot(Vault(), "password")
    assert_opens(place, write(made(slots=[slot])))
    assert_refused(place, write(made(slots=[slot | {7: forge.seeded(32, "another")}])), WRONG_PASSWORD)


def test_a_slot_that_opens_under_two_keys_is_refused_by_the_commitment(place):
    """XChaCha20-Poly1305 lets one ciphertext and tag be valid under two keys; without the commitment, a made-up slot
    would test two passwords at once."""
    vault = Vault()
    slot = {0: forge.seeded(16, "slot"), 1: 1, 2: forge.PBKDF2_SHA512, 3: 1, 5: forge.seeded(32, "salt"), 6: TEST_KDF}
    first, commitment = forge.reader.slot_keys(vault, slot, b"password", None)
    second, _ = forge.reader.slot_keys(vault, slot, b"another one", None)
    ad = forge.reader.slot_ad(vault, slot)
    wrapped = sealed_for_both(first, second, ad)
    opened = [open_slot(key, ad, wrapped) for key in (first, second)]
    assert opened[0] != opened[1]
    vault = made(vault_key=opened[0], slots=[slot | {7: commitment, 8: wrapped}])
    assert_opens(place, write(vault))
    place.password = b"another one"
    assert_refused(place, write(vault), WRONG_PASSWORD)


def open_slot(key, ad, wrapped):
    cipher = forge.ChaCha20_Poly1305.new(key=key, nonce=bytes(24))
    cipher.update(ad)
    return cipher.decrypt_and_verify(wrapped[:-16], wrapped[-16:])


def sealed_for_both(first, second, ad):
    """32 bytes of ciphertext and a tag that both keys accept: the second block solves tag(first) = tag(second)."""
    from Cryptodome.Cipher import ChaCha20

    prime, two128 = (1 << 130) - 5, 1 << 128
    little = lambda block: int.from_bytes(block, "little")
    assert len(ad) == 32
    lengths = struct.pack("<QQ", len(ad), 32)

    def authenticator(key):
        stream = ChaCha20.new(key=key, nonce=bytes(24)).encrypt(bytes(32))
        return little(stream[:16]) & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF, little(stream[16:])

    def tag(key, ciphertext):
        r, s = authenticator(key)
        total = 0
        blocks = ad + ciphertext + lengths
        for at in range(0, len(blocks), 16):
            total = (total + little(blocks[at:at + 16]) + two128) * r % prime
        return (total + s) % two128

    (r1, s1), (r2, s2) = authenticator(first), authenticator(second)
    for attempt in range(1000):
        block = forge.seeded(16, "block", attempt)

        def rest(r):
            a, b, c, length = (little(part) + two128 for part in (ad[:16], ad[16:], block, lengths))
            return (a * r**5 + b * r**4 + c * r**3 + length * r) % prime

        for wraps in range(-4, 5):
            unknown = (s2 - s1 + wraps * two128 - rest(r1) + rest(r2)) * pow(r1 * r1 - r2 * r2, -1, prime) % prime
            if not two128 <= unknown < 2 * two128:
                continue
            ciphertext = block + (unknown - two128).to_bytes(16, "little")
            if tag(first, ciphertext) == tag(second, ciphertext):
                return ciphertext + tag(first, ciphertext).to_bytes(16, "little")
    raise AssertionError("no such ciphertext found")


def replaced_password():
    """A vault before and after its master password was changed from "old" to "password"."""
    before = made()
    before.slots = [password_slot(before, "old", seed="old")]
    before.registry = forge.slot_versions(before.slots)
    after = copy.deepcopy(before)
    after.slots = [password_slot(after, "password", seed="new")]
    new = forge.version(1, encode(after.slots[0]), replaces=before.registry, seed="new")
    after.registry = forge.by_id([forge.trimmed(before.registry[0]), new])
    return before, after


def test_an_old_slot_put_back_does_not_open_the_newer_vault(place):
    """Whoever controls the file, and knows the password that was given up, gets nothing of what came later."""
    before, after = replaced_password()
    assert_opens(place, write(after))
    old_header, new = forge.split(write(before))[0], forge.split(write(after))
    place.password = b"old"
    assert_refused(place, write(after), WRONG_PASSWORD)
    # The whole old header with the new index and entries.
    assert_refused(place, old_header + new[1] + b"".join(new[2]), DAMAGED)
    # The old slot in the new header, whose tag is then wrong.
    def put_back(body):
        body[3] = before.slots
    tag = new[0][-32:]
    header = forge.write_header(after, len(new[1]), sum(map(len, new[2])), put_back, tag)
    assert_refused(place, header + new[1] + b"".join(new[2]), DAMAGED, "header tag")


def test_slots_of_the_header_that_are_not_those_of_the_registry_are_refused(place):
    """Everything is sealed anew with the right keys; only the index tells that the slot was replaced."""
    before, after = replaced_password()
    place.password = b"old"

    def put_back(body):
        body[3] = before.slots
    assert_refused(place, write(after, change_body=put_back), DAMAGED, "key slots")


# --- One form only, and limits


def longer_zero(encoded):
    """The same CBOR map with its first key, 0, written in two bytes."""
    assert encoded[1] == 0
    return encoded[:1] + b"\x18\x00" + encoded[2:]


def test_another_spelling_of_the_same_header_is_refused_as_not_canonical(place):
    assert_refused(place, write(made(), change_body=lambda body: longer_zero(encode(body))), DAMAGED, "header")


def test_another_spelling_of_the_same_index_is_refused_as_not_canonical(place):
    assert_refused(place, write(made(), change_index=lambda index: longer_zero(encode(index))), DAMAGED, "index")


def test_another_spelling_of_the_same_entry_is_refused_as_not_canonical(place):
    vault = made(login(1))
    content = vault.entries[0].content
    assert_opens(place, write(vault), b"s3cret\n")
    overview = forge.entry_overview(vault.entries[0])
    longer = b"\x98\x02" + encode(content)[1:]
    assert_refused(
        place, write(made(forge.Entry(vault.entries[0].id, longer, overview=overview))), DAMAGED, "entry id:")


def test_a_box_with_another_nonce_or_padding_is_refused(place):
    vault = made(login(1))
    vault.entries[0].nonce = bytes(24)
    assert_refused(place, write(vault), DAMAGED, "entry id:")
    assert_refused(place, write(made(), index_nonce=bytes(24)), DAMAGED, "index")
    vault = made(login(1))
    padded = forge.pad(encode(vault.entries[0].content))
    vault.entries[0].padded = padded[:-1] + b"\1"
    assert_refused(place, write(vault), DAMAGED, "entry id:")
    vault.entries[0].padded = padded + bytes(256)
    assert_refused(place, write(vault), DAMAGED, "entry id:")


def test_records_out_of_order_twice_or_with_false_lengths_are_refused(place):
    def out_of_order(index):
        index[2].reverse()
    assert_refused(place, write(made(), change_index=out_of_order, change_frames=lambda f: f[::-1]), DAMAGED, "index")
    def twice(index):
        index[2] = [index[2][0], index[2][0]]
    assert_refused(place, write(made(), change_index=twice, change_frames=lambda f: [f[0], f[0]]), DAMAGED, "index")
    for length in [0, 1, 2**31, 2**63, 2**64 - 1]:
        def false_length(index):
            index[2][0][1] = length
        assert_refused(place, write(made(), change_index=false_length), at_once=True)


def test_a_title_over_the_limit_is_refused(place):
    fits = made(login(1, "B" * 4096))
    assert_opens(place, write(fits), b"s3cret\n", title="B" * 4096)
    longer = write(made(login(1, "B" * 4097)))
    assert_refused(place, longer, NOT_SUPPORTED, "limit", words=("ls",))


def test_a_header_body_over_the_limit_is_refused(place):
    data = write(made())
    for count in [65_537, 2**31, 2**32 - 1]:
        changed = data[:16] + count.to_bytes(4, "big") + data[20:] + bytes(70_000)
        assert_refused(place, changed, NOT_SUPPORTED, "limit: header body", at_once=True)


def test_nesting_over_the_limit_is_refused(place):
    def nested(depth):
        value = []
        for _ in range(depth):
            value = [value]
        return entry(1, forge.version(TITLE, "Bank"), forge.version(PASSWORD, "first", extra={7: value}))
    assert_opens(place, write(made(nested(10))))
    overview = forge.entry_overview(nested(1))
    item = nested(10)
    deep = encode(item.content).replace(b"\x81" * 10 + b"\x80", b"\x81" * 100_000 + b"\x80")
    assert_refused(place, write(made(forge.Entry(item.id, deep, overview=overview))), NOT_SUPPORTED, "nest")


# --- Plaintexts that were altered and sealed again with the right keys


def altered(content, draw):
    """A few bytes changed, cut, repeated or put in; lengths of CBOR items among them."""
    content = bytearray(content)
    for _ in range(draw.randint(1, 3)):
        at = draw.randrange(len(content) + 1)
        how = draw.randrange(5)
        if how == 0 and at < len(content):
            content[at] = draw.randrange(256)
        elif how == 1:
            content[at:at + draw.randint(1, 8)] = b""
        elif how == 2:
            content[at:at] = content[at:at + draw.randint(1, 40)]
        elif how == 3:
            content[at:at] = draw.choice([b"\x9b" + b"\xff" * 8, b"\x5a\x80\0\0\0", b"\xbb\x80" + bytes(7), b"\x81" * 20])
        else:
            content[at:at + 1] = draw.choice([b"\x00", b"\x17", b"\x18\x18", b"\x40", b"\x60", b"\x80", b"\xa0", b"\xf6"])
    return bytes(content) or b"\0"


@pytest.mark.parametrize("part", ["header", "index", "entry"])
def test_altered_plaintexts_sealed_with_the_right_keys_never_trap(tmp_path, part):
    """Refused, or read as what they now say: never a signal, never a partial result, in bounded memory and time."""
    seed = random.randrange(2**32)
    draw = random.Random(seed)
    limits = (1 << 28) + (1 << 26)  # the program itself takes some of it

    def limited():
        resource.setrlimit(resource.RLIMIT_AS, (limits, limits))

    place = Coffer(tmp_path / "home", password=b"password")
    statuses = dict.fromkeys((0, WRONG_PASSWORD, DAMAGED, NOT_SUPPORTED), 0)
    rounds = 300
    for number in range(rounds):
        vault = made(login(1, "Bank", "first"), login(2, "Mail", "other"))
        if part == "entry":
            vault.entries[0].overview = forge.entry_overview(vault.entries[0])
            vault.entries[0].content = altered(encode(vault.entries[0].content), draw)
            data = write(vault)
        elif part == "index":
            data = write(vault, change_index=lambda index: altered(encode(index), draw))
        else:
            data = write(vault, change_body=lambda body: altered(encode(body), draw))
        put(place, data)
        start = time.monotonic()
        # One that came before, with more edits than this one, would be refused as older.
        result = place.run("verify", "--deep", preexec_fn=limited, env={"XDG_STATE_HOME": "/proc/nowhere"})
        assert result.status in statuses, (seed, number, result)
        assert (result.out != b"") == (result.status == 0), (seed, number, result)
        # A slot's cost may have become a higher one that is still allowed.
        assert part == "header" or time.monotonic() - start < AT_ONCE_SECONDS, (seed, number, result)
        assert place.vault.read_bytes() == data
        statuses[result.status] += 1
    print(f"{rounds} altered plaintexts of the {part}, statuses {statuses}, seed {seed}")
    assert statuses[DAMAGED] > rounds / 2
