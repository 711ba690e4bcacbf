#!/bin/sh
# A guest's job: the integration tests, the units besides. Left out is what /elsewhere lists.
skip=$(sed -n 's/^\([a-z_:]\+\).*/--skip \1/p' /elsewhere)
# An emulated processor is some twenty times slower than a real one.
export PROPTEST_CASES=32 NETSETGO_AT_ONCE=20 NETSETGO_CONTAINERS=60 NETSETGO_KILLS=10
failed=0
for test in /tests/*; do
    echo
    echo "guest: ${test##*/}"
    "$test" $skip || failed=1
done
exit $failed
