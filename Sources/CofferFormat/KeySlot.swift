/// A key slot of the header (docs/format.md, "Key slot").
import CofferCrypto

/// The key derivation function of a slot with its cost.
package enum SlotKDF: Equatable, Sendable {
    case pbkdf2HMACSHA512(iterations: UInt32)
    case pbkdf2HMACSHA256(iterations: UInt32)
    case argon2id(passes: UInt32, memoryKiB: UInt32)
    /// For the recovery key, which is random and needs no stretching.
    case none

    package var number: UInt8 {
        switch self {
        case .pbkdf2HMACSHA512: 1
        case .pbkdf2HMACSHA256: 2
        case .argon2id: 3
        case .none: 4
        }
    }

    /// Iterations or passes; 0 when there are none.
    package var cost: UInt32 {
        switch self {
        case .pbkdf2HMACSHA512(let iterations), .pbkdf2HMACSHA256(let iterations): iterations
        case .argon2id(let passes, _): passes
        case .none: 0
        }
    }

    /// 0 for every KDF but Argon2id.
    package var memoryKiB: UInt32 {
        guard case .argon2id(_, let memoryKiB) = self else { return 0 }
        return memoryKiB
    }

    /// The work of one derivation, as a share of the most that is accepted of its kind.
    package var workShare: Double {
        switch self {
        case .pbkdf2HMACSHA512(let iterations), .pbkdf2HMACSHA256(let iterations):
            Double(iterations) / Double(KDFLimits.iterationsMaximum)
        case .argon2id(let passes, let memoryKiB):
            Double(passes) / Double(KDFLimits.argon2PassesMaximum)
                * Double(memoryKiB) / Double(KDFLimits.argon2MemoryMaximumKiB)
        case .none: 0
        }
    }

    /// The number of bytes of the salt.
    package var saltCount: Int {
        guard case .argon2id = self else { return 32 }
        return 16
    }

    /// The name that `init --kdf` takes and `keys` prints.
    package var name: String {
        switch self {
        case .pbkdf2HMACSHA512: "pbkdf2-hmac-sha512"
        case .pbkdf2HMACSHA256: "pbkdf2-hmac-sha256"
        case .argon2id: "argon2id"
        case .none: "none"
        }
    }
}

/// What a slot says in clear before anything is derived; all of it is in its associated data.
package struct KeySlotParameters: Equatable, Sendable {
    package enum Role: UInt8, Sendable {
        case password = 1
        case recovery = 2
    }

    package struct Flags: OptionSet, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }
        package static let keyFile = Flags(rawValue: 1)
        /// The slot may cost less than the floor: for tests, and every opening warns.
        package static let testKDF = Flags(rawValue: 2)
    }

    package static let idCount = 16

    package let id: [UInt8]
    package let role: Role
    package let kdf: SlotKDF
    package let salt: [UInt8]
    package let flags: Flags

    package init(id: [UInt8], role: Role, kdf: SlotKDF, salt: [UInt8], flags: Flags) {
        self.id = id
        self.role = role
        self.kdf = kdf
        self.salt = salt
        self.flags = flags
    }
}

/// A key slot: its parameters, what commits it to one key, and the wrapped vault key.
package struct KeySlot: Equatable, Sendable {
    package static let commitmentCount = 32
    package static let wrappedKeyCount = 48

    package let parameters: KeySlotParameters
    package let commitment: [UInt8]
    package let wrappedKey: [UInt8]

    package init(parameters: KeySlotParameters, commitment: [UInt8], wrappedKey: [UInt8]) {
        self.parameters = parameters
        self.commitment = commitment
        self.wrappedKey = wrappedKey
    }

    /// The canonical encoding: what the header holds, and what the registry's version has as its value.
    package var encoded: [UInt8] {
        var sink = ArraySink()
        let kdf = parameters.kdf
        sink.putMap(count: 7 + (kdf == .none ? 0 : 1) + (kdf.memoryKiB == 0 ? 0 : 1))
        sink.putUnsigned(0)
        sink.putBytes(parameters.id)
        sink.putUnsigned(1)
        sink.putUnsigned(UInt64(parameters.role.rawValue))
        sink.putUnsigned(2)
        sink.putUnsigned(UInt64(kdf.number))
        if kdf != .none {
            sink.putUnsigned(3)
            sink.putUnsigned(UInt64(kdf.cost))
        }
        if case .argon2id(_, let memoryKiB) = kdf {
            sink.putUnsigned(4)
            sink.putUnsigned(UInt64(memoryKiB))
        }
        sink.putUnsigned(5)
        sink.putBytes(parameters.salt)
        sink.putUnsigned(6)
        sink.putUnsigned(UInt64(parameters.flags.rawValue))
        sink.putUnsigned(7)
        sink.putBytes(commitment)
        sink.putUnsigned(8)
        sink.putBytes(wrappedKey)
        return sink.bytes
    }

    /// Reads a slot and refuses costs outside the limits: no KDF runs on a file with such a slot.
    static func parse(_ bytes: borrowing Span<UInt8>, at cursor: inout CBORCursor) throws(FormatError) -> KeySlot {
        var keys = KeyReader(pairs: try cursor.map(bytes, atMost: 9))
        func key(_ key: UInt64) throws(FormatError) {
            guard try keys.next(key, bytes, &cursor) else { throw .unexpected }
        }
        func byteString(_ count: Int) throws(FormatError) -> [UInt8] {
            try cursor.byteString(bytes, count: count).map { bytes[$0] }
        }
        try key(0)
        let id = try byteString(KeySlotParameters.idCount)
        try key(1)
        guard let role = UInt8(exactly: try cursor.unsigned(bytes)).flatMap(KeySlotParameters.Role.init) else {
            throw .unsupported("the role of a key slot")
        }
        try key(2)
        let number = try cursor.unsigned(bytes)
        let cost = try keys.next(3, bytes, &cursor) ? try cursor.unsigned(bytes) : nil
        let memory = try keys.next(4, bytes, &cursor) ? try cursor.unsigned(bytes) : nil
        try key(5)
        let saltRange = try cursor.byteString(bytes)
        try key(6)
        let flagBits = try cursor.unsigned(bytes)
        guard flagBits <= 3 else { throw .unsupported("a flag of a key slot") }
        let flags = KeySlotParameters.Flags(rawValue: UInt8(flagBits))
        let kdf = try parseKDF(number, cost, memory, isTest: flags.contains(.testKDF))
        guard (role == .recovery) == (kdf == .none), role == .password || flags.isEmpty else {
            throw .unsupported("the KDF of a key slot for its role")
        }
        guard saltRange.count == kdf.saltCount else { throw .unexpected }
        try key(7)
        let commitment = try byteString(commitmentCount)
        try key(8)
        let wrappedKey = try byteString(wrappedKeyCount)
        try keys.finish()
        let parameters = KeySlotParameters(
            id: id, role: role, kdf: kdf, salt: saltRange.map { bytes[$0] }, flags: flags)
        return KeySlot(parameters: parameters, commitment: commitment, wrappedKey: wrappedKey)
    }

    /// A missing parameter is an error, never a default.
    private static func parseKDF(
        _ number: UInt64, _ cost: UInt64?, _ memory: UInt64?, isTest: Bool
    ) throws(FormatError) -> SlotKDF {
        let iterationsMinimum = isTest ? 1 : UInt64(KDFLimits.iterationsMinimum)
        let memoryMinimum = isTest ? 8 : UInt64(KDFLimits.argon2MemoryMinimumKiB)
        switch (number, cost, memory) {
        case (1, let iterations?, nil), (2, let iterations?, nil):
            guard (iterationsMinimum...UInt64(KDFLimits.iterationsMaximum)).contains(iterations) else {
                throw .unsupported("the number of iterations of a key slot")
            }
            return number == 1
                ? .pbkdf2HMACSHA512(iterations: UInt32(iterations)) : .pbkdf2HMACSHA256(iterations: UInt32(iterations))
        case (3, let passes?, let memoryKiB?):
            let passesRange = UInt64(KDFLimits.argon2PassesMinimum)...UInt64(KDFLimits.argon2PassesMaximum)
            guard passesRange.contains(passes) else { throw .unsupported("the number of passes of a key slot") }
            guard (memoryMinimum...UInt64(KDFLimits.argon2MemoryMaximumKiB)).contains(memoryKiB) else {
                throw .unsupported("the memory of a key slot")
            }
            return .argon2id(passes: UInt32(passes), memoryKiB: UInt32(memoryKiB))
        case (4, nil, nil): return .none
        case (1...3, _, _): throw .unsupported("a key slot without its cost")
        default: throw .unsupported("the KDF of a key slot")
        }
    }

    /// Reads a slot that starts at `offset`, whatever follows it: for looking through a damaged header.
    package static func parse(
        _ bytes: borrowing Span<UInt8>, startingAt offset: Int
    ) throws(FormatError) -> KeySlot {
        guard offset >= 0, offset <= bytes.count else { throw .truncated }
        var cursor = CBORCursor(offset..<bytes.count)
        return try parse(bytes, at: &cursor)
    }

    /// Reads a slot from exactly `bytes`, as the registry holds it.
    package static func parse(_ bytes: borrowing Span<UInt8>) throws(FormatError) -> KeySlot {
        var cursor = CBORCursor(0..<bytes.count)
        let slot = try parse(bytes, at: &cursor)
        try cursor.finish()
        return slot
    }
}
