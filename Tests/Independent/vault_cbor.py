"""Strict deterministic CBOR, as docs/format.md has it; and how a reader refuses."""
from dataclasses import dataclass

WRONG_PASSWORD, DAMAGED, NOT_SUPPORTED = 3, 4, 7

class Refused(Exception):
    def __init__(self, code, message):
        super().__init__(message)
        self.code = code

def require(condition, message, code=DAMAGED):
    if not condition:
        raise Refused(code, message)

def is_bytes(item, length):
    return type(item) is bytes and len(item) == length

@dataclass(frozen=True)
class EncodedKey:
    """A map key that is no integer, text or byte string, as its encoding."""
    data: bytes

def encode_head(major, number):
    if number < 24:
        return bytes([major << 5 | number])
    info = next(i for i in range(4) if number < 1 << (8 << i))
    return bytes([major << 5 | 24 + info]) + number.to_bytes(1 << info, "big")

def encode(item):
    match item:
        case None | False | True: return {False: b"\xf4", True: b"\xf5", None: b"\xf6"}[item]
        case int(): return encode_head(0, item)
        case bytes(): return encode_head(2, len(item)) + item
        case str(): return encode_head(3, len(item.encode())) + item.encode()
        case list() | tuple(): return encode_head(4, len(item)) + b"".join(map(encode, item))
        case dict(): return encode_head(5, len(item)) + b"".join(k + v for k, v in sorted(
            (encode(key), encode(value)) for key, value in item.items()))
        case EncodedKey(): return item.data
    raise TypeError(f"not for CBOR: {item!r}")

def decode(data):
    item, end = decode_item(data, 0, 1)
    require(end == len(data), "CBOR: bytes after the item")
    return item

def decode_item(data, at, depth):
    require(at < len(data), "CBOR: ends early")
    if data[at] in (0xf4, 0xf5, 0xf6):
        return {0xf4: False, 0xf5: True, 0xf6: None}[data[at]], at + 1
    major, info = data[at] >> 5, data[at] & 31
    require(major in (0, 2, 3, 4, 5) and info <= 27, "CBOR: a type that is not used")
    start, at = at, at + 1 + (1 << info - 24 if info >= 24 else 0)
    number = int.from_bytes(data[start + 1:at], "big") if info >= 24 else info
    require(data[start:at] == encode_head(major, number), "CBOR: a number that is not in its shortest form")
    if major == 0:
        return number, at
    if major in (2, 3):
        require(number <= len(data) - at, "CBOR: ends early")
        string = bytes(data[at:at + number])
        try:
            return (string if major == 2 else string.decode()), at + number
        except UnicodeDecodeError:
            raise Refused(DAMAGED, "CBOR: a text that is not UTF-8") from None
    require(depth <= 16, "CBOR: nested too deep", NOT_SUPPORTED)
    return (decode_array if major == 4 else decode_map)(data, at, depth, number)

def decode_array(data, at, depth, count):
    items = []
    for _ in range(count):
        item, at = decode_item(data, at, depth + 1)
        items.append(item)
    return items, at

def decode_map(data, at, depth, count):
    items, before = {}, b""
    for _ in range(count):
        key, end = decode_item(data, at, depth + 1)
        encoded = bytes(data[at:end])
        require(before < encoded, "CBOR: map keys out of order")
        value, at = decode_item(data, end, depth + 1)
        items[key if type(key) in (int, str, bytes) else EncodedKey(encoded)] = value
        before = encoded
    return items, at
