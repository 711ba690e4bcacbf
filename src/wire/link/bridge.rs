//! A bridge, and a bridge's port: what the driver "bridge" wants to know or tells.
//!
//! ```text
//!  IFLA_LINKINFO                       of the bridge
//!   ├─ IFLA_INFO_KIND "bridge"
//!   └─ IFLA_INFO_DATA
//!       └─ IFLA_BR_STP_STATE 0
//!  IFLA_LINKINFO                       of its port
//!   ├─ IFLA_INFO_SLAVE_KIND "bridge"
//!   └─ IFLA_INFO_SLAVE_DATA
//!       └─ IFLA_BRPORT_STATE 3
//! ```
//!
//! Times are in hundredths of a second (`USER_HZ`). Source: `linux/if_link.h`; what each holds,
//! `net/bridge/br_netlink.c`.

use crate::wire::attr::{Binary, Index, U8, U16, U32, U64, attr_set};
use crate::wire::shape::Shape;

attr_set! {
    /// A bridge's settings and state. Source: `linux/if_link.h`.
    pub enum IflaBr is "IFLA_BR" {
        /// spanning tree: forward delay, the time in each of the listening and learning states
        IFLA_BR_FORWARD_DELAY = 1: U32,
        /// spanning tree: time between two hello messages
        IFLA_BR_HELLO_TIME = 2: U32,
        /// spanning tree: maximum age of a received message
        IFLA_BR_MAX_AGE = 3: U32,
        /// ageing time: how long the forwarding table keeps an address without packets
        IFLA_BR_AGEING_TIME = 4: U32,
        /// spanning tree (STP): 0 is off, 1 is on
        IFLA_BR_STP_STATE = 5: U32,
        /// spanning tree: priority of the bridge
        IFLA_BR_PRIORITY = 6: U16,
        /// VLAN filtering: 1 is on
        IFLA_BR_VLAN_FILTERING = 7: U8,
        /// EtherType of VLAN tags: 0x8100 is 802.1Q
        IFLA_BR_VLAN_PROTOCOL = 8: Binary as Shape::BigEndian,
        /// bits of the link-local multicast groups that the bridge forwards
        IFLA_BR_GROUP_FWD_MASK = 9: U16,
        /// priority and address of the spanning tree's root
        IFLA_BR_ROOT_ID = 10: Binary,
        /// its own priority and address
        IFLA_BR_BRIDGE_ID = 11: Binary,
        /// the port that leads to the root
        IFLA_BR_ROOT_PORT = 12: U16,
        /// how far the root is
        IFLA_BR_ROOT_PATH_COST = 13: U32,
        /// 1: the tree is changing
        IFLA_BR_TOPOLOGY_CHANGE = 14: U8,
        /// 1: this bridge has noticed a change
        IFLA_BR_TOPOLOGY_CHANGE_DETECTED = 15: U8,
        /// until the next hello message
        IFLA_BR_HELLO_TIMER = 16: U64,
        /// until the next word of a change
        IFLA_BR_TCN_TIMER = 17: U64,
        /// until the change is over
        IFLA_BR_TOPOLOGY_CHANGE_TIMER = 18: U64,
        /// until old addresses are looked for
        IFLA_BR_GC_TIMER = 19: U64,
        /// where the spanning tree's messages go
        IFLA_BR_GROUP_ADDR = 20: Binary as Shape::Mac,
        /// forget all learnt addresses
        IFLA_BR_FDB_FLUSH = 21: Binary as Shape::Flag,
        /// whether the bridge itself wants all multicast
        IFLA_BR_MCAST_ROUTER = 22: U8,
        /// 1: multicast goes only where it was asked for
        IFLA_BR_MCAST_SNOOPING = 23: U8,
        /// 1: questions about groups carry the bridge's address
        IFLA_BR_MCAST_QUERY_USE_IFADDR = 24: U8,
        /// 1: the bridge asks about groups
        IFLA_BR_MCAST_QUERIER = 25: U8,
        /// of no meaning any more
        IFLA_BR_MCAST_HASH_ELASTICITY = 26: U32,
        /// how many groups are remembered
        IFLA_BR_MCAST_HASH_MAX = 27: U32,
        /// how often a group's last member is asked for
        IFLA_BR_MCAST_LAST_MEMBER_CNT = 28: U32,
        /// how often groups are asked for at the start
        IFLA_BR_MCAST_STARTUP_QUERY_CNT = 29: U32,
        /// between two questions for a last member
        IFLA_BR_MCAST_LAST_MEMBER_INTVL = 30: U64,
        /// after which a silent member is given up
        IFLA_BR_MCAST_MEMBERSHIP_INTVL = 31: U64,
        /// after which a silent querier is given up
        IFLA_BR_MCAST_QUERIER_INTVL = 32: U64,
        /// between two questions about groups
        IFLA_BR_MCAST_QUERY_INTVL = 33: U64,
        /// how long members may take to answer
        IFLA_BR_MCAST_QUERY_RESPONSE_INTVL = 34: U64,
        /// between two questions at the start
        IFLA_BR_MCAST_STARTUP_QUERY_INTVL = 35: U64,
        /// 1: what is bridged passes iptables
        IFLA_BR_NF_CALL_IPTABLES = 36: U8,
        /// 1: what is bridged passes ip6tables
        IFLA_BR_NF_CALL_IP6TABLES = 37: U8,
        /// 1: what is bridged passes arptables
        IFLA_BR_NF_CALL_ARPTABLES = 38: U8,
        /// the VLAN of a new port
        IFLA_BR_VLAN_DEFAULT_PVID = 39: U16,
        /// padding
        IFLA_BR_PAD = 40: Binary,
        /// 1: packets are counted by VLAN
        IFLA_BR_VLAN_STATS_ENABLED = 41: U8,
        /// 1: multicast messages are counted
        IFLA_BR_MCAST_STATS_ENABLED = 42: U8,
        /// of the questions about IPv4's groups
        IFLA_BR_MCAST_IGMP_VERSION = 43: U8,
        /// of the questions about IPv6's groups
        IFLA_BR_MCAST_MLD_VERSION = 44: U8,
        /// 1: packets are counted by VLAN and port
        IFLA_BR_VLAN_STATS_PER_PORT = 45: U8,
        /// struct br_boolopt_multi: switches, and which of them are meant
        IFLA_BR_MULTI_BOOLOPT = 46: Binary,
        /// who asks about groups
        IFLA_BR_MCAST_QUERIER_STATE = 47: Binary,
        /// how many addresses have been learnt
        IFLA_BR_FDB_N_LEARNED = 48: U32,
        /// how many may be learnt; 0: any number
        IFLA_BR_FDB_MAX_LEARNED = 49: U32,
    }
}

attr_set! {
    /// A port's settings and state. Source: `linux/if_link.h`.
    pub enum IflaBrport is "IFLA_BRPORT" {
        /// spanning tree state of the port: 0 disabled, 1 listening, 2 learning, 3 forwarding, 4 blocking
        IFLA_BRPORT_STATE = 1: U8,
        /// spanning tree: priority of the port
        IFLA_BRPORT_PRIORITY = 2: U16,
        /// spanning tree: path cost of the port
        IFLA_BRPORT_COST = 3: U32,
        /// hairpin mode: 1 lets the bridge send a frame back out of its port
        IFLA_BRPORT_MODE = 4: U8,
        /// BPDU guard: 1 disables the port when a spanning tree message arrives
        IFLA_BRPORT_GUARD = 5: U8,
        /// root block: 1 keeps the port from becoming the root port
        IFLA_BRPORT_PROTECT = 6: U8,
        /// multicast fast leave: 1 removes the port from a group at once
        IFLA_BRPORT_FAST_LEAVE = 7: U8,
        /// learning: 1 adds source addresses to the forwarding table
        IFLA_BRPORT_LEARNING = 8: U8,
        /// flooding: 1 sends frames for unknown addresses to the port
        IFLA_BRPORT_UNICAST_FLOOD = 9: U8,
        /// proxy ARP: 1 lets the bridge reply for the hosts behind the port
        IFLA_BRPORT_PROXYARP = 10: U8,
        /// 1: it takes over what its hardware has learnt
        IFLA_BRPORT_LEARNING_SYNC = 11: U8,
        /// 1: the same, as access points want it
        IFLA_BRPORT_PROXYARP_WIFI = 12: U8,
        /// priority and address of the spanning tree's root
        IFLA_BRPORT_ROOT_ID = 13: Binary,
        /// priority and address of the bridge next to the root
        IFLA_BRPORT_BRIDGE_ID = 14: Binary,
        /// that bridge's port
        IFLA_BRPORT_DESIGNATED_PORT = 15: U16,
        /// how far the root is from there
        IFLA_BRPORT_DESIGNATED_COST = 16: U16,
        /// its priority and number
        IFLA_BRPORT_ID = 17: U16,
        /// its number in the bridge
        IFLA_BRPORT_NO = 18: U16,
        /// 1: a change is to be acknowledged here
        IFLA_BRPORT_TOPOLOGY_CHANGE_ACK = 19: U8,
        /// 1: a message of the spanning tree waits
        IFLA_BRPORT_CONFIG_PENDING = 20: U8,
        /// until what was heard here is too old
        IFLA_BRPORT_MESSAGE_AGE_TIMER = 21: U64,
        /// until the next state
        IFLA_BRPORT_FORWARD_DELAY_TIMER = 22: U64,
        /// until the next message may go
        IFLA_BRPORT_HOLD_TIMER = 23: U64,
        /// forget all addresses that were learnt here
        IFLA_BRPORT_FLUSH = 24: Binary as Shape::Flag,
        /// whether who is behind it wants all multicast
        IFLA_BRPORT_MULTICAST_ROUTER = 25: U8,
        /// padding
        IFLA_BRPORT_PAD = 26: Binary,
        /// 1: multicast to unknown groups goes out here too
        IFLA_BRPORT_MCAST_FLOOD = 27: U8,
        /// 1: multicast goes to each member by itself
        IFLA_BRPORT_MCAST_TO_UCAST = 28: U8,
        /// 1: VLANs become tunnels
        IFLA_BRPORT_VLAN_TUNNEL = 29: U8,
        /// 1: broadcasts go out here too
        IFLA_BRPORT_BCAST_FLOOD = 30: U8,
        /// which of the link-local groups are forwarded all the same
        IFLA_BRPORT_GROUP_FWD_MASK = 31: U16,
        /// 1: the bridge answers ARP and neighbour solicitations itself
        IFLA_BRPORT_NEIGH_SUPPRESS = 32: U8,
        /// isolation: 1 forwards no frame between two isolated ports
        IFLA_BRPORT_ISOLATED = 33: U8,
        /// the port that stands in where this one has no carrier
        IFLA_BRPORT_BACKUP_PORT = 34: Index,
        /// 1: the ring that it is in is open
        IFLA_BRPORT_MRP_RING_OPEN = 35: U8,
        /// 1: the ring between rings is open
        IFLA_BRPORT_MRP_IN_OPEN = 36: U8,
        /// how many members are told apart
        IFLA_BRPORT_MCAST_EHT_HOSTS_LIMIT = 37: U32,
        /// how many members there are
        IFLA_BRPORT_MCAST_EHT_HOSTS_CNT = 38: U32,
        /// 1: only known addresses may send here
        IFLA_BRPORT_LOCKED = 39: U8,
        /// 1: unknown addresses are noted, as locked
        IFLA_BRPORT_MAB = 40: U8,
        /// how many groups were asked for here
        IFLA_BRPORT_MCAST_N_GROUPS = 41: U32,
        /// how many may be; 0: any number
        IFLA_BRPORT_MCAST_MAX_GROUPS = 42: U32,
        /// 1: the bridge answers by itself, VLAN by VLAN
        IFLA_BRPORT_NEIGH_VLAN_SUPPRESS = 43: U8,
        /// the next hop that stands in where this one has no carrier
        IFLA_BRPORT_BACKUP_NHID = 44: U32,
    }
}
