/// Names in a folder: renaming, linking, removing, listing; and where a path really leads.
import CShims
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
        try SystemError.check { unsafe lstat(path, &status) }
        return status
    }

    package static func identity(_ path: String) throws(SystemError) -> FileIdentity { FileIdentity(try status(path)) }

    package static func rename(_ from: String, to target: String) throws(SystemError) {
        try SystemError.check { unsafe Glibc.rename(from, target) }
    }

    package static func link(_ from: String, to target: String) throws(SystemError) {
        try SystemError.check { unsafe Glibc.link(from, target) }
    }

    package static func remove(_ path: String) throws(SystemError) {
        try SystemError.check { unsafe unlink(path) }
    }

    /// Makes a folder that only its owner can enter, with its parents; one that is there already is left as it is.
    package static func make(_ path: String) throws(SystemError) {
        do throws(SystemError) {
            try makeOne(path)
        } catch {
            guard error.number == ENOENT, parent(of: path) != path else { throw error }
            try make(parent(of: path))
            try makeOne(path)
        }
    }

    /// Makes the folder that the file at `path` is to lie in.
    package static func makeParent(of path: String) throws(VaultError) {
        do throws(SystemError) {
            try make(parent(of: path))
        } catch {
            throw .system(action: "make the folder of", path: path, errno: error.number)
        }
    }

    private static func makeOne(_ path: String) throws(SystemError) {
        do throws(SystemError) {
            try SystemError.check { unsafe mkdir(path, 0o700) }
        } catch {
            guard error.number == EEXIST else { throw error }
        }
    }

    /// Puts two files in each other's places in one step. Fails where the file system cannot.
    static func exchange(_ one: String, _ two: String) throws(SystemError) {
        try SystemError.check { unsafe coffer_exchange(one, two) }
    }

    /// The names in a folder, in no order, without "." and ".."; after `maximum` of them it stops.
    package static func names(in path: String, atMost maximum: Int = .max) throws(SystemError) -> [String] {
        var opened = unsafe opendir(path)
        while unsafe opened == nil && errno == EINTR { unsafe opened = opendir(path) }
        guard let folder = unsafe opened else { throw .last }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while names.count < maximum {
            // The end and a failure look alike but for errno; half a list must not pass for the whole.
            errno = 0
            guard let entry = unsafe readdir(folder) else { break }
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                // d_name ends with a zero byte inside its 256 bytes.
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        guard names.count >= maximum || errno == 0 else { throw .last }
        return names
    }

    /// Makes renames and links in the folder durable.
    package static func synchronize(_ path: String) throws(SystemError) {
        try File(opening: path, O_RDONLY | O_DIRECTORY).synchronize()
    }
}
