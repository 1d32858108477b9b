# What the kernel was built with, as far as it decides whether sockets can be looked up and closed: shown by the kernel
# itself, or beside its modules, which the agent sees; with CONFIG_INET, which is there
# where agents run. Where it is shown nowhere, that is said, and ends with 127, as what is not there does.
options='^CONFIG_INET(_(UDP_)?DIAG(_DESTROY)?)?='
beside=/lib/modules/$(uname -r)/config
if [ -e /proc/config.gz ]; then
  gzip -dc /proc/config.gz | grep -E "$options"
elif [ -e "$beside" ]; then
  grep -E "$options" "$beside"
else
  echo the kernel does not show what it was built with >&2; exit 127
fi
true
