"""Keys, associated data and sealed boxes, as docs/format.md has them, for read_vault.py."""
import hashlib

from vault_cbor import DAMAGED, Refused, require

try:
    from Cryptodome.Cipher import ChaCha20_Poly1305
except ImportError:
    from Crypto.Cipher import ChaCha20_Poly1305

def b2(size, message, key=b""):
    return hashlib.blake2b(message, digest_size=size, key=key).digest()

def subkey(vault_key, label):
    return b2(32, label, vault_key)

def u32(number): return number.to_bytes(4, "big")
def u64(number): return number.to_bytes(8, "big")

def associated_data(vault, kind, *parts):
    """`vault` is anything with a vault_id and an epoch."""
    parts = (b"coffer/1", b"\0\1", b"\0\1", vault.vault_id, u64(vault.epoch), kind, *parts)
    return b2(32, b"".join(u32(len(part)) + part for part in parts))

def epoch_check(vault, vault_key):
    return b2(16, b"coffer/1 epoch check" + vault.vault_id + u64(vault.epoch), vault_key)

def padded_length(length):
    if length <= 65536:
        return max(256, 1 << (length - 1).bit_length())
    exponent = length.bit_length() - 1
    step = 1 << exponent - exponent.bit_length()
    return -(-length // step) * step

def box_nonce(vault_key, ad, plaintext):
    return b2(24, u64(len(ad)) + ad + plaintext, subkey(vault_key, b"coffer/1 nonce"))

def aead_open(key, nonce, ad, sealed, what):
    cipher = ChaCha20_Poly1305.new(key=key, nonce=nonce)
    cipher.update(ad)
    try:
        return cipher.decrypt_and_verify(sealed[:-16], sealed[-16:])
    except ValueError:
        raise Refused(DAMAGED, f"{what}: not authentic") from None

def open_box(vault, vault_key, label, box, kind, *parts):
    what = kind.decode()
    require(len(box) >= 40 + 256, f"{what}: box too short")
    ad = associated_data(vault, kind, *parts, u64(len(box) - 40))
    plaintext = aead_open(subkey(vault_key, label), box[:24], ad, box[24:], what)
    end = 4 + int.from_bytes(plaintext[:4], "big")
    require(padded_length(end) == len(plaintext) and not any(plaintext[end:]), f"{what}: wrong padding")
    require(box[:24] == box_nonce(vault_key, ad, plaintext), f"{what}: the nonce is not the computed one")
    return plaintext[4:end]
