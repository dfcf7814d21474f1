/// The list of clouds as it goes through the pipe between coffer-convert and coffer: deterministic CBOR.
///
///     clouds = [* [name: text, [* [key: text, value: text]], [* omitted: text]]]
package import CofferFormat
package import CofferMemory

extension [CloudSettings] {
    /// The encoded list. Decoding gives the same list, if it is within its limits.
    package func encoded() -> SecretBytes {
        var length = LengthSink()
        encode(into: &length)
        var sink = SecretSink(filling: SecretBytes(zeroed: length.count), from: 0)
        encode(into: &sink)
        return sink.finish()
    }

    /// Reads a list; its values share the arena. Accepts only what ``encoded()`` writes.
    package static func decode(_ arena: SecretArena) throws(FormatError) -> [CloudSettings] {
        let bytes = arena.span
        var cursor = CBORCursor(0..<bytes.count)
        var clouds: [CloudSettings] = []
        var names: Set<[UInt8]> = []
        for _ in 0..<(try cursor.array(bytes, atMost: CloudSettings.clouds)) {
            let cloud = try CloudSettings.decode(arena, &cursor)
            guard names.insert([UInt8](cloud.name.utf8)).inserted else { throw .unexpected }
            clouds.append(cloud)
        }
        try cursor.finish()
        return clouds
    }

    private func encode<Sink: CBORSink & ~Copyable>(into sink: inout Sink) {
        sink.putArray(count: count)
        for cloud in self { cloud.encode(into: &sink) }
    }
}

extension CloudSettings {
    fileprivate func encode<Sink: CBORSink & ~Copyable>(into sink: inout Sink) {
        sink.putArray(count: 3)
        sink.putText(name)
        sink.putArray(count: values.count)
        for value in values {
            sink.putArray(count: 2)
            sink.putText(value.key)
            sink.putText(value.text.span)
        }
        sink.putArray(count: omitted.count)
        for key in omitted { sink.putText(key) }
    }

    fileprivate static func decode(
        _ arena: SecretArena, _ cursor: inout CBORCursor
    ) throws(FormatError) -> CloudSettings {
        let bytes = arena.span
        guard try cursor.array(bytes, atMost: 3) == 3 else { throw .unexpected }
        let name = try string(bytes, &cursor, atMost: nameCount)
        guard isName(name) else { throw .invalidText }
        // Keys are ASCII, so that the equality of `String` is that of bytes.
        var keys: Set<String> = []
        var values: [Value] = []
        for _ in 0..<(try cursor.array(bytes, atMost: Self.values)) {
            guard try cursor.array(bytes, atMost: 2) == 2 else { throw .unexpected }
            let key = try self.key(bytes, &cursor)
            guard keys.insert(key).inserted else { throw .unexpected }
            let range = try cursor.text(bytes)
            guard range.count <= valueCount else { throw .limit("cloud value") }
            guard isText(bytes.extracting(range)) else { throw .invalidText }
            let text = SecretSlice(arena: arena, offset: range.lowerBound, count: range.count)
            values.append(Value(key: key, text: text))
        }
        var omitted: [String] = []
        for _ in 0..<(try cursor.array(bytes, atMost: Self.values)) {
            let key = try self.key(bytes, &cursor)
            guard keys.insert(key).inserted else { throw .unexpected }
            omitted.append(key)
        }
        return CloudSettings(name: name, values: values, omitted: omitted)
    }

    private static func key(
        _ bytes: borrowing Span<UInt8>, _ cursor: inout CBORCursor
    ) throws(FormatError) -> String {
        let key = try string(bytes, &cursor, atMost: keyCount.upperBound)
        guard isKey(key) else { throw .invalidText }
        return key
    }

    /// A text that is not secret.
    private static func string(
        _ bytes: borrowing Span<UInt8>, _ cursor: inout CBORCursor, atMost maximum: Int
    ) throws(FormatError) -> String {
        let range = try cursor.text(bytes)
        guard range.count <= maximum else { throw .limit("cloud name") }
        return String(decoding: range.map { bytes[$0] }, as: UTF8.self)
    }
}
