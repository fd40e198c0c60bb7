//! Hashes, as people compare them.

use sha2::{Digest as _, Sha256};

/// The first 8 bytes of the SHA-256, the first byte most significant.
pub fn sha256_first(bytes: &[u8]) -> u64 {
    let digest = Sha256::digest(bytes);
    digest.iter().take(8).fold(0, |sum, b| sum << 8 | u64::from(*b))
}

/// HMAC with SHA-256 (RFC 2104): what only somebody with the key can have written under these bytes.
pub fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut block = [0_u8; 64];
    if key.len() > block.len() {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let padded = |with: u8| Sha256::new_with_prefix(block.map(|b| b ^ with));
    let mut inner = padded(0x36);
    for part in parts {
        inner.update(part);
    }
    let mut outer = padded(0x5c);
    outer.update(inner.finalize());
    outer.finalize().into()
}

/// SHA-256 in lower-case hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|b| format!("{b:02x}")).collect()
    }

    /// RFC 4231, test cases 2 and 6.
    #[test]
    fn hmac_gives_what_its_standard_says() {
        let short = hmac_sha256(b"Jefe", &[b"what do ya want ", b"for nothing?"]);
        assert_eq!(hex(&short), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        let long = hmac_sha256(&[0xaa; 131], &[b"Test Using Larger Than Block-Size Key - Hash Key First"]);
        assert_eq!(hex(&long), "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    }

    #[test]
    fn the_first_bytes_are_those_of_the_whole() {
        assert_eq!(format!("{:016x}", sha256_first(b"muster")), sha256(b"muster")[..16]);
    }
}
