/// Commands that messages name and that are not there yet, with what does their work until then.

enum PlannedCommands {
    /// What to do instead of the command `name`; nil when no such command is planned.
    static func substitute(for name: String) -> String? { substitutes[name] }

    private static let substitutes = [
        "enrol": "coffer otp add TITLE, then coffer codes replace TITLE",
        "enroll": "coffer otp add TITLE, then coffer codes replace TITLE",
    ]
}
