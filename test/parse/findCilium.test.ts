import { describe, expect, test } from 'vitest';
import type { DaemonSet, Deployment, Pod } from '../../src/model/kubernetes.ts';
import { agentPodsIn, findCilium, findCiliumByPods } from '../../src/parse/findCilium.ts';

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
    expect(findCilium(daemonSets, [], undefined, deployments)).toEqual(expected);
  });

  test('the namespace that the user names', () => {
    expect(findCilium([agents('a'), agents('b')], [], 'b').namespace).toBe('b');
  });

  test.each([
    ['none', [], undefined, /no Cilium in this cluster/, /--context/],
    ['several', [agents('b'), agents('a')], undefined, /several namespaces: a, b/, /--cilium-namespace NAME/],
    [
      'not where the user says',
      [agents('a')],
      'x',
      /no Cilium in the namespace x: its agents run in a/,
      /Leave --cilium-namespace out/,
    ],
  ] as const)('%s', (_, daemonSets, namespace, message, hint) => {
    expect(failure(() => findCilium(daemonSets, [], namespace))).toMatchObject({
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

const inHostNetwork = (one: Pod): Pod => ({
  ...one,
  spec: { ...one.spec, hostNetwork: true },
  status: { phase: 'Running' },
});

describe('what a tenant makes in his namespace is not Cilium', () => {
  test('kube-system goes before all others', () => {
    const tenants = [agents('aaa'), agents('kube-system'), agents('zzz')];
    expect(findCilium(tenants, [inHostNetwork(pod('aaa', 'cilium'))], undefined).namespace).toBe('kube-system');
  });

  test('elsewhere those whose pods are in the host’s network', () => {
    const both = [agents('aaa'), agents('network')];
    const pods = [{ ...pod('aaa', 'cilium'), status: { phase: 'Running' } }, inHostNetwork(pod('network', 'cilium'))];
    expect(findCilium(both, pods, undefined).namespace).toBe('network');
    expect(findCiliumByPods(pods, undefined)?.namespace).toBe('network');
  });

  test('a pod with the label is no agent, in whatever namespace', () => {
    const own = { ...agents('kube-system'), metadata: { name: 'cilium', namespace: 'kube-system', uid: 'its-uid' } };
    const ownedBy = (uid: string, namespace = 'kube-system'): Pod => ({
      ...pod(namespace, 'cilium'),
      metadata: {
        name: uid,
        namespace,
        labels: { 'k8s-app': 'cilium' },
        ownerReferences: [{ kind: 'DaemonSet', name: 'cilium', uid, controller: true }],
      },
    });
    const { metadata, ...rest } = pod('kube-system', 'cilium');
    const { ownerReferences: _, ...nobodys } = metadata;
    const pods = [{ ...rest, metadata: nobodys }, ownedBy('its-uid', 'aaa'), ownedBy('former-uid'), ownedBy('its-uid')];
    expect(agentPodsIn('kube-system', pods, [own]).map((one) => one.metadata.name)).toEqual(['its-uid']);
  });
});

describe('by pods', () => {
  test('their owners are the DaemonSets', () => {
    const pods = [pod('net', 'b'), pod('net', 'a'), pod('net', 'b')].map(inHostNetwork);
    expect(findCiliumByPods([pod('a', 'c'), ...pods], undefined)).toEqual({
      namespace: 'net',
      agentDaemonSets: ['a', 'b'],
      operatorDeployment: undefined,
    });
    expect(findCiliumByPods([pod('net', 'b')], 'z')).toBeUndefined();
    expect(findCiliumByPods([], undefined)).toBeUndefined();
  });
});

const tenantsPod = (name: string, hostNetwork: boolean): Pod => ({
  metadata: {
    name,
    namespace: 'aaa',
    labels: { 'k8s-app': 'cilium' },
    ownerReferences: [{ kind: 'DaemonSet', name: 'cilium' }],
  },
  spec: { nodeName: 'n1', hostNetwork, containers: [{ name: 'cilium-agent' }] },
});

test('a DaemonSet of a tenant has no agents, though it is the only one: his pods are not in the host’s network', () => {
  const own = agents('aaa');
  const pods = [tenantsPod('his', false), tenantsPod('an-agent', true)];
  expect(agentPodsIn('aaa', pods, [own]).map(({ metadata }) => metadata.name)).toEqual(['an-agent']);
  expect(agentPodsIn('aaa', pods, undefined).map(({ metadata }) => metadata.name)).toEqual(['an-agent']);
});
