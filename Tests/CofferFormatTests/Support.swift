/// CBOR as plain values, repeatable randomness, and what the tests of several structures share.
import CofferCrypto
import CofferFormat
import CofferMemory
import CofferMerge
import CofferModel
import TestSupport

extension SeededRandom {
    mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

    /// A number of any length, often next to where the length of its encoding changes.
    mutating func anyNumber() -> UInt64 {
        let edges: [UInt64] = [0, 23, 24, 255, 256, 65_535, 65_536, 0xFFFF_FFFF, 0x1_0000_0000, .max]
        return Bool.random(using: &self) ? edges.randomElement(using: &self)! : next() >> UInt64(number(0...63))
    }

    mutating func text(_ countMaximum: Int = 12) -> String {
        let characters = ["a", "Z", "7", "é", "ё", "漢", "🗝", "e\u{301}", " ", "\u{0}"]
        var text = ""
        for _ in 0..<number(0...countMaximum) { text += characters.randomElement(using: &self)! }
        return text
    }
}

/// An item of deterministic CBOR; a map is written in the order it is given.
indirect enum Item: Equatable {
    case number(UInt64)
    case bytes([UInt8])
    case text(String)
    case array([Item])
    case map([(Item, Item)])
    case flag(Bool)
    case null
    /// Bytes that are written as they are.
    case raw([UInt8])

    var encoded: [UInt8] {
        var sink = ArraySink()
        write(to: &sink)
        return sink.bytes
    }

    private func write(to sink: inout ArraySink) {
        switch self {
        case .number(let number): sink.putUnsigned(number)
        case .bytes(let bytes): sink.putBytes(bytes)
        case .text(let text): sink.putText(text)
        case .array(let items):
            sink.putArray(count: items.count)
            for item in items { item.write(to: &sink) }
        case .map(let pairs):
            sink.putMap(count: pairs.count)
            for (key, value) in pairs {
                key.write(to: &sink)
                value.write(to: &sink)
            }
        case .flag(let flag): sink.putFlag(flag)
        case .null: sink.putNull()
        case .raw(let bytes): sink.put(bytes.span)
        }
    }

    static func == (left: Item, right: Item) -> Bool { left.encoded == right.encoded }

    /// A map with integer keys.
    static func keyed(_ pairs: [(UInt64, Item)]) -> Item { .map(pairs.map { (.number($0.0), $0.1) }) }

    /// Reads what the cursor accepts.
    static func read(_ bytes: [UInt8], _ cursor: inout CBORCursor) throws(FormatError) -> Item {
        let span = bytes.span
        switch try cursor.peekMajor(span) {
        case CBORMajor.unsigned: return .number(try cursor.unsigned(span))
        case CBORMajor.bytes: return .bytes(Array(bytes[try cursor.byteString(span)]))
        case CBORMajor.text: return .text(String(decoding: bytes[try cursor.text(span)], as: UTF8.self))
        case CBORMajor.array:
            var items: [Item] = []
            for _ in 0..<(try cursor.array(span, atMost: .max)) { items.append(try read(bytes, &cursor)) }
            return .array(items)
        case CBORMajor.map:
            var pairs: [(Item, Item)] = []
            for _ in 0..<(try cursor.map(span, atMost: .max)) {
                let key = try read(bytes, &cursor)
                pairs.append((key, try read(bytes, &cursor)))
            }
            return .map(pairs)
        default:
            if bytes[cursor.position] == CBORSimple.null {
                try cursor.null(span)
                return .null
            }
            return .flag(try cursor.flag(span))
        }
    }

    static func random(_ random: inout SeededRandom, depth: Int = 0) -> Item {
        switch random.number(0...(depth < 4 ? 7 : 4)) {
        case 0: return .number(random.anyNumber())
        case 1: return .bytes(random.bytes(random.number(0...30)))
        case 2: return .text(random.text())
        case 3: return .flag(Bool.random(using: &random))
        case 4: return .null
        case 5, 6:
            var items: [Item] = []
            for _ in 0..<random.number(0...4) { items.append(.random(&random, depth: depth + 1)) }
            return .array(items)
        default:
            var pairs: [[UInt8]: (Item, Item)] = [:]
            for _ in 0..<random.number(0...4) {
                let key = Item.random(&random, depth: 9)
                pairs[key.encoded] = (key, .random(&random, depth: depth + 1))
            }
            return .map(pairs.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.value))
        }
    }
}

extension [UInt8] {
    /// One to three small changes: a byte, a bit, a missing or an added byte.
    func mutated(_ random: inout SeededRandom) -> [UInt8] {
        var bytes = self
        for _ in 0..<random.number(1...3) {
            guard !bytes.isEmpty else { return random.bytes(1) }
            let place = random.number(0...bytes.count - 1)
            switch random.number(0...3) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes[place] ^= 1 << UInt8(random.number(0...7))
            case 2: bytes.remove(at: place)
            default: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
            }
        }
        return bytes
    }
}

func hex(_ text: String) -> [UInt8] {
    let digits = text.compactMap(\.hexDigitValue).map(UInt8.init)
    return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

func id(_ number: UInt8) -> VersionID { VersionID(([UInt8](repeating: 0, count: 11) + [number]).span)! }

func entryID(_ number: UInt8) -> EntryID { EntryID([UInt8](repeating: number, count: 16).span)! }

func secret(_ text: String) -> SecretSlice { SecretSlice(copying: Array(text.utf8)) }
