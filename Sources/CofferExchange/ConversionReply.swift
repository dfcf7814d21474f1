/// What coffer-convert answers, as it crosses the pipe: one CBOR array (docs/convert.md).
package import CofferFormat
package import CofferMemory

/// An answer, or why there is none. Texts from outside may be secret and stay in locked memory.
package enum ConversionReply: Sendable, Equatable {
    /// The texts of the QR codes of a picture, each once, in the order in which zbar tells them.
    case symbols([SecretSlice])
    /// A QR code: `width` modules a side, row by row, a byte of 1 for each dark one.
    case modules(width: Int, SecretSlice)
    /// A PNG picture.
    case picture(SecretSlice)
    /// What could not be done inside the walls, in the order of CSandbox.h: error numbers, 0 for what could be done.
    case walls([UInt64])
    case refused(ConversionRefusal)
    /// Clouds (``Swift/Array/encoded()``), and the settings that are only known when the file is run.
    case clouds(SecretSlice, asked: [String])
    case refusedText(TextFailure)
}

extension ConversionReply {
    private enum Kind {
        static let symbols: UInt64 = 1
        static let modules: UInt64 = 2
        static let picture: UInt64 = 3
        static let walls: UInt64 = 4
        static let refused: UInt64 = 5
        static let clouds: UInt64 = 6
        static let refusedText: UInt64 = 7
    }

    package func serialize() -> SecretBytes {
        var sink = SecretBuilder()
        switch self {
        case .symbols(let texts):
            Self.begin(Kind.symbols, texts.count, &sink)
            for text in texts { sink.putBytes(text.span) }
        case .modules(let width, let modules):
            Self.begin(Kind.modules, 2, &sink)
            sink.putUnsigned(UInt64(width))
            sink.putBytes(modules.span)
        case .picture(let picture):
            Self.begin(Kind.picture, 1, &sink)
            sink.putBytes(picture.span)
        case .walls(let numbers):
            Self.begin(Kind.walls, numbers.count, &sink)
            for number in numbers { sink.putUnsigned(number) }
        case .refused(let refusal):
            Self.begin(Kind.refused, 1, &sink)
            sink.putUnsigned(refusal.rawValue)
        case .clouds(let list, let asked):
            Self.begin(Kind.clouds, 1 + asked.count, &sink)
            sink.putBytes(list.span)
            for key in asked { sink.putText(key) }
        case .refusedText(let failure):
            Self.begin(Kind.refusedText, 2, &sink)
            sink.putUnsigned(UInt64(max(0, failure.line)))
            sink.putUnsigned(failure.reason.rawValue)
        }
        return sink.finish()
    }

    private static func begin(_ kind: UInt64, _ count: Int, _ sink: inout SecretBuilder) {
        sink.putArray(count: count + 1)
        sink.putUnsigned(kind)
    }

    /// Reads what another process wrote; throws where that is no reply.
    package static func parse(_ bytes: consuming SecretBytes) throws(FormatError) -> ConversionReply {
        guard bytes.count <= ConversionLimits.replyCount else { throw .limit("bytes of a reply") }
        var reader = Reader(SecretArena(bytes))
        let reply = try reader.reply()
        try reader.finish()
        return reply
    }

    private struct Reader {
        private let arena: SecretArena
        private var cursor: CBORCursor

        init(_ arena: SecretArena) {
            self.arena = arena
            cursor = CBORCursor(0..<arena.count)
        }

        func finish() throws(FormatError) { try cursor.finish() }

        // The arena is copied to a local constant: its span is lent while the cursor moves.

        private mutating func unsigned() throws(FormatError) -> UInt64 {
            let arena = arena
            return try cursor.unsigned(arena.span)
        }

        private mutating func arrayCount(atMost maximum: Int) throws(FormatError) -> Int {
            let arena = arena
            return try cursor.array(arena.span, atMost: maximum)
        }

        private mutating func bytes() throws(FormatError) -> SecretSlice {
            let arena = arena
            let range = try cursor.byteString(arena.span)
            return SecretSlice(arena: arena, offset: range.lowerBound, count: range.count)
        }

        mutating func reply() throws(FormatError) -> ConversionReply {
            let count = try arrayCount(atMost: max(ConversionLimits.symbols, ConversionLimits.asked + 1) + 1) - 1
            guard count >= 0 else { throw .unexpected }
            switch try unsigned() {
            case Kind.symbols where count <= ConversionLimits.symbols:
                var texts: [SecretSlice] = []
                for _ in 0..<count { texts.append(try bytes()) }
                return .symbols(texts)
            case Kind.modules where count == 2: return try modules()
            case Kind.picture where count == 1:
                let picture = try bytes()
                guard picture.count > 0 else { throw .unexpected }
                return .picture(picture)
            case Kind.walls:
                var numbers: [UInt64] = []
                for _ in 0..<count { numbers.append(try unsigned()) }
                return .walls(numbers)
            case Kind.refused where count == 1:
                guard let refusal = ConversionRefusal(rawValue: try unsigned()) else { throw .unexpected }
                return .refused(refusal)
            case Kind.clouds where count >= 1:
                let list = try bytes()
                var asked: [String] = []
                for _ in 1..<count { asked.append(try key()) }
                return .clouds(list, asked: asked)
            case Kind.refusedText where count == 2:
                guard let line = Int(exactly: try unsigned()), line > 0,
                    let reason = TextRefusal(rawValue: try unsigned())
                else { throw .unexpected }
                return .refusedText(TextFailure(line: line, reason: reason))
            default: throw .unexpected
            }
        }

        private mutating func key() throws(FormatError) -> String {
            let arena = arena
            let range = try cursor.text(arena.span)
            let key = String(decoding: range.map { arena.span[$0] }, as: UTF8.self)
            guard CloudSettings.isKey(key) else { throw .invalidText }
            return key
        }

        private mutating func modules() throws(FormatError) -> ConversionReply {
            let width = try unsigned()
            guard width <= UInt64(ConversionLimits.moduleWidth) else { throw .limit("modules of a QR code") }
            // Each version has four more than the one before (ISO/IEC 18004).
            guard width >= 21, width % 4 == 1 else { throw .unexpected }
            let modules = try bytes()
            guard modules.count == Int(width) * Int(width) else { throw .unexpected }
            for index in 0..<modules.count where modules.span[index] > 1 { throw .unexpected }
            return .modules(width: Int(width), modules)
        }
    }
}
