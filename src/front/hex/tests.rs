use super::*;

/// The beginning of a message that iproute2 6.1.0 sends for `ip link add v0 type veth peer name v1`.
const BYTES: [u8; 20] = [
    0x54, 0, 0, 0, 0x10, 0, 5, 6, 0x86, 0xb9, 4, 0x6b, 0, 0, 0, 0, 0x76, 0x31, 0, 0,
];

fn found(text: &str) -> Found {
    read(text).unwrap_or_else(|reason| panic!("{reason}: {text}"))
}

fn datagrams(text: &str) -> Vec<Vec<u8>> {
    found(text).datagrams
}

/// Asserts that a text contains one sequence of bytes, and that there are no notes.
fn assert_read(text: &str, bytes: &[u8]) {
    let found = found(text);
    assert_eq!(found.datagrams, [bytes], "{text}");
    assert_eq!(found.notes, Vec::<String>::new(), "{text}");
}

/// Asserts that a text is refused with an error that contains `reason`.
fn assert_refused(text: &str, reason: &str) {
    let error = read(text).expect_err(text);
    assert!(error.contains(reason), "{error}: {text}");
}

#[test]
fn read_of_each_form_returns_the_bytes() {
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
        "0000  54 00 00 00              nlmsg_len                      20\n\
         > 0020  09 00 03 00                IFLA_IFNAME\n>       ^^^^^^^^^^^ IFLA_IFNAME\n\
         0004  10 00 05 06 86 b9 04 6b\n000c  00 00 00 00 76 31 00 00  added  de ad\n",
        "54:00:00:00:10:00:05:06:86:b9:04:6b:00:00:00:00:76:31:00:00\n",
        "54 00 00 00 10 00 05 06 # nlmsg_len\n86 b9 04 6b 00 00 00 00 // nlmsg_seq\n\n76 31 00 00",
        "unsigned char message[] = {\n  0x54, 0x00, 0x00, 0x00, 0x10, 0x00, 0x05, 0x06,\n\
         \x20 0x86, 0xb9, 0x04, 0x6b, 0x0, 0x0, 0x0, 0x0, 0x76, 0x31, 0x00, 0x00 };",
        "0000  54 00 00 00              nlmsg_len                      84\n\
         0004  10 00                    nlmsg_type                     RTM_NEWLINK\n\
         0006  05 06 86 b9 04 6b 00 00  add                            wrapped\n\
         \x20                              words that go on\n\
         000e  00 00 76 31 00 00\n",
    ] {
        assert_eq!(datagrams(text), [BYTES], "{text}");
    }
}

#[test]
fn read_of_offset_zero_begins_a_datagram() {
    let text = "0000  54 00 00 00\n0004  10 00\n\n0000  24 00\n 00000  ff\n";
    assert_eq!(
        datagrams(text),
        [&[0x54, 0, 0, 0, 0x10, 0][..], &[0x24, 0], &[0xff]]
    );
}

/// A header, zeros and an attribute: 72 bytes. A dump replaces rows of zeros by `*`.
fn with_repeated_rows() -> Vec<u8> {
    let mut bytes = BYTES.get(..16).unwrap().to_vec();
    bytes.resize(64, 0);
    bytes.extend([7, 0, 3, 0, 0x76, 0x31, 0, 0]);
    bytes
}

#[test]
fn read_of_xxd_rows_ignores_text_column() {
    let bytes: Vec<u8> = (0..5).flat_map(|_| *b"ab cd ef").collect();
    for (width, size) in [
        (1, 1),
        (2, 1),
        (2, 2),
        (3, 1),
        (7, 2),
        (8, 1),
        (16, 1),
        (16, 2),
        (40, 1),
    ] {
        // The output of xxd -c WIDTH -g SIZE.
        let mut text = String::new();
        for (place, row) in bytes.chunks(width).enumerate() {
            let words = row.chunks(size).map(|word| {
                word.iter()
                    .map(|byte| format!("{byte:02x}"))
                    .collect::<String>()
                    + " "
            });
            let words: String = words.collect();
            let room = width * 2 + width.div_ceil(size) + 1;
            let shown = String::from_utf8_lossy(row);
            text += &format!("{:08x}: {words:<room$}{shown}\n", place * width);
        }
        assert_read(&text, &bytes);
    }
}

#[test]
fn read_of_netsetgo_rows_returns_the_message() {
    use crate::wire::goldens::golden;
    use crate::wire::hexdump::{Colour, format_rows};
    use crate::wire::printer::{fields, no_names};
    let bytes = golden("composed-cookie");
    let fields = fields(crate::wire::registry::Protocol::Route, &bytes, &no_names);
    assert_eq!(
        datagrams(&format_rows(&fields, &bytes, Colour::Off, false)),
        [bytes]
    );
}

#[test]
fn read_of_text_without_bytes_is_refused() {
    for text in [
        "",
        "hello",
        "x",
        "0x",
        "\\x",
        "zz zz",
        "0000: x",
        "123: x",
        "{84, 0, 0, 0}",
    ] {
        assert_refused(text, "no hex in a form that decode reads");
    }
    assert_refused("5", "line 1");
}

#[test]
fn read_of_star_repeats_the_previous_row() {
    for text in [
        // xxd -a, hexdump -C, od -A x -t x1, od -A x -t x1z
        "00000000: 5400 0000 1000 0506 86b9 046b 0000 0000  T..........k....\n\
         00000010: 0000 0000 0000 0000 0000 0000 0000 0000  ................\n*\n\
         00000040: 0700 0300 7631 0000                      ....v1..\n",
        "00000000  54 00 00 00 10 00 05 06  86 b9 04 6b 00 00 00 00  |T..........k....|\n\
         00000010  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|\n*\n\
         00000040  07 00 03 00 76 31 00 00                           |....v1..|\n00000048\n",
        "000000 54 00 00 00 10 00 05 06 86 b9 04 6b 00 00 00 00\n\
         000010 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00\n*\n\
         000040 07 00 03 00 76 31 00 00\n000048\n",
        "000000 54 00 00 00 10 00 05 06 86 b9 04 6b 00 00 00 00  >T..........k....<\n\
         000010 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00  >................<\n*\n\
         000040 07 00 03 00 76 31 00 00                          >....v1..<\n000048\n",
    ] {
        assert_read(text, &with_repeated_rows());
    }
    let mut zeros = with_repeated_rows().get(..16).unwrap().to_vec();
    zeros.resize(52, 0);
    assert_read(
        "00000000  54 00 00 00 10 00 05 06  86 b9 04 6b 00 00 00 00  |T..........k....|\n\
         00000010  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|\n*\n00000034\n",
        &zeros,
    );
}

#[test]
fn read_of_gap_begins_a_datagram_and_adds_a_note() {
    let row = "54 00 00 00 10 00 05 06 86 b9 04 6b 00 00 00 00";
    for (text, count, note) in [
        (
            format!("00000000  {row}\n00000030  {row}\n00000040  07 00\n"),
            2,
            "line 2: the offset is 0x30, but the bytes before it end at 0x10",
        ),
        (
            format!("00000010  {row}\n"),
            1,
            "line 1: the offset is 0x10",
        ),
        (
            format!("00000000  {row}\n00000020\n"),
            1,
            "line 2: the offset is 0x20",
        ),
        (
            format!("00000000  {row}\n00000008  {row}\n"),
            2,
            "line 2: the offset is 0x8",
        ),
    ] {
        let found = found(&text);
        assert_eq!(found.datagrams.len(), count, "{text}");
        assert!(
            matches!(found.notes.as_slice(), [n] if n.starts_with(note)),
            "{:?}",
            found.notes
        );
    }
}

#[test]
fn read_of_too_many_repeated_bytes_is_refused() {
    assert_refused(
        "00000000  54 00 00 00\n*\nfffffff0  54 00\n",
        "line 3: '*' stands for",
    );
    let most = "00000000  54 00 00 00\n*\n00100004  54 00 00 00\n";
    assert_eq!(datagrams(most).concat().len(), MAX_REPEATED + 8);
    assert_refused(&most.repeat(2), "too many");
}

#[test]
fn read_of_unsupported_dump_is_refused() {
    for text in [
        // xxd -e, xxd -e -g 2, xxd -b
        "00000000: 00000054 06050010 6b04b986 00000000  T..........k....\n",
        "00000000: 0054 0000 0010 0605 b986 6b04 0000 0000  T..........k....\n",
        "00000000: 01010100 00000000 00000000 00000000 00010000 00000000  T.....\n",
        // hexdump, od, od -t x1, od -c, od -t u1, hexdump -b, hexdump -d
        "0000000 0054 0000 0010 0605\n0000008\n",
        "0000000 000124 000000 000020 003005\n0000010\n",
        "0000000 54 00 00 00 10 00 05 06\n0000010\n",
        "0000000   T  \\0  \\0  \\0 020  \\0\n0000006  17  18  19  20\n0000012\n",
        "0000000  84   0   0   0  16\n0000010\n",
        "0000000 124 000 000 000 020 000 005 006 206 271 004 153 000 000 000 000\n0000010\n",
        "0000000   00084   00000   00016   01541\n0000008\n",
        // od -A x, od -A x -t x2, od -A x -t u1
        "000000 000124 000000 000020 003005\n000008\n",
        "000000 0054 0000 0010 0605\n000008\n",
        "000000  84   0   0   0  16\n000005\n",
        // tcpdump -x, gdb, the kernel's print_hex_dump
        "12:00:00.000000 IP\n\t0x0000:  5400 0000 1000 0506\n",
        "0x7ffe12345678:\t0x54\t0x00\t0x00\t0x00\t0x10\t0x00\t0x05\t0x06\n",
        "[   12.345678] prefix: 00000000: 54 00 00 00 10 00 05 06  T.......\n",
    ] {
        assert_refused(text, "make plain hex with xxd -p");
    }
}

#[test]
fn read_of_array_ignores_comments_and_other_numbers() {
    for text in [
        "uint8_t m[20] = { /* 0x08 */ 0x54, 0, 0, 0, // 0x10\n 0x10, 0x00, 0x05, 0x06, /* type\n\
         0x99, */ 0x86, 0xb9, 0x04, 0x6b,\n 0, 0, 0, 0,\n 0x76, 0x31, 0x00, 0x00 };\n\
         unsigned int m_len = 20;\n",
        "let m: [u8; 20] = [0x54u8, 0, 0, 0, 0x10, 0, 5, 6, 0x86, 0xb9, 4, 0x6b, 0, 0, 0, 0, \
         0x76, 0x31, 0, 0];",
        "{84, 0, 0, 0, 16, 0, 5, 6, 134, 185, 4, 107, 0, 0, 0, 0, 118, 49, 0, 0}",
        "sent [84 0 0 0 16 0 5 6 134 185 4 107 0 0 0 0 118 49 0 0] to the kernel",
        "var m = []byte{\n\t84, 0, 0, 0, 16, 0, 5, 6,\n\t134, 185, 4, 107, 0, 0, 0, 0,\n\
         \t118, 49, 0, 0,\n}",
    ] {
        assert_read(text, &BYTES);
    }
    // Wireshark prints several arrays.
    let array = |byte: &str| format!("char pkt[16] = {{\n{}/* T.\"/ */\n}};\n\n", byte.repeat(16));
    let two = found(&(array("0x54, ") + &array("0x24, ")));
    assert_eq!(two.datagrams, [[0x54; 16], [0x24; 16]]);
    assert_eq!(two.notes, Vec::<String>::new());
    let unknown = found(&format!("{}\nTYPE(0x10),\n0x1234, 1", "0x54, ".repeat(16)));
    let note = |line| format!("line {line}: skipped, because it is not hex");
    assert_eq!(unknown.notes, [note(2), note(3)]);
    let digits = "10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25";
    assert!(datagrams(digits).concat().starts_with(&[0x10, 0x11]));
}

#[test]
fn read_of_string_literal_decodes_escapes() {
    for text in [
        r#""T\0\0\0\20\0\5\6\206\271\4k\0\0\0\0v1\0\0""#,
        r"data = b'T\x00\x00\x00\x10\x00\x05\x06\x86\xb9\x04k\x00\x00\x00\x00v1\x00\x00'",
        "const char m[] = // it's 0x54\n  \"T\\0\\0\\0\\20\\0\\5\\6\" \"\\206\\271\\4k\" /* \"\\1\" */\n\
         \x20 \"\\0\\0\\0\\0\"\n  \"v1\"\n  \"\\0\\0\";\nputs(\"sent\");\n",
        "m = (b'T\\x00\\x00\\x00\\x10\\x00\\x05\\x06' +\n     b'\\x86\\xb9\\x04k\\x00\\x00\\x00\\x00v1\\x00\\x00')\n",
        "let m = b\"T\\0\\0\\0\\x10\\0\\x05\\x06\\\n    \\x86\\xb9\\x04k\\0\\0\\0\\0v1\\0\\0\";\n",
        r#"sendto(3, "T\0\0\0\20\0\5\6\206\271\4k\0\0\0\0v1\0\0", 20, 0, {sa_data="\0\0\0"}, 12) = 20"#,
    ] {
        assert_read(text, &BYTES);
    }
    assert_read(
        r#"printf '\x54//\n\t\\\"\x00123456789'"#,
        b"T//\n\t\\\"\x00123456789",
    );
    // Two elements of a list, and two calls.
    let (one, two) = ("\\x54".repeat(16), "\\044".repeat(16));
    for text in [
        format!("[b'{one}', b'{two}']\n"),
        format!("write(3, \"{one}\", 16) = 16\nread(3, \"{two}\", 99) = 16\n"),
    ] {
        assert_eq!(datagrams(&text), [[0x54; 16], [0x24; 16]], "{text}");
    }
    let cut = found(&format!("sendto(3, \"{one}\"..., 20, 0) = 20\n"));
    assert_eq!(
        cut.notes,
        ["line 1: the string is not complete (strace: use -s 65536)"]
    );
    let unknown = found(&format!("\"{one}\";\n\"{two}\\u{{54}}\"\n"));
    assert_eq!(unknown.notes, ["line 2: skipped, because it is not hex"]);
}

#[test]
fn read_of_zero_escape_before_digits_is_decided_by_the_message_length() {
    // The escape \017 is one byte in C, and three bytes in Rust.
    for end in [&b"\x0f"[..], b"\x0017"] {
        let length = u32::try_from(16 + end.len()).unwrap().to_ne_bytes();
        let escaped: String = length.iter().map(|byte| format!("\\x{byte:02x}")).collect();
        let text = format!("\"{escaped}{}\\017\"", "\\x01".repeat(12));
        assert_read(&text, &[&length[..], &[1; 12], end].concat());
    }
}

#[test]
fn read_of_decoded_strace_output_is_refused() {
    let line = "sendmsg(3, {msg_iov=[{iov_base=[{nlmsg_len=56, nlmsg_type=RTM_NEWLINK}, \
        {ifi_family=AF_UNSPEC}, [{nla_len=7, nla_type=IFLA_IFNAME}, \"\\x64\\x32\\x00\"...]]";
    assert_refused(line, "strace -e write=all -e read=all");
    let rows = format!("{line}\n * 4 bytes in buffer 0\n | 00000  54 00 00 00       T... |\n");
    assert_read(&rows, &[0x54, 0, 0, 0]);
}

#[test]
fn read_of_other_lines_between_plain_hex_adds_a_note() {
    for (text, lines) in [
        ("a message:\n54 00\nthe type:\n10 00\nthe end\n", &[3][..]),
        ("54 00 00 00\n10 00 0\n05 06\n", &[2]),
        ("54 00 00 00\n10 00 0\n", &[2]),
        ("54\nx\ny\n00\n*\n01\n", &[2, 3, 5]),
    ] {
        let found = found(text);
        assert_eq!(found.datagrams.len(), 1, "{text}");
        let note = |line| format!("line {line}: skipped, because it is not hex");
        assert!(
            found.notes.iter().cloned().eq(lines.iter().map(note)),
            "{text}"
        );
    }
    let many = found(&format!("54\n{}", "1\n".repeat(1000)));
    assert_eq!(many.notes.last().unwrap(), "995 more notes");
    assert_read(
        "a message:\n\n54 00\n\n10 00\nthe end\n",
        &[0x54, 0, 0x10, 0],
    );
}
