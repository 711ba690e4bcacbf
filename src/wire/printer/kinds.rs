//! Strings that select the attribute set of a sibling attribute: `IFLA_INFO_KIND` selects that of
//! `IFLA_INFO_DATA`.
//!
//! ```text
//!  IFLA_INFO_KIND "veth"     ──┐
//!  IFLA_INFO_DATA              └──▶  VETH_INFO_…
//! ```

use crate::wire::attr::Walk;
use crate::wire::shape::{Selector, Shape, Table};

/// The strings that select attribute sets, found once for each list of attributes.
pub(super) struct Kinds<'a>(Vec<(u16, &'a [u8])>);

impl<'a> Kinds<'a> {
    pub(super) fn of(table: &Table, bytes: &'a [u8]) -> Self {
        let chosen = table
            .entries
            .iter()
            .any(|entry| matches!(entry.shape, Shape::Selected(_)));
        if !chosen {
            return Self(Vec::new());
        }
        let wanted = |number| {
            let by = |shape| matches!(shape, Shape::Selected(by) if by.sibling == number);
            table.entries.iter().any(|entry| by(entry.shape))
        };
        let mut kinds: Vec<(u16, &[u8])> = Vec::new();
        for raw in Walk::new(bytes)
            .map_while(Result::ok)
            .filter(|raw| wanted(raw.number()))
        {
            kinds.retain(|(number, _)| *number != raw.number());
            kinds.push((raw.number(), raw.payload));
        }
        Self(kinds)
    }

    pub(super) fn choose(&self, selector: &Selector) -> Shape {
        let kind = self
            .0
            .iter()
            .find(|(number, _)| *number == selector.sibling);
        kind.and_then(|(_, kind)| (selector.choose)(kind))
            .unwrap_or(Shape::Binary)
    }
}
