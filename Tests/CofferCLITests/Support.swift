/// What several tests of the command line share.
import CofferCLI
import CofferCrypto
import CofferMemory
import Glibc
import TestSupport

func text(_ span: borrowing Span<UInt8>) -> String { String(decoding: array(span), as: UTF8.self) }

func text(_ secret: borrowing SecretBytes) -> String { text(secret.span) }

/// The error that `work` throws, or nil when it succeeds.
func failure(_ work: () throws(CLIError) -> Void) -> CLIError? {
    do {
        try work()
        return nil
    } catch {
        return error
    }
}

/// A pipe; what it still holds open is closed at the end.
final class Pipe {
    private(set) var readEnd: Int32
    private(set) var writeEnd: Int32

    init() {
        var ends: InlineArray<2, Int32> = [-1, -1]
        var span = ends.mutableSpan
        // The span has room for the two descriptors.
        unsafe span.withUnsafeMutableBufferPointer { unsafe _ = pipe($0.baseAddress!) }
        (readEnd, writeEnd) = (ends[0], ends[1])
    }

    convenience init(holding content: String) {
        self.init()
        Self.write(content, to: writeEnd)
        closeWriteEnd()
    }

    static func write(_ content: String, to descriptor: Int32) {
        let bytes = Array(content.utf8)
        // The array lives through the call and has this many bytes.
        unsafe _ = Glibc.write(descriptor, bytes, bytes.count)
    }

    func closeWriteEnd() {
        close(writeEnd)
        writeEnd = -1
    }

    func closeReadEnd() {
        close(readEnd)
        readEnd = -1
    }

    /// Everything up to the end.
    func readAll() -> [UInt8] { readDescriptor(readEnd) }

    deinit {
        if readEnd >= 0 { close(readEnd) }
        if writeEnd >= 0 { close(writeEnd) }
    }
}

/// Everything that `descriptor` gives up to its end or the first error.
func readDescriptor(_ descriptor: Int32) -> [UInt8] {
    var all: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
        // The array has room for what is asked.
        let count = unsafe read(descriptor, &chunk, chunk.count)
        guard count > 0 else { return all }
        all += chunk[..<count]
    }
}

/// SplitMix64: a random source whose run can be repeated from the seed that the test printed.
final class SeededRandom: RandomSource {
    let seed: UInt64
    private var state: UInt64

    init(seed: UInt64 = UInt64.random(in: 0...UInt64.max)) {
        self.seed = seed
        state = seed
    }

    func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    func fill(_ bytes: inout MutableSpan<UInt8>) {
        for index in bytes.indices { bytes[index] = UInt8(truncatingIfNeeded: next()) }
    }
}

/// A random source that hands out the numbers it was given, four bytes each, most significant first.
final class ScriptedRandom: RandomSource {
    private var numbers: [UInt32]

    init(_ numbers: [UInt32]) { self.numbers = numbers }

    var remainingCount: Int { numbers.count }

    func fill(_ bytes: inout MutableSpan<UInt8>) {
        precondition(bytes.count == 4 && !numbers.isEmpty, "the script is too short")
        let number = numbers.removeFirst()
        for index in 0..<4 { bytes[index] = UInt8(truncatingIfNeeded: number >> UInt32(24 - 8 * index)) }
    }
}

extension Output {
    static func terminal(columns: Int = 80, descriptor: Int32 = -1) -> Output {
        Output(descriptor: descriptor, isTerminal: true, usesColor: false, columns: columns)
    }

    static func pipe(descriptor: Int32 = -1) -> Output {
        Output(descriptor: descriptor, isTerminal: false, usesColor: false, columns: 0)
    }
}
