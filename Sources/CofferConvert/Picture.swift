/// Pictures from outside as grey pixels: PNG by libpng, JPEG by libjpeg-turbo.
import CPNG
import CTurboJPEG
import CofferExchange
package import CofferMemory
import Glibc

/// A picture with one byte a pixel, row by row, 0 for black.
///
/// The pixels may show a key, and stand in ordinary memory, as they do in the libraries that read them: the process has no other
/// secret and ends with its answer.
package struct Picture: Sendable, Equatable {
    package let width: Int
    package let height: Int
    package let pixels: [UInt8]

    package init(width: Int, height: Int, pixels: [UInt8]) {
        precondition(pixels.count == width * height)
        (self.width, self.height, self.pixels) = (width, height, pixels)
    }

    /// Reads a PNG or JPEG file; anything else is refused, whatever it is called.
    package init(_ file: borrowing SecretBytes) throws(ConversionFailure) {
        // The bytes live through the call, and are passed with their number.
        let read: Result<Picture, ConversionFailure> = unsafe file.span.withUnsafeBufferPointer { bytes in
            do throws(ConversionFailure) {
                if unsafe Self.begins(bytes, with: [0x89, 0x50, 0x4E, 0x47]) {
                    return .success(try unsafe Self.readPNG(bytes))
                }
                if unsafe Self.begins(bytes, with: [0xFF, 0xD8, 0xFF]) {
                    return .success(try unsafe Self.readJPEG(bytes))
                }
                throw ConversionFailure(.notAPicture)
            } catch {
                return .failure(error)
            }
        }
        self = try read.get()
    }

    private static func begins(_ bytes: UnsafeBufferPointer<UInt8>, with signature: [UInt8]) -> Bool {
        unsafe bytes.starts(with: signature)
    }

    /// Room for so many pixels, checked before it is taken.
    private static func space(_ width: Int, _ height: Int) throws(ConversionFailure) -> [UInt8] {
        guard width > 0, height > 0 else { throw ConversionFailure(.damagedPicture) }
        let (count, overflows) = width.multipliedReportingOverflow(by: height)
        guard !overflows, count <= ConversionLimits.pixels else { throw ConversionFailure(.tooManyPixels) }
        return [UInt8](repeating: 255, count: count)
    }

    private static func readPNG(_ bytes: UnsafeBufferPointer<UInt8>) throws(ConversionFailure) -> Picture {
        var image = unsafe png_image()
        unsafe image.version = UInt32(PNG_IMAGE_VERSION)
        // The structure and the bytes live until it is freed.
        defer { unsafe png_image_free(&image) }
        guard unsafe png_image_begin_read_from_memory(&image, bytes.baseAddress, bytes.count) != 0 else {
            throw ConversionFailure(.damagedPicture)
        }
        unsafe image.format = 0  // PNG_FORMAT_GRAY, a macro that Swift does not see
        let (width, height) = unsafe (Int(image.width), Int(image.height))
        var pixels = try space(width, height)
        // What is transparent lies on white, as a viewer shows it.
        var white = png_color(red: 255, green: 255, blue: 255)
        // The buffer has a byte for each pixel of the rows, which follow each other.
        let isRead = unsafe pixels.withUnsafeMutableBytes {
            unsafe png_image_finish_read(&image, &white, $0.baseAddress, png_int_32(width), nil)
        }
        guard isRead != 0 else { throw ConversionFailure(.damagedPicture) }
        return Picture(width: width, height: height, pixels: pixels)
    }

    private static func readJPEG(_ bytes: UnsafeBufferPointer<UInt8>) throws(ConversionFailure) -> Picture {
        guard let decoder = unsafe tjInitDecompress() else { throw ConversionFailure(.damagedPicture) }
        defer { unsafe _ = tjDestroy(decoder) }
        var (width, height, sampling, colours): (Int32, Int32, Int32, Int32) = (0, 0, 0, 0)
        let count = UInt(bytes.count)
        guard
            unsafe tjDecompressHeader3(decoder, bytes.baseAddress, count, &width, &height, &sampling, &colours) == 0
        else { throw ConversionFailure(.damagedPicture) }
        var pixels = try space(Int(width), Int(height))
        // The buffer has a byte for each pixel of the rows, which follow each other. A progressive picture that has a thousand
        // scans would take hours.
        let done = unsafe pixels.withUnsafeMutableBufferPointer {
            unsafe tjDecompress2(
                decoder, bytes.baseAddress, count, $0.baseAddress, width, width, height, Int32(TJPF_GRAY.rawValue),
                TJFLAG_LIMITSCANS | TJFLAG_STOPONWARNING)
        }
        guard done == 0 else { throw ConversionFailure(.damagedPicture) }
        return Picture(width: Int(width), height: Int(height), pixels: pixels)
    }

    /// The same on a white margin.
    func withMargin(_ margin: Int) -> Picture {
        let wide = width + 2 * margin
        var framed = [UInt8](repeating: 255, count: wide * (height + 2 * margin))
        for row in 0..<height {
            let start = (row + margin) * wide + margin
            framed.replaceSubrange(start..<start + width, with: pixels[row * width..<(row + 1) * width])
        }
        return Picture(width: wide, height: height + 2 * margin, pixels: framed)
    }

    /// White for black and black for white.
    func inverted() -> Picture { Picture(width: width, height: height, pixels: pixels.map { ~$0 }) }
}
