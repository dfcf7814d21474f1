/// Texts with references in double braces (docs/cli.md, "Templates").
import CofferFormat
import CofferMemory

struct Template {
    private enum Part {
        case text(Range<Int>)
        case reference(Reference)
    }

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
            guard let end = Self.end(span, from: index) else {
                index += 1
                continue
            }
            guard let inner = Self.inner(span, index..<end) else {
                index += 2
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

    /// Where the braces end that begin at `start`, on the same line; nil where none do.
    private static func end(_ text: borrowing Span<UInt8>, from start: Int) -> Int? {
        guard text.count - start >= 4, text[start] == UInt8(ascii: "{"), text[start + 1] == UInt8(ascii: "{") else {
            return nil
        }
        var index = start + 2
        while index + 1 < text.count, index - start <= referenceCount, text[index] != UInt8(ascii: "\n") {
            if text[index] == UInt8(ascii: "}") && text[index + 1] == UInt8(ascii: "}") { return index + 2 }
            index += 1
        }
        return nil
    }

    /// What stands between the braces without the spaces around it; nil where it does not begin as a reference.
    private static func inner(_ text: borrowing Span<UInt8>, _ braces: Range<Int>) -> Range<Int>? {
        var (first, end) = (braces.lowerBound + 2, braces.upperBound - 2)
        while first < end, text[first] == UInt8(ascii: " ") { first += 1 }
        while end > first, text[end - 1] == UInt8(ascii: " ") { end -= 1 }
        let scheme = Array(Reference.scheme.utf8)
        guard end - first >= scheme.count, scheme.indices.allSatisfy({ text[first + $0] == scheme[$0] }) else {
            return nil
        }
        return first..<end
    }

    /// The text with each reference's value in its place.
    func filled(by reader: ReferenceReader) throws -> SecretBytes {
        var filled = SecretBuilder(capacity: text.count + 4096)
        for part in parts {
            switch part {
            case .text(let range): filled.append(text.extracting(range))
            case .reference(let reference): filled.append(try reader.read(reference))
            }
        }
        return filled.finish()
    }
}
