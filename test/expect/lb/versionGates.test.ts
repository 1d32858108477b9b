import SemVer from 'semver/classes/semver.js';
import { describe, expect, it } from 'vitest';
import { behaviourOf, type VersionGate, versionGates } from '../../../src/expect/lb/versionGates.ts';

/** The last release that behaves otherwise, and the first that does not, on each branch that was changed by a patch. */
const ported: readonly [VersionGate, before: string, since: string][] = [
  ['unnamedBackendsMatch', '1.18.1', '1.18.2'],
  ['maintenanceState', '1.18.4', '1.18.5'],
  ['hybridMarksTcp', '1.18.4', '1.18.5'],
  ['sourceRangesOnLoadBalancer', '1.18.5', '1.18.6'],
  ['redirectNeedsReadiness', '1.18.6', '1.18.7'],
  ['guessesIPv6', '1.18.10', '1.18.11'],
  ['podInterfaceDsrNodePorts', '1.19.2', '1.19.3'],
  ['slicesNeedProxyName', '1.19.3', '1.19.4'],
  ['guessesIPv6', '1.19.4', '1.19.5'],
  ['wildcardsSpareLocal', '1.19.4', '1.19.5'],
  ['loadBalancerNeedsKpr', '1.19.6', '1.19.7'],
  ['nodePortConflicts', '1.19.6', '1.19.7'],
  ['hintsNeedReadiness', '1.20.1', '1.20.2'],
  ['redirectByPods', '1.20.1', '1.20.2'],
];

describe('what a patch release changed', () => {
  it.each(ported)('%s is not in %s, and in %s', (gate, before, since) => {
    expect(behaviourOf(new SemVer(before))[gate]).toBe(false);
    expect(behaviourOf(new SemVer(since))[gate]).toBe(true);
  });
  it('is all of it', () => {
    const patches = Object.entries(versionGates).flatMap(([gate, firsts]) =>
      firsts.filter((first) => !first.endsWith('.0')).map((first) => `${gate} ${first}`),
    );
    expect(ported.map(([gate, , since]) => `${gate} ${since}`).toSorted()).toEqual(patches.toSorted());
  });
});

it('names each branch once, the oldest first', () => {
  const branches = Object.values(versionGates).map((firsts) => firsts.map((first) => Number(first.split('.')[1])));
  expect(branches.filter((one) => one.some((branch, at) => at > 0 && branch <= (one[at - 1] ?? 0)))).toEqual([]);
});
