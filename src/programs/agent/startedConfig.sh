# What the agent was started with, FILE:VALUE.
cd /tmp/cilium/config-map && grep -H '' -- *
