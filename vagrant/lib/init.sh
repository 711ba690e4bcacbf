#!/bin/busybox sh
# /init of the guest: mounts the usual file systems, runs /job, and prints its exit status.
/bin/busybox --install -s /bin
export PATH=/bin HOME=/tmp NETSETGO_BINARY=/bin/netsetgo
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mount -t tmpfs tmp /tmp
mount -t tmpfs run /run
chmod 1777 /tmp
echo "guest: Linux $(uname -r) $(uname -m)"
/job
echo "GUEST-EXIT:$?:"
poweroff -f
