/// What coffer-convert can be asked to do (docs/convert.md): its only argument.

/// The foreign bytes come on its standard input, the ``ConversionReply`` goes to its standard output.
package enum ConversionTask: String, CaseIterable, Sendable {
    /// A PNG or JPEG picture: the texts of the QR codes in it.
    case readQR = "read-qr"
    /// A text: the modules of its QR code.
    case drawQR = "draw-qr"
    /// A text: a PNG picture of its QR code.
    case drawPicture = "draw-png"
    /// An openrc file: its settings, as one cloud without a name.
    case readOpenRC = "read-openrc"
    /// A clouds.yaml or secure.yaml: its clouds.
    case readClouds = "read-clouds"
    /// Nothing: which walls stand, for tests.
    case showWalls = "show-walls"
}

/// The limits on what goes in and comes out, each by name.
package enum ConversionLimits {
    /// The largest picture file, in bytes.
    package static let pictureCount = 32 * 1024 * 1024
    /// The largest openrc file, in bytes.
    package static let openRCCount = 256 * 1024
    /// The largest clouds.yaml, in bytes.
    package static let cloudsCount = 1024 * 1024
    /// The most settings that a file leaves open.
    package static let asked = 64
    /// The most pixels of a picture: those of an 8K screen, and some.
    package static let pixels = 40_000_000
    /// The longest text that a QR code holds, in bytes (ISO/IEC 18004, version 40-L).
    package static let qrTextCount = 2953
    /// The most QR codes that are told of one picture.
    package static let symbols = 64
    /// The most modules along a side of a QR code (version 40).
    package static let moduleWidth = 177
    /// The largest reply, in bytes.
    package static let replyCount = 16 * 1024 * 1024
}
