#!/bin/sh
# Checks netsetgo in a kernel without $LACKS (from the kernel's command line): the error names the missing
# part and the network is as before, or netsetgo uses another interface of the kernel.
unshare -n sleep 600 &
pid=$!
sleep 1
before=$(ip -o link; ip -o addr)
failed=0

wrong() {
    echo "guest: WRONG: $*"
    failed=1
}
refused() { # TEXT ARGUMENT…
    text=$1
    shift
    output=$(netsetgo "$@" 2>&1)
    status=$?
    echo "netsetgo $*"
    echo "$output"
    [ $status = 1 ] || wrong "exit $status"
    [ "$(echo "$output" | wc -l)" = 1 ] || wrong "not one line"
    case $output in "netsetgo: "*"$text"*) ;; *) wrong "does not contain $text" ;; esac
    [ "$(ip -o link; ip -o addr)" = "$before" ] || wrong "the network changed: $(ip -o link)"
}
works() { # ARGUMENT…
    echo "netsetgo $*"
    netsetgo "$@" || wrong "exit $?"
    ping -c 1 -W 5 10.10.10.2 >/dev/null || wrong "the host does not reach the container"
    nsenter -t $pid -n ping -c 1 -W 5 10.10.10.1 >/dev/null || wrong "the container does not reach the host"
    netsetgo down --pid $pid || wrong "down: exit $?"
}

case $LACKS in
    rtnl-link-bridge)
        # modules.alias does not contain the alias, so that netlink cannot load the module. The ioctl can.
        refused CONFIG_BRIDGE up --pid $pid --bridge-backend netlink
        works up --pid $pid
        ;;
    bridge)
        refused CONFIG_BRIDGE up --pid $pid
        refused CONFIG_BRIDGE up --pid $pid --bridge-backend netlink
        refused CONFIG_BRIDGE up --pid $pid --bridge-backend ioctl
        ;;
    veth)
        refused CONFIG_VETH up --pid $pid
        refused CONFIG_VETH up --pid $pid --bridge-backend ioctl
        ;;
    ipv6)
        refused CONFIG_IPV6 up --pid $pid --bridge-address 10.10.10.1/24 --bridge-address fd00::1/64 \
            --container-address 10.10.10.2/24 --container-address fd00::2/64
        works up --pid $pid
        ;;
    *) wrong "unknown: $LACKS" ;;
esac
kill $pid
exit $failed
