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

fn found(text: &str) -> Found {
    read(text).unwrap_or_else(|reason| panic!("{reason}: {text}"))
}

/// One run of these bytes, and nothing to say.
fn is_read(text: &str, bytes: &[u8]) {
    let found = found(text);
    assert_eq!(found.runs, [bytes], "{text}");
    assert_eq!(found.notes, Vec::<String>::new(), "{text}");
}

/// The head as above, forty-four zeros and an attribute: 72 bytes, of which rows are squeezed.
fn squeezed() -> Vec<u8> {
    let mut bytes = BYTES.get(..16).unwrap().to_vec();
    bytes.resize(64, 0);
    bytes.extend([7, 0, 3, 0, 0x76, 0x31, 0, 0]);
    bytes
}

/// Numbers of so many bytes, as this machine has them.
fn numbers(bytes: &[u8], size: usize) -> String {
    let number = |word: &[u8]| {
        let mut word = word.to_vec();
        word.resize(size, 0);
        if cfg!(target_endian = "little") {
            word.reverse();
        }
        let digits = word.iter().map(|byte| format!("{byte:02x}"));
        format!(" {}", digits.collect::<String>())
    };
    bytes.chunks(size).map(number).collect()
}

#[test]
fn rows_behind_a_star_are_the_row_before_it() {
    for text in [
        // xxd -a, hexdump -C, od -A x -t x1, od -t x1, od -A d -t x1, od -A x -t x1z
        "00000000: 5400 0000 1000 0506 86b9 046b 0000 0000  T..........k....\n\
         00000010: 0000 0000 0000 0000 0000 0000 0000 0000  ................\n*\n\
         00000040: 0700 0300 7631 0000                      ....v1..\n",
        "00000000  54 00 00 00 10 00 05 06  86 b9 04 6b 00 00 00 00  |T..........k....|\n\
         00000010  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|\n*\n\
         00000040  07 00 03 00 76 31 00 00                           |....v1..|\n00000048\n",
        "000000 54 00 00 00 10 00 05 06 86 b9 04 6b 00 00 00 00\n\
         000010 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00\n*\n\
         000040 07 00 03 00 76 31 00 00\n000048\n",
        "0000000 54 00 00 00 10 00 05 06 86 b9 04 6b 00 00 00 00\n\
         0000020 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00\n*\n\
         0000100 07 00 03 00 76 31 00 00\n0000110\n",
        "0000000 54 00 00 00 10 00 05 06 86 b9 04 6b 00 00 00 00\n\
         0000016 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00\n*\n\
         0000064 07 00 03 00 76 31 00 00\n0000072\n",
        "000000 54 00 00 00 10 00 05 06 86 b9 04 6b 00 00 00 00  >T..........k....<\n\
         000010 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00  >................<\n*\n\
         000040 07 00 03 00 76 31 00 00                          >....v1..<\n000048\n",
    ] {
        is_read(text, &squeezed());
    }
    // The last rows may be squeezed too, with only the end behind them.
    let mut zeros = squeezed().get(..16).unwrap().to_vec();
    zeros.resize(52, 0);
    is_read(
        "00000000  54 00 00 00 10 00 05 06  86 b9 04 6b 00 00 00 00  |T..........k....|\n\
         00000010  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|\n*\n00000034\n",
        &zeros,
    );
}

#[test]
fn a_hole_begins_a_run_and_is_told() {
    let row = "54 00 00 00 10 00 05 06 86 b9 04 6b 00 00 00 00";
    let hole = found(&format!(
        "00000000  {row}\n00000030  {row}\n00000040  07 00\n"
    ));
    let lengths: Vec<usize> = hole.runs.iter().map(Vec::len).collect();
    assert_eq!(lengths, [16, 18]);
    let told = "line 2: its offset is 0x30, but the bytes before it end at 0x10: a new run";
    assert_eq!(hole.notes, [told]);
    for (text, runs, note) in [
        (
            format!("00000000  {row}\n*\n00000024  07 00\n"),
            2,
            "line 3: its offset is 0x24",
        ),
        (
            format!("00000000  {row}\n*\nend\n"),
            1,
            "line 2: '*' stands for rows",
        ),
        (
            format!("00000000  {row}\n*\n"),
            1,
            "line 2: '*' stands for rows",
        ),
        (
            format!("00000010  {row}\n"),
            1,
            "line 1: the first offset is 0x10",
        ),
        (
            format!("00000000  {row}\n00000020\n"),
            1,
            "line 2: its offset is 0x20",
        ),
        (
            format!("00000000  {row}\n00000008  {row}\n"),
            2,
            "line 2: its offset is 0x8",
        ),
    ] {
        let found = found(&text);
        assert_eq!(found.runs.len(), runs, "{text}");
        assert!(
            found.notes.iter().any(|told| told.starts_with(note)),
            "{:?}",
            found.notes
        );
    }
}

#[test]
fn no_more_is_filled_in_than_is_bearable() {
    let wide = found("00000000  54 00 00 00\n*\nfffffff0  54 00\n");
    assert_eq!(wide.runs.len(), 2);
    assert!(
        wide.notes.iter().any(|note| note.contains("too many")),
        "{:?}",
        wide.notes
    );
    let million = "00000000  54 00 00 00\n*\n00100004  54 00 00 00\n";
    let total = |text: &str| runs(text).iter().map(Vec::len).sum::<usize>();
    assert_eq!(total(million), SQUEEZED + 8);
    let most = total(&million.repeat(100));
    assert!(most <= SQUEEZED_IN_ALL + 800, "{most}");
    assert!(found(&million.repeat(100)).notes.len() < 10);
}

#[test]
fn words_of_several_bytes_are_in_the_order_of_the_machine_or_of_their_text() {
    let bytes = squeezed().get(..16).unwrap().to_vec();
    for (size, step) in [
        (2, "0000020"),
        (2, "0000010"),
        (4, "0000020"),
        (8, "0000020"),
    ] {
        // od -x, hexdump, od -t x4, od -t x8
        let first = numbers(&bytes, size);
        is_read(
            &format!("0000000{first}\n{step}{first}\n"),
            &[&bytes[..], &bytes].concat(),
        );
    }
    // hexdump -x, and the kernel in fours without text.
    let first = numbers(&bytes, 2).replace(' ', "    ");
    is_read(&format!("0000000{first}\n0000010\n"), &bytes);
    let fours = numbers(&bytes, 4);
    is_read(&format!("[    1.500000] skb: 00000000:{fours}\n"), &bytes);
    // hexdump fills up the last word: its end says so.
    let odd = bytes.get(..5).unwrap();
    is_read(&format!("0000000{}\n0000005\n", numbers(odd, 2)), odd);
    // od: octal.
    let octal = "0000000 000124 000000 000020 003005 134606 065404 000000 000000\n0000020\n";
    if cfg!(target_endian = "little") {
        is_read(octal, &bytes);
    }
    for text in [
        // xxd -e, xxd -g 4, xxd -e -g 2, and a last word of xxd -e that is short.
        "00000000: 00000054 06050010 6b04b986 00000000  T..........k....\n",
        "00000000: 54000000 10000506 86b9046b 00000000  T..........k....\n",
        "00000000: 0054 0000 0010 0605 b986 6b04 0000 0000  T..........k....\n",
    ] {
        is_read(text, &bytes);
    }
    is_read(
        "00000000: 00000054   003176                    T...v1.\n",
        &[0x54, 0, 0, 0, 0x76, 0x31, 0],
    );
}

#[test]
fn rows_of_any_width_end_where_their_text_begins() {
    let bytes: Vec<u8> = (0..5).flat_map(|_| *b"ab cd ef").collect();
    for (width, size) in [
        (1, 1),
        (2, 1),
        (2, 2),
        (3, 1),
        (7, 2),
        (8, 1),
        (8, 4),
        (16, 1),
        (16, 2),
        (32, 2),
        (32, 16),
        (40, 1),
    ] {
        // As xxd -c WIDTH -g SIZE prints them.
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
        is_read(&text, &bytes);
    }
}

#[test]
fn what_other_programs_print_is_read() {
    for text in [
        // tcpdump -x, the kernel's print_hex_dump with and without a time, od of BSD.
        "12:00:00.000000 IP\n\t0x0000:  5400 0000 1000 0506 86b9 046b 0000 0000\n\
         \t0x0010:  7631 0000\n",
        "[   12.345678] prefix: 00000000: 54 00 00 00 10 00 05 06 86 b9 04 6b 00 00 00 00  T..\n\
         [   12.345679] prefix: 00000010: 76 31 00 00  v1..\n",
        "Nov 24 host kernel: skb linear:   00000000: 54 00 00 00 10 00 05 06 86 b9 04 6b 00 00 00 00\n\
         Nov 24 host kernel: skb linear:   00000010: 76 31 00 00\n",
        "0000000    54  00  00  00  10  00  05  06  86  b9  04  6b  00  00  00  00\n\
         0000020    76  31  00  00\n0000024\n",
        "54:00:00:00:10:00:05:06:86:b9:04:6b:00:00:00:00:76:31:00:00\n",
        "0000  54 00 00 00              nlmsg_len                      20\n\
         > 0020  09 00 03 00                IFLA_IFNAME\n>       ^^^^^^^^^^^ IFLA_IFNAME\n\
         0004  10 00 05 06 86 b9 04 6b\n000c  00 00 00 00 76 31 00 00  added  de ad\n",
    ] {
        is_read(text, &BYTES);
    }
}

#[test]
fn rows_of_another_base_are_refused() {
    for text in [
        // od -t u1, od -c, hexdump -b, hexdump -d, od -t d4
        "0000000   1   2   3   4\n0000004  17  18  19  20\n0000010\n",
        "0000000   T  \\0  \\0  \\0 020  \\0\n0000006  17  18  19  20\n0000012\n",
        "0000000 124 000 000 000 020 000 005 006 206 271 004 153 000 000 000 000\n0000010\n",
        "0000000   00084   00000   00016   01541\n0000008\n",
        "0000000          84   100991\n0000010\n",
    ] {
        let found = found(text);
        assert_eq!(found.runs, Vec::<Vec<u8>>::new(), "{text}");
        assert_eq!(
            found.notes.first().unwrap(),
            "line 1: neither hex nor octal words: hexdump -C shows them"
        );
    }
    // xxd -b
    is_read(
        "00000000: 01010100 00000000 00000000 00000000 00010000 00000000  T.....\n\
         00000006: 00000101 00000110                                      ..\n",
        &[0x54, 0, 0, 0, 0x10, 0, 5, 6],
    );
}

#[test]
fn arrays_are_read_without_their_comments() {
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
        "54 00 00 00 10 00 05 06 # nlmsg_len\n86 b9 04 6b 00 00 00 00 // nlmsg_seq\n\n76 31 00 00",
        "0x7ffe12345678:\t0x54\t0x00\t0x00\t0x00\t0x10\t0x00\t0x05\t0x06\n\
         0x7ffe12345680:\t0x86\t0xb9\t0x04\t0x6b\t0x00\t0x00\t0x00\t0x00\n\
         0x7ffe12345688:\t0x76\t0x31\t0x00\t0x00\n",
    ] {
        is_read(text, &BYTES);
    }
    // Wireshark's arrays: each is a run.
    let two = "static const unsigned char pkt1[4] = {\n0x54, 0x00, 0x00, 0x00 /* T.\"/ */\n};\n\n\
        static const unsigned char pkt2[2] = {\n0x24, 0x00 /* $. */\n};\n";
    assert_eq!(runs(two), [&[0x54, 0, 0, 0][..], &[0x24, 0]]);
    assert_eq!(found(two).notes, Vec::<String>::new());
    let unknown = found("0x54, 0x00, 0x00, 0x00,\n0x10, TYPE(0x10),\n0x1234,\n0x05, 0x06\n");
    assert_eq!(
        unknown.notes,
        ["passed over, as they are no hex: lines 2 and 3"]
    );
    // Few numbers are no message, and all of two digits are hex.
    assert_eq!(runs("{84, 0, 0, 0, 16, 0}"), Vec::<Vec<u8>>::new());
    let digits = "10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25";
    assert!(runs(digits).concat().starts_with(&[0x10, 0x11]));
}

#[test]
fn strings_are_read_with_their_escapes() {
    for text in [
        r#""T\0\0\0\20\0\5\6\206\271\4k\0\0\0\0v1\0\0""#,
        r"data = b'T\x00\x00\x00\x10\x00\x05\x06\x86\xb9\x04k\x00\x00\x00\x00v1\x00\x00'",
    ] {
        is_read(text, &BYTES);
    }
    is_read(
        "const char m[] = // it's 0x54\n  \"T\\0\\0\\0\\20\\0\\5\\6\" \"\\206\\271\\4k\" /* \"\\1\" */\n\
         \x20 \"\\0\\0\\0\\0\"\n  \"v1\"\n  \"\\0\\0\";\nputs(\"sent\");\n",
        &BYTES,
    );
    is_read(
        "m = (b'T\\x00\\x00\\x00\\x10\\x00\\x05\\x06' +\n     b'\\x86\\xb9\\x04k\\x00\\x00\\x00\\x00v1\\x00\\x00')\n",
        &BYTES,
    );
    is_read(r#"printf '\x54//\n\t\\\"\x00'"#, b"T//\n\t\\\"\0");
    is_read(
        r#"sendto(3, "T\0\0\0\20\0\5\6\206\271\4k\0\0\0\0v1\0\0", 20, 0, {sa_data="\0\0\0"}, 12) = 20"#,
        &BYTES,
    );
    is_read(
        r"\x54\x00\x00\x00\x10\x00\x05\x06\x86\xb9\x04\x6b\x00\x00\x00\x00\x76\x31\x00\x00",
        &BYTES,
    );
    // Two strings of a list, and of two calls, are two runs.
    for text in [
        "[b'\\x54\\x00',\n b'\\x24']\n",
        "\"\\x54\\x00\",\n\"\\x24\"\n",
        "write(3, \"T\\0\", 2) = 2\nread(3, \"\\44\", 9) = 1\n",
    ] {
        assert_eq!(runs(text), [&[0x54, 0][..], &[0x24]], "{text}");
    }
    let cut = found("sendto(3, \"\\x54\\x00\"..., 20, 0) = 20\n");
    assert_eq!(cut.runs, [[0x54, 0]]);
    assert_eq!(
        cut.notes,
        ["line 1: the string is cut short here (strace -s 65536)"]
    );
    let unknown = found("\"\\x54\"\n\"\\u{54}\\x00\"\n");
    assert_eq!(unknown.notes, ["passed over, as it is no hex: line 2"]);
}

#[test]
fn pieces_that_strace_has_read_are_refused() {
    let line = "sendmsg(3, {msg_iov=[{iov_base=[{nlmsg_len=56, nlmsg_type=RTM_NEWLINK}, \
        {ifi_family=AF_UNSPEC}, [{nla_len=7, nla_type=IFLA_IFNAME}, \"\\x64\\x32\\x00\"...]]";
    assert!(read(line).is_err_and(|reason| reason.contains("strace -e write=all -e read=all")));
    let rows = format!("{line}\n * 4 bytes in buffer 0\n | 00000  54 00 00 00       T... |\n");
    is_read(&rows, &[0x54, 0, 0, 0]);
}

#[test]
fn what_is_passed_over_between_hex_is_told() {
    for (text, note) in [
        (
            "a message:\n54 00\nthe type:\n10 00\nthe end\n",
            "it is no hex: line 3",
        ),
        ("54 00 00 00\n10 00 0\n05 06\n", "it is no hex: line 2"),
        ("54 00 00 00\n10 00 0\n", "it is no hex: line 2"),
        ("54\nx\ny\n00\n*\n01\n", "they are no hex: lines 2, 3 and 5"),
        (
            "54\n1\n1\n1\n1\n1\n1\n1\n",
            "they are no hex: lines 2, 3, 4, 5, 6 and 2 more",
        ),
    ] {
        let found = found(text);
        assert_eq!(found.runs.len(), 1, "{text}");
        let [told] = found.notes.as_slice() else {
            panic!("{text}: {:?}", found.notes);
        };
        assert!(
            told.starts_with("passed over, as ") && told.ends_with(note),
            "{text}: {told}"
        );
    }
    is_read(
        "a message:\n\n54 00\n\n10 00\nthe end\n",
        &[0x54, 0, 0x10, 0],
    );
}

#[test]
fn printed_rows_are_read_back() {
    use crate::wire::goldens::golden;
    use crate::wire::hexdump::{Colour, format_rows};
    use crate::wire::printer::{fields, no_names};
    let bytes = golden("composed-cookie");
    let fields = fields(crate::wire::registry::Protocol::Route, &bytes, &no_names);
    assert_eq!(
        runs(&format_rows(&fields, &bytes, Colour::Off, false)),
        [bytes]
    );
}
