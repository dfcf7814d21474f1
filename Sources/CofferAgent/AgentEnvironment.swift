/// The few variables of the environment that the agent and its clients go by.
import Glibc

package enum AgentEnvironment {
    /// XDG_RUNTIME_DIR, nil when it is not set.
    package static var runtimeFolder: String? {
        text("XDG_RUNTIME_DIR").flatMap { $0.isEmpty ? nil : $0 }
    }

    static func text(_ name: String) -> String? {
        // The environment is not changed by this program.
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(validatingCString: value)
    }
}
