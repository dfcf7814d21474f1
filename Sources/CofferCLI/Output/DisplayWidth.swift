/// How many columns text takes on a terminal.
import CofferMemory
import CUnicode

package enum DisplayWidth {
    /// The columns of `bytes`, which ``Escaping`` has made safe.
    package static func columns(_ bytes: borrowing Span<UInt8>) -> Int {
        var columns = 0
        var position = 0
        while position < bytes.count {
            if bytes[position] < 0x80 {
                columns += 1
                position += 1
                continue
            }
            let step = UTF8Decoding.step(bytes, at: position)
            columns += self.columns(step)
            position += step.count
        }
        return columns
    }

    /// The longest part of `bytes` from the start that takes at most `maximum` columns, and its columns.
    /// Marks stay with their letter.
    package static func prefix(
        _ bytes: borrowing Span<UInt8>, columnsMaximum maximum: Int
    ) -> (count: Int, columns: Int) {
        var columns = 0
        var position = 0
        while position < bytes.count {
            let step = UTF8Decoding.step(bytes, at: position)
            let added = self.columns(step)
            guard added <= maximum - columns else { break }
            columns += added
            position += step.count
        }
        return (position, columns)
    }

    private static func columns(_ step: UTF8Decoding.Step) -> Int {
        guard case .scalar(let scalar, _) = step, let value = Int32(exactly: scalar) else { return 1 }
        return max(0, Int(utf8proc_charwidth(value)))
    }
}
