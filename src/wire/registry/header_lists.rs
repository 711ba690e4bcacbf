//! The numbers of each attribute set, compared with the enums of the kernel's headers.
//!
//! Each list has the names of one enum in order, without the common prefix. A minus sign marks an
//! attribute that netsetgo prints by its number only. The lists are from the headers of Linux
//! 6.1; the names after the end of an enum of that version are from later versions.

use crate::wire::ack::{NlMsgErrAttr, NlPolicyType};
use crate::wire::addr::Ifa;
use crate::wire::attr::AttrSet;
use crate::wire::link::af_bridge::IflaBridge;
use crate::wire::link::{
    Ifla, IflaBr, IflaBrport, IflaInet, IflaInet6, IflaInfo, IflaXdp, VethInfo,
};
use crate::wire::neigh::Nda;
use crate::wire::nft::*;
use crate::wire::nsid::Netnsa;
use crate::wire::route::Rta;
use crate::wire::shape::Table;

/// Compares an attribute set with an enum of a header whose first name has the number `first`.
fn compare(table: &Table, first: u16, names: &str) {
    let mut known = 0;
    for (number, name) in (first..).zip(names.split_whitespace()) {
        let entry = table.entry(number).map(|entry| entry.name.to_owned());
        let expected = match name.strip_prefix('-') {
            Some(_) => None,
            None => Some(format!("{}_{name}", table.name)),
        };
        known += usize::from(expected.is_some());
        assert_eq!(entry, expected, "{} of {}, name {name}", number, table.name);
    }
    assert_eq!(
        table.entries.len(),
        known,
        "{}: an attribute after the list",
        table.name
    );
}

/// `linux/if_link.h`.
#[test]
fn link_attributes_have_the_numbers_of_the_header() {
    compare(
        Ifla::table(),
        1,
        "ADDRESS BROADCAST IFNAME MTU LINK QDISC STATS COST PRIORITY MASTER WIRELESS
         PROTINFO TXQLEN MAP WEIGHT OPERSTATE LINKMODE LINKINFO NET_NS_PID IFALIAS NUM_VF
         VFINFO_LIST STATS64 VF_PORTS PORT_SELF AF_SPEC GROUP NET_NS_FD EXT_MASK
         PROMISCUITY NUM_TX_QUEUES NUM_RX_QUEUES CARRIER PHYS_PORT_ID CARRIER_CHANGES
         PHYS_SWITCH_ID LINK_NETNSID PHYS_PORT_NAME PROTO_DOWN GSO_MAX_SEGS GSO_MAX_SIZE
         PAD XDP EVENT NEW_NETNSID TARGET_NETNSID CARRIER_UP_COUNT CARRIER_DOWN_COUNT
         NEW_IFINDEX MIN_MTU MAX_MTU PROP_LIST ALT_IFNAME PERM_ADDRESS PROTO_DOWN_REASON
         PARENT_DEV_NAME PARENT_DEV_BUS_NAME GRO_MAX_SIZE TSO_MAX_SIZE TSO_MAX_SEGS
         ALLMULTI DEVLINK_PORT GSO_IPV4_MAX_SIZE GRO_IPV4_MAX_SIZE DPLL_PIN
         MAX_PACING_OFFLOAD_HORIZON NETNS_IMMUTABLE HEADROOM TAILROOM",
    );
    compare(
        IflaInfo::table(),
        1,
        "KIND DATA XSTATS SLAVE_KIND SLAVE_DATA",
    );
    compare(
        IflaBr::table(),
        1,
        "FORWARD_DELAY HELLO_TIME MAX_AGE AGEING_TIME STP_STATE PRIORITY VLAN_FILTERING
         VLAN_PROTOCOL GROUP_FWD_MASK ROOT_ID BRIDGE_ID ROOT_PORT ROOT_PATH_COST
         TOPOLOGY_CHANGE TOPOLOGY_CHANGE_DETECTED HELLO_TIMER TCN_TIMER
         TOPOLOGY_CHANGE_TIMER GC_TIMER GROUP_ADDR FDB_FLUSH MCAST_ROUTER MCAST_SNOOPING
         MCAST_QUERY_USE_IFADDR MCAST_QUERIER MCAST_HASH_ELASTICITY MCAST_HASH_MAX
         MCAST_LAST_MEMBER_CNT MCAST_STARTUP_QUERY_CNT MCAST_LAST_MEMBER_INTVL
         MCAST_MEMBERSHIP_INTVL MCAST_QUERIER_INTVL MCAST_QUERY_INTVL
         MCAST_QUERY_RESPONSE_INTVL MCAST_STARTUP_QUERY_INTVL NF_CALL_IPTABLES
         NF_CALL_IP6TABLES NF_CALL_ARPTABLES VLAN_DEFAULT_PVID PAD VLAN_STATS_ENABLED
         MCAST_STATS_ENABLED MCAST_IGMP_VERSION MCAST_MLD_VERSION VLAN_STATS_PER_PORT
         MULTI_BOOLOPT MCAST_QUERIER_STATE FDB_N_LEARNED FDB_MAX_LEARNED",
    );
    compare(
        IflaBrport::table(),
        1,
        "STATE PRIORITY COST MODE GUARD PROTECT FAST_LEAVE LEARNING UNICAST_FLOOD
         PROXYARP LEARNING_SYNC PROXYARP_WIFI ROOT_ID BRIDGE_ID DESIGNATED_PORT
         DESIGNATED_COST ID NO TOPOLOGY_CHANGE_ACK CONFIG_PENDING MESSAGE_AGE_TIMER
         FORWARD_DELAY_TIMER HOLD_TIMER FLUSH MULTICAST_ROUTER PAD MCAST_FLOOD
         MCAST_TO_UCAST VLAN_TUNNEL BCAST_FLOOD GROUP_FWD_MASK NEIGH_SUPPRESS ISOLATED
         BACKUP_PORT MRP_RING_OPEN MRP_IN_OPEN MCAST_EHT_HOSTS_LIMIT MCAST_EHT_HOSTS_CNT
         LOCKED MAB MCAST_N_GROUPS MCAST_MAX_GROUPS NEIGH_VLAN_SUPPRESS BACKUP_NHID",
    );
    compare(IflaInet::table(), 1, "CONF");
    compare(
        IflaInet6::table(),
        1,
        "FLAGS CONF STATS -MCAST CACHEINFO ICMP6STATS TOKEN ADDR_GEN_MODE RA_MTU",
    );
    compare(
        IflaXdp::table(),
        1,
        "FD ATTACHED FLAGS PROG_ID -DRV_PROG_ID -SKB_PROG_ID -HW_PROG_ID -EXPECTED_FD",
    );
}

/// `linux/veth.h`.
#[test]
fn veth_attributes_have_the_numbers_of_the_header() {
    compare(VethInfo::table(), 1, "PEER");
}

/// `linux/if_addr.h`.
#[test]
fn address_attributes_have_the_numbers_of_the_header() {
    compare(
        Ifa::table(),
        1,
        "ADDRESS LOCAL LABEL BROADCAST ANYCAST CACHEINFO MULTICAST FLAGS RT_PRIORITY
         TARGET_NETNSID PROTO",
    );
}

/// `linux/rtnetlink.h`.
#[test]
fn route_attributes_have_the_numbers_of_the_header() {
    compare(
        Rta::table(),
        1,
        "DST SRC IIF OIF GATEWAY PRIORITY PREFSRC METRICS MULTIPATH -PROTOINFO -FLOW
         CACHEINFO -SESSION -MP_ALGO TABLE MARK -MFC_STATS -VIA -NEWDST PREF -ENCAP_TYPE
         -ENCAP -EXPIRES -PAD UID -TTL_PROPAGATE -IP_PROTO -SPORT -DPORT -NH_ID",
    );
}

/// `linux/neighbour.h`.
#[test]
fn neighbour_attributes_have_the_numbers_of_the_header() {
    compare(
        Nda::table(),
        1,
        "DST LLADDR CACHEINFO PROBES VLAN -PORT -VNI -IFINDEX -MASTER -LINK_NETNSID
         -SRC_VNI -PROTOCOL -NH_ID -FDB_EXT_ATTRS -FLAGS_EXT -NDM_STATE_MASK
         -NDM_FLAGS_MASK",
    );
}

/// `linux/net_namespace.h`.
#[test]
fn namespace_id_attributes_have_the_numbers_of_the_header() {
    compare(Netnsa::table(), 1, "NSID PID FD -TARGET_NSID -CURRENT_NSID");
}

/// `linux/netlink.h`.
#[test]
fn extended_ack_attributes_have_the_numbers_of_the_header() {
    compare(
        NlMsgErrAttr::table(),
        1,
        "MSG OFFS COOKIE POLICY MISS_TYPE MISS_NEST",
    );
    compare(
        NlPolicyType::table(),
        1,
        "TYPE MIN_VALUE_S MAX_VALUE_S MIN_VALUE_U MAX_VALUE_U MIN_LENGTH MAX_LENGTH
         POLICY_IDX POLICY_MAXTYPE BITFIELD32_MASK PAD MASK",
    );
}

/// `linux/if_bridge.h`.
#[test]
fn bridge_family_attributes_have_the_numbers_of_the_header() {
    compare(
        IflaBridge::table(),
        0,
        "FLAGS MODE VLAN_INFO VLAN_TUNNEL_INFO MRP CFM MST",
    );
}

/// `linux/netfilter/nf_tables.h`.
#[test]
fn nf_tables_attributes_have_the_numbers_of_the_header() {
    compare(
        NftaTable::table(),
        1,
        "NAME FLAGS USE HANDLE PAD USERDATA OWNER",
    );
    compare(
        NftaChain::table(),
        1,
        "TABLE HANDLE NAME HOOK POLICY USE TYPE COUNTERS -PAD FLAGS ID USERDATA",
    );
    compare(NftaHook::table(), 1, "HOOKNUM PRIORITY DEV -DEVS");
    compare(
        NftaRule::table(),
        1,
        "TABLE CHAIN HANDLE EXPRESSIONS COMPAT POSITION USERDATA -PAD ID POSITION_ID
         CHAIN_ID",
    );
    compare(NftaList::table(), 1, "ELEM");
    compare(NftaExpr::table(), 1, "NAME DATA");
    compare(NftaData::table(), 1, "VALUE VERDICT");
    compare(NftaMeta::table(), 1, "DREG KEY SREG");
    compare(NftaCt::table(), 1, "DREG KEY DIRECTION SREG");
    compare(NftaCmp::table(), 1, "SREG OP DATA");
    compare(NftaBitwise::table(), 1, "SREG DREG LEN MASK XOR OP DATA");
    compare(NftaImmediate::table(), 1, "DREG DATA");
    compare(NftaVerdict::table(), 1, "CODE CHAIN CHAIN_ID");
}
