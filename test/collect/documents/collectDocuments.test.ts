import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { collectDocuments } from '../../../src/collect/documents/collectDocuments.ts';
import { TimeIsUp } from '../../../src/collect/runEnd.ts';
import { isKnown, type Missing, missing } from '../../../src/model/Fact.ts';
import { documentNames, type RawDocument } from '../../../src/model/raw.ts';
import { DocumentReader } from '../../../src/parse/DocumentReader.ts';
import { aPlan } from '../../support/aPlan.ts';
import { agentsPath, FakePort, healthyPaths, type Paths } from '../../support/FakePort.ts';
import { anAgentPod, healthyFacts } from '../../support/healthy.ts';

const collect = async (changes: Paths = {}, plan = aPlan()) => {
  const port = new FakePort(healthyPaths(['n1', 'n2'], changes));
  const { documents: reading } = collectDocuments(port, plan, new DocumentReader());
  const documents = await reading;
  return { port, documents, facts: new DocumentReader().read(documents) };
};

const forbidden = (what: string): Missing => missing('forbidden', `you may not list ${what}`);
const namesOf = (document: RawDocument): string[] =>
  'missing' in document
    ? []
    : (document.value as { metadata: { namespace?: string; name: string } }[]).map(
        ({ metadata }) => `${metadata.namespace}/${metadata.name}`,
      );

/** The healthy cluster's DaemonSet of agents, elsewhere. */
function agentsIn(namespace: string) {
  const { daemonSets } = healthyFacts(['n1']);
  const [first] = isKnown(daemonSets) ? daemonSets.value : [];
  return { ...first, metadata: { name: 'cilium', namespace } };
}

describe('what nodes need to be asked comes first', () => {
  const plan = aPlan();
  const rest = ['/version', '/api/v1/nodes', '/api/v1/pods'];

  test('nothing else is asked before it is there', async () => {
    const port = new FakePort(healthyPaths(['n1']));
    const { ahead, documents } = collectDocuments(port, plan, new DocumentReader());
    await ahead;
    expect(port.asked).toContain(agentsPath);
    expect(port.asked.filter((path) => rest.includes(path))).toEqual([]);
    await documents;
    expect(port.asked).toEqual(expect.arrayContaining(rest));
  });

  test('all else waits a moment for it, not until it is there', async () => {
    const port = new FakePort(healthyPaths(['n1']));
    const list = port.list.bind(port);
    const late = Promise.withResolvers<void>();
    port.list = async (path, options) => {
      if (options?.query !== undefined) await late.promise;
      return list(path, options);
    };
    const { documents } = collectDocuments(port, plan, new DocumentReader());
    await expect.poll(() => port.asked).toEqual(expect.arrayContaining(rest));
    late.resolve();
    expect((await documents).nodes).toHaveProperty('value');
  });

  test('where connections go is known, and what stands beside Cilium asked, while Services are being listed', async () => {
    const port = new FakePort(healthyPaths(['n1', 'n2']));
    const list = port.list.bind(port);
    const late = Promise.withResolvers<void>();
    port.list = async (path, options) => {
      if (path === '/api/v1/services' && options?.query === undefined) await late.promise;
      return list(path, options);
    };
    const { places, documents } = collectDocuments(
      port,
      aPlan({ answers: new Set(['reachProbe']) }),
      new DocumentReader(),
    );
    const { nodes, pods } = await places;
    expect([nodes, pods].every((document) => 'value' in document)).toBe(true);
    await expect
      .poll(() => port.asked)
      .toEqual(
        expect.arrayContaining([
          '/api/v1/namespaces/kube-system/configmaps/cilium-config',
          '/apis/apps/v1/namespaces/kube-system/deployments',
        ]),
      );
    late.resolve();
    expect((await documents).services).toHaveProperty('value');
  });

  test('where what is read ahead does not tell cluster DNS, all that was listed tells where connections go', async () => {
    const port = new FakePort(healthyPaths(['n1', 'n2'], { [`/api/v1/services?labelSelector=k8s-app=kube-dns`]: [] }));
    const { ahead, places, documents } = collectDocuments(port, plan, new DocumentReader());
    expect(await ahead).toBeUndefined();
    expect(await places).toBe(await documents);
  });
});

/** What comes of a run that is ended while these lists are on their way. */
async function ended(paths: readonly string[], reason?: Error) {
  const port = new FakePort(healthyPaths(['n1']));
  const list = port.list.bind(port);
  port.list = async (path, options) =>
    paths.includes(path) && options?.query === undefined ? Promise.withResolvers<never>().promise : list(path, options);
  const controller = new AbortController();
  const { documents } = collectDocuments(port, aPlan({ signal: controller.signal }), new DocumentReader());
  await expect.poll(() => port.asked.includes('/version')).toBe(true);
  controller.abort(reason);
  return documents;
}

describe('a run that is ended while a list is on its way', () => {
  test('has what came, and says why the rest is lacking', async () => {
    const documents = await ended(['/api/v1/pods']);
    expect(documents.pods).toMatchObject({ missing: 'notCollected', detail: 'interrupted' });
    expect(documents.services).toHaveProperty('value');
    expect(await ended(['/api/v1/services'], new TimeIsUp())).toMatchObject({ services: { missing: 'timeout' } });
  });

  test('has nothing where it is not even known which nodes there are', async () => {
    await expect(ended(['/api/v1/nodes'])).rejects.toThrow('before it was known which nodes there are');
  });
});

describe('a healthy cluster', () => {
  test('gives a value for each document, and none is lacking but kube-proxy’s', async () => {
    const { documents } = await collect();
    const lacking = documentNames.filter((name) => 'missing' in documents[name]);
    expect(lacking).toEqual(['kubeProxyConfig']);
  });

  test('what the API says not to exist is known not to exist', async () => {
    const { facts } = await collect();
    expect(facts.kubeProxyConfig).toMatchObject({ value: undefined });
  });

  test('kinds that are not installed have no objects', async () => {
    const { facts } = await collect();
    expect(facts.localRedirectPolicies).toMatchObject({ value: [] });
    expect(facts.ciliumNodeConfigs).toMatchObject({ value: [] });
  });

  test('each document names the command that shows the same', async () => {
    const { documents } = await collect();
    expect(documents.services).toMatchObject({ source: 'kubectl --context=prod-1 get services -A -o json' });
    expect(documents.ciliumConfig).toMatchObject({
      source: 'kubectl --context=prod-1 -n kube-system get configmap cilium-config -o json',
    });
  });

  test('agents that are also pods of kube-system are there once', async () => {
    const { documents } = await collect();
    expect(namesOf(documents.systemPods)).toEqual(['kube-system/cilium-n1', 'kube-system/cilium-n2']);
  });

  test('what no check reads is left out before it is kept', async () => {
    const pod = anAgentPod('n1');
    const { documents } = await collect({
      '/api/v1/namespaces/kube-system/pods': [
        {
          ...pod,
          spec: { ...pod.spec, containers: [{ name: 'cilium-agent', env: [{ name: 'TOKEN', value: 'hush' }] }] },
        },
      ],
      [agentsPath]: [],
    });
    expect(JSON.stringify(documents.systemPods)).toContain('cilium-agent');
    expect(JSON.stringify(documents.systemPods)).not.toContain('hush');
  });
});

test('what no check needs is not asked for', async () => {
  const { port, documents } = await collect({}, aPlan({ documents: new Set(['version', 'nodes']) }));
  expect(port.asked).toEqual(['/version', '/api/v1/nodes']);
  expect(documents.services).toMatchObject({ missing: 'notCollected' });
});

describe('what may not be read is forbidden, and the rest is there', () => {
  test.each([
    ['services', '/api/v1/services'],
    ['endpointSlices', '/apis/discovery.k8s.io/v1/endpointslices'],
    ['pods', '/api/v1/pods'],
    ['localRedirectPolicies', '/apis/cilium.io/v2/ciliumlocalredirectpolicies'],
    ['deployments', '/apis/apps/v1/namespaces/kube-system/deployments'],
    ['ciliumConfig', '/api/v1/namespaces/kube-system/configmaps/cilium-config'],
    ['kubeProxyConfig', '/api/v1/namespaces/kube-system/configmaps/kube-proxy'],
    ['version', '/version'],
  ] as const)('%s', async (name, path) => {
    const { facts } = await collect({ [path]: forbidden(path) });
    expect(facts[name]).toEqual(forbidden(path));
    const others = documentNames.filter((one) => one !== name);
    expect(others.filter((one) => !isKnown<unknown>(facts[one]))).toEqual([]);
  });

  test('CiliumNodeConfigs of all namespaces: those that agents read are asked for', async () => {
    const [all, own] = [
      '/apis/cilium.io/v2/ciliumnodeconfigs',
      '/apis/cilium.io/v2/namespaces/kube-system/ciliumnodeconfigs',
    ];
    const one = { metadata: { name: 'edge', namespace: 'kube-system' } };
    const { facts } = await collect({ [all]: forbidden(all), [own]: [one] });
    expect(facts.ciliumNodeConfigs).toMatchObject({ value: [one] });
    const { facts: none } = await collect({ [all]: forbidden(all), [own]: forbidden(own) });
    expect(none.ciliumNodeConfigs).toEqual(forbidden(own));
  });

  test('one of the lists of pods: an agent that is not seen is not taken for absent', async () => {
    const { facts } = await collect({ [agentsPath]: forbidden('pods') });
    expect(facts.systemPods).toEqual(forbidden('pods'));
  });
});

describe('where Cilium is', () => {
  const elsewhere: Paths = {
    '/apis/apps/v1/daemonsets': [agentsIn('networking')],
    '/api/v1/namespaces/kube-system/pods': [],
    '/api/v1/namespaces/networking/pods': [anAgentPod('n1', { metadata: { namespace: 'networking' } })],
    [agentsPath]: [anAgentPod('n1', { metadata: { namespace: 'networking' } })],
    '/apis/apps/v1/namespaces/networking/deployments': [
      { metadata: { name: 'cilium-operator', namespace: 'networking' } },
    ],
    '/apis/apps/v1/namespaces/kube-system/deployments': [{ metadata: { name: 'coredns', namespace: 'kube-system' } }],
    '/api/v1/namespaces/networking/configmaps/cilium-config': { metadata: { name: 'cilium-config' }, data: { a: 'b' } },
  };
  const found = async (changes: Paths = {}, plan = aPlan()) => {
    const { facts, documents } = await collect({ ...elsewhere, ...changes }, plan);
    return { config: isKnown(facts.ciliumConfig) && facts.ciliumConfig.value.byKey.get('a'), documents };
  };

  test('its DaemonSet says', async () => {
    const { config, documents } = await found();
    expect(config).toBe('b');
    expect(namesOf(documents.systemPods)).toEqual(['networking/cilium-n1']);
    expect(namesOf(documents.deployments)).toEqual(['networking/cilium-operator', 'kube-system/coredns']);
  });

  test('its pods say, when DaemonSets may not be listed', async () => {
    expect(await found({ '/apis/apps/v1/daemonsets': forbidden('daemonsets') })).toMatchObject({ config: 'b' });
  });

  test('two namespaces: where agents run in the host’s network, or as the user says', async () => {
    const both = { '/apis/apps/v1/daemonsets': [agentsIn('networking'), agentsIn('a-tenant')] };
    expect(await found(both)).toMatchObject({ config: 'b' });
    expect(await found(both, aPlan({ ciliumNamespace: 'a-tenant' }))).toMatchObject({ config: false });
  });

  test('kube-system goes before what anybody may have made elsewhere', async () => {
    const both = { '/apis/apps/v1/daemonsets': [agentsIn('a-tenant'), agentsIn('kube-system')] };
    expect(await found(both)).toMatchObject({
      documents: { ciliumConfig: { source: expect.stringContaining('-n kube-system') } },
    });
  });

  test('nowhere', async () => {
    await expect(found({ '/apis/apps/v1/daemonsets': [] })).rejects.toThrow('There is no Cilium in this cluster');
  });

  test('not yet: a cluster with kube-proxy alone is read, too', async () => {
    const kubeProxy = {
      metadata: { name: 'kube-proxy', namespace: 'kube-system' },
      spec: { template: { spec: { containers: [{ name: 'kube-proxy', image: 'kube-proxy:v1.36.3' }] } } },
    };
    const { documents } = await found({ '/apis/apps/v1/daemonsets': [kubeProxy] });
    expect(namesOf(documents.daemonSets)).toEqual(['kube-system/kube-proxy']);
  });
});

test('kube-proxy’s pods are found where its DaemonSet is', async () => {
  const { documents } = await collect({
    '/apis/apps/v1/daemonsets': [
      agentsIn('kube-system'),
      { metadata: { name: 'openshift-kube-proxy', namespace: 'openshift-kube-proxy' } },
    ],
    '/api/v1/namespaces/openshift-kube-proxy/pods': [
      { metadata: { name: 'openshift-kube-proxy-7x2kd', namespace: 'openshift-kube-proxy' } },
    ],
  });
  expect(namesOf(documents.systemPods)).toContain('openshift-kube-proxy/openshift-kube-proxy-7x2kd');
});

describe('an API server that can’t be asked ends the run', () => {
  test.each(['unreachable', 'timeout', 'absent', 'unparsed'] as const)('%s', async (reason) => {
    await expect(collect({ '/version': missing(reason, 'connection refused') })).rejects.toMatchObject({
      name: 'KprError',
      message: "The API server https://10.0.0.1:6443 (context prod-1) can't be asked: connection refused.",
      hint: expect.stringContaining('kubectl --context=prod-1 version'),
    });
  });
});

const failing = (reason: 'unreachable' | 'timeout' = 'unreachable'): Missing =>
  missing(reason, 'GET /api/v1/nodes: the server answered 500 Internal Server Error: etcdserver: request timed out');

describe('an API server without its etcd', () => {
  const gone: Paths = {
    '/api/v1/nodes': failing(),
    '/api/v1/services': failing(),
    '/apis/discovery.k8s.io/v1/endpointslices': failing('timeout'),
    '/apis/apps/v1/daemonsets': failing(),
    '/api/v1/namespaces/kube-system/pods': failing(),
    [agentsPath]: failing(),
  };

  test('lists nothing: said once, about the server, instead of for each node', async () => {
    await expect(collect(gone)).rejects.toThrow(
      'answers, but lists no objects: GET /api/v1/nodes: the server answered 500 Internal Server Error: etcdserver',
    );
  });

  test.each(Object.keys(gone).filter((path) => !path.includes('pods')))(
    'that still lists %s is reported on',
    async (path) => {
      const { documents } = await collect({ ...gone, [path]: healthyPaths(['n1'])[path] });
      expect(documents.version).toHaveProperty('value');
    },
  );

  test('rights that are lacking are no failure of the server', async () => {
    const { documents } = await collect({ ...gone, '/api/v1/nodes': forbidden('nodes') });
    expect(documents.nodes).toMatchObject({ missing: 'forbidden' });
  });
});

describe('a second reading', () => {
  const firstPods = [podIn('default', 'cart-1'), podIn('other', 'queue-1')];
  const read = async (given: { readonly again: Paths; readonly podsAgain?: ReadonlySet<string> }) => {
    const reader = new DocumentReader();
    const before = await collectDocuments(new FakePort(pathsWith({ [allPods]: firstPods })), aPlan(), reader).documents;
    const port = new FakePort(structuredClone(pathsWith(given.again)));
    const { documents } = collectDocuments(port, aPlan({ podsAgain: given.podsAgain }), reader, { before });
    return { before, after: await documents, asked: port.asked };
  };

  test('holds what did not change once: objects, and lists of which none did', async () => {
    const services = listAt('/api/v1/services');
    const changed = services.map((one, at) => (at === 0 ? { ...one, spec: { clusterIP: '10.96.200.1' } } : one));
    const { before, after } = await read({ again: { [allPods]: firstPods, '/api/v1/services': changed } });
    expect(valuesOf(after.pods)).toBe(valuesOf(before.pods));
    expect(valuesOf(after.endpointSlices)).toBe(valuesOf(before.endpointSlices));
    const [old, again] = [valuesOf(before.services), valuesOf(after.services)];
    expect(again).toEqual(changed);
    expect(again.map((one, at) => one === old[at])).toEqual(services.map((_, at) => at !== 0));
  });

  test('of some namespaces lists their pods alone, and keeps those of all others', async () => {
    const again = { '/api/v1/namespaces/default/pods': [podIn('default', 'cart-2')] };
    const { after, asked } = await read({ again, podsAgain: new Set(['default']) });
    expect(namesOf(after.pods)).toEqual(['other/queue-1', 'default/cart-2']);
    expect(asked).not.toContain(allPods);
  });

  test('of no namespace lists none, and keeps what was read', async () => {
    const { before, after, asked } = await read({ again: {}, podsAgain: new Set() });
    expect(after.pods).toBe(before.pods);
    expect(asked).not.toContain(allPods);
  });

  test('is missing pods where those of one namespace cannot be listed', async () => {
    const again = { '/api/v1/namespaces/default/pods': forbidden('pods') };
    expect((await read({ again, podsAgain: new Set(['default']) })).after.pods).toMatchObject({ missing: 'forbidden' });
  });

  test('lists all pods where the first could not', async () => {
    const before = await collect({ [allPods]: forbidden('pods') });
    const port = new FakePort(pathsWith({ [allPods]: firstPods }));
    const plan = aPlan({ podsAgain: new Set() });
    const { documents } = collectDocuments(port, plan, new DocumentReader(), { before: before.documents });
    expect(namesOf((await documents).pods)).toEqual(['default/cart-1', 'other/queue-1']);
  });
});

const allPods = '/api/v1/pods';
const pathsWith = (changes: Paths) => healthyPaths(['n1', 'n2'], changes);
const listAt = (path: string): readonly object[] =>
  Object.values(v.parse(v.array(v.looseObject({})), healthyPaths(['n1', 'n2'])[path]));
const podIn = (namespace: string, name: string) => ({
  metadata: { name, namespace },
  spec: { nodeName: 'n1' },
  status: { podIP: '10.244.7.1' },
});
const valuesOf = (document: RawDocument): readonly unknown[] =>
  'missing' in document || !Array.isArray(document.value) ? [] : document.value;
