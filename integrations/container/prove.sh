#!/usr/bin/env bash
# Builds the image on a Debian base made here, runs it behind nginx, and compares its answers with the engine's.
# Needs root, podman, buildah, debootstrap, nginx, and a wheel in dist/: bash integrations/container/prove.sh PICTURE
set -euo pipefail
picture="$(realpath "$1")"
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
cd "$here/../.."
work="$(mktemp -d)"
stop() {
  [ -f "$work/nginx.pid" ] && kill "$(cat "$work/nginx.pid")" || true
  podman rm --force dermdistill-proof >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap stop EXIT

base=localhost/debian-python:bookworm
if ! podman image exists "$base"; then
  debootstrap --variant=minbase --include=python3,python3-venv,ca-certificates bookworm "$work/root"
  tar -C "$work/root" -c . | podman import - "$base"
fi
podman image exists localhost/dermdistill || buildah build --isolation chroot --network host --build-arg "BASE=$base" \
  --volume /etc/ssl/certs/ca-certificates.crt:/etc/ssl/certs/ca-certificates.crt:ro \
  -f integrations/container/Containerfile -t dermdistill dist

# As compose.yaml runs them, but on the host's network and this machine's own address.
# Where crun may not set limits or knows no hybrid cgroups, runc does: PODMAN="podman --runtime runc".
${PODMAN:-podman} run --detach --name dermdistill-proof --network host --ulimit nofile=1024:1024 --ulimit nproc=1000:1000 \
  --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges \
  localhost/dermdistill gunicorn -c python:dermdistill.production --bind 127.0.0.1:18080 --workers 2
sed -e 's/server dermdistill:8080/server 127.0.0.1:18080/' -e 's/listen 8000/listen 127.0.0.1:18000/' \
  -e "s#/tmp/nginx#$work/nginx#" "$here/nginx.conf" > "$work/nginx.conf"
nginx -c "$work/nginx.conf"
for _ in $(seq 120); do
  curl -sf http://127.0.0.1:18000/v2/health/ready >/dev/null && break
  sleep 1
done
podman --version
nginx -v
curl -sf http://127.0.0.1:18000/ | grep -o '<title>.*</title>'
curl -sf -F "image=@$picture" http://127.0.0.1:18000/api/v1/predict | python3 -c '
import json, sys
found = json.load(sys.stdin)["predictions"][0]
print(found["assessment"]["level"], json.dumps(found["probabilities"]))'
