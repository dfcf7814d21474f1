/// `coffer otp export-google`: one-time passwords for a phone's authenticator, many in one QR code.
import ArgumentParser
import CofferCrypto
import CofferMemory
import CofferModel
import CofferOTP
import CofferVault

struct OtpExportGoogleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export-google", abstract: "Draw QR codes by which Google Authenticator takes accounts over.",
        discussion: """
            In the app: menu, Transfer accounts, Import accounts. Without titles, every entry that has a one-time password \
            is exported, ten a code. Who sees a code has the keys in it: the master password is asked for, also where the \
            vault is unlocked. What the app cannot do (other periods than 30 seconds, 7 digits, Steam) is left out and named.

            Examples:
              coffer otp export-google work/vk-cloud mail
              coffer otp export-google --output export.png
            """)

    @OptionGroup var vaultOptions: VaultOptions
    @OptionGroup var pickOptions: PickOptions

    @Argument(help: "The entries; without any, all that have a one-time password.")
    var titles: [String] = []

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Write PNG pictures to new files of this name; of several, each gets its number.", valueName: "file"))
    var output: String?

    func run() throws {
        let session = try vaultOptions.openLocal()
        let accounts = try self.accounts(session)
        let portions = GoogleMigration.batches(of: accounts.map(\.parameters))
        for left in portions.unrepresentable {
            Output.message(
                "coffer: left out \(Shown.text(accounts[left.index].title)): \(ErrorReport.words(left.obstacle)).")
        }
        guard !portions.parts.isEmpty else {
            throw VaultError.notFound(what: "one-time password that the app can take over", near: [])
        }
        guard output != "-" || portions.parts.count == 1 else {
            throw CLIError.usage(
                why:
                    "The export takes \(portions.parts.count) pictures, and standard output takes one; nothing was written.",
                remedy: "Name fewer entries at a time, or a file for each: --output FILE.png")
        }
        try refusePaths(of: portions.parts.count)
        // Only tells the parts of two exports apart.
        let random = SystemRandom().makeUniform(below: UInt32(Int32.max))
        for (index, part) in portions.parts.enumerated() {
            let text = SecretSlice(
                try GoogleMigration.serialize(
                    part, batchSize: portions.parts.count, batchIndex: index, batchID: Int32(random)))
            try hand(text, number: index + 1, of: portions.parts.count)
        }
    }

    private func accounts(_ session: LocalSession) throws -> [(title: String, parameters: OTPParameters)] {
        let pick = try pickOptions.pick
        let entries: [Entry]
        if titles.isEmpty {
            let list = try session.list(ListEntries())
            entries = try list.items.filter { list.overview($0).has.contains(.otp) }.map {
                try session.entryNow($0.id, .only([.otp]))
            }
        } else {
            entries = try titles.map { try session.find(EntryQuery($0), .only([.otp])) }
        }
        return try entries.map { entry in
            guard pick == .newest || !entry.conflicts.contains(.otp) else {
                throw VaultError.conflict(title: entry.title, field: "otp")
            }
            let parameters = try session.otpParameters(entry)
            // An app that goes on counting begins where the counter is now.
            return (entry.title, parameters.counting(from: session.counter(entry, parameters)))
        }
    }

    private func hand(_ text: SecretSlice, number: Int, of count: Int) throws {
        let name = count == 1 ? "the export" : "part \(number) of \(count)"
        if let output { return try QRPrinter.write(text, to: Self.path(output, number: number, of: count), of: name) }
        if count > 1 { Output.message("Part \(number) of \(count):") }
        guard try !QRPrinter.show(text, of: name, vaultOptions.prompt) else { return }
        guard number < count, Output.standard.isTerminal, vaultOptions.prompt.isAvailable else { return }
        _ = try vaultOptions.prompt.askLine(
            prompt: "Scanned? Enter shows the next: ", or: .value(what: "Enter", option: "--output FILE"))
    }

    /// Half an export would be keys in clear that nobody asked for.
    private func refusePaths(of count: Int) throws {
        guard let output, output != "-" else { return }
        for number in 1...count {
            let path = Self.path(output, number: number, of: count)
            guard (try? Folder.status(path)) == nil else {
                throw VaultError.refused(
                    why: "there is a file at \(path) already; nothing was written",
                    remedy: "Name a file that does not exist.")
            }
        }
    }

    /// `export.png` becomes `export-1.png` where there are several.
    private static func path(_ path: String, number: Int, of count: Int) -> String {
        guard count > 1 else { return path }
        guard path.hasSuffix(".png") else { return "\(path)-\(number)" }
        return "\(path.dropLast(".png".count))-\(number).png"
    }
}
