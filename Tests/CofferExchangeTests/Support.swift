/// What several tests of foreign settings share: texts, clouds, and repeatable randomness.
import CofferExchange
import CofferMemory
import CofferModel

func slice(_ text: String) -> SecretSlice { SecretSlice(copying: Array(text.utf8)) }

func text(_ bytes: borrowing SecretBytes) -> String {
    String(decoding: bytes.span.indices.map { bytes.span[$0] }, as: UTF8.self)
}

func array(_ bytes: borrowing SecretBytes) -> [UInt8] { bytes.span.indices.map { bytes.span[$0] } }

func cloud(_ name: String, _ values: KeyValuePairs<String, String>) -> CloudSettings {
    var cloud = CloudSettings(name: name)
    for (key, text) in values { cloud.set(key, slice(text)) }
    return cloud
}

extension CloudSettings {
    /// The settings as `key=value`, in their order.
    var lines: [String] { values.map { "\($0.key)=\($0.text.plainText)" } }
}

/// SplitMix64: a generator whose run can be repeated from the seed that the test printed.
struct SeededRandom: RandomNumberGenerator {
    let seed: UInt64
    private var state: UInt64

    init(seed: UInt64) {
        self.seed = seed
        state = seed
    }

    static func fresh() -> SeededRandom { SeededRandom(seed: UInt64.random(in: 0...UInt64.max)) }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
