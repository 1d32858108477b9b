import { describe, expect, test } from 'vitest';
import type { DaemonSet, Deployment, Pod } from '../../src/model/kubernetes.ts';
import { findCilium, findCiliumByPods } from '../../src/parse/findCilium.ts';

const agents = (namespace: string, name = 'cilium', label = 'cilium', container = 'cilium-agent'): DaemonSet => ({
  metadata: { name, namespace },
  spec: { template: { metadata: { labels: { 'k8s-app': label } }, spec: { containers: [{ name: container }] } } },
});
const operator: Deployment = { metadata: { name: 'cilium-operator', namespace: 'kube-system' } };
const renamed: Deployment = {
  metadata: { name: 'my-operator', namespace: 'cilium' },
  spec: { template: { metadata: { labels: { 'io.cilium/app': 'operator' } } } },
};

const failure = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
};

describe('by DaemonSets', () => {
  test.each([
    [
      'Helm',
      [agents('kube-system')],
      [operator],
      { namespace: 'kube-system', agentDaemonSets: ['cilium'], operatorDeployment: 'cilium-operator' },
    ],
    [
      'another namespace and release',
      [agents('cilium', 'net')],
      [operator, renamed],
      { namespace: 'cilium', agentDaemonSets: ['net'], operatorDeployment: 'my-operator' },
    ],
    [
      'GKE',
      [agents('kube-system', 'anetd'), agents('kube-system', 'anetd-l')],
      [],
      { namespace: 'kube-system', agentDaemonSets: ['anetd', 'anetd-l'], operatorDeployment: undefined },
    ],
    [
      'not Envoy, not an agent by name alone',
      [
        agents('kube-system'),
        agents('other', 'cilium', 'cilium', 'sidecar'),
        agents('third', 'cilium-envoy', 'cilium-envoy', 'cilium-envoy'),
      ],
      [],
      { namespace: 'kube-system', agentDaemonSets: ['cilium'], operatorDeployment: undefined },
    ],
  ])('%s', (_, daemonSets, deployments, expected) => {
    expect(findCilium(daemonSets, undefined, deployments)).toEqual(expected);
  });

  test('the namespace that the user names', () => {
    expect(findCilium([agents('a'), agents('b')], 'b').namespace).toBe('b');
  });

  test.each([
    ['none', [], undefined, /no Cilium in this cluster/, /--context/],
    ['several', [agents('b'), agents('a')], undefined, /several namespaces: a, b/, /--cilium-namespace a/],
    [
      'not where the user says',
      [agents('a')],
      'x',
      /no Cilium in the namespace x: its agents run in a/,
      /Leave --cilium-namespace out/,
    ],
  ] as const)('%s', (_, daemonSets, namespace, message, hint) => {
    expect(failure(() => findCilium(daemonSets, namespace))).toMatchObject({
      name: 'KprError',
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    });
  });
});

const pod = (namespace: string, owner: string): Pod => ({
  metadata: {
    name: `${owner}-x`,
    namespace,
    labels: { 'k8s-app': 'cilium' },
    ownerReferences: [{ kind: 'DaemonSet', name: owner }],
  },
  spec: { containers: [{ name: 'cilium-agent' }] },
});

describe('by pods', () => {
  test('their owners are the DaemonSets', () => {
    expect(findCiliumByPods([pod('net', 'b'), pod('net', 'a'), pod('net', 'b'), pod('z', 'c')], undefined)).toEqual({
      namespace: 'net',
      agentDaemonSets: ['a', 'b'],
      operatorDeployment: undefined,
    });
    expect(findCiliumByPods([pod('net', 'b')], 'z')).toBeUndefined();
    expect(findCiliumByPods([], undefined)).toBeUndefined();
  });
});
