/// Commands that messages name and that are not there yet, with what does their work until then.

enum PlannedCommands {
    /// What to do instead of the command `name`; nil when no such command is planned.
    static func substitute(for name: String) -> String? { substitutes[name] }

    private static let substitutes = [
        "enrol": "coffer otp add TITLE, then coffer codes replace TITLE",
        "enroll": "coffer otp add TITLE, then coffer codes replace TITLE",
        "unlock": "every command asks for the master password, or takes it with --password-fd N",
        "lock": "nothing stays unlocked when a command has ended",
    ]
}
