"""Writes the first inputs of the fuzzer: small valid structures, made by the forge, so that it starts behind the magic.

    python3 Tests/Independent/fuzz_seeds.py FOLDER
"""
import hashlib
import io
import subprocess
import sys
from pathlib import Path

import google_migration as google
import vault_forge as forge
from PIL import Image
from vault_cbor import encode
from vault_forge import edits, entry, version

TEXTS = {
    "otpauth": [
        "otpauth://totp/me%40example.com?secret=abcdefghijklmnop&issuer=MCS&algorithm=SHA1&digits=6&period=30",
        "otpauth://hotp/Example:me?secret=JBSWY3DPEHPK3PXP&counter=7", "otpauth://steam/Steam:me?secret=JBSWY3DPEHPK3PXP"],
    "base32": ["JBSW Y3DP EHPK 3PXP", "jbswy3dpehpk3pxp===="],
    "codes": ["1. a1b2c3d4\r\n2. 0f1e2d3c\r\n3. deadbeef (used)\r\n", "1234 5678\t2345 6789\n- 3456 7890\n"],
    "recovery": [forge.recovery_text(bytes(range(20)))],
    "time": ["2026-11-23T22:31:04Z", "1795477220", "2026-11-23T22:31:04.5+03:00"],
    "assuan": ["zOK Pleased\n# x\nS y\nD correct%25horse\nD  battery\r\nOK\n", "\0OK\nERR 83886179 cancelled\n"],
    "openrc": [
        'export OS_AUTH_URL="https://a.b/v3"\r\nif [ -z "$OS_REGION_NAME" ]; then unset OS_REGION_NAME; fi\nread -sr P\n'
        'export OS_PASSWORD=$P OS_A=${B:-c}\nOS_A+=\'d\' && . x', "case $X in a|b) OS_A=\\\n1;; esac 2>&1 # <<E `x` $(y)"],
    "yaml": [
        "clouds:\n  shop: &a\n    auth: {auth_url: 'https://a.b/v3', password: \"p\\n\"}\n    networks: [{name: x}]\n"
        "  other:\n    <<: *a\n    region_name: !!str 1\n", "---\nclouds:\n  a:\n    cert: |\n      x\n    on: ~\n...\n"],
    "password": ["hunter2", "pa\u0308ssword", "пароль"],
}


def vault():
    made = forge.Vault()
    used = version([4, bytes(16), bytes(16)], ["a1b2c3d4", True])
    made.entries = [
        entry(1, *forge.by_id([version(1, "Bank"), version(2, "me"), version(3, "s3cret"), forge.tag(made, "x"),
                               forge.url(made, "https://a.b"), version("project-id", ["p1", False])])),
        entry(2, *forge.trim(forge.by_id(edits(1, [f"title {n}" for n in range(12)])))),
        entry(3, *forge.by_id([version([3, bytes(16)], 0), used, version(77, 1, extra={9: [1, {2: b"x"}]})])),
    ]
    first = version(1, "Gone")
    made.entries.append(entry(4, *forge.by_id([first, version(7, True, seen=[first])])))
    made.slots = [forge.password_slot(made, "password"), forge.recovery_slot(made, bytes(range(20)))]
    return made


def sequence(*items):
    """CBOR items one after the other, as messages to the agent are."""
    return b"".join(encode(item) for item in items)


def picture_file(picture, kind, **options):
    """The bytes of a file with the picture."""
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def main(folder):
    made = vault()
    seeds = {name: [text.encode() for text in texts] for name, texts in TEXTS.items()}
    data = forge.write(made)
    seeds["header"] = [forge.split(data)[0]]
    seeds["slot"] = [encode(slot) for slot in made.slots]
    seeds["entry"] = [forge.plain(item.content) if isinstance(item.content, bytes) else encode(item.content)
                      for item in made.entries]
    captured = {}
    forge.write(made, change_index=lambda index: captured.update(index=encode(index)))
    total = sum(20 + record[1] for record in forge.decode(captured["index"])[2])
    seeds["index"] = [total.to_bytes(3) + captured["index"]]
    seeds["cbor"] = [captured["index"], *seeds["entry"]]
    head = bytes.fromhex("89434f464e4f540a") + (1).to_bytes(8)
    seeds["note"] = [head + hashlib.blake2b(head, digest_size=16).digest() + bytes(64)]
    replica = ["0123456789abcdef.coffer", [1, 2, 3, 4, 5, 6, 7], bytes(32), bytes(16), 9, 10, "laptop", 11, False]
    seeds["memory"] = [encode([1, bytes(24), 5, 6, [0, "/home/me/Sync"], [replica], bytes(32)]),
                       encode([1, bytes(24), 0, 0, [], [], b""])]
    seeds["receipt"] = [encode([bytes(16), "laptop", 1_795_477_220, bytes(24)])]
    head = [1, "0.1.0"]
    seeds["request"] = [sequence(*head, *items) for items in (
        (1, "/v", "mail", False, [0], False, 1, [3, "pin"]), (2, "/v", bytes(16), True, 2), (4, "/v", "t", True, "u"),
        (6, "/v", 4, [b"set", b"code"]), (8, "/v", [0, 1], "w", ["tag"], False, ["word"], False, True),
        (9, "/v", "mail", True, "me", [0], True, 1_795_477_220), (17, "/v", bytes(16)),
        (24, "/v", True, True, "/Sync", False), (27, "/v", ["/a"], True), (30, "/v"),
        (257, "", "/v", bytes(32), True, "/state", False, 600, 28_800, False))]
    seeds["frames"] = [b"\xff" + (3).to_bytes(4) + b"abc",
                       b"\x02" + (0x80000002).to_bytes(4) + b"ab" + (1).to_bytes(4) + b"c"]
    item = seeds["entry"][0]
    seeds["answer"] = [b"\0" + sequence(bytes(16)) + item,
                       b"\1" + sequence(False, []), b"\2" + sequence([]),
                       b"\4" + sequence(10, ["mail"], [["mails"]], []), b"\4" + sequence(16, ["read", "/v"], [], [5]),
                       b"\6" + sequence(77, []), b"\7" + sequence(*head, 0)]
    seeds["reply"] = [encode(one) for one in (
        [1, b"otpauth://totp/a?secret=AA", b""], [2, 21, bytes(441)], [3, b"PNG"], [4, 13, 0], [5, 2],
        [6, encode([["a", [["auth_url", "b"]], []]]), "password"], [7, 3, 4])]
    seeds["clouds"] = [encode([["a", [["auth_url", "https://a.b"], ["password", "p\n"]], ["networks"]], ["b", [], []]])]
    code = subprocess.run(["qrencode", "-s", "2", "-m", "1", "-o", "-", "otpauth://totp/a?secret=AA"],
                          capture_output=True, check=True).stdout
    picture = Image.open(io.BytesIO(code)).convert("L")
    seeds["picture"] = [picture_file(picture.convert(mode), "PNG") for mode in ("L", "1", "RGBA")]
    seeds["picture"].append(picture_file(picture, "JPEG", quality=30))
    seeds["rotation"] = [encode([1, 1_795_477_220, "phone", bytes(range(32))])]
    account = google.message(bytes(range(246, 256)) + b"hello", b"Big:alice", b"Big", 1, 1, 2)
    counting = google.message(b"hello hello", b"bob", None, 3, 2, 1, 77, b"\x01\x02")
    skipped = google.message(b"", b"Old:eve", b"Old", 4, 3, 3)
    seeds["google"] = [content.encode() for content in (
        google.text(google.message([account], 1, 1, 0, -5)),
        google.text(google.message([account, counting, skipped], 2, 3, 2, 2**31 - 1, 9), safe="+/="))]
    for name, inputs in seeds.items():
        place = Path(folder) / name
        place.mkdir(parents=True, exist_ok=True)
        for number, content in enumerate(inputs):
            (place / f"seed-{number}").write_bytes(content)


if __name__ == "__main__":
    main(sys.argv[1])
