/// How a task of coffer-convert fails.
package import CofferExchange

/// Why the task ends without what was asked for.
package struct ConversionFailure: Error, Equatable {
    package let refusal: ConversionRefusal

    init(_ refusal: ConversionRefusal) { self.refusal = refusal }
}
