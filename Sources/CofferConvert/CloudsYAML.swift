/// Reads the clouds of a clouds.yaml or secure.yaml.
package import CofferExchange
import CofferMemory
import Yams

/// The mapping `clouds` of a file as OpenStack's tools read it: `auth` is flattened, scalars are texts, and anchors,
/// aliases and `<<` are honoured.
///
/// Yams gives texts as `String`: a password of the file is in ordinary memory that nobody wipes. That is why this runs
/// in a process of its own, which has no other secret and ends with its answer.
package enum CloudsYAML {
    /// The largest file, in bytes.
    package static let textCount = ConversionLimits.cloudsCount
    /// The most nodes, where a node counts as often as aliases put it in.
    package static let nodes = 100_000
    /// How deep mappings and lists may be in each other.
    package static let depth = 16

    package static func parse(_ text: borrowing Span<UInt8>) throws(TextFailure) -> [CloudSettings] {
        guard text.count <= textCount else {
            throw TextFailure(line: 1, reason: .tooLong)
        }
        try check(text)
        let marker = try AliasMarker(text)
        let yaml = marker.marked(text)
        do {
            // Rules for numbers and dates are not asked for, so that `on` and `0123` stay what is written.
            let parser = try Parser(yaml: yaml, resolver: .basic, encoding: .utf8)
            // The parser owns the names of the anchors, which its nodes only point to.
            return try withExtendedLifetime(parser) {
                guard let root = try parser.singleRoot() else { throw TextFailure(line: 1, reason: .noClouds) }
                var builder = YAMLItemBuilder(marker: marker)
                return try CloudsOfYAML.clouds(in: builder.item(root, level: 1))
            }
        } catch let error as TextFailure {
            throw error
        } catch {
            throw Self.error(error, in: yaml)
        }
    }

    /// Refuses what is no text, and what will have too many nodes: most have one of these marks, and libyaml looks for
    /// each at every list that is open.
    private static func check(_ text: borrowing Span<UInt8>) throws(TextFailure) {
        var (line, marks) = (1, 0)
        for index in text.indices {
            let byte = text[index]
            if ",:[{\n".utf8.contains(byte) { marks += 1 }
            guard marks <= 2 * nodes else {
                throw TextFailure(line: line, reason: .tooManyNodes)
            }
            if byte == 0x0A { line += 1 }
            let isControl = (byte < 0x20 && byte != 0x09 && byte != 0x0A && byte != 0x0D) || byte == 0x7F
            guard !isControl else { throw TextFailure(line: line, reason: .controlCharacter) }
        }
        guard (try? UTF8Span(validating: text.extracting(0..<text.count))) != nil else {
            throw TextFailure(line: 1, reason: .notUTF8)
        }
    }

    private static func error(_ error: any Error, in yaml: String) -> TextFailure {
        switch error {
        case YamlError.scanner(_, _, let mark, _): TextFailure(line: mark.line, reason: .syntax)
        case YamlError.parser(_, let problem, let mark, _):
            // libyaml itself goes a thousand structures deep before it gives up.
            TextFailure(
                line: mark.line,
                reason: problem.hasPrefix("Maximum nesting") ? .tooDeep : .syntax)
        case YamlError.composer(_, _, let mark, _): TextFailure(line: mark.line, reason: .severalDocuments)
        case YamlError.duplicatedKeysInMapping(_, let context):
            TextFailure(line: context.mark.line, reason: .duplicateKey)
        case YamlError.reader(_, let offset, _, _):
            TextFailure(
                line: yaml.prefix(offset ?? 0).count { $0.isNewline } + 1, reason: .controlCharacter)
        default: TextFailure(line: 1, reason: .syntax)
        }
    }
}
