/// What several tests of foreign settings share: texts, clouds, and repeatable randomness.
import CofferExchange
import CofferMemory
import CofferModel
import TestSupport

func text(_ bytes: borrowing SecretBytes) -> String {
    String(decoding: bytes.span.indices.map { bytes.span[$0] }, as: UTF8.self)
}

func cloud(_ name: String, _ values: KeyValuePairs<String, String>) -> CloudSettings {
    var cloud = CloudSettings(name: name)
    for (key, text) in values { cloud.set(key, slice(text)) }
    return cloud
}

extension CloudSettings {
    /// The settings as `key=value`, in their order.
    var lines: [String] { values.map { "\($0.key)=\($0.text.plainText)" } }
}
