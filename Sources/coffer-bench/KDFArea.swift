/// Measures PBKDF2 beside libcrypto's own loop (docs/decisions/0002).
import COpenSSL
import CofferCrypto
import CofferMemory

enum KDFArea: Area {
    static let name = "kdf"
    static let abstract = "PBKDF2 in our loop and in libcrypto's."

    private static let iterations = 50_000

    static func measure(_ bench: Bench) throws -> [Figure] {
        [
            figure(.sha512, "PBKDF2-HMAC-SHA512", leastRatio: 1.55, bench.runs),
            figure(.sha256, "PBKDF2-HMAC-SHA256", leastRatio: 2.3, bench.runs),
        ]
    }

    /// The two take turns, so that a change of the processor's clock meets both.
    private static func figure(_ algorithm: HashAlgorithm, _ name: String, leastRatio: Double, _ runs: Int) -> Figure {
        var ours: [Double] = []
        var theirs: [Double] = []
        for run in 0...runs {
            let times = (
                Stopwatch.milliseconds { deriveOurs(algorithm) }, Stopwatch.milliseconds { deriveTheirs(algorithm) }
            )
            // The first run fills caches and starts libcrypto.
            guard run > 0 else { continue }
            ours.append(times.0)
            theirs.append(times.1)
        }
        let rate = { (samples: [Double]) in Double(iterations) / Stopwatch.median(samples) * 1000 }
        return Figure(
            Self.name, Amount("\(name) over PKCS5_PBKDF2_HMAC", rate(ours) / rate(theirs), .times), runs: runs,
            limit: .atLeast(leastRatio),
            beside: [
                Amount("ours", rate(ours), .iterationsPerSecond),
                Amount("libcrypto", rate(theirs), .iterationsPerSecond),
            ])
    }

    private static let password = Array("correct horse battery staple".utf8)
    private static let salt = [UInt8](repeating: 0x73, count: 32)

    private static func deriveOurs(_ algorithm: HashAlgorithm) {
        _ = PBKDF2.derive(
            algorithm, password: password.span, salt: salt.span, iterations: iterations,
            outputCount: algorithm.outputCount)
    }

    private static func deriveTheirs(_ algorithm: HashAlgorithm) {
        var output = [UInt8](repeating: 0, count: algorithm.outputCount)
        let outputCount = Int32(output.count)
        let digest = algorithm == .sha512 ? unsafe EVP_sha512() : unsafe EVP_sha256()
        // Every address goes with its own length.
        let status = unsafe password.withUnsafeBufferPointer { passwordBytes in
            unsafe passwordBytes.withMemoryRebound(to: CChar.self) { text in
                unsafe salt.withUnsafeBufferPointer { saltBytes in
                    unsafe output.withUnsafeMutableBufferPointer { target in
                        unsafe PKCS5_PBKDF2_HMAC(
                            text.baseAddress, Int32(text.count), saltBytes.baseAddress, Int32(saltBytes.count),
                            Int32(iterations), digest, outputCount, target.baseAddress)
                    }
                }
            }
        }
        precondition(status == 1)
    }
}
