/// Codes agree with programs that share no code with Coffer: oathtool, and Tests/Independent/otp.py.
import CofferCrypto
import CofferMemory
import CofferOTP
import TestSupport
import Testing

struct OtherProgramsTests {
    /// Random settings, and the counter or time to ask at.
    struct Question {
        let parameters: OTPParameters
        let key: [UInt8]
        let at: UInt64

        init(form: OTPParameters.Form, isTimeBased: Bool, random: inout SeededRandom) throws {
            key = random.bytes(1...200)
            let steam = form == .steam
            let algorithm = steam ? .sha1 : HashAlgorithm.allCases.randomElement(using: &random) ?? .sha1
            if isTimeBased || steam {
                // Other programs keep the period in 31 bits and the time in 63; the years 1970 to 9892 are ours.
                let period = steam ? 30 : Int(max(random.number(bits: 31), 1))
                parameters = try OTPParameters(
                    kind: .totp(periodSeconds: period), form: form, algorithm: algorithm,
                    key: SecretSlice(copying: key))
                at = min(random.number(bits: 38), UInt64(OTPLimits.unixSecondsMaximum))
            } else {
                at = random.number(bits: 64)
                parameters = try OTPParameters(
                    kind: .hotp(counter: at), form: form, algorithm: algorithm, key: SecretSlice(copying: key))
            }
        }

        var code: String {
            get throws {
                switch parameters.kind {
                case .hotp: text(try HOTP.code(parameters, counter: at))
                case .totp: text(try TOTP.code(parameters, atUnixSeconds: Int64(at)))
                }
            }
        }

        var hexadecimalKey: String { hexadecimal(key) }
    }

    @Test func `codes of six to eight digits agree with oathtool`() throws {
        let oathtool = try OtherProgram(
            named: "oathtool", remedy: "install Debian's package oathtool (scripts/test does)")
        var random = SeededRandom()
        print("oathtool: seed \(random.seed)")
        var counts = (hotp: 0, totp: 0)
        for round in 0..<1_000 {
            let digits = Int.random(in: 6...8, using: &random)
            let question = try Question(
                form: .digits(digits), isTimeBased: round.isMultiple(of: 2), random: &random)
            let options: [String]
            let code: String
            switch question.parameters.kind {
            case .totp(let period):
                let hash = question.parameters.algorithm.name
                options = ["--totp=\(hash)", "--time-step-size=\(period)s", "--now=@\(question.at)"]
                code = try question.code
                counts.totp += 1
            case .hotp:
                // oathtool counts with SHA-1 only, and its counter is signed.
                let counter = question.at & UInt64(Int64.max)
                options = ["--hotp", "--counter=\(counter)"]
                code = text(
                    HOTP.code(
                        key: question.parameters.key.span, counter: counter, algorithm: .sha1, form: .digits(digits)))
                counts.hotp += 1
            }
            let answer = try oathtool.lines(options + ["--digits=\(digits)", "-"], input: question.hexadecimalKey)
            #expect(answer == [code], "seed \(random.seed), round \(round)")
        }
        print("oathtool agrees on \(counts.hotp) HOTP and \(counts.totp) TOTP settings")
    }

    @Test func `codes of all lengths and Steam's agree with an independent implementation`() throws {
        let python = try OtherProgram(named: "python3", remedy: "install Debian's package python3")
        var random = SeededRandom()
        print("Independent/otp.py: seed \(random.seed)")
        var questions: [Question] = []
        for round in 0..<1_000 {
            let forms: [OTPParameters.Form] = [
                .digits(9), .digits(10), .steam, .digits(random.next() % 2 == 0 ? 6 : 8),
            ]
            questions.append(
                try Question(
                    form: forms[round % forms.count], isTimeBased: round / forms.count % 2 == 0, random: &random))
        }
        let lines = questions.map { question in
            let form =
                switch question.parameters.form {
                case .digits(let count): String(count)
                case .steam: "steam"
                }
            let period =
                switch question.parameters.kind {
                case .totp(let seconds): seconds
                case .hotp: 0
                }
            let hash = question.parameters.algorithm.name
            return "\(hash) \(form) \(period) \(question.at) \(question.hexadecimalKey)\n"
        }
        let script = testsFolder + "Independent/otp.py"
        // A pipe holds 64 KiB, so the questions go in portions.
        var answers: [String] = []
        for start in stride(from: 0, to: lines.count, by: 100) {
            answers += try python.lines([script], input: lines[start..<min(start + 100, lines.count)].joined())
        }
        try #require(answers.count == questions.count)
        for (question, answer) in zip(questions, answers) {
            #expect(try question.code == answer, "seed \(random.seed), \(question.parameters.kind)")
        }
        let steam = questions.filter { $0.parameters.form == .steam }.count
        print("Independent/otp.py agrees on \(questions.count) settings, \(steam) of them Steam's")
    }

    @Test func `export texts are those of an independent writer, byte for byte`() throws {
        let python = try OtherProgram(named: "python3", remedy: "install Debian's package python3")
        var random = SeededRandom()
        print("Independent/google_migration.py: seed \(random.seed)")
        var questions: [String] = []
        var texts: [String] = []
        for round in 0..<200 {
            var accounts: [OTPParameters] = []
            var line = ""
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                let isCounting = random.next() % 2 == 0
                let counter = random.number(bits: 63)
                let algorithm = Int.random(in: 0...2, using: &random)
                let digits = random.next() % 2 == 0 ? 6 : 8
                let issuer = random.next() % 2 == 0 ? nil : "Почта \(random.number(bits: 20))"
                let account = "a+\(random.number(bits: 40))@example.com"
                let key = random.bytes(1...40)
                accounts.append(
                    try OTPParameters(
                        kind: isCounting ? .hotp(counter: counter) : .totp(periodSeconds: 30), form: .digits(digits),
                        algorithm: [.sha1, .sha256, .sha512][algorithm], issuer: issuer, account: account,
                        key: SecretSlice(copying: key)))
                let name = issuer.map { "\($0):\(account)" } ?? account
                line +=
                    " \(hexadecimal(key)):\(hexadecimal(Array((issuer ?? "").utf8))):\(hexadecimal(Array(name.utf8)))"
                line += ":\(algorithm + 1):\(digits == 6 ? 1 : 2):\(isCounting ? "1:\(counter)" : "2:")"
            }
            let size = Int(random.number(bits: 9)) + 1
            let index = Int.random(in: 0..<size, using: &random)
            let id = Int32(truncatingIfNeeded: Int64(bitPattern: random.next()) >> Int64(round % 32))
            questions.append("\(size) \(index) \(id)\(line)\n")
            let written = try GoogleMigration.serialize(accounts, batchSize: size, batchIndex: index, batchID: id)
            texts.append(text(written))
        }
        let script = testsFolder + "Independent/google_migration.py"
        var answers: [String] = []
        for start in stride(from: 0, to: questions.count, by: 50) {
            answers += try python.lines([script], input: questions[start..<start + 50].joined())
        }
        #expect(answers == texts, "seed \(random.seed)")
        print("Independent/google_migration.py agrees on \(texts.count) texts")
    }
}
