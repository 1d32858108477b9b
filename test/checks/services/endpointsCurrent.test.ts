import { describe, expect, it, test } from 'vitest';
import { endpointsCurrent } from '../../../checks/services/endpointsCurrent.ts';
import type { Endpoint, EndpointSlice, Pod, Service } from '../../../src/model/kubernetes.ts';
import type { SecondReading } from '../../../src/model/Snapshot.ts';
import { aSnapshot, codesOf, type SnapshotChanges } from '../../support/aSnapshot.ts';
import { onNode } from '../../support/lbObjects.ts';
import { shop, shopCluster, shopSlice } from '../../support/shopCluster.ts';
import { standardCases } from '../../support/standardCases.ts';

/** The cluster is looked at at 10:00. */
const long = '2026-11-21T09:00:00Z';
const now = '2026-11-21T09:59:40Z';

interface APod {
  readonly node?: string;
  readonly ready?: boolean;
  readonly since?: string;
  readonly phase?: string;
  readonly ips?: readonly string[];
  readonly meta?: Partial<Pod['metadata']>;
  readonly hostNetwork?: boolean;
}
const pod = (name: string, ip: string, given: APod = {}): Pod => {
  const { node = 'n2', ready = true, since = long, phase = 'Running', ips = [ip], meta = {}, hostNetwork } = given;
  return {
    metadata: { name, namespace: 'default', labels: { app: 'shop', release: 'x' }, ...meta },
    spec: { nodeName: node, ...(hostNetwork === true && { hostNetwork }) },
    status: {
      phase,
      podIP: ip,
      podIPs: ips.map((one) => ({ ip: one })),
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: since }],
    },
  };
};
const notReady = { ready: false, serving: false, terminating: false };
const leaving = { ready: false, serving: true, terminating: true };
const at = (ip: string, conditions: Endpoint['conditions'] = { ready: true }, node = 'n2'): Endpoint =>
  onNode(ip, node, { ...(conditions && { conditions }) });
const slice = (
  endpoints: readonly Endpoint[],
  author = 'endpointslice-controller.k8s.io',
  name = 'shop-a',
): EndpointSlice =>
  shopSlice({
    endpoints,
    metadata: {
      name,
      namespace: 'default',
      creationTimestamp: long,
      labels: { 'kubernetes.io/service-name': 'shop', 'endpointslice.kubernetes.io/managed-by': author },
    },
  });
const mirrored = (...ips: readonly string[]): EndpointSlice =>
  slice(
    ips.map((ip) => ({ addresses: [ip] })),
    'endpointslicemirroring-controller.k8s.io',
    'shop-copy',
  );

const old = shop({}, { creationTimestamp: long });
const byHand = shop({ selector: {} }, { creationTimestamp: long });
interface Given {
  readonly service?: Service;
  readonly pods: readonly Pod[];
  readonly slices: readonly EndpointSlice[];
}
const shopping = ({ service = old, pods, slices }: Given): SnapshotChanges =>
  shopCluster({ services: [service], pods, slices });
const said = (given: Given): readonly string[] => codesOf(endpointsCurrent, aSnapshot(shopping(given)));
const found = 'KPR5014 default/shop';
const open = ['unknown notCollected'];

standardCases(endpointsCurrent, {
  healthy: shopping({ pods: [pod('shop-1', '10.244.1.5')], slices: [slice([at('10.244.1.5')])] }),
  faulty: {
    KPR5014: {
      behind: shopping({ pods: [pod('shop-1', '10.244.1.9')], slices: [slice([at('10.244.1.5')])] }),
      mirrored: shopping({
        pods: [pod('shop-1', '10.244.1.5')],
        slices: [slice([at('10.244.1.5')]), mirrored('10.244.1.66')],
      }),
      ended: shopping({
        service: byHand,
        pods: [pod('shop-1', '10.244.1.5', { phase: 'Failed', ready: false })],
        slices: [slice([at('10.244.1.5')], 'staff')],
      }),
    },
  },
  requiredUnseen: ['cluster services', 'cluster pods', 'cluster nodes'],
  notApplicable: { never: 'of a cluster without Services all EndpointSlices are up to date' },
  hostile: { never: 'names of pods, Services and EndpointSlices and addresses are all that it tells' },
});

describe('it finds', () => {
  const one = pod('shop-1', '10.244.1.5');
  test.each<[string, Given]>([
    ['a pod that is ready and held back', { pods: [one], slices: [slice([at('10.244.1.5', notReady)])] }],
    [
      'a pod that is called ready and is not',
      { pods: [pod('shop-1', '10.244.1.5', { ready: false })], slices: [slice([at('10.244.1.5')])] },
    ],
    [
      'a pod that has ended',
      {
        pods: [pod('shop-1', '10.244.1.5', { ready: false, phase: 'Succeeded' })],
        slices: [slice([at('10.244.1.5')])],
      },
    ],
    ['pods that are in no EndpointSlice at all', { pods: [one], slices: [] }],
    [
      'one of two families',
      {
        service: shop({ ipFamilies: ['IPv4', 'IPv6'] }, { creationTimestamp: long }),
        pods: [pod('shop-1', '10.244.1.5', { ips: ['10.244.1.5', 'fd00::5'] })],
        slices: [slice([at('10.244.1.5')])],
      },
    ],
  ])('%s', (_, given) => expect(said(given)).toEqual([found]));
});

describe('nothing is wrong with', () => {
  const one = pod('shop-1', '10.244.1.5');
  const right = slice([at('10.244.1.5')]);
  test.each<[string, Given]>([
    ['a pod that became ready just now', { pods: [one, pod('shop-2', '10.244.1.6', { since: now })], slices: [right] }],
    [
      'a pod that is not ready any more since a moment',
      { pods: [pod('shop-1', '10.244.1.5', { ready: false, since: now })], slices: [right] },
    ],
    ['a Service that was made just now', { service: shop({}, { creationTimestamp: now }), pods: [one], slices: [] }],
    [
      'a pod that is on its way out',
      {
        pods: [one, pod('shop-2', '10.244.1.6', { meta: { deletionTimestamp: now } })],
        slices: [slice([at('10.244.1.5'), at('10.244.1.6', leaving)])],
      },
    ],
    [
      'pods that are not ready, of a Service that publishes them',
      {
        service: shop({ publishNotReadyAddresses: true }, { creationTimestamp: long }),
        pods: [pod('shop-1', '10.244.1.5', { ready: false })],
        slices: [right],
      },
    ],
    [
      'pods in the network of their host, one of which is being replaced',
      {
        pods: [
          pod('shop-1', '172.30.0.12', { hostNetwork: true, meta: { deletionTimestamp: now } }),
          pod('shop-2', '172.30.0.12', { hostNetwork: true }),
        ],
        slices: [slice([at('172.30.0.12', leaving), at('172.30.0.12')])],
      },
    ],
    [
      'a pod of one family of a Service of both',
      {
        service: shop({ ipFamilies: ['IPv4', 'IPv6'] }, { creationTimestamp: long }),
        pods: [one],
        slices: [right],
      },
    ],
    [
      'pods of both families of a Service of one',
      { pods: [pod('shop-1', '10.244.1.5', { ips: ['10.244.1.5', 'fd00::5'] })], slices: [right] },
    ],
    [
      'a pod whose Node is gone, which the controller passes over',
      { pods: [one, pod('shop-2', '10.244.9.6', { node: 'n9' })], slices: [right] },
    ],
    [
      'a job’s pod that ended and is not listed',
      { pods: [one, pod('shop-job', '10.244.1.7', { ready: false, phase: 'Succeeded' })], slices: [right] },
    ],
    [
      'a pod with the same labels in another namespace',
      { pods: [one, pod('shop-2', '10.244.1.6', { meta: { namespace: 'test' } })], slices: [right] },
    ],
    [
      'a headless Service',
      { service: shop({ clusterIP: 'None' }, { creationTimestamp: long }), pods: [one], slices: [] },
    ],
    [
      'addresses outside the cluster, beside the pods',
      { pods: [one], slices: [right, slice([{ addresses: ['198.51.100.7'] }], 'staff', 'shop-vms')] },
    ],
    [
      'backends of other clusters',
      {
        pods: [one],
        slices: [right, slice([{ addresses: ['10.99.0.8'] }], 'endpointslice-mesh-controller.cilium.io', 'shop-mesh')],
      },
    ],
    [
      'a Service by hand that lists a pod which is not ready',
      {
        service: byHand,
        pods: [pod('shop-1', '10.244.1.5', { ready: false })],
        slices: [slice([at('10.244.1.5')], 'patroni')],
      },
    ],
    [
      'an address that another pod has by now',
      {
        service: byHand,
        pods: [
          pod('shop-1', '10.244.1.5', { ready: false, phase: 'Failed' }),
          pod('other', '10.244.1.5', { meta: { namespace: 'test' } }),
        ],
        slices: [slice([at('10.244.1.5')], 'staff')],
      },
    ],
    [
      'a copy of an Endpoints object that is all there is',
      { service: byHand, pods: [], slices: [mirrored('198.51.100.7')] },
    ],
    ['a copy that lists what the controller lists', { pods: [one], slices: [right, mirrored('10.244.1.5')] }],
  ])('%s', (_, given) => expect(said(given)).toEqual([]));
});

describe('pods that were ready before their node was lost, as the kubelet tells again', () => {
  const trigger = 'endpoints.kubernetes.io/last-change-trigger-time';
  const writtenAt = (time: string, endpoints: readonly Endpoint[]): EndpointSlice => {
    const { metadata, ...rest } = slice(endpoints);
    return { ...rest, metadata: { ...metadata, annotations: { [trigger]: long }, managedFields: [{ time }] } };
  };
  const since = (time: string, endpoints: readonly Endpoint[]): readonly string[] =>
    said({ pods: [pod('shop-1', '10.244.1.5')], slices: [writtenAt(time, endpoints)] });

  it('may be listed as ready in a moment, where the controller wrote just before', () => {
    expect(since(now, [at('10.244.1.5', notReady)])).toEqual(open);
    expect(since(now, [])).toEqual(open);
  });
  it('are left out where it has not written for long', () => {
    expect(since('2026-11-21T09:58:59Z', [at('10.244.1.5', notReady)])).toEqual([found]);
  });
});

describe('an address that no pod has', () => {
  const gone: Given = { pods: [pod('shop-1', '10.244.1.5')], slices: [slice([at('10.244.1.5'), at('10.244.1.66')])] };
  const readAgain = (given: Given, secondsLater: number): readonly string[] => {
    const facts = aSnapshot(shopping(given)).facts;
    const secondReading: SecondReading = { secondsLater, facts, nodes: new Map() };
    return codesOf(endpointsCurrent, { ...aSnapshot(shopping(gone)), secondReading });
  };

  it('may have been of a pod that went meanwhile', () => {
    expect(said(gone)).toEqual(open);
    expect(readAgain(gone, 2)).toEqual(open);
  });
  it('is told when it is there long enough', () => {
    expect(readAgain(gone, 14)).toEqual([found]);
  });
  it('is no matter when it is gone at the second look', () => {
    expect(readAgain({ ...gone, slices: [slice([at('10.244.1.5')])] }, 2)).toEqual([]);
  });
  it('is told beside a pod that the controller has left out', () => {
    const pods = [...gone.pods, pod('shop-2', '10.244.1.6')];
    const [finding] = codesOf(endpointsCurrent, aSnapshot(shopping({ ...gone, pods })));
    expect(finding).toBe(found);
  });
});
