//! What the printer says of a run of bytes.

/// A run of bytes with its name and meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// From the start of the printed bytes.
    pub offset: usize,
    /// In bytes.
    pub len: usize,
    /// How many nests it is in.
    pub depth: usize,
    /// The kernel's name.
    pub name: String,
    /// What the bytes say.
    pub value: String,
    /// A sentence for the learner; may be empty.
    pub description: &'static str,
    /// What it is in the layout.
    pub role: Role,
}

/// What a [`Field`] is in the layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A field of a struct.
    Member,
    /// An attribute's header.
    Attribute,
    /// An attribute's payload.
    Payload,
    /// Bytes between the end of one thing and the start of the next.
    Padding,
    /// Bytes that could not be understood; the value says why.
    Unknown,
}

/// A number that only the kernel knows the meaning of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identifier {
    /// An interface index.
    Index(u32),
    /// A file descriptor.
    Descriptor(i32),
}

/// Gives a [`Identifier`] a name, where one is known.
pub type NameLookup<'a> = &'a dyn Fn(Identifier) -> Option<String>;

/// No handle has a name.
pub fn no_names(_: Identifier) -> Option<String> {
    None
}
