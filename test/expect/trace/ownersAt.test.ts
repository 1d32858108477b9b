import { expect, it } from 'vitest';
import { ownerAt } from '../../../src/expect/trace/ownersAt.ts';
import type { TraceSource } from '../../../src/expect/trace/traceWay.ts';
import { aSnapshot } from '../../support/aSnapshot.ts';
import { shop, shopCluster, shopSlice } from '../../support/shopCluster.ts';

const row = (address: string, nodePort: boolean) => ({ address, nodePort, primary: nodePort, device: 'eth0' });
/** n1 has an address more than the one at which it serves NodePorts. */
const snapshot = aSnapshot(
  shopCluster({
    services: [shop({ type: 'NodePort', ports: [{ name: 'http', port: 80, nodePort: 31_080 }] })],
    slices: [shopSlice()],
    n1: { nodeAddresses: [row('172.30.0.11', true), row('172.30.0.100', false)] },
  }),
);

it.each<[string, TraceSource, string]>([
  ['172.30.0.11', 'external', 'service'],
  ['172.30.0.100', 'external', 'nobody'],
  // Each of its own addresses will do for a node and its pods.
  ['172.30.0.100', 'node', 'service'],
  ['172.30.0.100', 'pod', 'service'],
])('at the nodePort of %s, from %s: %s', (host, source, kind) => {
  const typed = { typed: `${host}:31080`, host, isAddress: true, port: 31_080, protocol: undefined };
  expect(ownerAt(snapshot, typed, source).kind).toBe(kind);
});

it('says where NodePorts are served instead', () => {
  const typed = {
    typed: '172.30.0.100:31080',
    host: '172.30.0.100',
    isAddress: true,
    port: 31_080,
    protocol: undefined,
  };
  expect(ownerAt(snapshot, typed, 'external')).toMatchObject({
    why: expect.stringContaining('172.30.0.100 is an address of n1 at which its agent serves no NodePorts'),
  });
});
