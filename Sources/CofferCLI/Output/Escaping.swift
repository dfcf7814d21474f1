/// Makes text harmless for a terminal: what could move the cursor, hide, reorder or change nothing visible is spelled
/// out.
package import CofferMemory
import CUnicode

/// Escapes of control, format, bidirectional, zero-width, private-use and unassigned characters and of invalid UTF-8.
///
/// Ordinary letters, combining marks, symbols and emoji stay as they are. A backslash stays single: what is shown is
/// for
/// reading, and `--json` gives every character exactly.
package enum Escaping {
    /// Which characters of layout may pass.
    package enum Layout: Sendable {
        /// One line: a line feed is shown as `\n`, a tab as `\t`.
        case line
        /// Line feeds are kept: for notes.
        case lines
    }

    /// Appends `bytes` as they may be shown on a terminal.
    package static func append(
        _ bytes: borrowing Span<UInt8>, to sink: inout some ByteSink & ~Copyable, layout: Layout = .line
    ) {
        var start = 0
        var position = 0
        while position < bytes.count {
            if bytes.count - position >= 8 && areEightPlain(bytes, at: position) {
                position += 8
                continue
            }
            let byte = bytes[position]
            if byte >= 0x20 && byte < 0x7F {
                position += 1
                continue
            }
            let step = UTF8Decoding.step(bytes, at: position)
            if case .scalar(let scalar, let count) = step, !isUnsafe(scalar, layout) {
                position += count
                continue
            }
            sink.append(bytes.extracting(start..<position))
            append(escaped: step, to: &sink)
            position += step.count
            start = position
        }
        sink.append(bytes.extracting(start..<position))
    }

    /// Appends `bytes` exactly, as a cell of a row for a pipe: only a tab, line feed, carriage return or NUL is spelled
    /// out
    /// as `\t`, `\n`, `\r`, `\0`, so that a row stays one line and a cell one cell.
    package static func append(cell bytes: borrowing Span<UInt8>, to sink: inout some ByteSink & ~Copyable) {
        var start = 0
        for position in 0..<bytes.count {
            let byte = bytes[position]
            guard byte < 0x20, let escape = cellEscape(byte) else { continue }
            sink.append(bytes.extracting(start..<position))
            sink.append(fixed: escape)
            start = position + 1
        }
        sink.append(bytes.extracting(start..<bytes.count))
    }

    private static func cellEscape(_ byte: UInt8) -> StaticString? {
        switch byte {
        case 0x09: "\\t"
        case 0x0A: "\\n"
        case 0x0D: "\\r"
        case 0x00: "\\0"
        default: nil
        }
    }

    /// Whether the eight bytes from `position` on, which must be there, are all printable ASCII.
    private static func areEightPlain(_ bytes: borrowing Span<UInt8>, at position: Int) -> Bool {
        // Any eight bytes are an integer.
        let word = unsafe bytes.bytes.unsafeLoadUnaligned(fromByteOffset: position, as: UInt64.self)
        // The high bit of a byte is set in the word itself from 0x80 on, in the sum from 0x7F on, and in the difference
        // below 0x20. A borrow reaches the next byte only from one that has failed already.
        let sum = word &+ 0x0101_0101_0101_0101
        let difference = word &- 0x2020_2020_2020_2020
        return (word | sum | difference) & 0x8080_8080_8080_8080 == 0
    }

    private static func append(escaped step: UTF8Decoding.Step, to sink: inout some ByteSink & ~Copyable) {
        switch step {
        case .scalar(0x0A, _): sink.append(fixed: "\\n")
        case .scalar(0x0D, _): sink.append(fixed: "\\r")
        case .scalar(0x09, _): sink.append(fixed: "\\t")
        case .scalar(let scalar, _):
            sink.append(fixed: "\\u{")
            append(hexadecimal: scalar, to: &sink, digitsMinimum: 1)
            sink.append(UInt8(ascii: "}"))
        case .invalid(let byte):
            sink.append(fixed: "\\x{")
            append(hexadecimal: UInt32(byte), to: &sink, digitsMinimum: 2)
            sink.append(UInt8(ascii: "}"))
        }
    }

    static func append(hexadecimal number: UInt32, to sink: inout some ByteSink & ~Copyable, digitsMinimum: Int) {
        let significant = (32 - number.leadingZeroBitCount + 3) / 4
        for place in stride(from: max(significant, digitsMinimum) - 1, through: 0, by: -1) {
            let digit = UInt8(number >> UInt32(4 * place) & 0xF)
            sink.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "A") + digit - 10)
        }
    }

    private static func isUnsafe(_ scalar: UInt32, _ layout: Layout) -> Bool {
        if layout == .lines && scalar == 0x0A { return false }
        return isUnsafe(scalar)
    }

    /// Whether the character is invisible, steers a terminal or changes the order of its neighbours.
    package static func isUnsafe(_ scalar: UInt32) -> Bool {
        if scalar < 0x7F { return scalar < 0x20 }
        if isIgnorable(scalar) { return true }
        guard let value = Int32(exactly: scalar) else { return true }
        let category = utf8proc_category(value)
        // Unicode's general categories Cc, Cf, Cs, Co, Cn, Zl and Zp.
        return category == UTF8PROC_CATEGORY_CC || category == UTF8PROC_CATEGORY_CF
            || category == UTF8PROC_CATEGORY_CS || category == UTF8PROC_CATEGORY_CO
            || category == UTF8PROC_CATEGORY_CN || category == UTF8PROC_CATEGORY_ZL
            || category == UTF8PROC_CATEGORY_ZP
    }

    /// The letters and marks that Unicode calls default ignorable: they show nothing.
    /// The two variation selectors that choose between an emoji and a plain symbol are let through.
    private static func isIgnorable(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B...0x180F, 0x3164, 0xFE00...0xFE0D, 0xFFA0,
            0xE0000...0xE0FFF:
            true
        default: false
        }
    }
}

/// `text` as it may be shown on a terminal, on one line.
package func escapedForTerminal(_ text: String) -> String {
    var buffer = PrivateBuilder(capacity: text.utf8.count)
    Escaping.append(text.utf8Span.span, to: &buffer)
    return buffer.text()
}

/// Secret `bytes` as they may be shown on a terminal.
package func escapedForTerminal(
    _ bytes: borrowing Span<UInt8>, layout: Escaping.Layout = .line
) -> SecretBuilder {
    var builder = SecretBuilder(capacity: bytes.count + 64)
    Escaping.append(bytes, to: &builder, layout: layout)
    return builder
}
