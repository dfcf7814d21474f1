/// Takes out of an entry what it is not asked for: secrets are opened on request only (docs/agent.md, "Disclosure").
import CofferCrypto
package import CofferFormat
import CofferMemory
import CofferMerge
package import CofferModel
import CofferOTP

/// What an entry is opened for.
package enum Disclosure: Sendable, Equatable {
    /// Everything that is not secret; secrets are told apart, and not told.
    case nothing
    /// The values of these fields too.
    case only([FieldName])
    /// The backup codes of every set.
    case codes
    case everything
}

extension Disclosure: WireValue {
    package func write(to sink: inout WireSink) {
        switch self {
        case .nothing: sink.put(UInt64(0))
        case .only(let fields):
            sink.put(UInt64(1))
            sink.put(fields)
        case .everything: sink.put(UInt64(2))
        case .codes: sink.put(UInt64(3))
        }
    }
    package init(from reader: inout WireReader) throws(FormatError) {
        switch try reader.unsigned() {
        case 0: self = .nothing
        case 1: self = .only(try reader.read(atMost: RequestLimits.fields))
        case 2: self = .everything
        case 3: self = .codes
        default: throw .unexpected
        }
    }

    private func tells(_ field: FieldName) -> Bool {
        switch self {
        case .nothing: false
        case .only(let fields): fields.contains(field)
        case .codes: if case .element(FieldName.Kind.code, _) = field { true } else { false }
        case .everything: true
        }
    }

    /// The entry with a stand-in for every secret that is not told: equal secrets of one field of one entry have equal
    /// stand-ins, so that conflicts, counts and the history look as they are; those of others tell nothing of each other.
    /// `key` is drawn anew by every process.
    func applied(to entry: Entry, key: SecretSlice) -> Entry {
        guard self != .everything else { return entry }
        let versions = entry.versions.versions.map { version -> EntryVersion in
            guard let content = version.content, !tells(version.field),
                Self.isSecret(content.value, of: version.field)
            else { return version }
            let value = Self.masked(content.value, of: version.field, Mask(key: key, entry.id, version.field))
            return EntryVersion(
                id: version.id, field: version.field, replaces: version.replaces,
                content: .init(atSeconds: content.atSeconds, by: content.by, value: value, seen: content.seen))
        }
        return Entry(id: entry.id, versions: EntryVersions(ascending: versions))
    }

    /// Whether a secret of `entry`, an old one too, is told with this.
    func tellsSecret(of entry: Entry) -> Bool {
        entry.versions.versions.contains { version in
            guard let value = version.content?.value else { return false }
            return tells(version.field) && Self.isSecret(value, of: version.field)
        }
    }

    private static func isSecret(_ value: FieldValue, of field: FieldName) -> Bool {
        switch (field, value) {
        case (.title, _), (.username, _), (.template, _), (.trash, _), (.purge, _), (.joinedInto, _): false
        case (.element(FieldName.Kind.tag, _), _), (.element(FieldName.Kind.url, _), _): false
        case (.element(FieldName.Kind.codeSet, _), _), (.element(FieldName.Kind.counter, _), _): false
        case (.custom, .marked(_, false)): false
        case (_, .removed), (_, .flag), (_, .number): false
        case (_, .text), (_, .marked), (_, .bytes): true
        }
    }

    private static func masked(_ value: FieldValue, of field: FieldName, _ mask: Mask) -> FieldValue {
        switch value {
        case .text(let uri) where field == .otp || field == .pendingOTP: .text(maskedURI(uri, mask))
        case .text(let text): .text(mask.standIn(text))
        case .marked(let text, let mark): .marked(mask.standIn(text), mark)
        case .bytes(let bytes): .bytes(mask.standIn(bytes))
        case .removed, .flag, .number: value
        }
    }

    /// The same settings with another secret: how often the code changes is no secret.
    private static func maskedURI(_ uri: SecretSlice, _ mask: Mask) -> SecretSlice {
        guard let parameters = try? OTPAuthURI.parse(uri.span).parameters,
            let masked = try? OTPParameters(
                kind: parameters.kind, form: parameters.form, algorithm: parameters.algorithm,
                issuer: parameters.issuer, account: parameters.account, key: mask.standIn(parameters.key))
        else { return mask.standIn(uri) }
        return SecretSlice(OTPAuthURI.serialize(masked))
    }

    /// Makes the stand-ins of one field of one entry.
    private struct Mask {
        private let key: SecretSlice
        private let context: [UInt8]

        /// Backup codes of all sets count as one field: a code is known by its text.
        init(key: SecretSlice, _ id: EntryID, _ field: FieldName) {
            self.key = key
            context = id.bytes + Array(field.groupName.utf8) + [0]
        }

        func standIn(_ secret: SecretSlice) -> SecretSlice {
            var hasher = BLAKE2bHasher(key: key.span, count: 16)
            hasher.update(context.span)
            hasher.update(secret.span)
            return SecretSlice(copying: Array(hasher.finish().hexadecimal.utf8))
        }
    }
}
