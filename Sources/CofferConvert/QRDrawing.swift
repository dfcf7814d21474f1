/// Draws a QR code with libqrencode, and its picture with libpng.
import CPNG
import CQRencode
import CofferExchange
package import CofferMemory
import Glibc

/// A QR code as modules, which are dark or light.
@safe package final class QRDrawing {
    /// Pixels along a side of a module of a picture.
    private static let modulePixels = 8
    /// The white margin in modules (ISO/IEC 18004, quiet zone).
    private static let marginModules = 4

    // It is this object's own until the end of its life.
    private let code: UnsafeMutablePointer<QRcode>

    /// The code of the least size that holds `text`: it is shown on screens, where nothing is worn off, so the least of the four
    /// levels of correction is enough.
    package init(_ text: borrowing SecretBytes) throws(ConversionFailure) {
        let made = unsafe text.span.withUnsafeBufferPointer {
            // The bytes live through the call, and are passed with their number.
            unsafe QRcode_encodeData(Int32($0.count), $0.baseAddress, 0, QR_ECLEVEL_L)
        }
        guard let made = unsafe made else { throw ConversionFailure(errno == ENOMEM ? .notDone : .tooLongForQR) }
        unsafe code = made
    }

    deinit { unsafe QRcode_free(code) }

    /// Modules along a side.
    package var width: Int { unsafe Int(code.pointee.width) }

    private func isDark(_ row: Int, _ column: Int) -> Bool {
        // The library's array has width · width bytes; the lowest bit is the colour.
        unsafe code.pointee.data[row * width + column] & 1 == 1
    }

    /// Row by row, 1 for each dark one.
    package func modules() -> SecretBytes {
        var modules = SecretBuilder(capacity: width * width)
        for row in 0..<width { for column in 0..<width { modules.append(isDark(row, column) ? 1 : 0) } }
        return modules.finish()
    }

    /// A PNG picture with its margin.
    package func picture() throws(ConversionFailure) -> SecretBytes {
        let side = (width + 2 * Self.marginModules) * Self.modulePixels
        var pixels = [UInt8](repeating: 255, count: side * side)
        for row in 0..<width {
            for column in 0..<width where isDark(row, column) {
                for line in 0..<Self.modulePixels {
                    let top = (row + Self.marginModules) * Self.modulePixels + line
                    let start = top * side + (column + Self.marginModules) * Self.modulePixels
                    for offset in 0..<Self.modulePixels { pixels[start + offset] = 0 }
                }
            }
        }
        return try Self.png(pixels, side: side)
    }

    private static func png(_ pixels: [UInt8], side: Int) throws(ConversionFailure) -> SecretBytes {
        var image = unsafe png_image()
        unsafe image.version = UInt32(PNG_IMAGE_VERSION)
        unsafe image.width = UInt32(side)
        unsafe image.height = UInt32(side)
        unsafe image.format = 0  // PNG_FORMAT_GRAY, a macro that Swift does not see
        // A grey picture is never larger than its pixels by more than a few bytes a row.
        var file = SecretBytes(zeroed: pixels.count + side * 8 + 4096)
        var count = png_alloc_size_t(file.count)
        var target = file.mutableSpan
        let isWritten = unsafe target.withUnsafeMutableBytes { room in
            // The buffer is passed with its length, the pixels have `side` bytes a row.
            unsafe png_image_write_to_memory(&image, room.baseAddress, &count, 0, pixels, png_int_32(side), nil)
        }
        guard isWritten != 0, count <= file.count else { throw ConversionFailure(.notDone) }
        return file.prefix(Int(count))
    }
}
