/// Finds and reads the large vector files that are not part of the repository.
import FoundationEssentials
import Glibc
import Testing

/// The folder of vectors beside the repository, or the one that COFFER_VECTORS names.
enum SharedVectors {
    static let folder: String = {
        if let named { return named }
        // Four steps up from this file: CofferCryptoTests, Tests, the package, and the folder that holds it.
        let up = #filePath.split(separator: "/").dropLast(4)
        return "/" + (up + ["shared", "vectors"]).joined(separator: "/")
    }()

    /// A folder that someone names is expected to be there.
    static let isPresent = named != nil || FileManager.default.fileExists(atPath: folder)

    // The environment is not changed while tests run, and the text is copied.
    private static let named = unsafe getenv("COFFER_VECTORS").map { unsafe String(cString: $0) }

    /// The content of the file `name`, or nil, with a word about it, when the whole folder is not there.
    ///
    /// A missing file in a folder that is there is a failure: the vectors would go unread unnoticed.
    static func read<Content: Decodable>(_ name: String, as type: Content.Type) throws -> Content? {
        guard isPresent else {
            print("\(name): skipped, the folder of shared vectors is not there (set COFFER_VECTORS to name it)")
            return nil
        }
        let data = try #require(FileManager.default.contents(atPath: "\(folder)/\(name)"), "\(name) is missing")
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(type, from: data)
    }
}
