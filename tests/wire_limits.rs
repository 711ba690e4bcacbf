//! The limits of netsetgo's arguments are the limits of the kernel: validation accepts what the
//! kernel accepts, and nothing else.
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
    let printed = socket.send(&[message]).expect("a reply");
    printed
        .iter()
        .all(|(_, netlink_error)| netlink_error.errno == 0)
}

/// Creates a bridge with this name as raw bytes, and deletes it. Returns whether the kernel gave the
/// bridge exactly this name.
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
        // The kernel may have chosen another name. The bridge is the only link besides lo.
        let all = netsetgo::engine::query::links(socket, None).unwrap();
        let made: Vec<_> = all.iter().filter(|link| link.index != 1).collect();
        assert_eq!(made.len(), 1, "{:?}", String::from_utf8_lossy(name));
        let same = made[0].name.as_str().as_bytes() == name;
        let delete = link::delete(IfInfoMsg {
            index: made[0].index,
            ..IfInfoMsg::default()
        });
        assert!(accepted(socket, delete.finish().unwrap()));
        // The kernel accepts a pattern, or a text with a NUL byte, but gives another name.
        return same;
    }
    false
}

/// Names around each limit, and names with each byte of ASCII in the middle.
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
fn link_name_is_valid_if_kernel_accepts_it() {
    isolate("link_name_is_valid_if_kernel_accepts_it", || {
        let mut socket = Socket::open(Protocol::Route).unwrap();
        for name in names() {
            let arguments = name.parse::<IfName>().is_ok();
            let kernel = kernel_takes_name(&mut socket, name.as_bytes());
            // dev_valid_name() accepts '%', but dev_alloc_name() replaces the pattern "%d" by a
            // number (net/core/dev.c). netsetgo refuses each name with '%'.
            if name.contains('%') {
                assert!(!arguments, "{name:?}");
            } else {
                assert_eq!(arguments, kernel, "{name:?}");
            }
        }
    });
}

#[test]
fn prefix_length_is_valid_if_kernel_accepts_it() {
    isolate("prefix_length_is_valid_if_kernel_accepts_it", || {
        let mut socket = Socket::open(Protocol::Route).unwrap();
        for (family, address, width) in [(AF_INET, "10.1.2.3", 32_u8), (AF_INET6, "fd00::1", 128)] {
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
                let arguments = format!("{address}/{prefix}").parse::<Cidr>().is_ok();
                assert_eq!(kernel, prefix <= width, "{address}/{prefix}");
                // The kernel accepts prefix length 0. netsetgo refuses it, because the bridge would get
                // a route to every destination of the host.
                assert_eq!(arguments, kernel && prefix > 0, "{address}/{prefix}");
                if kernel {
                    let delete = addr::delete(header).put(IFA_LOCAL, address);
                    assert!(accepted(&mut socket, delete.finish().unwrap()));
                }
            }
        }
    });
}

#[test]
fn mtu_is_valid_if_kernel_accepts_it_for_veth() {
    isolate("mtu_is_valid_if_kernel_accepts_it_for_veth", || {
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
            let arguments = Resolved {
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
            // For MTU 0, the kernel chooses the default.
            assert_eq!(arguments.validated().is_ok(), kernel && mtu != 0, "{mtu}");
            if kernel {
                let delete = link::delete(IfInfoMsg::default()).put(IFLA_IFNAME, "end0");
                assert!(accepted(&mut socket, delete.finish().unwrap()));
            }
        }
    });
}

#[test]
fn longest_owner_altname_is_accepted_by_kernel() {
    isolate("longest_owner_altname_is_accepted_by_kernel", || {
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
