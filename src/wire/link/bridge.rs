//! Settings and state of a bridge and of its ports: the attributes of the driver "bridge".
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
//! Times are in hundredths of a second (`USER_HZ`). The numbers are from `linux/if_link.h`, and the
//! types of the payloads from `net/bridge/br_netlink.c`.

use crate::wire::attr::{Binary, Index, U8, U16, U32, U64, attr_set};
use crate::wire::shape::Shape;

attr_set! {
    /// Settings and state of a bridge. Source: `linux/if_link.h`.
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
        /// bridge id of the spanning tree's root: priority and hardware address
        IFLA_BR_ROOT_ID = 10: Binary,
        /// bridge id: priority (2 bytes) and hardware address of this bridge
        IFLA_BR_BRIDGE_ID = 11: Binary,
        /// spanning tree: number of the root port, which leads to the root
        IFLA_BR_ROOT_PORT = 12: U16,
        /// spanning tree: path cost to the root
        IFLA_BR_ROOT_PATH_COST = 13: U32,
        /// spanning tree: 1 while the topology changes
        IFLA_BR_TOPOLOGY_CHANGE = 14: U8,
        /// spanning tree: 1 where this bridge has detected a topology change
        IFLA_BR_TOPOLOGY_CHANGE_DETECTED = 15: U8,
        /// spanning tree: time until the next hello message
        IFLA_BR_HELLO_TIMER = 16: U64,
        /// spanning tree: time until the next topology change notification
        IFLA_BR_TCN_TIMER = 17: U64,
        /// spanning tree: time until the topology change ends
        IFLA_BR_TOPOLOGY_CHANGE_TIMER = 18: U64,
        /// time until the bridge removes old entries from the forwarding table
        IFLA_BR_GC_TIMER = 19: U64,
        /// spanning tree: multicast hardware address that its messages go to
        IFLA_BR_GROUP_ADDR = 20: Binary as Shape::Mac,
        /// removes all learnt entries from the forwarding table (FDB)
        IFLA_BR_FDB_FLUSH = 21: Binary as Shape::Flag,
        /// multicast router: 1 detects routers, 2 treats the bridge itself as one
        IFLA_BR_MCAST_ROUTER = 22: U8,
        /// multicast snooping (IGMP, MLD): 1 forwards a group only to its members
        IFLA_BR_MCAST_SNOOPING = 23: U8,
        /// multicast: 1 sends queries with the bridge's own IP address
        IFLA_BR_MCAST_QUERY_USE_IFADDR = 24: U8,
        /// multicast querier: 1 lets the bridge send IGMP and MLD queries
        IFLA_BR_MCAST_QUERIER = 25: U8,
        /// unused
        IFLA_BR_MCAST_HASH_ELASTICITY = 26: U32,
        /// multicast: largest number of groups
        IFLA_BR_MCAST_HASH_MAX = 27: U32,
        /// multicast: number of queries for the last member of a group
        IFLA_BR_MCAST_LAST_MEMBER_CNT = 28: U32,
        /// multicast: number of queries at the start
        IFLA_BR_MCAST_STARTUP_QUERY_CNT = 29: U32,
        /// multicast: time between two queries for a last member
        IFLA_BR_MCAST_LAST_MEMBER_INTVL = 30: U64,
        /// multicast: time after which a silent member is removed
        IFLA_BR_MCAST_MEMBERSHIP_INTVL = 31: U64,
        /// multicast: time after which another, silent querier is ignored
        IFLA_BR_MCAST_QUERIER_INTVL = 32: U64,
        /// multicast: time between two general queries
        IFLA_BR_MCAST_QUERY_INTVL = 33: U64,
        /// multicast: longest time for a reply to a query
        IFLA_BR_MCAST_QUERY_RESPONSE_INTVL = 34: U64,
        /// multicast: time between two queries at the start
        IFLA_BR_MCAST_STARTUP_QUERY_INTVL = 35: U64,
        /// netfilter: 1 makes bridged IPv4 packets pass iptables
        IFLA_BR_NF_CALL_IPTABLES = 36: U8,
        /// netfilter: 1 makes bridged IPv6 packets pass ip6tables
        IFLA_BR_NF_CALL_IP6TABLES = 37: U8,
        /// netfilter: 1 makes bridged ARP packets pass arptables
        IFLA_BR_NF_CALL_ARPTABLES = 38: U8,
        /// default VLAN id (PVID) of a new port
        IFLA_BR_VLAN_DEFAULT_PVID = 39: U16,
        /// padding
        IFLA_BR_PAD = 40: Binary,
        /// statistics: 1 counts packets of each VLAN
        IFLA_BR_VLAN_STATS_ENABLED = 41: U8,
        /// statistics: 1 counts IGMP and MLD messages
        IFLA_BR_MCAST_STATS_ENABLED = 42: U8,
        /// IGMP version of multicast queries: 2 or 3
        IFLA_BR_MCAST_IGMP_VERSION = 43: U8,
        /// MLD version of multicast queries: 1 or 2
        IFLA_BR_MCAST_MLD_VERSION = 44: U8,
        /// statistics: 1 counts packets of each VLAN on each port
        IFLA_BR_VLAN_STATS_PER_PORT = 45: U8,
        /// boolean options and their mask: struct br_boolopt_multi
        IFLA_BR_MULTI_BOOLOPT = 46: Binary,
        /// state of the multicast querier: its address, port and timer
        IFLA_BR_MCAST_QUERIER_STATE = 47: Binary,
        /// number of learnt entries in the forwarding table (FDB)
        IFLA_BR_FDB_N_LEARNED = 48: U32,
        /// largest number of learnt entries in the forwarding table (FDB); 0 is no limit
        IFLA_BR_FDB_MAX_LEARNED = 49: U32,
    }
}

attr_set! {
    /// Settings and state of a bridge port. Source: `linux/if_link.h`.
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
        /// learning: 1 adds addresses that the hardware has learnt
        IFLA_BRPORT_LEARNING_SYNC = 11: U8,
        /// proxy ARP as IEEE 802.11 access points need it: 1 is on
        IFLA_BRPORT_PROXYARP_WIFI = 12: U8,
        /// bridge id of the spanning tree's root
        IFLA_BRPORT_ROOT_ID = 13: Binary,
        /// bridge id of the designated bridge of this port's segment
        IFLA_BRPORT_BRIDGE_ID = 14: Binary,
        /// spanning tree: port id of the designated port
        IFLA_BRPORT_DESIGNATED_PORT = 15: U16,
        /// spanning tree: path cost from the designated port to the root
        IFLA_BRPORT_DESIGNATED_COST = 16: U16,
        /// spanning tree: port id, which is priority and number
        IFLA_BRPORT_ID = 17: U16,
        /// port number in the bridge
        IFLA_BRPORT_NO = 18: U16,
        /// spanning tree: 1 where the port acknowledges a topology change next
        IFLA_BRPORT_TOPOLOGY_CHANGE_ACK = 19: U8,
        /// spanning tree: 1 where a configuration message waits for the hold timer
        IFLA_BRPORT_CONFIG_PENDING = 20: U8,
        /// spanning tree: time until the last received message expires
        IFLA_BRPORT_MESSAGE_AGE_TIMER = 21: U64,
        /// spanning tree: time until the next state of the port
        IFLA_BRPORT_FORWARD_DELAY_TIMER = 22: U64,
        /// spanning tree: time until the port may send the next message
        IFLA_BRPORT_HOLD_TIMER = 23: U64,
        /// removes the learnt entries of this port from the forwarding table (FDB)
        IFLA_BRPORT_FLUSH = 24: Binary as Shape::Flag,
        /// multicast router behind the port: 0 never, 1 is detected, 2 always
        IFLA_BRPORT_MULTICAST_ROUTER = 25: U8,
        /// padding
        IFLA_BRPORT_PAD = 26: Binary,
        /// multicast flooding: 1 sends multicast frames of unknown groups to the port
        IFLA_BRPORT_MCAST_FLOOD = 27: U8,
        /// multicast to unicast: 1 sends a copy to each member of the group
        IFLA_BRPORT_MCAST_TO_UCAST = 28: U8,
        /// VLAN tunnel: 1 maps VLANs to tunnels
        IFLA_BRPORT_VLAN_TUNNEL = 29: U8,
        /// broadcast flooding: 1 sends broadcast frames to the port
        IFLA_BRPORT_BCAST_FLOOD = 30: U8,
        /// bits of the link-local multicast groups that the port forwards
        IFLA_BRPORT_GROUP_FWD_MASK = 31: U16,
        /// neighbour suppression: 1 lets the bridge reply to ARP and neighbour solicitations
        IFLA_BRPORT_NEIGH_SUPPRESS = 32: U8,
        /// isolation: 1 forwards no frame between two isolated ports
        IFLA_BRPORT_ISOLATED = 33: U8,
        /// index of the backup port, which the bridge uses while this one has no carrier
        IFLA_BRPORT_BACKUP_PORT = 34: Index,
        /// media redundancy protocol (MRP): 1 where the ring is open
        IFLA_BRPORT_MRP_RING_OPEN = 35: U8,
        /// media redundancy protocol (MRP): 1 where the interconnect ring is open
        IFLA_BRPORT_MRP_IN_OPEN = 36: U8,
        /// multicast: largest number of tracked members
        IFLA_BRPORT_MCAST_EHT_HOSTS_LIMIT = 37: U32,
        /// multicast: number of tracked members
        IFLA_BRPORT_MCAST_EHT_HOSTS_CNT = 38: U32,
        /// locked port: 1 drops frames from unknown source addresses
        IFLA_BRPORT_LOCKED = 39: U8,
        /// MAC authentication bypass (MAB): 1 adds unknown source addresses as locked entries
        IFLA_BRPORT_MAB = 40: U8,
        /// multicast: number of groups of the port
        IFLA_BRPORT_MCAST_N_GROUPS = 41: U32,
        /// multicast: largest number of groups of the port; 0 is no limit
        IFLA_BRPORT_MCAST_MAX_GROUPS = 42: U32,
        /// neighbour suppression for each VLAN: 1 is on
        IFLA_BRPORT_NEIGH_VLAN_SUPPRESS = 43: U8,
        /// id of the backup next hop, which the bridge uses while the port has no carrier
        IFLA_BRPORT_BACKUP_NHID = 44: U32,
    }
}
