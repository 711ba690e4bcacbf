//! Parsing of arguments, and strategies that generate values for other tests.

use super::*;
use crate::error::Error;
use proptest::prelude::*;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// A valid name of an interface, of any characters.
pub(crate) fn if_name() -> impl Strategy<Value = IfName> {
    let plain = "[a-zA-Z0-9_.-]{1,15}";
    let strange = "[^\\s/:%\0]{1,8}";
    prop_oneof![plain, strange].prop_filter_map("a name", |name| name.parse().ok())
}

/// A valid address of a host, with its prefix length.
pub(crate) fn cidr() -> impl Strategy<Value = Cidr> {
    let v4 = (any::<u32>(), 0..=32_u8).prop_map(|(a, p)| format!("{}/{p}", Ipv4Addr::from(a)));
    let v6 = (any::<u128>(), 0..=128_u8).prop_map(|(a, p)| format!("{}/{p}", Ipv6Addr::from(a)));
    prop_oneof![v4, v6].prop_filter_map("an address", |text| text.parse().ok())
}

fn refused<T: FromStr<Err = Error>>(text: &str) -> String {
    match text.parse::<T>() {
        Ok(_) => panic!("{text:?} was accepted"),
        Err(reason) => reason.to_string(),
    }
}

/// Text that parses prints and parses to the same value. Other text is refused with a reason.
fn round_trips<T>(text: &str) -> Result<(), TestCaseError>
where
    T: FromStr<Err = Error> + std::fmt::Display + std::fmt::Debug + PartialEq,
{
    match text.parse::<T>() {
        Ok(value) => prop_assert_eq!(value.to_string().parse::<T>(), Ok(value)),
        Err(reason) => prop_assert!(!reason.to_string().is_empty()),
    }
    Ok(())
}

proptest! {
    #[test]
    fn name_printed_and_parsed_is_the_same(name in if_name()) {
        prop_assert_eq!(name.to_string().parse::<IfName>().unwrap(), name.clone());
        prop_assert!((1..=IfName::LONGEST).contains(&name.as_str().len()));
    }

    #[test]
    fn address_printed_and_parsed_is_the_same(cidr in cidr()) {
        prop_assert_eq!(cidr.to_string().parse::<Cidr>().unwrap(), cidr);
    }

    #[test]
    fn network_contains_only_addresses_with_its_prefix(cidr in cidr(), other in any::<u128>()) {
        prop_assert!(cidr.contains(cidr.address));
        prop_assert!(cidr.contains(cidr.network()));
        let other = match cidr.address {
            IpAddr::V4(_) => IpAddr::from(Ipv4Addr::from(u32::try_from(other >> 96).unwrap())),
            IpAddr::V6(_) => IpAddr::from(Ipv6Addr::from(other)),
        };
        // This compares bits in octets. The code under test uses shifts and masks.
        let bits = |address: IpAddr| -> Vec<bool> {
            let octets = match address {
                IpAddr::V4(v4) => v4.octets().to_vec(),
                IpAddr::V6(v6) => v6.octets().to_vec(),
            };
            octets.iter().flat_map(|o| (0..8).map(move |bit| o << bit & 0x80 != 0)).collect()
        };
        let prefix = usize::from(cidr.prefix);
        let same = bits(other).iter().zip(bits(cidr.address)).take(prefix).all(|(a, b)| *a == b);
        prop_assert_eq!(cidr.contains(other), same);
        let network = bits(cidr.network());
        prop_assert!(network.iter().skip(prefix).all(|bit| !bit));
        if let Some(broadcast) = cidr.broadcast() {
            prop_assert!(bits(broadcast.into()).iter().skip(prefix).all(|bit| *bit));
            prop_assert!(cidr.contains(broadcast.into()));
        }
        let mapped = |address: IpAddr| match address {
            IpAddr::V4(v4) => IpAddr::from(v4.to_ipv6_mapped()),
            IpAddr::V6(_) => IpAddr::from(Ipv4Addr::new(1, 2, 3, 4)),
        };
        prop_assert!(!cidr.contains(mapped(other)), "no network contains an address of the other family");
    }

    #[test]
    fn any_text_is_refused_with_a_reason_or_round_trips(text in "\\PC{0,40}") {
        round_trips::<IfName>(&text)?;
        round_trips::<Cidr>(&text)?;
        round_trips::<Id>(&text)?;
        round_trips::<Mac>(&text)?;
        if let Ok(netns) = text.parse::<NetnsRef>() {
            prop_assert!(!netns.to_string().is_empty());
        }
    }

    #[test]
    fn namespace_printed_and_parsed_is_the_same(
        netns in prop_oneof![
            (0..i32::MAX).prop_map(NetnsRef::Descriptor),
            "/[a-z0-9/._-]{1,20}".prop_map(|path| NetnsRef::Path(path.into())),
        ],
    ) {
        prop_assert_eq!(netns.to_string().parse::<NetnsRef>().unwrap(), netns);
    }

    #[test]
    fn stable_mac_is_local_and_unicast(seed in prop::collection::vec(any::<u8>(), 0..40), name in if_name()) {
        let Mac([first, ..]) = Mac::stable(&seed, &name);
        prop_assert_eq!(first & 3, 2);
        prop_assert_eq!(Mac::stable(&seed, &name), Mac::stable(&seed, &name));
    }
}

#[test]
fn name_that_the_kernel_rejects_is_refused_with_reason() {
    for (name, reason) in [
        ("", "at least 1 byte"),
        (".", "reserved for directories"),
        ("..", "reserved for directories"),
        ("all", "reserved for /proc/sys"),
        ("default", "reserved for /proc/sys"),
        ("a234567890123456", "16 bytes; a name has at most 15"),
        ("ééééééé€", "17 bytes"),
        ("a/b", "cannot contain '/'"),
        ("a:b", "'/' or ':'"),
        ("a b", "white space"),
        ("a\tb", "white space"),
        ("a\u{b}b", "white space"),
        // U+2020 in UTF-8 is e2 80 a0: the kernel's isspace() finds Latin-1's no-break space.
        ("a\u{2020}", "white space"),
        ("v%d", "pattern"),
        ("a\0b", "NUL byte"),
    ] {
        let error = refused::<IfName>(name);
        assert!(error.contains(reason), "{name:?}: {error}");
    }
    for name in ["a", "a23456789012345", "eth0.100", "...", "-", "é", "lo"] {
        assert_eq!(name.parse::<IfName>().unwrap().as_str(), name);
    }
    assert_eq!(IfName::lo().as_str(), "lo");
    assert_eq!(IfName::from_kernel("what/ever").to_string(), "what/ever");
}

#[test]
fn address_with_invalid_prefix_or_use_is_refused() {
    for text in [
        "10.0.0.1/32",
        "10.0.0.1/31",
        "10.0.0.0/31",
        "fd00::1/128",
        "fd00::/127",
    ] {
        assert_eq!(text.parse::<Cidr>().unwrap().to_string(), text);
    }
    for (text, reason) in [
        ("10.0.0.1/33", "from 0 to 32"),
        ("fd00::1/129", "from 0 to 128"),
        ("10.0.0.1/+8", "from 0 to 32"),
        ("10.0.0.1/", "from 0 to 32"),
        ("10.0.0.1/256", "from 0 to 32"),
        ("10.0.0.1/-1", "from 0 to 32"),
        ("10.0.0.1", "prefix length is missing"),
        ("10.0.0/8", "not an IPv4 or IPv6 address"),
        ("10.0.0.0/24", "the network address"),
        ("10.0.0.0/30", "the network address"),
        ("fd00::/126", "the network address"),
        ("10.0.0.255/24", "broadcast"),
        ("0.0.0.0/0", "unspecified"),
        ("::/0", "unspecified"),
        ("127.0.0.1/8", "loopback"),
        ("::1/128", "loopback"),
        ("224.0.0.1/4", "multicast"),
        ("ff02::1/64", "multicast"),
        ("0.0.0.1/8", "no host may use"),
        ("255.255.255.255/31", "no host may use"),
        ("10.0.0.1/0", "prefix length 0 is not allowed"),
        ("fd00::1/0", "prefix length 0 is not allowed"),
    ] {
        let error = refused::<Cidr>(text);
        assert!(error.contains(reason), "{text}: {error}");
    }
}

#[test]
fn network_and_broadcast_of_known_addresses_are_correct() {
    let cidr = |text: &str| text.parse::<Cidr>().unwrap();
    assert_eq!(cidr("10.10.10.2/24").network().to_string(), "10.10.10.0");
    assert_eq!(
        cidr("10.10.10.2/24").broadcast(),
        Some(Ipv4Addr::new(10, 10, 10, 255))
    );
    assert_eq!(
        cidr("10.10.10.1/30").broadcast(),
        Some(Ipv4Addr::new(10, 10, 10, 3))
    );
    assert_eq!(cidr("10.10.10.2/31").broadcast(), None);
    assert_eq!(cidr("10.10.10.2/32").network().to_string(), "10.10.10.2");
    // Prefix length 0 is refused for a host, but it is the destination of a default route.
    let everything = Cidr {
        prefix: 0,
        ..cidr("1.2.3.4/8")
    };
    assert_eq!(everything.network().to_string(), "0.0.0.0");
    assert_eq!(
        cidr("fd00:1:2:3::4/64").network().to_string(),
        "fd00:1:2:3::"
    );
    assert_eq!(cidr("fd00::4/64").broadcast(), None);
    assert_eq!(
        (cidr("1.2.3.4/8").width(), cidr("fd00::1/8").width()),
        (32, 128)
    );
}

#[test]
fn namespace_is_a_path_a_name_or_a_descriptor() {
    let read = |text: &str| text.parse::<NetnsRef>().unwrap();
    assert_eq!(read("fd:3"), NetnsRef::Descriptor(3));
    assert_eq!(read("blue"), NetnsRef::Path("/run/netns/blue".into()));
    assert_eq!(
        read("/proc/1/ns/net"),
        NetnsRef::Path("/proc/1/ns/net".into())
    );
    assert_eq!(read("./ns"), NetnsRef::Path("./ns".into()));
    for text in ["", ".", "..", "fd:", "fd:-1", "fd:x"] {
        refused::<NetnsRef>(text);
    }
    assert_eq!(NetnsRef::Pid(7).to_string(), "process 7");
    // A path may contain control characters. They are escaped in the text.
    assert_eq!(read("./a\n\u{10}b").to_string(), "./a\\n\\u{10}b");
}

proptest! {
    #[test]
    fn mac_printed_and_parsed_is_the_same(bytes in any::<[u8; 6]>()) {
        let mac = Mac(bytes);
        let [first, ..] = bytes;
        match mac.to_string().parse::<Mac>() {
            Ok(read) => prop_assert_eq!(read, mac),
            Err(_) => prop_assert!(first & 1 != 0 || bytes == [0; 6]),
        }
    }

    #[test]
    fn owner_id_printed_and_parsed_is_the_same(id in "[a-zA-Z0-9_.+-]{1,100}") {
        prop_assert_eq!(id.parse::<Id>().unwrap().to_string(), id);
    }

    /// Each address that `auto` can give is valid as an argument, and no two are equal.
    #[test]
    fn each_host_number_is_a_different_valid_address(cidr in cidr(), numbers in any::<[u16; 2]>()) {
        let numbers = numbers.map(|number| u128::from(number) % cidr.hosts());
        let nth = numbers.map(|number| cidr.nth(number).unwrap());
        prop_assert_eq!(nth[0] == nth[1], numbers[0] == numbers[1]);
        for address in nth {
            prop_assert!(cidr.contains(address));
            let reserved = matches!(
                address, IpAddr::V4(v4) if v4.octets()[0] == 0 || v4.is_broadcast()
            );
            if !address.is_loopback() && !address.is_multicast() && !address.is_unspecified()
                && !reserved
            {
                let text = format!("{address}/{}", cidr.prefix);
                prop_assert!(text.parse::<Cidr>().is_ok(), "{}", text);
            }
        }
        prop_assert_eq!(cidr.nth(cidr.hosts()), None);
    }
}

#[test]
fn invalid_mac_id_or_destination_is_refused_with_reason() {
    for (text, reason) in [
        ("", "six pairs"),
        ("02:00:00:00:00", "six pairs"),
        ("02:00:00:00:00:07:08", "six pairs"),
        ("2:00:00:00:00:07", "six pairs"),
        ("02:00:00:00:00:+7", "six pairs"),
        ("01:00:5e:00:00:01", "group"),
        ("ff:ff:ff:ff:ff:ff", "group"),
        ("00:00:00:00:00:00", "all-zero"),
    ] {
        let error = refused::<Mac>(text);
        assert!(error.contains(reason), "{text}: {error}");
    }
    for (text, reason) in [
        ("", "at least 1 byte"),
        ("a b", "letters, digits"),
        ("a/b", "letters, digits"),
        ("é", "letters, digits"),
        (&"a".repeat(101), "at most 100"),
    ] {
        let error = refused::<Id>(text);
        assert!(error.contains(reason), "{text}: {error}");
    }
    for (text, reason) in [
        ("10.20.0.1/16", "the network is 10.20.0.0/16"),
        ("10.20.0.0", "prefix length is missing, as in 10.20.0.0/16"),
        ("10.20.0.0/16,x", "not an IPv4 or IPv6 address"),
        ("10.20.0.0/16,fd00::1", "different address families"),
    ] {
        let error = refused::<Destination>(text);
        assert!(error.contains(reason), "{text}: {error}");
    }
    let to: Destination = "10.20.0.0/16,10.10.10.9".parse().unwrap();
    assert_eq!(to.network.to_string(), "10.20.0.0/16");
    assert_eq!(to.gateway, Some(Ipv4Addr::new(10, 10, 10, 9).into()));
    let to: Destination = "::/0".parse().unwrap();
    assert_eq!((to.network.prefix, to.gateway), (0, None));
}
