/// Protobuf fields and export texts made by hand, good and bad, for the tests that read them.
import CofferMemory
import CofferOTP

/// `value` in seven bits a byte, the lowest first.
func varint(_ value: UInt64) -> [UInt8] {
    value < 0x80 ? [UInt8(value)] : [UInt8(value & 0x7F) | 0x80] + varint(value >> 7)
}

func field(_ number: UInt64, _ value: UInt64) -> [UInt8] { varint(number << 3) + varint(value) }

func field(_ number: UInt64, _ bytes: [UInt8]) -> [UInt8] {
    varint(number << 3 | 2) + varint(UInt64(bytes.count)) + bytes
}

func field(_ number: UInt64, _ text: String) -> [UInt8] { field(number, Array(text.utf8)) }

/// The fields behind the accounts.
func numbers(size: UInt64 = 1, index: UInt64 = 0, id: UInt64 = 7) -> [UInt8] {
    field(2, 1) + field(3, size) + field(4, index) + field(5, id)
}

/// An export's text, with nothing of its data escaped.
func exportText(_ message: [UInt8]) -> String {
    var data = SecretBuilder()
    Base64.append(SecretBytes(copying: message).span, to: &data)
    return "otpauth-migration://offline?data=" + text(data.span)
}

func parsePart(_ text: String) throws(OTPError) -> GoogleMigration.Part {
    try GoogleMigration.parse(secret(text).span)
}

func parsePart(_ message: [UInt8]) throws(OTPError) -> GoogleMigration.Part { try parsePart(exportText(message)) }
