/// Lists of strings as C functions take them: arguments and environments.
import Glibc

/// Lends `strings` as pointers to terminated strings, with nil at the end; they live through the call of `body`.
@unsafe package func withCStrings<Result>(
    _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
    var pointers = unsafe strings.map { unsafe strdup($0) } + [nil]
    defer { unsafe pointers.forEach { unsafe free($0) } }
    return unsafe pointers.withUnsafeMutableBufferPointer { unsafe body(UnsafePointer($0.baseAddress!)) }
}
