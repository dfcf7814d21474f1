/// What an authenticator must know to compute one account's codes.
package import CofferCrypto
package import CofferMemory

/// A one-time password's settings, all within ``OTPLimits``, with the key in secret memory.
package struct OTPParameters: Sendable, Equatable {
    /// What makes the codes change.
    package enum Kind: Sendable, Equatable {
        /// Time (RFC 6238): a new code every `periodSeconds`, counted from 1970.
        case totp(periodSeconds: Int)
        /// A counter (RFC 4226), which starts at `counter`.
        case hotp(counter: UInt64)
    }

    /// What a code is written with.
    package enum Form: Sendable, Equatable {
        /// So many decimal digits, zeros in front included.
        case digits(Int)
        /// Five symbols of Steam's own alphabet.
        case steam
    }

    /// Steam knows one setting only.
    package static let steamPeriodSeconds = 30

    package private(set) var kind: Kind
    package let form: Form
    package let algorithm: HashAlgorithm
    /// The service, or nil when nothing names it. Never empty.
    package let issuer: String?
    /// The user's name at the service; may be empty.
    package let account: String
    /// The shared secret, at least one byte.
    package let key: SecretSlice

    /// Settings within the limits.
    ///
    /// Spaces around issuer and account are dropped, and an issuer that is then empty is none.
    /// Throws `digits`, `period`, `algorithm`, `label`, `secretEmpty`, `secretTooLong`, or `wrongKind` for a Steam
    /// code that counts.
    package init(
        kind: Kind, form: Form = .digits(6), algorithm: HashAlgorithm = .sha1, issuer: String? = nil,
        account: String = "", key: SecretSlice
    ) throws(OTPError) {
        guard key.count > 0 else { throw .secretEmpty }
        guard key.count <= OTPLimits.keyCount else { throw .secretTooLong(maximumBytes: OTPLimits.keyCount) }
        if case .digits(let count) = form, !OTPLimits.digits.contains(count) { throw .digits }
        if case .totp(let seconds) = kind, !OTPLimits.periodSeconds.contains(seconds) { throw .period }
        if form == .steam {
            guard case .totp(let seconds) = kind else { throw .wrongKind }
            guard seconds == Self.steamPeriodSeconds else { throw .period }
            guard algorithm == .sha1 else { throw .algorithm }
        }
        self.kind = kind
        self.form = form
        self.algorithm = algorithm
        self.issuer = try OTPLabel.checked(issuer ?? "").nilIfEmpty
        self.account = try OTPLabel.checked(account)
        self.key = key
    }

    /// The same settings, with the counter starting at `counter`; for those that count.
    package func counting(from counter: UInt64) -> OTPParameters {
        var parameters = self
        if case .hotp = kind { parameters.kind = .hotp(counter: counter) }
        return parameters
    }

    /// What a person should know about these settings, though they work.
    package var warnings: [OTPWarning] {
        let bits = key.count * 8
        return bits < OTPLimits.keyBitsUnwarned ? [.shortKey(bits: bits)] : []
    }
}

/// What is odd, but no reason to refuse.
package enum OTPWarning: Sendable, Equatable {
    /// The key is easier to guess than 80 bits, the least that services commonly use.
    case shortKey(bits: Int)
    /// The label names one issuer and the parameter another; the parameter counts.
    case issuerDiffers(label: String, parameter: String)
    /// Parameters that mean nothing here were left out. Their names are not kept: a torn secret could be among them.
    case parametersIgnored(count: Int)
}

extension String {
    fileprivate var nilIfEmpty: String? { isEmpty ? nil : self }
}
