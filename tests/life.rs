//! A life, not a moment: many containers, at once, killed, listed, checked, undone.
#![allow(unsafe_code, clippy::indexing_slicing)]

mod common;

use common::snapshot::{differences, snapshot};
use common::{Container, binary, bound, netsetgo, packets_pass, perform, refused, succeeds};
use netsetgo::plan::op::{Op, Route};
use std::collections::HashSet;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

fn start(words: &str) -> Child {
    Command::new(binary())
        .args(words.split(' '))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// What `list --json` says.
fn listed() -> serde_json::Value {
    let output = netsetgo("list --json");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

/// All addresses of all containers on the first bridge.
fn addresses() -> Vec<String> {
    let list = listed();
    let containers = list["bridges"][0]["containers"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let each = |container: &serde_json::Value| container["addresses"].as_array().unwrap().clone();
    containers
        .iter()
        .flat_map(each)
        .map(|a| a.as_str().unwrap().to_owned())
        .collect()
}

fn links() -> Vec<String> {
    let is_link = |name: &&String| name.starts_with("link ");
    snapshot().keys().filter(is_link).cloned().collect()
}

/// A number for how often or how long, larger where somebody asks for it.
fn amount(variable: &str, usual: u64) -> u64 {
    std::env::var(variable)
        .ok()
        .and_then(|words| words.parse().ok())
        .unwrap_or(usual)
}

/// An unpredictable number below `end`: the clock's last digits, mixed.
fn random(end: u64) -> u64 {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    let mut number = u64::from(now.subsec_nanos()) ^ now.as_secs();
    for shift in [13, 7, 17] {
        number ^= number << shift;
        number ^= number >> shift;
    }
    number % end
}

isolated! {
    fn the_next_free_address_is_given_kept_and_given_again() {
        let containers: Vec<Container> = (0..3).map(|_| Container::new()).collect();
        let up = |container: &Container| {
            let output = netsetgo(&format!("up --json --pid {} --container-address auto", container.pid()));
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            let object: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
            assert_eq!(object["bridge"], "brg0");
            assert_eq!(object["gateways"], serde_json::json!(["10.10.10.1"]));
            (object["addresses"][0].as_str().unwrap().to_owned(),
             object["host_ifname"].as_str().unwrap().to_owned())
        };
        let given: Vec<_> = containers.iter().map(up).collect();
        assert_eq!(given[0], ("10.10.10.2/24".into(), "veth0a0a0a02".into()));
        assert_eq!(given[1].0, "10.10.10.3/24");
        assert_eq!(given[2].0, "10.10.10.4/24");
        // Who has one keeps it.
        let before = snapshot();
        assert_eq!(up(&containers[1]), given[1]);
        assert_eq!(differences(&before, &snapshot()), [""; 0]);
        // Whose namespace has ended has none: the kernel takes the link a little later.
        let mut containers = containers;
        drop(containers.remove(0));
        let deadline = Instant::now() + Duration::from_secs(20);
        while links().contains(&"link veth0a0a0a02".to_owned()) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(5));
        }
        let next = Container::new();
        assert_eq!(up(&next), given[0]);
        assert_eq!(addresses().len(), 3);
    }

    fn a_full_subnet_is_refused_with_its_count() {
        let containers: Vec<Container> = (0..6).map(|_| Container::new()).collect();
        let up = |container: &Container| format!(
            "up --pid {} --bridge-address 10.10.10.1/29 --container-address auto", container.pid());
        // Somebody has taken one by its number.
        succeeds(&format!("up --pid {} --bridge-address 10.10.10.1/29 --container-address \
            10.10.10.4/29", containers[0].pid()));
        containers[1..5].iter().for_each(|container| succeeds(&up(container)));
        let given: HashSet<String> = addresses().into_iter().collect();
        assert_eq!(given.len(), 5, "{given:?}");
        let before = snapshot();
        let line = refused(&up(&containers[5]));
        assert!(line.contains("no address of 10.10.10.0/29 is free: all 6 are taken"), "{line}");
        assert_eq!(differences(&before, &snapshot()), [""; 0]);
    }

    fn many_at_once_and_many_in_sequence() {
        let at_once = amount("NETSETGO_AT_ONCE", 200) as usize;
        let containers: Vec<Container> =
            (0..amount("NETSETGO_CONTAINERS", 700)).map(|_| Container::new()).collect();
        let up = |container: &Container| format!(
            "up --pid {} --bridge-address 10.10.0.1/16 --container-address auto", container.pid());
        let started: Vec<Child> =
            containers[..at_once].iter().map(|container| start(&up(container))).collect();
        for child in started {
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        containers[at_once..].iter().for_each(|container| succeeds(&up(container)));
        let given: HashSet<String> = addresses().into_iter().collect();
        assert_eq!(given.len(), containers.len(), "every address is another one");
        let own = |container: &Container| container.inside(|| {
            let address = snapshot().into_keys()
                .find_map(|name| name.strip_prefix("address 10.10.")
                    .map(|rest| format!("10.10.{}", rest.split('@').next().unwrap())));
            bound(&address.unwrap())
        });
        let (first, last) = (own(&containers[0]), own(&containers[containers.len() - 1]));
        packets_pass((&first.0, first.1), (&last.0, last.1));
    }

    fn storms_leave_nothing_behind() {
        let before = links();
        let end = Instant::now() + Duration::from_secs(amount("NETSETGO_STORM_SECONDS", 4));
        let storm = |number: usize| {
            let mut ups = 0;
            while Instant::now() < end {
                let container = Container::new();
                let up = format!("up --pid {} --container-address auto --id c{number}",
                    container.pid());
                succeeds(&up);
                if number.is_multiple_of(4) {
                    let said = netsetgo("gc");
                    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
                }
                succeeds(&up);
                succeeds(&up.replace("up", "check"));
                ups += 1;
                match ups % 3 {
                    0 => succeeds(&format!("down --pid {}", container.pid())),
                    1 => succeeds(&format!("down --id c{number}")),
                    // Its namespace ends, and the next one is the same owner's.
                    _ => {
                        drop(container);
                        succeeds(&format!("down --id c{number}"));
                    }
                }
            }
            ups
        };
        let ups: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..16).map(|number| scope.spawn(move || storm(number))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert!(ups >= 16, "{ups}");
        println!("{ups} ups and downs");
        succeeds("down --id nobody");
        assert_eq!(listed(), serde_json::json!({"bridges": []}));
        assert_eq!(links(), before);
    }

    fn a_kill_at_any_instant_is_put_right_by_the_next() {
        let before = links();
        let mut halves = 0;
        for _ in 0..amount("NETSETGO_KILLS", 60) {
            let container = Container::new();
            let up = format!("up --pid {} --container-address auto --id c", container.pid());
            for words in [&up, &format!("down --pid {}", container.pid())] {
                let mut child = start(words);
                std::thread::sleep(Duration::from_micros(random(4000)));
                child.kill().unwrap();
                child.wait().unwrap();
                let is_whole = netsetgo(&up.replace("up", "check")).status.success();
                halves += usize::from(!is_whole);
                succeeds(&up);
                succeeds(&up.replace("up", "check"));
                let (host, inside) = (bound("10.10.10.1"), container.inside(|| bound("10.10.10.2")));
                packets_pass((&inside.0, inside.1), (&host.0, host.1));
            }
            let mut child = start(&format!("down --pid {}", container.pid()));
            std::thread::sleep(Duration::from_micros(random(4000)));
            child.kill().unwrap();
            child.wait().unwrap();
            succeeds(&format!("down --pid {}", container.pid()));
            assert_eq!(links(), before);
        }
        assert!(halves > 0, "no kill was in time");
    }

    fn a_signal_does_not_stop_half_way() {
        use nix::sys::signal::{Signal, kill};
        let before = links();
        for round in 0..30 {
            let container = Container::new();
            let up = format!("up --pid {}", container.pid());
            let mut child = start(&up);
            std::thread::sleep(Duration::from_micros(random(3000)));
            let signal = [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP][round % 3];
            kill(nix::unistd::Pid::from_raw(child.id() as i32), signal).unwrap();
            child.wait().unwrap();
            let whole = netsetgo(&up.replace("up", "check")).status.success();
            assert!(whole || links() == before, "{signal}: {:?}", links());
            succeeds(&format!("down --pid {}", container.pid()));
        }
    }

    fn both_families_at_once() {
        let (one, two) = (Container::new(), Container::new());
        let up = |container: &Container| format!(
            "up --pid {} --bridge-address 10.10.10.1/24 --bridge-address fd00:10::1/64 \
             --container-address auto", container.pid());
        succeeds(&up(&one));
        succeeds(&up(&two));
        // No wait for duplicate address detection: bound at once.
        let (host, inside) = (bound("fd00:10::1"), one.inside(|| bound("fd00:10::2")));
        packets_pass((&host.0, host.1), (&inside.0, inside.1));
        let other = two.inside(|| bound("fd00:10::3"));
        packets_pass((&other.0, other.1), (&inside.0, inside.1));
        let routes = one.inside(snapshot);
        assert!(routes.keys().any(|name| name.contains("/0 via fd00:10::1@")), "{:?}", routes.keys());
        assert!(routes.keys().any(|name| name.contains("/0 via 10.10.10.1@")));
        succeeds(&up(&one).replace("up", "check"));
        let mut all = addresses();
        all.sort();
        assert_eq!(all, ["10.10.10.2/24", "10.10.10.3/24", "fd00:10::2/64", "fd00:10::3/64"]);
    }

    fn without_ipv6_asked_for_there_is_none_in_the_container() {
        let container = Container::new();
        succeeds(&format!("up --pid {}", container.pid()));
        std::thread::sleep(Duration::from_millis(50));
        // /proc/self is the process's; the thread is somewhere else.
        let list = container.inside(|| {
            std::fs::read_to_string("/proc/thread-self/net/if_inet6").unwrap()
        });
        assert!(!list.contains("veth1"), "{list}");
    }

    fn a_kernel_with_ipv6_switched_off_is_told_of() {
        std::fs::write("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1").unwrap();
        std::fs::write("/proc/sys/net/ipv6/conf/all/disable_ipv6", "1").unwrap();
        let container = Container::new();
        let before = (snapshot(), container.inside(snapshot));
        let line = refused(&format!("up --pid {} --bridge-address fd00:10::1/64 \
            --container-address fd00:10::2/64", container.pid()));
        assert!(line.contains("add address fd00:10::1/64 to brg0 in host: EACCES"), "{line}");
        assert!(line.contains("disable_ipv6"), "{line}");
        assert_eq!(differences(&before.0, &snapshot()), [""; 0]);
        assert_eq!(differences(&before.1, &container.inside(snapshot)), [""; 0]);
        succeeds(&format!("up --pid {}", container.pid()));
    }

    fn the_ports_and_links_settings_are_set_and_checked() {
        let container = Container::new();
        let words = format!(
            "--pid {} --mtu 1400 --mac 02:00:00:00:00:42 --hairpin --isolated --host-ifname port7 \
             --container-ifname eth0 --route 10.20.0.0/16 --route 10.30.0.0/16,10.10.10.9 \
             --no-default-route --id a.b-c_1", container.pid());
        succeeds(&format!("up {words}"));
        let (host, inside) = (snapshot(), container.inside(snapshot));
        let (port, end) = (&host["link port7"], &inside["link eth0"]);
        assert_eq!((&*port["IFLA_MTU"], &*end["IFLA_MTU"]), ("1400", "1400"));
        assert_eq!(end["IFLA_ADDRESS"], "02:00:00:00:00:42");
        let index = &end["ifi_index"];
        for (network, gateway) in [("10.20.0.0/16", "10.10.10.1"), ("10.30.0.0/16", "10.10.10.9")] {
            let route = format!("route RT_TABLE_MAIN {network} via {gateway}@{index} RTN_UNICAST");
            assert!(inside.contains_key(&route), "{route}: {:?}", inside.keys());
        }
        assert!(!inside.keys().any(|name| name.contains("/0 via")), "no default route");
        succeeds(&format!("check {words}"));
        for (other, difference) in [
            (words.replace("1400", "1300"), "missing: set port7 mtu 1300 in host\nmissing: set eth0 mtu 1300 in container"),
            (words.replace(":42", ":43"), "missing: set eth0 address 02:00:00:00:00:43 in container"),
            (words.replace(" --hairpin", ""), "missing: set port7 hairpin off, isolated on in host"),
            (words.replace("10.20.0.0", "10.21.0.0"),
             "missing: add route to 10.21.0.0/16 via 10.10.10.1 in container"),
            (words.replace(" --no-default-route", ""),
             "missing: add default route via 10.10.10.1 in container"),
            (words.replace("a.b-c_1", "z"), "conflict: name port7 in host: it is a.b-c_1's, not z's"),
        ] {
            let output = netsetgo(&format!("check {other}"));
            let said = String::from_utf8(output.stdout).unwrap();
            assert_eq!((output.status.code(), said.trim_end()), (Some(1), difference));
            if difference.starts_with("missing") {
                succeeds(&format!("up {other}"));
                succeeds(&format!("check {other}"));
                // Back again, less what one more route or MAC leaves.
                succeeds(&format!("up {words}"));
            }
        }
        let list = listed();
        let listed = &list["bridges"][0]["containers"][0];
        assert_eq!(listed["id"], "a.b-c_1");
        assert_eq!(listed["host_ifname"], "port7");
        assert_eq!(listed["container_ifname"], "eth0");
        assert_eq!(listed["mac"], "02:00:00:00:00:42");
        assert_eq!(listed["pid"], container.pid());
    }

    fn a_new_port_has_the_bridges_mtu() {
        let (one, two) = (Container::new(), Container::new());
        succeeds(&format!("up --pid {} --mtu 1400", one.pid()));
        let deadline = Instant::now() + Duration::from_secs(5);
        while snapshot()["link brg0"]["IFLA_MTU"] != "1400" && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(5));
        }
        succeeds(&format!("up --pid {} --container-address auto", two.pid()));
        assert_eq!(snapshot()["link veth0a0a0a03"]["IFLA_MTU"], "1400");
        assert_eq!(two.inside(snapshot)["link veth1"]["IFLA_MTU"], "1400");
    }

    fn bad_words_of_a_life_are_refused() {
        let container = Container::new();
        let before = (snapshot(), container.inside(snapshot));
        for (words, why) in [
            ("--mtu 67", "from 68 to 65535"),
            ("--mtu 65536", "from 68 to 65535"),
            ("--mtu big", "a number of bytes"),
            ("--mtu +1500", "a number of bytes"),
            ("--mac 02:00:00:00:00", "six pairs of hex digits"),
            ("--mac 01:00:5e:00:00:01", "a group's address"),
            ("--mac 00:00:00:00:00:00", "a group's address"),
            ("--id a/b", "letters, digits"),
            ("--id=", "an owner needs a name"),
            ("--route 10.20.0.1/16", "10.20.0.0/16 is the network"),
            ("--route 10.20.0.0/16,10.11.0.1", "outside the container's subnet"),
            ("--route 10.20.0.0/16,fd00::1", "another family"),
            ("--route 10.20.0.0/16,10.10.10.2", "the container itself"),
            ("--route 10.20.0.0/16,10.10.10.0", "the network itself"),
            ("--route 10.20.0.0/16,10.10.10.255", "broadcast"),
            ("--route 10.10.10.0/24", "the container's own subnet"),
            ("--route 1.2.3.4", "as in 10.20.0.0/16"),
            ("--route fd00::/64", "no address of its family"),
            ("--route 0.0.0.0/0", "second default route"),
            ("--route 10.20.0.0/16 --route 10.20.0.0/16", "given twice"),
            ("--container-address auto --container-address 10.10.10.2/24", "no other"),
            ("--bridge-address fd00::1/64 --container-address auto --mtu 1279", "1280"),
        ] {
            let line = refused(&format!("up --pid {} {words}", container.pid()));
            assert!(line.contains(why), "{words}: {line:?} does not say {why:?}");
        }
        assert_eq!(differences(&before.0, &snapshot()), [""; 0]);
        assert_eq!(differences(&before.1, &container.inside(snapshot)), [""; 0]);
    }

    fn an_address_is_one_containers_alone() {
        let (one, two) = (Container::new(), Container::new());
        succeeds(&format!("up --pid {} --id first", one.pid()));
        let before = (snapshot(), two.inside(snapshot));
        let line = refused(&format!("up --pid {} --veth-name-prefix w", two.pid()));
        assert!(line.contains("address 10.10.10.2 in host: veth0 of first has it already"), "{line}");
        let line = refused(&format!("up --pid {} --veth-name-prefix w --container-ifname veth1 \
            --container-address 10.10.10.3/24 --id first", two.pid()));
        assert!(line.contains("this owner's attachment in host: veth0 of first has it"), "{line}");
        assert_eq!(differences(&before.0, &snapshot()), [""; 0]);
        assert_eq!(differences(&before.1, &two.inside(snapshot)), [""; 0]);
    }

    fn owners_do_not_take_each_others_links() {
        let container = Container::new();
        let up = format!("up --pid {} --id mine", container.pid());
        succeeds(&up);
        let before = snapshot();
        for words in [up.replace("mine", "theirs"), up.replace("up", "down").replace("mine", "theirs")] {
            let line = refused(&words);
            assert!(line.contains("name veth0 in host: it is mine's, not theirs's"), "{line}");
        }
        succeeds("down --id theirs");
        assert_eq!(differences(&before, &snapshot()), [""; 0]);
        succeeds("down --id mine --keep-bridge");
        assert_eq!(links(), ["link brg0", "link lo"]);
        assert_eq!(String::from_utf8(netsetgo("gc --dry-run").stdout).unwrap(), "brg0\n");
        assert_eq!(links(), ["link brg0", "link lo"]);
        assert_eq!(String::from_utf8(netsetgo("gc").stdout).unwrap(), "brg0\n");
        assert_eq!(links(), ["link lo"]);
        succeeds("gc");
    }

    fn gc_takes_what_is_ours_and_unused_alone() {
        let containers: Vec<Container> = (0..3).map(|_| Container::new()).collect();
        for (number, container) in containers.iter().enumerate() {
            succeeds(&format!("up --pid {} --bridge-name b{number} --bridge-address 10.{number}.0.1/24 \
                --container-address auto", container.pid()));
        }
        // Made by somebody else, and unused.
        perform(Op::Ioctl(netsetgo::plan::op::Ioctl::AddBridge("theirs".parse().unwrap())));
        let mut containers = containers;
        containers.truncate(1);
        let deadline = Instant::now() + Duration::from_secs(20);
        while links().iter().any(|name| name.contains("veth0a0") && !name.contains("veth0a000002"))
            && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(5));
        }
        assert_eq!(String::from_utf8(netsetgo("gc").stdout).unwrap(), "b1\nb2\n");
        assert_eq!(links(), ["link b0", "link lo", "link theirs", "link veth0a000002"]);
        succeeds(&format!("check --pid {} --bridge-name b0 --bridge-address 10.0.0.1/24 \
            --container-address auto", containers[0].pid()));
    }

    fn check_tells_each_difference_and_changes_nothing() {
        let container = Container::new();
        let words = format!("--pid {}", container.pid());
        let before = (snapshot(), container.inside(snapshot));
        let output = netsetgo(&format!("check {words}"));
        let said = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(said.lines().count() >= 7 && said.lines().all(|l| l.starts_with("missing: ")), "{said}");
        assert_eq!(differences(&before.0, &snapshot()), [""; 0]);
        assert_eq!(differences(&before.1, &container.inside(snapshot)), [""; 0]);
        succeeds(&format!("up {words}"));
        succeeds(&format!("check {words}"));
        let (link, gateway) = ("veth1".parse().unwrap(), "10.10.10.1".parse().unwrap());
        container.inside(|| perform(Op::DeleteRoute(Route { destination: None, gateway, link })));
        let output = netsetgo(&format!("check {words}"));
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(
            String::from_utf8(output.stdout).unwrap(),
            "missing: add default route via 10.10.10.1 in container\n"
        );
    }

    fn neighbours_learn_at_once() {
        let neighbour = Container::new();
        succeeds(&format!("up --pid {} --container-address 10.10.10.7/24 --veth-name-prefix n",
            neighbour.pid()));
        let here = neighbour.inside(|| bound("10.10.10.7"));
        let host = bound("10.10.10.1");
        // One address, one container after the other, each with a hardware address of its own.
        for round in 0..5 {
            let container = Container::new();
            succeeds(&format!("up --pid {} --mac 02:00:00:00:00:0{round}", container.pid()));
            let inside = container.inside(|| bound("10.10.10.2"));
            packets_pass((&here.0, here.1), (&inside.0, inside.1));
            packets_pass((&host.0, host.1), (&inside.0, inside.1));
            succeeds(&format!("down --pid {}", container.pid()));
        }
    }

    fn the_tree_names_all() {
        let container = Container::new();
        succeeds(&format!("up --pid {} --id c1 --mac 02:00:00:00:00:07", container.pid()));
        let said = String::from_utf8(netsetgo("list").stdout).unwrap();
        assert_eq!(said, format!(
            "brg0  10.10.10.1/24\n└─ veth0  veth1  10.10.10.2/24  02:00:00:00:00:07  id c1  pid {}\n",
            container.pid()
        ));
    }

    fn a_namespace_without_a_process_is_listed_by_its_name() {
        use nix::mount::{MsFlags, mount};
        // A mount namespace of this test's own, in which /run is empty.
        nix::sched::unshare(nix::sched::CloneFlags::CLONE_NEWNS).unwrap();
        let none = None::<&str>;
        mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none).unwrap();
        mount(Some("run"), "/run", Some("tmpfs"), MsFlags::empty(), none).unwrap();
        std::fs::create_dir("/run/netns").unwrap();
        // What `ip netns` leaves of a namespace that is gone, and what never was one.
        std::fs::write("/run/netns/a-leftover", "").unwrap();
        nix::unistd::mkfifo("/run/netns/b-pipe", nix::sys::stat::Mode::S_IRUSR).unwrap();
        std::fs::write("/run/netns/web", "").unwrap();
        let container = Container::new();
        let file = format!("/proc/{}/ns/net", container.pid());
        mount(Some(&*file), "/run/netns/web", none, MsFlags::MS_BIND, none).unwrap();
        drop(container);
        succeeds("up --netns web");
        let said = String::from_utf8(netsetgo("list").stdout).unwrap();
        assert!(said.trim_end().ends_with("  netns web") && !said.contains("pid"), "{said}");
        let list = listed();
        let listed = &list["bridges"][0]["containers"][0];
        assert_eq!((&listed["netns"], &listed["pid"]), (&"web".into(), &serde_json::Value::Null));
        succeeds("down --netns web");
    }

    fn the_end_of_a_run_takes_its_own_alone() {
        let victim = Container::new();
        let mut child = start("run -- sleep 2");
        let deadline = Instant::now() + Duration::from_secs(20);
        while !links().contains(&"link veth0".to_owned()) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(5));
        }
        std::thread::sleep(Duration::from_millis(200));
        // Somebody takes the running one's link away, and another container gets the name.
        perform(Op::DeleteLink("veth0".parse().unwrap()));
        succeeds(&format!("up --pid {} --id victim", victim.pid()));
        assert!(child.wait().unwrap().success());
        succeeds(&format!("check --pid {} --id victim", victim.pid()));
    }

    fn signals_at_the_end_of_a_run_leave_nothing() {
        let before = links();
        let line = "trap '' TERM INT HUP; kill -TERM $PPID; kill -INT $PPID; kill -HUP $PPID; exit 6";
        let mut child = Command::new(binary());
        let status = child.args(["run", "sh", "-c", line]).status().unwrap();
        assert_eq!(status.code(), Some(6));
        assert_eq!(links(), before);
    }

    fn a_lock_that_never_answers_does_not_stop_us() {
        use socket2::{Domain, SockAddr, Socket, Type};
        let address = SockAddr::unix("\0netsetgo").unwrap();
        let socket = || Socket::new(Domain::UNIX, Type::STREAM, None).unwrap();
        let holder = socket();
        holder.bind(&address).unwrap();
        holder.listen(0).unwrap();
        // Its queue is full.
        let waiting = socket();
        waiting.connect(&address).unwrap();
        let container = Container::new();
        let begun = Instant::now();
        succeeds(&format!("up --pid {}", container.pid()));
        assert!(begun.elapsed() < Duration::from_secs(25), "{:?}", begun.elapsed());
        drop((holder, waiting));
    }

    fn down_takes_all_that_a_container_has_of_ours() {
        let before = links();
        let container = Container::new();
        succeeds(&format!("up --pid {} --container-ifname eth0 --container-address auto", container.pid()));
        succeeds(&format!("up --pid {} --container-ifname eth1 --bridge-name br1 --bridge-address \
            10.11.0.1/24 --container-address auto --no-default-route", container.pid()));
        succeeds(&format!("down --pid {}", container.pid()));
        assert_eq!(links(), before);
    }

    fn down_takes_what_is_named_and_no_more() {
        let container = Container::new();
        let pid = container.pid();
        let both = || {
            succeeds(&format!("up --pid {pid} --id c1 --container-ifname eth0 --host-ifname h0"));
            succeeds(&format!("up --pid {pid} --id c2 --container-ifname eth1 --host-ifname h1 \
                --bridge-name br1 --bridge-address 10.11.0.1/24 --container-address 10.11.0.2/24 \
                --no-default-route"));
        };
        let (first, second) = (["link br1", "link h1", "link lo"], ["link brg0", "link h0", "link lo"]);
        for (words, left) in [
            ("--id c1 --container-ifname eth0".to_owned(), &first),
            (format!("--pid {pid} --host-ifname h0"), &first),
            (format!("--pid {pid} --bridge-name br1"), &second),
            (format!("--pid {pid} --id c2"), &second),
        ] {
            both();
            succeeds(&format!("down {words}"));
            assert_eq!(links(), *left, "down {words}");
        }
        both();
        succeeds("down --id c1 --container-ifname eth1");
        succeeds(&format!("down --pid {pid} --host-ifname h0 --bridge-name br1"));
        assert_eq!(links().len(), 5, "neither word fits the other");
        succeeds(&format!("down --pid {pid}"));
        assert_eq!(links(), ["link lo"]);
    }

    fn a_bridge_with_somebody_elses_link_on_it_stays() {
        use netsetgo::wire::link::{self, IFLA_IFNAME, IFLA_INFO_KIND, IFLA_LINK, IFLA_LINKINFO, IfInfoMsg};
        let container = Container::new();
        succeeds(&format!("up --pid {}", container.pid()));
        let index: u32 = snapshot()["link brg0"]["ifi_index"].parse().unwrap();
        let on_it = link::create(IfInfoMsg::default())
            .put(IFLA_IFNAME, "on-it")
            .put(IFLA_LINK, index)
            .nest(IFLA_LINKINFO, |info| {
                info.put(IFLA_INFO_KIND, "macvlan");
            });
        let mut socket = netsetgo::os::socket::Socket::open(
            netsetgo::wire::catalog::Protocol::Route).unwrap();
        let said = socket.send(&[on_it.finish().unwrap()]).unwrap();
        let macvlan = said.is_empty();
        // A kernel without macvlan says so, and then nothing can stand on a bridge.
        assert!(macvlan || said[0].1.errno == libc::EOPNOTSUPP, "{said:?}");
        succeeds(&format!("down --pid {}", container.pid()));
        succeeds("gc");
        assert_eq!(links().contains(&"link brg0".to_owned()), macvlan);
        if macvlan {
            perform(Op::DeleteLink("on-it".parse().unwrap()));
            assert_eq!(String::from_utf8(netsetgo("gc").stdout).unwrap(), "brg0\n");
        }
        assert_eq!(links(), ["link lo"]);
    }

    fn a_bridge_of_somebody_elses_gets_what_it_lacks_and_gives_it_back() {
        use netsetgo::plan::op::Ioctl;
        let name = || "brg0".parse().unwrap();
        perform(Op::Ioctl(Ioctl::AddBridge(name())));
        perform(Op::SetUp(name()));
        perform(Op::AddAddress(name(), "192.168.7.1/24".parse().unwrap()));
        let before = snapshot();
        let (one, two) = (Container::new(), Container::new());
        let up = |container: &Container| format!("up --pid {} --bridge-address 10.10.10.1/24 \
            --bridge-address fd00:10::1/64 --container-address auto", container.pid());
        succeeds(&up(&one));
        succeeds(&up(&two));
        assert_eq!(snapshot()["link brg0"]["IFLA_ADDRESS"], before["link brg0"]["IFLA_ADDRESS"]);
        succeeds(&up(&one).replace("up", "check"));
        succeeds(&format!("down --pid {}", one.pid()));
        let (host, inside) = (bound("10.10.10.1"), two.inside(|| bound("10.10.10.3")));
        packets_pass((&host.0, host.1), (&inside.0, inside.1));
        succeeds(&format!("down --pid {}", two.pid()));
        // A kernel before 5.18 does not keep whose an address is.
        let keeps = before.values().any(|object| object.contains_key("IFA_PROTO"));
        let own = |line: &String| keeps || !line.contains("10.10.10.") && !line.contains("fd00:10::");
        let left: Vec<_> = differences(&before, &snapshot()).into_iter().filter(own).collect();
        assert_eq!(left, [""; 0]);
        let status = netsetgo("run --container-address auto --json -- true").status;
        assert_eq!(status.code(), Some(0));
        let left: Vec<_> = differences(&before, &snapshot()).into_iter().filter(own).collect();
        assert_eq!(left, [""; 0], "run leaves nothing");
        // A container that has ended without a down.
        let three = Container::new();
        succeeds(&up(&three));
        drop(three);
        let deadline = Instant::now() + Duration::from_secs(20);
        while links().iter().any(|name| name.starts_with("link veth")) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(5));
        }
        let (dry, done) = (netsetgo("gc --dry-run").stdout, netsetgo("gc").stdout);
        assert_eq!(dry, done);
        let lent = "brg0 10.10.10.1/24\nbrg0 fd00:10::1/64\n";
        assert_eq!(String::from_utf8(done).unwrap(), if keeps { lent } else { "" });
        let left: Vec<_> = differences(&before, &snapshot()).into_iter().filter(own).collect();
        assert_eq!(left, [""; 0], "gc takes the rest");
        // What would change it for its others is refused.
        let before = snapshot();
        for (words, why) in [
            ("--mtu 1400", "mtu 1400: brg0, a bridge of somebody else's, has 1500"),
            ("--bridge-address 192.168.7.1/16 --container-address 192.168.7.2/16",
             "address 192.168.7.1 in host: brg0, a bridge of somebody else's, has it as 192.168.7.1/24"),
        ] {
            let line = refused(&format!("up --pid {} {words}", one.pid()));
            assert!(line.contains(why), "{line}");
            assert_eq!(differences(&before, &snapshot()), [""; 0]);
        }
    }

    fn an_address_that_was_not_finished_is() {
        let container = Container::new();
        let up = format!("up --pid {}", container.pid());
        succeeds(&up);
        let before = snapshot();
        // As a kill between SIOCSIFADDR and SIOCSIFNETMASK leaves it.
        let (bridge, address) = ("brg0".parse().unwrap(), "10.10.10.1/24".parse().unwrap());
        perform(Op::DeleteAddress(bridge, address));
        perform(Op::AddAddress("brg0".parse().unwrap(), "10.10.10.1/8".parse().unwrap()));
        let output = netsetgo(&up.replace("up", "check"));
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(said.contains("missing: delete address 10.10.10.1/8 from brg0 in host"), "{said}");
        succeeds(&up);
        assert_eq!(differences(&before, &snapshot()), [""; 0]);
        // IPv6 says EEXIST for another prefix, too.
        let six = format!("{up} --bridge-address 10.10.10.1/24 --bridge-address fd00:10::1/64");
        perform(Op::AddAddress("brg0".parse().unwrap(), "fd00:10::1/48".parse().unwrap()));
        succeeds(&six);
        succeeds(&six.replace("up", "check"));
    }

    fn both_ends_have_one_mtu() {
        let container = Container::new();
        let up = format!("up --pid {}", container.pid());
        succeeds(&up);
        container.inside(|| perform(Op::SetMtu("veth1".parse().unwrap(), 1300)));
        let output = netsetgo(&up.replace("up", "check"));
        let said = String::from_utf8(output.stdout).unwrap();
        assert_eq!(said, "missing: set veth1 mtu 1500 in container\n");
        succeeds(&up);
        succeeds(&up.replace("up", "check"));
    }

    fn an_address_of_the_containers_own_is_not_given_again() {
        let (container, other) = (Container::new(), Container::new());
        succeeds(&format!("up --pid {} --no-default-route", container.pid()));
        let before = (snapshot(), container.inside(snapshot));
        let words = "--bridge-name br1 --bridge-address 10.10.10.9/24 --host-ifname h1 \
            --container-ifname eth1 --no-default-route";
        // By the host's claim first; then, in a container that has it from elsewhere, by itself.
        refused(&format!("up --pid {} {words}", container.pid()));
        assert_eq!(differences(&before.0, &snapshot()), [""; 0]);
        other.inside(|| {
            let lo = netsetgo::config::IfName::lo;
            perform(Op::SetUp(lo()));
            perform(Op::AddAddress(lo(), "10.11.0.2/24".parse().unwrap()));
        });
        let line = refused(&format!("up --pid {} --bridge-name br1 --bridge-address 10.11.0.1/24 \
            --container-address 10.11.0.2/24 --host-ifname h1", other.pid()));
        assert!(line.contains("address 10.11.0.2 in container: lo has it already"), "{line}");
        assert_eq!(differences(&before.0, &snapshot()), [""; 0]);
    }

    fn auto_finds_its_way() {
        let (one, two) = (Container::new(), Container::new());
        // Two addresses of the bridge in one subnet make one address of the container.
        let up = |container: &Container, more: &str| format!("up --pid {} --bridge-address 10.10.10.1/24 \
            --bridge-address 10.10.10.254/24 --container-address auto{more}", container.pid());
        succeeds(&up(&one, ""));
        assert_eq!(addresses(), ["10.10.10.2/24"]);
        succeeds(&up(&one, "").replace("up", "check"));
        let line = refused(&up(&one, " --host-ifname other"));
        assert!(line.contains("the other end of the container's veth1 is called veth0a0a0a02"), "{line}");
        // A link of somebody else's has the next one's name, not its address.
        perform(Op::Ioctl(netsetgo::plan::op::Ioctl::AddBridge("veth0a0a0a03".parse().unwrap())));
        succeeds(&up(&two, ""));
        assert_eq!(addresses(), ["10.10.10.2/24", "10.10.10.4/24"]);
        // The bridge may have the name that the host's end would have without auto.
        let three = Container::new();
        succeeds(&format!("up --pid {} --bridge-name veth0 --bridge-address 10.11.0.1/24 \
            --container-address auto", three.pid()));
    }

    fn a_pipe_is_no_namespace_and_not_waited_for() {
        let path = std::env::temp_dir().join(format!("netsetgo-pipe-{}", std::process::id()));
        nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRUSR).unwrap();
        let line = refused(&format!("up --netns {}", path.display()));
        std::fs::remove_file(&path).unwrap();
        assert!(line.contains("is not a network namespace"), "{line}");
    }

    fn down_keeps_the_bridge_that_another_owner_keeps() {
        let (one, two) = (Container::new(), Container::new());
        succeeds(&format!("up --pid {} --id a", one.pid()));
        succeeds("down --id a --keep-bridge");
        succeeds(&format!("up --pid {} --id b --bridge-name br1 --bridge-address 10.11.0.1/24 \
            --container-address auto", two.pid()));
        succeeds(&format!("down --pid {}", two.pid()));
        assert_eq!(links(), ["link brg0", "link lo"]);
    }

    fn a_default_route_of_another_metric_is_somebody_elses_too() {
        let container = Container::new();
        let sh = |line: String| assert!(Command::new("sh").args(["-c", &line]).status().unwrap().success());
        let ip = format!("nsenter -t {} -n ip", container.pid());
        sh(format!("{ip} link set lo up; {ip} route add default via 127.0.0.9 dev lo metric 100 || \
            {ip} route add default dev lo metric 100"));
        let before = (snapshot(), container.inside(snapshot));
        let line = refused(&format!("up --pid {}", container.pid()));
        assert!(line.contains("there is one already"), "{line}");
        assert_eq!(differences(&before.0, &snapshot()), [""; 0]);
        assert_eq!(differences(&before.1, &container.inside(snapshot)), [""; 0]);
        succeeds(&format!("up --pid {} --no-default-route", container.pid()));
    }

    fn a_result_that_cannot_be_written_is_an_error() {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let status = Command::new(binary()).args(["explain"]).stdout(full).stderr(Stdio::null()).status();
        assert_eq!(status.unwrap().code(), Some(1));
        let full = || std::fs::File::options().write(true).open("/dev/full").unwrap();
        let status = Command::new(binary()).args(["up", "--pid", "x"]).stderr(full()).status();
        assert_eq!(status.unwrap().code(), Some(1));
        // What is attached by then is named, and the exit code says that it is left.
        let (before, container) = (links(), Container::new());
        let pid = container.pid().to_string();
        let output = Command::new(binary()).args(["up", "--json", "--pid", &pid]).stdout(full())
            .stderr(Stdio::piped()).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(3), "{error}");
        assert!(error.contains("ENOSPC") && error.contains("left behind") && error.contains("veth0"), "{error}");
        succeeds(&format!("down --pid {pid}"));
        let status = Command::new(binary()).args(["run", "--json", "--", "true"]).stdout(full())
            .stderr(Stdio::null()).status();
        assert_eq!((status.unwrap().code(), links()), (Some(1), before));
    }
}
