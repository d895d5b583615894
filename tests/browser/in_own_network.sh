#!/bin/sh
# Runs a command in a network namespace with one address beside loopback. Firefox does not use
# loopback for media, and the host's own network is none of a test's business.
set -eu
if [ "$(id -u)" -eq 0 ]; then own_user=; else own_user=--map-root-user; fi
exec unshare $own_user --net sh -euc '
  ip link set lo up
  ip link add test0 type veth peer name test1
  ip address add 10.0.0.1/24 dev test0
  ip link set test0 up
  ip link set test1 up
  ip route add default via 10.0.0.2 dev test0
  exec "$@"' sh "$@"
