/// The variables that a program gets beside those of the caller, in locked memory until it has them.
import CShims
import CofferMemory
import CofferVault
import Glibc

struct ChildEnvironment {
    private var names: [String] = []
    private var values: [String: SecretSlice] = [:]
    /// Names that the program does not get from the caller.
    private(set) var unset: [String] = []

    /// In the order in which they were first set.
    var variables: [(name: String, value: SecretSlice)] {
        names.compactMap { name in values[name].map { (name, $0) } }
    }

    /// A later one replaces an earlier one of the same name.
    mutating func set(_ name: String, _ value: SecretSlice) {
        if values.updateValue(value, forKey: name) == nil { names.append(name) }
    }

    mutating func set(_ name: String, _ text: String) { set(name, SecretSlice(copying: Array(text.utf8))) }

    func isSet(_ name: String) -> Bool { values[name] != nil }

    /// Takes every variable of the caller away whose name begins so, unless it is set here.
    mutating func clear(prefix: String) {
        let wanted = Array(prefix.utf8)
        for name in Self.callersNames() where name.utf8.starts(with: wanted) && !unset.contains(name) {
            unset.append(name)
        }
    }

    /// The names that are taken away and not set anew, ascending.
    var cleared: [String] { unset.filter { !isSet($0) }.sorted() }

    private static func callersNames() -> [String] {
        var names: [String] = []
        // The system's texts end with a zero and live as long as nobody changes the environment.
        while let variable = unsafe coffer_environment(names.count) {
            // The value may be a secret of the caller's, and is not looked at.
            let length = unsafe strcspn(variable, "=")
            let name = unsafe UnsafeRawBufferPointer(start: variable, count: length)
            unsafe names.append(String(decoding: name, as: UTF8.self))
        }
        return names
    }

    /// Becomes the program that `command` names; returns only where that fails, with the error number.
    func execute(_ command: [String]) -> Int32 {
        // A zero inside a value would end it, and begin a variable that nobody named.
        for (_, value) in variables {
            for index in 0..<value.count where value.span[index] == 0 { return EINVAL }
        }
        var block = SecretBuilder()
        for (name, value) in variables {
            block.append(name)
            block.append("=")
            block.append(value)
            block.append(0)
        }
        var assignments = block.finish()
        let names = unset.map { $0 + "\0" }.joined()
        var target = assignments.mutableSpan
        // Every text ends with a zero. All of it lives through the call.
        return unsafe target.withUnsafeMutableBytes { bytes in
            unsafe names.withCString { names in
                unsafe withCStrings(command) { words in
                    unsafe coffer_execute(
                        words, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), variables.count, names,
                        unset.count)
                }
            }
        }
    }
}
