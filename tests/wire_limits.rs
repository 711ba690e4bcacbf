//! The kernel's limits are the words' limits: what the words refuse the kernel refuses, and what
//! they take the kernel takes.
#![allow(clippy::indexing_slicing)]

mod common;

use common::isolate;
use netsetgo::config::{Cidr, Id, IfName, Resolved};
use netsetgo::os::socket::Socket;
use netsetgo::plan::ownership;
use netsetgo::wire::addr::{self, IFA_ADDRESS, IFA_LOCAL, IfAddrMsg};
use netsetgo::wire::attr::{Attr, Binary};
use netsetgo::wire::link::{
    self, IFLA_ALT_IFNAME, IFLA_IFNAME, IFLA_INFO_KIND, IFLA_LINKINFO, IFLA_MTU, IFLA_PROP_LIST,
    IfInfoMsg, Ifla,
};
use netsetgo::wire::message::Message;
use netsetgo::wire::registry::Protocol;
use netsetgo::wire::uapi::{AF_INET, AF_INET6};

fn accepted(socket: &mut Socket, message: Message) -> bool {
    let said = socket.send(&[message]).expect("an answer");
    said.iter()
        .all(|(_, netlink_error)| netlink_error.errno == 0)
}

/// Makes a bridge of this name, as raw bytes, and takes it away again.
fn kernel_takes_name(socket: &mut Socket, name: &[u8]) -> bool {
    const RAW: Attr<Ifla, Binary> = Attr::new(3, "IFLA_IFNAME");
    let bytes = [name, b"\0"].concat();
    let create = link::create(IfInfoMsg::default())
        .put(RAW, &bytes)
        .nest(IFLA_LINKINFO, |info| {
            info.put(IFLA_INFO_KIND, "bridge");
        });
    let taken = accepted(socket, create.finish().unwrap());
    if taken {
        // Whatever it came to be called: it is the only one besides lo.
        let all = netsetgo::engine::query::links(socket, None).unwrap();
        let made: Vec<_> = all.iter().filter(|told| told.index != 1).collect();
        assert_eq!(made.len(), 1, "{:?}", String::from_utf8_lossy(name));
        let same = made[0].name.as_str().as_bytes() == name;
        let delete = link::delete(IfInfoMsg {
            index: made[0].index,
            ..IfInfoMsg::default()
        });
        assert!(accepted(socket, delete.finish().unwrap()));
        // A pattern or a text that ends early is taken, but for another name.
        return same;
    }
    false
}

/// Names around every border, and each byte of ASCII in the middle of one.
fn names() -> Vec<String> {
    let mut names: Vec<String> = (0..=127_u8)
        .map(|byte| format!("a{}b", char::from(byte)))
        .collect();
    for length in [1, 14, 15, 16, 17, 30] {
        names.push("n".repeat(length));
    }
    let more = [
        "",
        ".",
        "..",
        "...",
        ".a",
        "all",
        "default",
        "alls",
        "%",
        "%d",
        "a%",
        "%%",
        "-",
        "--",
        "é",
        "ééééééé",
        "éééééééé",
        "€",
        "a€b",
        "†",
        "\u{a0}",
        "à",
        "\u{3000}",
        "0",
        "a.b",
        "@",
    ];
    names.extend(more.map(str::to_owned));
    names
}

#[test]
fn a_name_that_the_words_take_the_kernel_takes_and_no_other() {
    isolate(
        "a_name_that_the_words_take_the_kernel_takes_and_no_other",
        || {
            let mut socket = Socket::open(Protocol::Route).unwrap();
            for name in names() {
                let words = name.parse::<IfName>().is_ok();
                let kernel = kernel_takes_name(&mut socket, name.as_bytes());
                // dev_valid_name() has nothing against '%': dev_alloc_name() reads one pattern as a
                // number, and the words refuse them all, so that none is ever read as one.
                if name.contains('%') {
                    assert!(!words, "{name:?}");
                } else {
                    assert_eq!(words, kernel, "{name:?}");
                }
            }
        },
    );
}

#[test]
fn a_prefix_that_the_words_take_the_kernel_takes_and_no_other() {
    isolate(
        "a_prefix_that_the_words_take_the_kernel_takes_and_no_other",
        || {
            let mut socket = Socket::open(Protocol::Route).unwrap();
            for (family, address, width) in
                [(AF_INET, "10.1.2.3", 32_u8), (AF_INET6, "fd00::1", 128)]
            {
                for prefix in [0, 1, 8, 24, 31, 32, 33, 64, 127, 128, 129, 255] {
                    let header = IfAddrMsg {
                        family,
                        prefixlen: prefix,
                        index: 1,
                        ..IfAddrMsg::default()
                    };
                    let address: std::net::IpAddr = address.parse().unwrap();
                    let create = addr::create(header)
                        .put(IFA_LOCAL, address)
                        .put(IFA_ADDRESS, address);
                    let kernel = accepted(&mut socket, create.finish().unwrap());
                    let words = format!("{address}/{prefix}").parse::<Cidr>().is_ok();
                    assert_eq!(kernel, prefix <= width, "{address}/{prefix}");
                    // The kernel takes a network of everything; the words do not, as the bridge would
                    // take every route of the host.
                    assert_eq!(words, kernel && prefix > 0, "{address}/{prefix}");
                    if kernel {
                        let delete = addr::delete(header).put(IFA_LOCAL, address);
                        assert!(accepted(&mut socket, delete.finish().unwrap()));
                    }
                }
            }
        },
    );
}

#[test]
fn an_mtu_that_the_words_take_a_pair_can_have_and_no_other() {
    isolate(
        "an_mtu_that_the_words_take_a_pair_can_have_and_no_other",
        || {
            let mut socket = Socket::open(Protocol::Route).unwrap();
            for mtu in [
                0,
                1,
                67,
                68,
                1279,
                1280,
                1500,
                65_534,
                65_535,
                65_536,
                u32::MAX,
            ] {
                let words = Resolved {
                    mtu: Some(mtu),
                    ..config()
                };
                let create = link::create(IfInfoMsg::default())
                    .put(IFLA_IFNAME, "end0")
                    .put(IFLA_MTU, mtu)
                    .nest(IFLA_LINKINFO, |info| {
                        info.put(IFLA_INFO_KIND, "veth");
                    });
                let kernel = accepted(&mut socket, create.finish().unwrap());
                // The kernel reads 0 as "as it comes".
                assert_eq!(words.validated().is_ok(), kernel && mtu != 0, "{mtu}");
                if kernel {
                    let delete = link::delete(IfInfoMsg::default()).put(IFLA_IFNAME, "end0");
                    assert!(accepted(&mut socket, delete.finish().unwrap()));
                }
            }
        },
    );
}

#[test]
fn an_owners_longest_name_is_one_that_a_link_can_have() {
    isolate("an_owners_longest_name_is_one_that_a_link_can_have", || {
        let mut socket = Socket::open(Protocol::Route).unwrap();
        let id = "i".repeat(Id::LONGEST).parse().unwrap();
        let link = "n".repeat(IfName::LONGEST).parse().unwrap();
        let owner = ownership::owner_altname(&id, &link);
        for (name, taken) in [
            (owner, true),
            ("x".repeat(127), true),
            ("x".repeat(128), false),
        ] {
            let lo = IfInfoMsg {
                index: 1,
                ..IfInfoMsg::default()
            };
            let add = link::add_properties(lo).nest(IFLA_PROP_LIST, |list| {
                list.put(IFLA_ALT_IFNAME, &name);
            });
            assert_eq!(
                accepted(&mut socket, add.finish().unwrap()),
                taken,
                "{name}"
            );
        }
    });
}

fn config() -> Resolved {
    Resolved::new("brg0", "10.10.10.1/24", "10.10.10.2/24", "veth").unwrap()
}
