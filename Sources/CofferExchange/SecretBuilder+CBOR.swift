/// CBOR whose length nobody knows beforehand, in locked memory.
import CofferFormat
package import CofferMemory

extension SecretBuilder: CBORSink {
    package mutating func put(_ byte: UInt8) { append(byte) }
    package mutating func put(_ bytes: borrowing Span<UInt8>) { append(bytes) }
}
