/// Where fresh random bytes come from; a parameter everywhere, so that tests can hold it still.
package import CofferMemory
import CSodium

package protocol RandomSource {
    /// Fills `bytes` with bytes that nobody can predict.
    func fill(_ bytes: inout MutableSpan<UInt8>)
}

/// The system's random generator.
package struct SystemRandom: RandomSource, Sendable {
    package init() {}

    package func fill(_ bytes: inout MutableSpan<UInt8>) {
        SodiumLibrary.start()
        let count = bytes.count
        // The address goes with its length.
        unsafe bytes.withCBytes { unsafe randombytes_buf($0, count) }
    }
}

extension RandomSource {
    /// A random secret of `count` bytes.
    package func makeSecret(count: Int) -> SecretBytes {
        var secret = SecretBytes(zeroed: count)
        var target = secret.mutableSpan
        fill(&target)
        return secret
    }

    /// Random bytes that need not be kept secret: an id, a salt.
    package func makeBytes(count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var target = bytes.mutableSpan
        fill(&target)
        return bytes
    }

    /// A number from 0 to `bound` - 1, each as likely as any other. `bound` is at least 1.
    ///
    /// Draws numbers of four bytes, the most significant first, and drops those below 2³² mod `bound`, so that
    /// what is left falls evenly on the remainders.
    package func makeUniform(below bound: UInt32) -> UInt32 {
        precondition(bound > 0)
        let dropped = (0 &- bound) % bound
        // The number may become a character of a password: it is wiped afterwards.
        var drawn: InlineArray<4, UInt8> = [0, 0, 0, 0]
        var number: UInt32
        repeat {
            var target = drawn.mutableSpan
            fill(&target)
            number = drawn.indices.reduce(0) { $0 << 8 | UInt32(drawn[$1]) }
        } while number < dropped
        var spent = drawn.mutableSpan
        // The address is that of the four bytes.
        unsafe spent.withCBytes { unsafe sodium_memzero($0, 4) }
        return number % bound
    }
}
