//! Bytes as people have them in texts, back to bytes.
//!
//! ```text
//!  54000000 10000506                                plain
//!  00000000: 5400 0000 1000 0506  T.......          xxd
//!  00000000  54 00 00 00 10 00 05 06  |T.......|    hexdump -C
//!   | 00000  54 00 00 00 10 00 05 06  T....... |    strace -e write=all
//!  "\x54\x00\x00\x00\x10\x00\x05\x06"               strace -xx
//!  0x54, 0x00, 0x00, 0x00, 0x10, 0x00, 0x05, 0x06   C
//!  0000  54 00 00 00              nlmsg_len  84     ours
//! ```

/// Most bytes on a line that begins with an offset, in all of these forms.
const ROW: usize = 16;

/// The runs of bytes in a text: each begins where an offset is 0 again, or a line stands alone.
///
/// In a text with offsets, or with `\x`, only such lines count: what strace says in between is
/// no hex.
pub fn runs(text: &str) -> Vec<Vec<u8>> {
    let rows: Vec<(usize, Vec<u8>)> = text.lines().filter_map(row).collect();
    if !rows.is_empty() {
        return joined(rows);
    }
    if text.contains("\\x") {
        return text.lines().filter_map(escaped).collect();
    }
    let all: Vec<u8> = text.lines().flat_map(plain).collect();
    if all.is_empty() {
        Vec::new()
    } else {
        vec![all]
    }
}

/// The longest string of `\x` escapes in a line: beside the data strace shows addresses so.
fn escaped(line: &str) -> Option<Vec<u8>> {
    let strings = line.split('"').map(|string| {
        let pieces = string.split("\\x").skip(1);
        let byte = |piece: &str| u8::from_str_radix(piece.get(..2)?, 16).ok();
        pieces.map_while(byte).collect::<Vec<u8>>()
    });
    strings
        .max_by_key(Vec::len)
        .filter(|bytes| !bytes.is_empty())
}

/// A line that begins with an offset: that, and the bytes behind it.
fn row(line: &str) -> Option<(usize, Vec<u8>)> {
    let line = line.trim_start_matches([' ', '|', '\t']);
    let (offset, rest) = line.split_once([' ', ':'])?;
    if !(4..=8).contains(&offset.len()) {
        return None;
    }
    let offset = usize::from_str_radix(offset, 16).ok()?;
    // Between offset and bytes there is more than between bytes, or a colon.
    let rest = match line.as_bytes().get(line.len() - rest.len() - 1) {
        Some(b':') => rest,
        _ => rest.strip_prefix(' ')?,
    };
    let mut bytes = Vec::new();
    // Behind a wide gap come the same bytes as text, or what they mean.
    let words = rest.trim_start_matches(' ').split("   ").next()?.split(' ');
    for word in words.filter(|word| !word.is_empty()) {
        let Some(some) = pairs(word).filter(|some| bytes.len() + some.len() <= ROW) else {
            break;
        };
        bytes.extend(some);
    }
    (!bytes.is_empty()).then_some((offset, bytes))
}

/// Rows in order, a new run where an offset does not go on.
fn joined(rows: Vec<(usize, Vec<u8>)>) -> Vec<Vec<u8>> {
    let mut runs: Vec<Vec<u8>> = Vec::new();
    for (offset, bytes) in rows {
        match runs.last_mut() {
            Some(run) if offset == run.len() && offset > 0 => run.extend(bytes),
            _ => runs.push(bytes),
        }
    }
    runs
}

/// A line of nothing but digits, C's notation allowed.
fn plain(line: &str) -> Vec<u8> {
    let c = |byte: char| byte.is_whitespace() || ",;{}[]()".contains(byte);
    let words = line.split(c).filter(|word| !word.is_empty());
    if line.contains("0x") || line.contains("0X") {
        let byte = |word: &str| {
            let digits = word
                .strip_prefix("0x")
                .or_else(|| word.strip_prefix("0X"))?;
            u8::from_str_radix(digits, 16).ok()
        };
        return words.filter_map(byte).collect();
    }
    let all: Option<Vec<Vec<u8>>> = words.map(pairs).collect();
    all.unwrap_or_default().concat()
}

/// An even number of hex digits.
fn pairs(word: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = word.chars().map(|digit| digit.to_digit(16)).collect();
    let digits = digits.filter(|digits| !digits.is_empty() && digits.len() % 2 == 0)?;
    let byte = |pair: &[u32]| match *pair {
        [high, low] => u8::try_from(high << 4 | low).ok(),
        _ => None,
    };
    digits.chunks(2).map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The head of a message that iproute2 6.1.0 sends for `ip link add v0 type veth peer name
    /// v1`: 84 bytes, here 20.
    const BYTES: [u8; 20] = [
        0x54, 0, 0, 0, 0x10, 0, 5, 6, 0x86, 0xb9, 4, 0x6b, 0, 0, 0, 0, 0x76, 0x31, 0, 0,
    ];

    #[test]
    fn every_form_is_read() {
        for text in [
            "5400000010000506 86b9046b00000000 76310000",
            "54 00 00 00 10 00 05 06 86 b9 04 6b 00 00 00 00\n76 31 00 00\n",
            "00000000: 5400 0000 1000 0506 86b9 046b 0000 0000  T..........k....\n\
             00000010: 7631 0000                                v1..\n",
            "00000000  54 00 00 00 10 00 05 06  86 b9 04 6b 00 00 00 00  |T..........k....|\n\
             00000010  76 31 00 00                                       |v1..|\n00000014\n",
            "sendmsg(3, {msg_name={sa_family=AF_NETLINK}, 0) = 20\n * 20 bytes in buffer 0\n\
             \x20| 00000  54 00 00 00 10 00 05 06  86 b9 04 6b 00 00 00 00  T..........k.... |\n\
             \x20| 00010  76 31 00 00                                       v1..             |\n",
            "sendto(3, \"\\x54\\x00\\x00\\x00\\x10\\x00\\x05\\x06\\x86\\xb9\\x04\\x6b\\x00\\x00\\x00\
             \\x00\\x76\\x31\\x00\\x00\", 20, 0, {sa_data=\"\\x00\\x00\\x00\"}, 12) = 20",
            "unsigned char message[] = {\n  0x54, 0x00, 0x00, 0x00, 0x10, 0x00, 0x05, 0x06,\n\
             \x20 0x86, 0xb9, 0x04, 0x6b, 0x0, 0x0, 0x0, 0x0, 0x76, 0x31, 0x00, 0x00 };",
            "0000  54 00 00 00              nlmsg_len                      84\n\
             0004  10 00                    nlmsg_type                     RTM_NEWLINK\n\
             0006  05 06 86 b9 04 6b 00 00  add                            wrapped\n\
             \x20                              words that go on\n\
             000e  00 00 76 31 00 00\n",
        ] {
            assert_eq!(runs(text), [BYTES], "{text}");
        }
    }

    #[test]
    fn offsets_that_begin_anew_begin_a_run() {
        let text = "0000  54 00 00 00\n0004  10 00\n\n0000  24 00\n 00000  ff\n";
        assert_eq!(
            runs(text),
            [&[0x54, 0, 0, 0, 0x10, 0][..], &[0x24, 0], &[0xff]]
        );
    }

    #[test]
    fn what_is_no_hex_is_nothing() {
        for text in ["", "hello", "5", "0x", "\\x", "zz zz", "0000: x", "123: x"] {
            assert_eq!(runs(text), Vec::<Vec<u8>>::new(), "{text}");
        }
    }
}
