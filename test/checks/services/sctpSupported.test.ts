import { expect, it } from 'vitest';
import { sctpSupported } from '../../../checks/services/sctpSupported.ts';
import { aSnapshot, codesOf } from '../../support/aSnapshot.ts';
import { shop, shopCluster, shopSlice } from '../../support/shopCluster.ts';
import { standardCases } from '../../support/standardCases.ts';

const sctp = (port: number, settings: Readonly<Record<string, string>>, name = 'shop') =>
  shopCluster({
    services: [
      { ...shop({ ports: [{ name: 'sig', port, protocol: 'SCTP' }] }), metadata: { name, namespace: 'default' } },
    ],
    slices: [
      shopSlice({
        metadata: { name: 'shop-1', namespace: 'default', labels: { 'kubernetes.io/service-name': name } },
        ports: [{ name: 'sig', port: 8080, protocol: 'SCTP' }],
      }),
    ],
    settings,
  });
const on = { 'enable-sctp': 'true' };

standardCases(sctpSupported, {
  healthy: sctp(8080, on),
  faulty: { KPR5007: { off: sctp(8080, {}), otherPort: sctp(80, on) } },
  notApplicable: {},
  hostile: (text) => sctp(80, on, text),
});

it('where kube-proxy serves, it is not Cilium that must know SCTP', () => {
  const cluster = sctp(80, { 'kube-proxy-replacement': 'false' });
  const off = { status: { kpr: { mode: 'False' } } };
  expect(
    codesOf(
      sctpSupported,
      aSnapshot({
        ...cluster,
        nodes: { n1: { ...cluster.nodes?.['n1'], ...off }, n2: { ...cluster.nodes?.['n2'], ...off } },
      }),
    ),
  ).toEqual([]);
});
