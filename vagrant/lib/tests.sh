#!/bin/sh
# Runs the integration tests and the unit tests in a guest, except the tests that /elsewhere lists.
skip=$(sed -n 's/^\([a-z_:]\+\).*/--skip \1/p' /elsewhere)
# An emulated processor is about twenty times slower.
export PROPTEST_CASES=32 NETSETGO_AT_ONCE=20 NETSETGO_CONTAINERS=60 NETSETGO_KILLS=10
failed=0
for test in /tests/*; do
    echo
    echo "guest: ${test##*/}"
    "$test" $skip || failed=1
done
exit $failed
