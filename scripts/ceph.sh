#!/bin/sh
# A real S3 store to test against: Ceph's gateway with one monitor and one OSD in memory, on 127.0.0.1 alone.
# Debian: apt-get install ceph-mon ceph-osd radosgw. Usage: scripts/ceph.sh [PORT]; it runs until Ctrl-C, and prints
# the variables that test/support/real-s3.ts needs. It keeps no data.
set -eu
port=${1:-7480}
monitor=$((port + 1))
folder=$(mktemp -d)
daemons=''
end() {
  # shellcheck disable=SC2086
  [ -z "$daemons" ] || kill -9 $daemons
  wait
  rm -rf "$folder"
}
trap end EXIT
trap 'exit 0' INT TERM
project=$(cd "$(dirname "$0")/.." && pwd)
cd "$folder"
mkdir mon osd rgw run
uuid() { cat /proc/sys/kernel/random/uuid; }
cat > ceph.conf <<CONF
[global]
fsid = $(uuid)
mon initial members = a
mon host = v2:127.0.0.1:$monitor
public addr = 127.0.0.1
cluster addr = 127.0.0.1
keyring = $folder/keyring
run dir = $folder/run
admin socket = $folder/run/\$name.\$pid.asok
log file = $folder/\$name.log
mon data = $folder/mon
mon data avail crit = 1
mon allow pool size one = true
osd data = $folder/osd
osd objectstore = memstore
memstore device bytes = 2147483648
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd crush chooseleaf type = 0
[client.rgw]
rgw data = $folder/rgw
rgw enable apis = s3
rgw frontends = beast endpoint=127.0.0.1:$port
CONF
export CEPH_CONF="$folder/ceph.conf"
{
  ceph-authtool --create-keyring keyring --gen-key -n mon. --cap mon 'allow *'
  ceph-authtool keyring --gen-key -n client.admin --cap mon 'allow *' --cap osd 'allow *'
  ceph-authtool keyring --gen-key -n osd.0 --cap mon 'allow profile osd' --cap osd 'allow *'
  ceph-authtool keyring --gen-key -n client.rgw --cap mon 'allow rwx' --cap osd 'allow rwx'
  monmaptool --create --fsid "$(sed -n 's/^fsid = //p' ceph.conf)" --addv a "[v2:127.0.0.1:$monitor]" monmap
  ceph-mon --mkfs -i a --monmap monmap --keyring keyring
  ceph-mon -i a -f 2> mon.err &
  daemons="$!"
  id=$(uuid)
  timeout 60 ceph osd new "$id"
  ceph-osd -i 0 --mkfs --osd-uuid "$id"
  ceph-osd -i 0 -f 2> osd.err &
  daemons="$daemons $!"
  radosgw -n client.rgw -f 2> rgw.err &
  daemons="$daemons $!"
  key=$(uuid | tr -d -)
  secret=$(uuid | tr -d -)$(uuid | tr -d -)
  timeout 120 radosgw-admin -n client.rgw user create --uid=copies --display-name=copies --access-key="$key" --secret="$secret"
  cd "$project"
  AWS_ACCESS_KEY_ID=$key AWS_SECRET_ACCESS_KEY=$secret node -e "
    const { S3Client, CreateBucketCommand } = require('@aws-sdk/client-s3');
    const at = { endpoint: 'http://127.0.0.1:$port', region: 'default', forcePathStyle: true };
    new S3Client(at).send(new CreateBucketCommand({ Bucket: 'copies' })).catch((e) => (console.error(e), process.exit(1)));"
} > setup.log 2>&1 || {
  cat "$folder/setup.log" >&2
  exit 1
}
cat <<SAID
export TEST_S3_URL='s3://copies?endpoint=http://127.0.0.1:$port&region=default&path_style=true'
export TEST_S3_ACCESS_KEY_ID=$key
export TEST_S3_SECRET_ACCESS_KEY=$secret
SAID
wait
