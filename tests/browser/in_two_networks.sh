#!/bin/sh
# Runs a command in a network namespace that reaches another one by two cables: 10.0.0.1 there for
# media, 10.0.9.1 for pages. EARSHOT_SERVER_NETWORK is a process in the other one. What comes from a
# cable's address stays on that cable, so that a lost address is a lost path.
set -eu
if [ "$(id -u)" -eq 0 ]; then own_user=; else own_user=--map-root-user; fi
exec unshare $own_user --net sh -euc '
  unshare --net sleep 3600 &
  far=$!
  trap "kill $far" EXIT
  until [ "$(readlink /proc/$far/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.05; done
  in_far() { nsenter -t "$far" -n "$@"; }
  ip link set lo up
  in_far ip link set lo up
  for cable in 0 9; do
    ip link add "near$cable" type veth peer name "far$cable" netns "$far"
    ip address add "10.0.$cable.2/24" dev "near$cable"
    ip link set "near$cable" up
    in_far ip address add "10.0.$cable.1/24" dev "far$cable"
    in_far ip link set "far$cable" up
  done
  ip rule add from 10.0.9.0/24 to 10.0.0.0/24 prohibit
  ip rule add from 10.0.0.0/24 to 10.0.9.0/24 prohibit
  EARSHOT_SERVER_NETWORK=$far "$@"' sh "$@"
