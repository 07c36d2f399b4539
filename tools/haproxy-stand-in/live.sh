# shellcheck shell=sh
# Sourced by the stand-ins for proxies: writes down who serves users, as the stand-in for the service reads it. The slot with the most weight comes first.
blue=0 green=0
while read -r name weight _; do
  case $name in *blue) blue=$((blue + weight)) ;; *green) green=$((green + weight)) ;; esac
done < "$folder/haproxy"
if [ "$blue" -ge "$green" ]; then live=blue other=$green; else live=green other=$blue; fi
case $live in blue) second=green ;; *) second=blue ;; esac
[ "$other" = 0 ] || live=$live+$second
[ $((blue + green)) -gt 0 ] || live=nothing
if [ "$live" != "$(cat "$folder/live" 2> /dev/null)" ]; then
  printf %s "$live" > "$folder/live.$$"
  mv "$folder/live.$$" "$folder/live"
fi
