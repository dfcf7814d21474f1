/// What can go wrong in CofferCrypto, apart from a box that does not open (``SealedBoxError``).

package enum CryptoError: Error, Equatable {
    /// The machine does not have the memory that Argon2id was asked to use.
    case outOfMemory
    /// A length or cost that the algorithm does not have.
    case parameterUnsupported
    /// Padded content whose length prefix, size or filling is not the one that padding makes.
    case paddingInvalid
}
