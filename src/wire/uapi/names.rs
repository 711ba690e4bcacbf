//! Names of numbers, and the macro that declares constants together with their names.

/// A list of numbers with their names.
pub type Names = &'static [(u32, &'static str)];

/// The name of `number`; `None` where the list has none.
pub fn name_of(names: Names, number: u32) -> Option<&'static str> {
    names
        .iter()
        .find(|(n, _)| *n == number)
        .map(|(_, name)| *name)
}

/// The names of the bits that are set in `number`, joined by " | ". Bits without a name follow as
/// one hexadecimal number. For 0, it is the name of 0, or "0".
pub fn bits(number: u32, lists: &[Names]) -> String {
    let names = || lists.iter().copied().flatten();
    if number == 0 {
        let none = names().find(|(bit, _)| *bit == 0);
        return none.map_or("0", |(_, name)| name).to_owned();
    }
    let mut rest = number;
    let mut words = Vec::new();
    for &(bit, name) in names() {
        if bit.is_power_of_two() && rest & bit != 0 {
            words.push(name.to_owned());
            rest &= !bit;
        }
    }
    if rest != 0 {
        words.push(format!("{rest:#x}"));
    }
    words.join(" | ")
}

/// Declares constants, and the list of their names.
macro_rules! numbers {
    ($( $(#[$meta:meta])* pub const $list:ident: $ty:ty { $( $name:ident = $value:expr, )* } )*) => { $(
        $( #[doc = concat!("`", stringify!($name), "`")] pub const $name: $ty = $value; )*
        $(#[$meta])*
        pub const $list: Names = &[ $( ($name as u32, stringify!($name)), )* ];
    )* };
}
pub(super) use numbers;
