//! Performs single operations with the engine of netsetgo, to prepare a state.

use super::TestContainer;
use netsetgo::config::NetnsRef;
use netsetgo::engine::kernel::Known;
use netsetgo::engine::run::run;
use netsetgo::engine::sockets::{Container, Host, Sockets};
use netsetgo::plan::op::Op;
use netsetgo::plan::step::Step;

/// The sockets in the thread's network namespace and in a container.
pub struct TestSockets {
    /// In the thread's network namespace.
    pub host: Host,
    /// In the container.
    pub container: Container,
}

impl TestSockets {
    /// Opens the sockets.
    pub fn open(container: &TestContainer) -> Self {
        let host = Host::open().unwrap();
        let container = Container::open(&host, &NetnsRef::Pid(container.pid())).unwrap();
        Self { host, container }
    }

    /// Both, as the engine takes them.
    pub fn both(&mut self) -> Sockets<'_> {
        Sockets {
            host: &mut self.host,
            container: Some(&mut self.container),
        }
    }
}

/// Performs one operation in the thread's network namespace, as the program does.
pub fn perform(op: Op) {
    let mut host = Host::open().unwrap();
    let sockets = Sockets {
        host: &mut host,
        container: None,
    };
    perform_by(sockets, op);
}

/// Performs one operation that also needs the network namespace of a container: the creation of a
/// veth pair, for example.
pub fn perform_with(container: &TestContainer, op: Op) {
    perform_by(TestSockets::open(container).both(), op);
}

fn perform_by(mut sockets: Sockets<'_>, op: Op) {
    let step = Step::host("The test prepares a state.", op, vec![]);
    run(&mut sockets, Known::default(), &[step]).unwrap();
}
