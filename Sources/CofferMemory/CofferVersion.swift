/// The version of the program, which both of its processes tell each other.

package enum CofferVersion {
    package static let text = "0.1.0"
}
