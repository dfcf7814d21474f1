/// Where the programs lie that belong to this one.

package enum OwnProgram {
    /// The path of the program `name` beside the one that runs: never one that PATH or the environment names. Nil where the system
    /// does not tell which one runs.
    package static func beside(_ name: String) -> String? {
        Folder.resolved("/proc/self/exe").map { "\(Folder.parent(of: $0))/\(name)" }
    }
}
