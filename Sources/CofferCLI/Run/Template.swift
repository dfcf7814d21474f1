/// Texts with references in double braces (docs/cli.md, "Templates").
import CofferFormat
import CofferMemory

struct Template {
    private enum Part {
        case text(Range<Int>)
        case reference(Reference)
    }

    /// How long a filled template may be, in bytes.
    private static let filledCount = 16 * 1024 * 1024

    private let text: SecretSlice
    private var parts: [Part] = []

    /// How long a reference may be, in bytes.
    private static let referenceCount = 4096

    /// Finds the references; braces that hold something else are text.
    init(_ text: SecretSlice, name: String) throws(CLIError) {
        self.text = text
        let span = text.span
        var (start, index, line) = (0, 0, 1)
        while index < span.count {
            if span[index] == UInt8(ascii: "\n") { line += 1 }
            guard let (inner, end) = Self.reference(span, at: index) else {
                index += 1
                continue
            }
            guard isValidUTF8(span.extracting(inner)) else {
                throw .badLine(file: name, line: line, why: "the reference is not UTF-8 text")
            }
            do throws(CLIError) {
                parts.append(.text(start..<index))
                parts.append(.reference(try Reference(String(decoding: span.extracting(inner)))))
            } catch {
                throw .badLine(file: name, line: line, why: "the reference is not coffer://TITLE/FIELD")
            }
            start = end
            index = end
        }
        parts.append(.text(start..<span.count))
    }

    /// The reference in the braces that begin at `start`, without the spaces around it, and where the braces end, on the same
    /// line; nil where there is none. Braces inside end the search, so that no byte is looked at more than a few times.
    private static func reference(_ text: borrowing Span<UInt8>, at start: Int) -> (inner: Range<Int>, end: Int)? {
        guard isPair(text, UInt8(ascii: "{"), at: start) else { return nil }
        var first = start + 2
        while first < text.count, first - start <= referenceCount, text[first] == UInt8(ascii: " ") { first += 1 }
        var end = first
        for byte in Reference.scheme.utf8 {
            guard end < text.count, text[end] == byte else { return nil }
            end += 1
        }
        while end < text.count, end - start <= referenceCount, text[end] != UInt8(ascii: "\n"),
            !isPair(text, UInt8(ascii: "{"), at: end)
        {
            guard isPair(text, UInt8(ascii: "}"), at: end) else {
                end += 1
                continue
            }
            var last = end
            while last > first, text[last - 1] == UInt8(ascii: " ") { last -= 1 }
            return (first..<last, end + 2)
        }
        return nil
    }

    private static func isPair(_ text: borrowing Span<UInt8>, _ byte: UInt8, at index: Int) -> Bool {
        text.count - index >= 2 && text[index] == byte && text[index + 1] == byte
    }

    /// The text with each reference's value in its place.
    func filled(by reader: ReferenceReader) throws -> SecretBytes {
        var known: [String: SecretSlice] = [:]
        var filled = SecretBuilder(capacity: text.count + 4096)
        for part in parts {
            switch part {
            case .text(let range): filled.append(text.extracting(range))
            case .reference(let reference):
                let value = try known[reference.text] ?? reader.read(reference)
                known[reference.text] = value
                filled.append(value)
            }
            guard filled.count <= Self.filledCount else {
                throw CLIError.tooLong(what: "The template with its values", maximumBytes: Self.filledCount)
            }
        }
        return filled.finish()
    }
}
