/// Names in a folder: renaming, linking, removing, listing; and where a path really leads.
package import Glibc

package enum Folder {
    /// The folder part of a path; "." when there is none.
    package static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The last part of a path.
    package static func name(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
    }

    /// The path with all symbolic links followed; nil when it does not exist.
    package static func resolved(_ path: String) -> String? {
        guard let real = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(real) }
        return unsafe String(cString: real)
    }

    package static func status(_ path: String) throws(SystemError) -> stat {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { throw .last }
        return status
    }

    package static func identity(_ path: String) throws(SystemError) -> FileIdentity { FileIdentity(try status(path)) }

    package static func rename(_ from: String, to target: String) throws(SystemError) {
        guard unsafe Glibc.rename(from, target) == 0 else { throw .last }
    }

    package static func link(_ from: String, to target: String) throws(SystemError) {
        guard unsafe Glibc.link(from, target) == 0 else { throw .last }
    }

    package static func remove(_ path: String) throws(SystemError) {
        guard unsafe unlink(path) == 0 else { throw .last }
    }

    /// Makes a folder that only its owner can enter, with its parents; one that is there already is left as it is.
    package static func make(_ path: String) throws(SystemError) {
        if unsafe mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, parent(of: path) != path else { throw .last }
        try make(parent(of: path))
        guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST else { throw .last }
    }

    /// The names in a folder, in no order, without "." and "..".
    package static func names(in path: String) throws(SystemError) -> [String] {
        guard let folder = unsafe opendir(path) else { throw .last }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                // d_name ends with a zero byte inside its 256 bytes.
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    /// Makes renames and links in the folder durable.
    package static func synchronize(_ path: String) throws(SystemError) {
        try File(opening: path, O_RDONLY | O_DIRECTORY).synchronize()
    }
}
