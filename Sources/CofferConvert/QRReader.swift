/// Finds the QR codes of a picture with zbar.
import CZBar
import CofferExchange
package import CofferMemory

package enum QRReader {
    /// The four grey bytes by which zbar knows one byte a pixel.
    private static let greyFormat: UInt = 0x3030_3859

    /// Has zbar load what it loads at its first picture, as long as files can be opened.
    static func prepare() { _ = try? scan(Picture(width: 1, height: 1, pixels: [255])) }

    /// The texts of the codes, each once. Where none is seen, the picture is looked at again on a white margin, which a code that
    /// fills the picture lacks, and then with its colours inverted, as dark desktops show it: zbar itself does neither. Throws `notDone`
    /// where zbar fails.
    package static func symbols(in picture: Picture) throws(ConversionFailure) -> [SecretSlice] {
        let plain = try scan(picture)
        guard plain.isEmpty else { return plain }
        let framed = picture.withMargin(margin(of: picture))
        let seen = try scan(framed)
        guard seen.isEmpty else { return seen }
        let inverse = picture.inverted()
        let dark = try scan(inverse)
        return dark.isEmpty ? try scan(inverse.withMargin(margin(of: picture))) : dark
    }

    /// A tenth of the picture, at least four modules of the usual sizes (ISO/IEC 18004, quiet zone).
    private static func margin(of picture: Picture) -> Int {
        min(max(32, min(picture.width, picture.height) / 10), 256)
    }

    private static func scan(_ picture: Picture) throws(ConversionFailure) -> [SecretSlice] {
        // zbar owns its objects until they are destroyed; the pixels outlive the image that borrows them.
        guard let scanner = unsafe zbar_image_scanner_create() else { throw ConversionFailure(.notDone) }
        defer { unsafe zbar_image_scanner_destroy(scanner) }
        unsafe _ = zbar_image_scanner_set_config(scanner, ZBAR_NONE, ZBAR_CFG_ENABLE, 0)
        unsafe _ = zbar_image_scanner_set_config(scanner, ZBAR_QRCODE, ZBAR_CFG_ENABLE, 1)
        // The bytes as they are: zbar would guess a character set, and takes Cyrillic names for Japanese.
        unsafe _ = zbar_image_scanner_set_config(scanner, ZBAR_QRCODE, ZBAR_CFG_BINARY, 1)
        guard let image = unsafe zbar_image_create() else { throw ConversionFailure(.notDone) }
        defer { unsafe zbar_image_destroy(image) }
        unsafe zbar_image_set_format(image, greyFormat)
        unsafe zbar_image_set_size(image, UInt32(picture.width), UInt32(picture.height))
        let found: [SecretSlice]? = unsafe picture.pixels.withUnsafeBytes { pixels in
            unsafe zbar_image_set_data(image, pixels.baseAddress, UInt(pixels.count), nil)
            // How many codes there are, or below 0 where it failed.
            let count = unsafe zbar_scan_image(scanner, image)
            guard count > 0 else { return count == 0 ? [] : nil }
            return unsafe texts(of: image)
        }
        guard let found else { throw ConversionFailure(.notDone) }
        return found
    }

    private static func texts(of image: OpaquePointer) -> [SecretSlice] {
        var texts: [SecretSlice] = []
        var symbol = unsafe zbar_image_first_symbol(image)
        while let found = unsafe symbol, texts.count < ConversionLimits.symbols {
            let count = unsafe Int(zbar_symbol_get_data_length(found))
            if let data = unsafe zbar_symbol_get_data(found) {
                // zbar's text has this length and lives as long as the image.
                let bytes = unsafe Span(
                    _unsafeStart: UnsafeRawPointer(data).assumingMemoryBound(to: UInt8.self), count: count)
                let text = SecretSlice(SecretBytes(copying: bytes))
                if !texts.contains(text) { texts.append(text) }
            }
            unsafe symbol = zbar_symbol_next(found)
        }
        return texts
    }
}
