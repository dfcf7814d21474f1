/// Why foreign bytes were refused.
package enum ConversionRefusal: UInt64, Sendable, CaseIterable {
    /// They are more than the limit of their kind.
    case tooLong = 1
    /// They are neither a PNG nor a JPEG picture.
    case notAPicture
    /// The picture has more than ``ConversionLimits/pixels``.
    case tooManyPixels
    /// The picture ends early or contradicts itself.
    case damagedPicture
    /// The text is too long for a QR code.
    case tooLongForQR
    /// The descriptor could not be read.
    case unreadable
    /// The walls could not be put up, so nothing was read.
    case noWalls
    /// A library that reads or draws pictures failed at it, most likely for want of memory.
    case notDone
}
