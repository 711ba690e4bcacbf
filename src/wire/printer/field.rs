//! The output of the printer.

/// A run of bytes with its name and meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The offset from the start of the printed bytes.
    pub offset: usize,
    /// The length in bytes.
    pub len: usize,
    /// The number of nested attributes that contain it.
    pub depth: usize,
    /// The kernel's name, as IFLA_MTU.
    pub name: String,
    /// The value as text.
    pub value: String,
    /// What the field is for; may be empty.
    pub description: &'static str,
    /// The kind of the field.
    pub role: Role,
}

/// The kind of a [`Field`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A member of a struct.
    Member,
    /// An attribute's header.
    Attribute,
    /// An attribute's payload.
    Payload,
    /// Padding.
    Padding,
    /// Bytes that netsetgo does not understand; the value is the reason.
    Unknown,
}

/// A number whose meaning only the running kernel knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identifier {
    /// An interface index.
    Index(u32),
    /// A file descriptor.
    Descriptor(i32),
}

/// Returns the name for an [`Identifier`]; `None` where it has none.
pub type NameLookup<'a> = &'a dyn Fn(Identifier) -> Option<String>;

/// A [`NameLookup`] without any name.
pub fn no_names(_: Identifier) -> Option<String> {
    None
}
