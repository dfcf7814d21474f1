/// Bytes as arrays, which tests can compare: `#expect` takes no span.
package import CofferMemory

package func array(_ span: borrowing Span<UInt8>) -> [UInt8] { span.indices.map { span[$0] } }

package func array(_ secret: borrowing SecretBytes) -> [UInt8] { array(secret.span) }

package func slice(_ text: String) -> SecretSlice { SecretSlice(copying: Array(text.utf8)) }
