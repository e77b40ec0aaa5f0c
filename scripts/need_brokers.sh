#!/usr/bin/env bash
# The tests of MQTT feeds talk to a real broker, /usr/sbin/mosquitto: installs Debian's where that is possible, else
# says what to do. (Kafka is tested with the cluster that librdkafka brings along.)
set -euo pipefail

[ -x /usr/sbin/mosquitto ] && exit 0
if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
  echo "installing Debian's mosquitto for the tests of MQTT feeds"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends mosquitto >/dev/null
else
  echo "There is no /usr/sbin/mosquitto: the tests of MQTT feeds will fail. Install it (Debian: apt-get install mosquitto)."
fi
