// node --import test/cluster/lib/inLittle.ts bin/kubectl-kpr.ts: one node says all, and all others only what it has not
// said, however small the cluster is.
import { registerHooks } from 'node:module';
import type { wholeUpTo } from '../../../src/parse/digest/wholeUpTo.ts';

const little: typeof wholeUpTo = { nodes: 1, services: 0, teachers: 1, rules: 0 };

registerHooks({
  load: (url, context, nextLoad) =>
    url.endsWith('/src/parse/digest/wholeUpTo.ts')
      ? { format: 'module', source: `export const wholeUpTo = ${JSON.stringify(little)};`, shortCircuit: true }
      : nextLoad(url, context),
});
