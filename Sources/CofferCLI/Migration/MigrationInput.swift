/// Reads the accounts that Google Authenticator exports, from pictures and texts.
import CofferExchange
import CofferMemory
import CofferOTP
import CofferVault

struct MigrationInput {
    /// What came in: of an export of several parts, and of single links beside it.
    private(set) var batch = GoogleMigrationBatch()
    private(set) var singles: [OTPParameters] = []

    /// The largest file of texts, in bytes.
    private static let textCount = 1024 * 1024

    var accounts: [OTPParameters] { batch.accounts + singles }

    /// A file whose name ends in .txt has one text a line, every other one is a picture.
    mutating func read(_ path: String) throws {
        guard path.hasSuffix(".txt") else { return try readPicture(path) }
        try readLines(try SecretFile.read(path, countMaximum: Self.textCount), named: path)
    }

    mutating func readStandardInput(option: String) throws {
        let input = SecretInput.standardInput(option: option)
        guard !input.isTerminal else { throw CLIError.secretFromTerminal(option: option) }
        try readLines(try input.readAll(maximumBytes: Self.textCount), named: "standard input")
    }

    private mutating func readPicture(_ path: String) throws {
        let input = ForeignInput(path, option: "FILE")
        guard case .symbols(let texts) = try input.convert(.readQR, countMaximum: ConversionLimits.pictureCount) else {
            throw CLIError.converter(.ended(input: input.name))
        }
        guard !texts.isEmpty else { throw CLIError.noQRCode(input: input.name) }
        var isAny = false
        for text in texts where try take(text.span) { isAny = true }
        guard isAny else { throw CLIError.noOTPInQRCode(input: input.name) }
    }

    private mutating func readLines(_ text: borrowing SecretBytes, named name: String) throws {
        let span = text.span
        var (start, line) = (0, 1)
        while start < span.count {
            var end = start
            while end < span.count, span[end] != UInt8(ascii: "\n") { end += 1 }
            let content = span.extracting(start..<end)
            // Empty lines and remarks are not for us.
            let isContent = (0..<content.count).contains { content[$0] > 0x20 } && content[0] != UInt8(ascii: "#")
            if isContent, try !take(content) {
                throw CLIError.badLine(file: name, line: line, why: "it is no link of a one-time password")
            }
            start = end + 1
            line += 1
        }
    }

    /// Whether `text` is a link of either kind; a damaged one is an error.
    private mutating func take(_ text: borrowing Span<UInt8>) throws -> Bool {
        do throws(OTPError) {
            try batch.add(GoogleMigration.parse(text))
            return true
        } catch {
            guard error == .notGoogleMigration else { throw error }
        }
        do throws(OTPError) {
            let parsed = try OTPAuthURI.parse(text)
            OTPInput.say(parsed.warnings)
            if !singles.contains(parsed.parameters) { singles.append(parsed.parameters) }
            return true
        } catch {
            guard error == .notOTPAuth else { throw error }
            return false
        }
    }
}
