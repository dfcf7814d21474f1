/// What kinds of entries there are (coffer help templates).
import ArgumentParser

enum EntryTemplate: String, ExpressibleByArgument, CaseIterable {
    case login
    /// An account of VK Cloud, with a project or without.
    case vkCloud = "vk-cloud"
    /// A project that shares an account with others.
    case vkProject = "vk-project"
    /// A user for programs: a password, or an application credential.
    case vkServiceAccount = "vk-service-account"
    /// Two key pairs of an object storage.
    case s3Keys = "s3-keys"
    case sshKey = "ssh-key"
    case apiKey = "api-key"
    case note

    /// Whether an entry of this kind is nothing without a password.
    var needsPassword: Bool { self == .login || self == .apiKey }
}
