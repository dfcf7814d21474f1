"""Random histories of an entry on several machines, played in the model, for test_merge_model.py.

What a step refers to is counted modulo what there is, so that a history stays one when steps are left out.
"""
import random
from typing import NamedTuple

import merge_model as model
import vault_forge as forge

USERNAME, PASSWORD = 2, 3
YEAR = 365 * 86400
HOTP_SECRET = "JBSWY3DPEHPK3PXP"
WORDS = ["", "anna", "bank", "mail", "work/vk"]
VAULT = forge.Vault()
CODES = [b"3f9a01c7", b"7f34038e", b"beae0555"]
CODE_SET = forge.code_set_id(VAULT, [code.decode() for code in CODES])
TAGS = {(model.TAG, forge.element_name(VAULT, model.TAG, text)): text for text in ("prod", "test")}
URLS = {(model.URL, forge.element_name(VAULT, model.URL, text)): text for text in ("https://a.example", "b.example")}
CODE_FIELDS = {(model.CODE, CODE_SET, forge.element_name(VAULT, model.CODE, CODE_SET, code)): code.decode()
               for code in CODES}
SET_FIELD = (model.SET, CODE_SET)
NEW_FIELDS = [77, (9, b"new")]  # of a newer program
# The fields of a history are some of these bundles.
BUNDLES = [[model.TITLE], [USERNAME], [PASSWORD], ["region"], list(TAGS), list(URLS), [SET_FIELD, *CODE_FIELDS],
           list(CODE_FIELDS), [model.OTP, "counter", "counter"], NEW_FIELDS, [model.JOINED]]
# What happens, and how often.
KINDS = {"edit": 12, "stale edit": 3, "undo": 2, "trash": 2, "stale trash": 1, "restore": 1, "purge": 3, "pull": 8,
         "clone": 1, "roll back": 1}
# One history in four is about throwing away.
LAST_KINDS = {"edit": 2, "stale trash": 1, "trash": 2, "restore": 1, "purge": 9, "pull": 16}
SLOT_KINDS = {"edit": 3, "stale edit": 1, "pull": 4, "clone": 1, "roll back": 1}


class Step(NamedTuple):
    number: int  # names what the step makes, whatever steps are left out
    kind: str
    machine: int
    other: int
    field: int
    draw: int  # decides the value and what of the past is meant
    at: int


class History(NamedTuple):
    seed: str
    place: int  # the number of the entry
    machines: int
    fields: list
    steps: list
    kept: int = model.KEPT

    def __str__(self):
        return "\n".join([f"seed {self.seed}, entry {self.place}, {self.machines} machines, fields {self.fields}",
                          *(str(step) for step in self.steps)])


def make_history(seed, place):
    draw = random.Random(f"{seed}/{place}")
    bundles = draw.sample(BUNDLES, draw.choice([1, 1, 2, 3]))
    # Few are long enough for more than ten replaced versions of one field.
    most = draw.choice([12, 30, 30, 70])
    return History(seed, place, draw.randint(3, 5), sum(bundles, []),
                   make_steps(draw, draw.choice([KINDS, KINDS, KINDS, LAST_KINDS]), draw.randint(2, most)))


def make_setting_history(seed, kind):
    """Of the vault's settings, or of its slot registry: few steps, for a file has at most eight slots."""
    draw = random.Random(f"{seed}/{kind}")
    if kind == "settings":
        return History(seed, 0, 5, ["color", "size"], make_steps(draw, SLOT_KINDS, 60))
    return History(seed, 0, 5, ["slot"], make_steps(draw, SLOT_KINDS, 12), model.KEPT_SLOTS)


def make_steps(draw, kinds, count):
    named = draw.choices(list(kinds), list(kinds.values()), k=count)
    return [Step(number, kind, draw.randrange(5), draw.randrange(5), draw.randrange(12), draw.randrange(1 << 16),
                 # Clocks are ten years off.
                 1_700_000_000 + draw.randrange(-10 * YEAR, 10 * YEAR)) for number, kind in enumerate(named)]


def play(history, start=()):
    """What each machine holds at the end, and one state of the past."""
    start = {version.id: version for version in start}
    now = [start] * history.machines
    pasts = [[start] for _ in now]
    for step in history.steps:
        machine, other = step.machine % len(now), step.other % len(now)
        past = pasts[machine][step.draw % len(pasts[machine])]
        now[machine] = played(history, step, now[machine], now[other], past)
        if step.kind == "clone":
            pasts[machine] += pasts[other]
        pasts[machine].append(now[machine])
    old = pasts[0][len(history.steps) * 7 % len(pasts[0])]
    return now, old


def played(history, step, now, other, past):
    """The machine's state after the step."""
    match step.kind:
        case "pull":
            return model.merge(now, other, kept=history.kept)
        case "clone":
            return other
        case "roll back":
            return past
        case "trash" | "stale trash" | "restore":
            shown = past if step.kind == "stale trash" else now
            version = made(history, step, shown, model.TRASH, step.kind != "restore")
        case "purge" if model.state(now) == "trash":
            shown, version = now, made(history, step, now, model.PURGE, model.title(now) or "")
        case "purge":  # What is not in the trash goes there first.
            shown, version = now, made(history, step, now, model.TRASH, True)
        case _:
            shown = past if step.kind == "stale edit" else now
            field = field_of(history, step, shown)
            version = field and made(history, step, shown, field, value_of(history, step, shown, field))
    return model.save(now, shown, version, kept=history.kept) if version else now


def field_of(history, step, shown):
    field = history.fields[step.field % len(history.fields)]
    if field == "slot":
        return 1
    if field != "counter":
        return field
    # A counter of a secret that is shown, if there is one.
    secrets = model.visible(shown).get(model.OTP, [])
    return (model.COUNTER, secrets[step.draw % len(secrets)].id) if secrets else None


def value_of(history, step, shown, field):
    number = step.draw
    if step.kind == "undo":
        known = [v.content.value for v in shown.values() if v.field == field and v.content]
        if known:
            return known[number % len(known)]
    if history.fields == ["slot"]:
        return forge.plain(forge.password_slot(VAULT, "password", seed=f"{history.seed} {step.number}"))
    if field == model.JOINED:
        return max(1, history.place + number % 5 - 2).to_bytes(16, "big")
    if field == SET_FIELD:
        return [0, 0, 1, None][number % 4]
    if field in CODE_FIELDS:
        return (CODE_FIELDS[field], number % 2 == 0) if number % 9 else None
    if model.kind(field) == model.COUNTER:
        return number % 50
    if number % 5 == 0 and field != 1:
        return None
    if field in TAGS or field in URLS:
        return (TAGS | URLS)[field]
    if field == "region":
        return (WORDS[number % len(WORDS)], False)
    if field == model.OTP:
        return f"otpauth://hotp/t?secret={HOTP_SECRET}&counter=0"
    if field in NEW_FIELDS:
        return [7, "seven", b"seven"][number % 3]
    return WORDS[number % len(WORDS)]


def made(history, step, shown, field, value):
    id = forge.seeded(12, history.seed, history.place, history.kept, step.number)
    unknown = ((7, "new"),) if step.draw % 7 == 0 else None
    return model.edit(shown, id, field, value, step.at, ["laptop", "desk", "ж"][step.draw % 3], unknown)


def shrunk(history, fails):
    """The smallest history found, by leaving steps out, that still fails."""
    chunk = max(1, len(history.steps) // 2)
    while True:
        start, smaller = 0, False
        while start < len(history.steps):
            fewer = history._replace(steps=history.steps[:start] + history.steps[start + chunk:])
            if fails(fewer):
                history, smaller = fewer, True
            else:
                start += chunk
        if chunk == 1 and not smaller:
            return history
        chunk = max(1, chunk // 2)
