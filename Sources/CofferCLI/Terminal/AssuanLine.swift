/// One line of the Assuan protocol, which pinentry programs speak (https://www.gnupg.org/documentation/manuals/assuan/).
import CofferMemory

package enum AssuanLine {
    /// The longest line without its end.
    package static let countMaximum = 1000

    /// What a program answers, line by line.
    package enum Reply: Equatable {
        case ok
        /// The number of libgpg-error: what happened in the low 16 bits, who says so above.
        case error(code: UInt32)
        /// Where in the line the data is, with its escapes.
        case data(Range<Int>)
        /// A status or a comment: nothing to act on.
        case aside
    }

    package enum Fault: Error, Equatable {
        /// No end within ``countMaximum`` bytes.
        case tooLong
        /// None of the answers that there are.
        case unknown
        /// An error without its number, or with one above 32 bits.
        case number
        /// A `%` without two hexadecimal digits.
        case escape
    }

    /// The answer that `line` is, which has lost its line end.
    package static func parse(_ line: borrowing Span<UInt8>) throws(Fault) -> Reply {
        guard line.count <= countMaximum else { throw .tooLong }
        if line.count > 0 && line[0] == UInt8(ascii: "#") { return .aside }
        if begins(line, with: "OK") { return .ok }
        if begins(line, with: "S") { return .aside }
        if begins(line, with: "D"), line.count > 1 { return .data(2..<line.count) }
        guard begins(line, with: "ERR") else { throw .unknown }
        return .error(code: try number(line, from: 4))
    }

    /// Replaces the escapes in `range` of `bytes` by what they stand for, in their own place. Returns how many bytes are left,
    /// from the start of the range on.
    package static func decode(_ bytes: inout MutableSpan<UInt8>, _ range: Range<Int>) throws(Fault) -> Int {
        var (from, to) = (range.lowerBound, range.lowerBound)
        while from < range.upperBound {
            var byte = bytes[from]
            from += 1
            if byte == UInt8(ascii: "%") {
                guard range.upperBound - from >= 2, let high = digit(bytes[from]), let low = digit(bytes[from + 1])
                else { throw .escape }
                byte = high << 4 | low
                from += 2
            }
            bytes[to] = byte
            to += 1
        }
        return to - range.lowerBound
    }

    /// Appends `text` as the parameter of a command: what would end the line is escaped, and what does not fit `countMaximum`
    /// bytes is cut and ends with `…`.
    package static func append(
        parameter text: borrowing Span<UInt8>, to sink: inout some ByteSink & ~Copyable, countMaximum: Int
    ) {
        guard encodedCount(text, 0..<text.count) > countMaximum else { return appendEncoded(text, to: &sink) }
        let mark: StaticString = "…"
        var (position, left) = (0, countMaximum - mark.utf8CodeUnitCount)
        while position < text.count {
            let end = position + UTF8Decoding.step(text, at: position).count
            let added = encodedCount(text, position..<end)
            guard added <= left else { break }
            left -= added
            position = end
        }
        appendEncoded(text.extracting(0..<position), to: &sink)
        sink.append(fixed: mark)
    }

    private static func appendEncoded(_ text: borrowing Span<UInt8>, to sink: inout some ByteSink & ~Copyable) {
        for position in text.indices {
            let byte = text[position]
            guard needsEscape(byte) else {
                sink.append(byte)
                continue
            }
            sink.append(UInt8(ascii: "%"))
            Escaping.append(hexadecimal: UInt32(byte), to: &sink, digitsMinimum: 2)
        }
    }

    private static func encodedCount(_ text: borrowing Span<UInt8>, _ range: Range<Int>) -> Int {
        range.reduce(0) { $0 + (needsEscape(text[$1]) ? 3 : 1) }
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == 0x7F || byte == UInt8(ascii: "%")
    }

    /// Whether the first word of `line` is `word`.
    private static func begins(_ line: borrowing Span<UInt8>, with word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard line.count >= count else { return false }
        // The text of a StaticString is in the program itself and has this many bytes.
        let wanted = unsafe Span(_unsafeStart: word.utf8Start, count: count)
        for position in 0..<count where line[position] != wanted[position] { return false }
        return line.count == count || line[count] == UInt8(ascii: " ")
    }

    private static func number(_ line: borrowing Span<UInt8>, from start: Int) throws(Fault) -> UInt32 {
        var number: UInt32 = 0
        var position = start
        while position < line.count, line[position] != UInt8(ascii: " ") {
            let byte = line[position]
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { throw .number }
            let (product, isAbove) = number.multipliedReportingOverflow(by: 10)
            let (sum, isFarAbove) = product.addingReportingOverflow(UInt32(byte - UInt8(ascii: "0")))
            guard !isAbove, !isFarAbove else { throw .number }
            number = sum
            position += 1
        }
        guard position > start else { throw .number }
        return number
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
