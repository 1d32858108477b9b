#!/bin/bash
# Helm runs this on what it is about to apply; see localise.ts.
exec "$BED_NODE_PROGRAM" "$(dirname "$0")/localise.ts"
