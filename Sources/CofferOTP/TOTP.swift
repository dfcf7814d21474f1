/// Time-based one-time passwords (RFC 6238, with T0 = 0).
package import CofferMemory

package enum TOTP {
    /// The stretch of time in which one code is valid.
    package struct Window: Sendable, Equatable {
        /// The number of periods since 1970: the counter of the code.
        package let counter: UInt64
        /// The first second in which the code is valid, since 1970.
        package let validFromUnixSeconds: Int64
        /// The first second in which the code is not valid any more, since 1970.
        package let validUntilUnixSeconds: Int64
        /// How many seconds the code is still valid, the current one included: 1 to the period.
        package let remainingSeconds: Int
        /// The length of the window.
        package let periodSeconds: Int
    }

    /// The window that `unixSeconds` lies in.
    ///
    /// Throws `wrongKind` for counter-based parameters, and `timeOutOfRange` for a time before 1970, for which
    /// RFC 6238 has no counter, or after ``OTPLimits/unixSecondsMaximum``.
    package static func window(
        _ parameters: OTPParameters, atUnixSeconds unixSeconds: Int64
    ) throws(OTPError) -> Window {
        guard case .totp(let periodSeconds) = parameters.kind else { throw .wrongKind }
        return try window(periodSeconds: periodSeconds, atUnixSeconds: unixSeconds)
    }

    private static func window(periodSeconds: Int, atUnixSeconds unixSeconds: Int64) throws(OTPError) -> Window {
        guard (0...OTPLimits.unixSecondsMaximum).contains(unixSeconds) else { throw .timeOutOfRange }
        // Both factors are bounded: the time by the line above, the period by OTPParameters.
        let period = Int64(periodSeconds)
        let from = unixSeconds / period * period
        return Window(
            counter: UInt64(unixSeconds / period), validFromUnixSeconds: from, validUntilUnixSeconds: from + period,
            remainingSeconds: Int(from + period - unixSeconds), periodSeconds: periodSeconds)
    }

    /// The code valid at `unixSeconds`, in ASCII. Throws as ``window(_:atUnixSeconds:)`` does.
    package static func code(
        _ parameters: OTPParameters, atUnixSeconds unixSeconds: Int64
    ) throws(OTPError) -> SecretBytes {
        code(parameters, counter: try window(parameters, atUnixSeconds: unixSeconds).counter)
    }

    /// The code after the one valid at `unixSeconds`, in ASCII. Throws as ``window(_:atUnixSeconds:)`` does.
    package static func nextCode(
        _ parameters: OTPParameters, atUnixSeconds unixSeconds: Int64
    ) throws(OTPError) -> SecretBytes {
        // The counter is at most unixSecondsMaximum, far below the overflow.
        code(parameters, counter: try window(parameters, atUnixSeconds: unixSeconds).counter + 1)
    }

    /// How many seconds to wait until a code has at least `seconds` of validity left; 0 when it has them now.
    ///
    /// Throws `freshnessBeyondPeriod` when no code of this period ever has so many,
    /// and as ``window(_:atUnixSeconds:)`` does. The period lies within ``OTPLimits/periodSeconds``.
    package static func secondsUntilFresh(
        periodSeconds: Int, seconds: Int, atUnixSeconds unixSeconds: Int64
    ) throws(OTPError) -> Int {
        let window = try window(periodSeconds: periodSeconds, atUnixSeconds: unixSeconds)
        guard seconds <= window.periodSeconds else {
            throw .freshnessBeyondPeriod(periodSeconds: window.periodSeconds)
        }
        return window.remainingSeconds >= seconds ? 0 : window.remainingSeconds
    }

    private static func code(_ parameters: OTPParameters, counter: UInt64) -> SecretBytes {
        HOTP.code(key: parameters.key.span, counter: counter, algorithm: parameters.algorithm, form: parameters.form)
    }
}
