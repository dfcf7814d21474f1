// SHA512_Transform and its sisters are deprecated in OpenSSL 3, not removed; docs/decisions/0002 says why they are used.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>
#include <openssl/evp.h>
#include <openssl/crypto.h>
