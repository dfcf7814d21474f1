/// Writes JSON (RFC 8259) in one stable form: two spaces a level, members in the order they are written, ASCII-safe
/// where a terminal could be harmed.
package import CofferMemory

/// A JSON text that is written from front to back into `sink`, and the same to a pipe as to a terminal.
///
/// Characters that ``Escaping`` would spell out are written as `\u` escapes: the text means exactly the same, and no
/// control or bidirectional character reaches a terminal. A byte that is not UTF-8, which JSON cannot carry, becomes
/// U+FFFD.
///
/// The caller opens and closes in pairs, and gives every member of an object a key.
package struct JSONWriter<Sink: ByteSink & ~Copyable>: ~Copyable {
    package private(set) var sink: Sink
    private var depth = 0
    /// Whether something stands before the next value in the innermost array or object.
    private var needsComma = false
    private var followsKey = false

    package init(_ sink: consuming Sink) { self.sink = sink }

    /// The whole text with its final line feed.
    package consuming func finish() -> Sink {
        sink.append(UInt8(ascii: "\n"))
        return sink
    }

    // MARK: Structure

    package mutating func beginObject() { begin(UInt8(ascii: "{")) }
    package mutating func endObject() { end(UInt8(ascii: "}")) }
    package mutating func beginArray() { begin(UInt8(ascii: "[")) }
    package mutating func endArray() { end(UInt8(ascii: "]")) }

    /// Starts a member; its value comes next.
    package mutating func key(_ name: String) {
        separate()
        appendString(name.utf8Span.span)
        sink.append(fixed: ": ")
        followsKey = true
    }

    // MARK: Values

    package mutating func value(_ text: String) { value(text.utf8Span.span) }

    package mutating func value(_ bytes: borrowing Span<UInt8>) {
        separate()
        appendString(bytes)
        needsComma = true
    }

    package mutating func value(_ secret: SecretSlice) { value(secret.span) }

    package mutating func value(_ number: Int) {
        separate()
        sink.append(decimal: Int64(number))
        needsComma = true
    }

    package mutating func value(unsigned number: UInt64) {
        separate()
        sink.append(text: String(number))
        needsComma = true
    }

    package mutating func value(_ truth: Bool) {
        separate()
        if truth { sink.append(fixed: "true") } else { sink.append(fixed: "false") }
        needsComma = true
    }

    package mutating func null() {
        separate()
        sink.append(fixed: "null")
        needsComma = true
    }

    // MARK: Members

    package mutating func member(_ name: String, _ text: String) {
        key(name)
        value(text)
    }

    package mutating func member(_ name: String, _ bytes: borrowing Span<UInt8>) {
        key(name)
        value(bytes)
    }

    package mutating func member(_ name: String, _ number: Int) {
        key(name)
        value(number)
    }

    package mutating func member(_ name: String, unsigned number: UInt64) {
        key(name)
        value(unsigned: number)
    }

    package mutating func member(_ name: String, _ truth: Bool) {
        key(name)
        value(truth)
    }

    package mutating func member(_ name: String, _ texts: [String]) {
        key(name)
        beginArray()
        for text in texts { value(text) }
        endArray()
    }

    /// A time in RFC 3339, UTC.
    package mutating func member(_ name: String, unixSeconds: UInt64) {
        key(name)
        separate()
        sink.append(UInt8(ascii: "\""))
        UTCTime(clampingUnixSeconds: unixSeconds).append(to: &sink)
        sink.append(UInt8(ascii: "\""))
        needsComma = true
    }

    // MARK: Parts

    private mutating func begin(_ bracket: UInt8) {
        separate()
        sink.append(bracket)
        depth += 1
        needsComma = false
    }

    private mutating func end(_ bracket: UInt8) {
        depth -= 1
        if needsComma { startLine() }
        sink.append(bracket)
        needsComma = true
    }

    /// What stands between a value and the one before it.
    private mutating func separate() {
        if followsKey {
            followsKey = false
            return
        }
        if needsComma { sink.append(UInt8(ascii: ",")) }
        if depth > 0 { startLine() }
        needsComma = false
    }

    private mutating func startLine() {
        sink.append(UInt8(ascii: "\n"))
        sink.append(spaces: 2 * depth)
    }

    private mutating func appendString(_ bytes: borrowing Span<UInt8>) {
        sink.append(UInt8(ascii: "\""))
        var start = 0
        var position = 0
        while position < bytes.count {
            let byte = bytes[position]
            if byte >= 0x20 && byte < 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\") {
                position += 1
                continue
            }
            let step = UTF8Decoding.step(bytes, at: position)
            if case .scalar(let scalar, let count) = step, scalar >= 0x80, !Escaping.isUnsafe(scalar) {
                position += count
                continue
            }
            sink.append(bytes.extracting(start..<position))
            appendEscape(step)
            position += step.count
            start = position
        }
        sink.append(bytes.extracting(start..<position))
        sink.append(UInt8(ascii: "\""))
    }

    private mutating func appendEscape(_ step: UTF8Decoding.Step) {
        guard case .scalar(let scalar, _) = step else { return sink.append(fixed: "\\uFFFD") }
        switch scalar {
        case 0x22: sink.append(fixed: "\\\"")
        case 0x5C: sink.append(fixed: "\\\\")
        case 0x08: sink.append(fixed: "\\b")
        case 0x0C: sink.append(fixed: "\\f")
        case 0x0A: sink.append(fixed: "\\n")
        case 0x0D: sink.append(fixed: "\\r")
        case 0x09: sink.append(fixed: "\\t")
        case ..<0x10000: appendUnit(scalar)
        default:
            // Characters beyond the first plane are a pair of UTF-16 surrogates (RFC 8259, section 7).
            let offset = scalar - 0x10000
            appendUnit(0xD800 + (offset >> 10))
            appendUnit(0xDC00 + (offset & 0x3FF))
        }
    }

    private mutating func appendUnit(_ unit: UInt32) {
        sink.append(fixed: "\\u")
        Escaping.append(hexadecimal: unit, to: &sink, digitsMinimum: 4)
    }
}
