//! The payload types of attributes: integers, strings, addresses, nested attributes.
//!
//! ```text
//!  U32 1500       dc 05 00 00               host byte order (here: little-endian)
//!  Be32 1500      00 00 05 dc               network byte order, as in nf_tables
//!  NulString      76 65 74 68 30 00         with its NUL byte
//!  Ip             0a 0a 0a 02               network byte order; 16 bytes for IPv6
//!  Nest           08 00 04 00 dc 05 00 00   attributes
//!  SubMessage     00 00 … 00 08 00 04 00 …  a struct, then attributes
//! ```

use super::set::{AttrSet, Value};
use super::walk::Attrs;
use crate::wire::layout::{Header, align};
use crate::wire::shape::Shape;
use std::borrow::Cow;
use std::marker::PhantomData;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use zerocopy::{FromBytes, IntoBytes};

/// Integers in host byte order.
macro_rules! number {
    ($($(#[$meta:meta])* $name:ident: $ty:ty => $shape:expr;)*) => { $(
        $(#[$meta])*
        #[derive(Debug)]
        pub enum $name {}
        impl Value for $name {
            const SHAPE: Shape = $shape;
            type In<'a> = $ty;
            type Out<'a> = $ty;
            fn write(value: $ty, out: &mut Vec<u8>) {
                out.extend_from_slice(value.as_bytes());
            }
            fn read(payload: &[u8]) -> Option<$ty> {
                <$ty>::read_from_bytes(payload).ok()
            }
        }
    )* };
}
number! {
    /// `u8`.
    U8: u8 => Shape::Number;
    /// `u16` in host byte order.
    U16: u16 => Shape::Number;
    /// `u32` in host byte order.
    U32: u32 => Shape::Number;
    /// `u64` in host byte order.
    U64: u64 => Shape::Number;
    /// `i32` in host byte order.
    I32: i32 => Shape::Signed;
    /// An interface index, `u32`.
    Index: u32 => Shape::Index;
    /// A file descriptor of the sending process, `i32`.
    Descriptor: i32 => Shape::Descriptor;
}

/// Integers in network byte order (big-endian), as nf_tables uses.
macro_rules! big_endian {
    ($($(#[$meta:meta])* $name:ident: $ty:ty => $shape:expr;)*) => { $(
        $(#[$meta])*
        #[derive(Debug)]
        pub enum $name {}
        impl Value for $name {
            const SHAPE: Shape = $shape;
            type In<'a> = $ty;
            type Out<'a> = $ty;
            fn write(value: $ty, out: &mut Vec<u8>) {
                out.extend_from_slice(&value.to_be_bytes());
            }
            fn read(payload: &[u8]) -> Option<$ty> {
                payload.try_into().ok().map(<$ty>::from_be_bytes)
            }
        }
    )* };
}
big_endian! {
    /// `u32` in network byte order.
    Be32: u32 => Shape::BigEndian;
    /// `i32` in network byte order.
    BeI32: i32 => Shape::BigSigned;
}

/// A NUL-terminated string. The parser also accepts a string without the NUL byte.
#[derive(Debug)]
pub enum NulString {}
impl Value for NulString {
    const SHAPE: Shape = Shape::NulString;
    type In<'a> = &'a str;
    type Out<'a> = Cow<'a, str>;
    fn write(value: &str, out: &mut Vec<u8>) {
        out.extend_from_slice(value.as_bytes());
        out.push(0);
    }
    fn read(payload: &[u8]) -> Option<Cow<'_, str>> {
        let text = payload.split(|&byte| byte == 0).next().unwrap_or_default();
        Some(String::from_utf8_lossy(text))
    }
}

/// A binary attribute: bytes of any length, as a hardware address or a cookie.
#[derive(Debug)]
pub enum Binary {}
impl Value for Binary {
    const SHAPE: Shape = Shape::Binary;
    type In<'a> = &'a [u8];
    type Out<'a> = &'a [u8];
    fn write(value: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(value);
    }
    fn read(payload: &[u8]) -> Option<&[u8]> {
        Some(payload)
    }
}

/// An IPv4 address (4 bytes) or an IPv6 address (16 bytes) in network byte order.
#[derive(Debug)]
pub enum Ip {}
impl Value for Ip {
    const SHAPE: Shape = Shape::Ip;
    type In<'a> = IpAddr;
    type Out<'a> = IpAddr;
    fn write(value: IpAddr, out: &mut Vec<u8>) {
        match value {
            IpAddr::V4(v4) => out.extend_from_slice(&v4.octets()),
            IpAddr::V6(v6) => out.extend_from_slice(&v6.octets()),
        }
    }
    fn read(payload: &[u8]) -> Option<IpAddr> {
        if let Ok(v4) = <[u8; 4]>::try_from(payload) {
            return Some(Ipv4Addr::from(v4).into());
        }
        <[u8; 16]>::try_from(payload)
            .ok()
            .map(|v6| Ipv6Addr::from(v6).into())
    }
}

/// A nested attribute: attributes of the set `T`.
#[derive(Debug)]
pub struct Nest<T>(PhantomData<fn() -> T>);
impl<T: AttrSet> Value for Nest<T> {
    const SHAPE: Shape = Shape::Nest(T::table);
    type In<'a> = Attrs<'a, T>;
    type Out<'a> = Attrs<'a, T>;
    fn write(value: Attrs<'_, T>, out: &mut Vec<u8>) {
        out.extend_from_slice(value.bytes);
    }
    fn read(payload: &[u8]) -> Option<Attrs<'_, T>> {
        Some(Attrs::new(payload))
    }
}

/// A sub-message: the struct `H`, then attributes of the set `T`, as in `VETH_INFO_PEER`.
#[derive(Debug)]
pub struct SubMessage<H, T>(PhantomData<fn() -> (H, T)>);
impl<H: Header, T: AttrSet> Value for SubMessage<H, T> {
    const SHAPE: Shape = Shape::SubMessage(H::STRUCT, T::table);
    type In<'a> = (H, Attrs<'a, T>);
    type Out<'a> = (H, Attrs<'a, T>);
    fn write((header, attrs): (H, Attrs<'_, T>), out: &mut Vec<u8>) {
        out.extend_from_slice(header.as_bytes());
        out.resize(align(out.len()), 0);
        out.extend_from_slice(attrs.bytes);
    }
    fn read(payload: &[u8]) -> Option<(H, Attrs<'_, T>)> {
        let (header, _) = H::read_from_prefix(payload).ok()?;
        let attrs = payload.get(align(size_of::<H>())..).unwrap_or_default();
        Some((header, Attrs::new(attrs)))
    }
}
