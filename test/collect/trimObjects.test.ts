import * as fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { keepWords, redactText } from '../../src/collect/redactText.ts';
import { trimDocument, trimObject, trimPod, trimPodTraffic, trimWorkload } from '../../src/collect/trimObjects.ts';
import { type CollectionName, collections, type Node, type Pod, type Service } from '../../src/model/kubernetes.ts';
import { documentNames } from '../../src/model/raw.ts';

type Shape =
  | { readonly type: 'object'; readonly entries: Readonly<Record<string, Shape>> }
  | { readonly type: 'array'; readonly item: Shape }
  | { readonly type: 'exact_optional'; readonly wrapped: Shape }
  | { readonly type: 'record' | 'string' | 'number' | 'boolean' };

/** With every member that a shape has; a text is the name of a variable whose value is kept. */
function aValueOf(shape: Shape): unknown {
  switch (shape.type) {
    case 'object':
      return Object.fromEntries(Object.entries(shape.entries).map(([key, entry]) => [key, aValueOf(entry)]));
    case 'array':
      return [aValueOf(shape.item)];
    case 'exact_optional':
      return aValueOf(shape.wrapped);
    case 'record':
      return { 'kubernetes.io/key': 'value' };
    case 'string':
      // What is held to more than to be a text is a name.
      return 'pipe' in shape ? 'name' : 'K8S_NODE_NAME';
    case 'number':
      return 1;
    case 'boolean':
      return true;
    default:
      return shape satisfies never;
  }
}

describe('what is kept of objects', () => {
  it('annotations of a Service that programs of Kubernetes and Cilium read, except copies of it and long ones', () => {
    const service: Service = {
      metadata: {
        name: 'web',
        namespace: 'shop',
        annotations: {
          'service.cilium.io/type': 'ClusterIP',
          'lbipam.cilium.io/ips': '10.0.0.1',
          'anything.example/else': 'dropped',
          'kubectl.kubernetes.io/last-applied-configuration': '{}',
          'example.com/script': 'x'.repeat(1025),
          'service.cilium.io/node-selector': 'y'.repeat(2000),
        },
      },
      spec: { type: 'LoadBalancer', clusterIP: '10.96.0.9', ports: [{ port: 80, nodePort: 31080 }] },
      status: { loadBalancer: { ingress: [{ ip: '10.0.0.1' }] } },
    };
    const trimmed = trimObject({
      ...service,
      metadata: { ...service.metadata, managedFields: [{ manager: 'x' }] },
    }) as Service;
    expect(trimmed.metadata.managedFields).toBeUndefined();
    expect(Object.keys(trimmed.metadata.annotations ?? {})).toEqual([
      'service.cilium.io/type',
      'lbipam.cilium.io/ips',
      'service.cilium.io/node-selector',
    ]);
    expect({ ...trimmed, metadata: undefined }).toEqual({ ...service, metadata: undefined });
  });

  it('of who wrote which fields only when the last of them were written', () => {
    const managedFields = [
      { manager: 'a', time: '2026-11-21T10:00:00Z', fieldsV1: { 'f:spec': {} } },
      { manager: 'b', time: '2026-11-21T10:05:00Z' },
      { manager: 'c' },
    ];
    const trimmed = trimObject({ metadata: { name: 'a', managedFields } });
    expect(trimmed).toEqual({ metadata: { name: 'a', managedFields: [{ time: '2026-11-21T10:05:00Z' }] } });
    expect(trimObject(trimmed)).toEqual(trimmed);
  });

  it('of a node its addresses and k3s’ arguments, however long, but not its images and tokens', () => {
    const args = `["server","--disable-kube-proxy","--token","s3cr3t-token",${'"--y=1",'.repeat(250)}"--x"]`;
    const node = {
      metadata: {
        name: 'n1',
        annotations: {
          'k3s.io/node-args': args,
          'k3s.io/node-env': '{"K3S_TOKEN":"s3cr3t-token","K3S_URL":"https://x"}',
        },
      },
      spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] },
      status: { addresses: [{ type: 'InternalIP', address: '172.30.0.11' }], nodeInfo: { kernelVersion: '6.18' } },
    };
    const trimmed = trimObject({ ...node, status: { ...node.status, images: [{ names: ['x'] }] } }) as Node;
    expect(trimmed.status).toEqual(node.status);
    expect(trimmed.metadata.annotations?.['k3s.io/node-args']).toContain('--disable-kube-proxy');
    expect(trimmed.metadata.annotations?.['k3s.io/node-args']).toContain('"--y=1",'.repeat(250));
    expect(trimmed.metadata.annotations?.['k3s.io/node-env']).toContain('https://x');
    expect(JSON.stringify(trimmed)).not.toContain('s3cr3t');
  });

  it('of a pod what says what it is and how it is; of its environment the names, and three values', () => {
    const pod = {
      metadata: {
        name: 'cilium-x',
        namespace: 'kube-system',
        uid: 'u',
        labels: { 'k8s-app': 'cilium' },
        ownerReferences: [{ apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'cilium' }],
      },
      spec: {
        nodeName: 'n1',
        hostNetwork: true,
        priorityClassName: 'system-node-critical',
        serviceAccountName: 'cilium',
        nodeSelector: { a: 'b' },
        tolerations: [{ operator: 'Exists' }],
        runtimeClassName: 'kata',
        containers: [
          {
            name: 'cilium-agent',
            image: 'cilium:1.19',
            command: ['cilium-agent'],
            args: ['--config-dir=/tmp'],
            env: [
              { name: 'KUBERNETES_SERVICE_HOST', value: '10.0.0.1' },
              { name: 'KUBERNETES_SERVICE_PORT', value: '6443' },
              { name: 'K8S_NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
              { name: 'X', valueFrom: { configMapKeyRef: { name: 'cm', key: 'k', optional: true } } },
            ],
            envFrom: [{ prefix: 'P_', configMapRef: { name: 'cm' } }],
            ports: [{ containerPort: 80, hostPort: 8080, hostIP: '127.0.0.1' }],
          },
        ],
        initContainers: [
          { name: 'config', restartPolicy: 'Always', env: [{ name: 'KUBERNETES_SERVICE_HOST', value: '10.0.0.1' }] },
        ],
        volumes: [
          { name: 'v', hostPath: { path: '/sys/fs/bpf' } },
          { name: 'c', configMap: { name: 'cm' } },
        ],
      },
      status: {
        phase: 'Running',
        reason: 'r',
        message: 'm',
        podIP: '10.0.0.1',
        podIPs: [{ ip: '10.0.0.1' }],
        hostIP: '10.0.0.1',
        hostIPs: [{ ip: '10.0.0.1' }],
        startTime: 't',
        conditions: [{ type: 'Ready', status: 'True' }],
        containerStatuses: [
          {
            name: 'cilium-agent',
            ready: true,
            started: true,
            restartCount: 1,
            image: 'i',
            state: { running: { startedAt: 't' } },
            lastState: { terminated: { exitCode: 1, message: 'why' } },
          },
        ],
        initContainerStatuses: [{ name: 'config', ready: true }],
      },
    };
    expect(trimPod(pod)).toEqual(pod);
    const [container] = pod.spec.containers;
    const rich = {
      ...pod,
      spec: {
        ...pod.spec,
        imagePullSecrets: [{ name: 's' }],
        volumes: [...pod.spec.volumes, { name: 's', secret: { secretName: 'pull-me' } }],
        containers: [
          {
            ...container,
            livenessProbe: { httpGet: { httpHeaders: [{ name: 'Authorization', value: 'Bearer s3cr3t' }] } },
            env: [
              ...(container?.env ?? []),
              { name: 'DB', value: 's3cr3t' },
              { name: 'E', valueFrom: { secretKeyRef: { name: 'n', key: 'k' } } },
            ],
          },
        ],
      },
    };
    const trimmed = trimPod(rich) as Pod;
    expect(JSON.stringify(trimmed)).not.toMatch(/s3cr3t|pull-me|secretKeyRef/);
    expect(trimmed.spec?.containers?.[0]?.env?.map(({ name }) => name)).toEqual([
      'KUBERNETES_SERVICE_HOST',
      'KUBERNETES_SERVICE_PORT',
      'K8S_NODE_NAME',
      'X',
      'DB',
      'E',
    ]);
    expect(trimPodTraffic(rich)).toEqual({
      metadata: { name: 'cilium-x', namespace: 'kube-system', labels: { 'k8s-app': 'cilium' } },
      spec: {
        nodeName: 'n1',
        hostNetwork: true,
        runtimeClassName: 'kata',
        containers: [{ name: 'cilium-agent', ports: container?.ports }],
        initContainers: [{ name: 'config', restartPolicy: 'Always' }],
      },
      status: {
        phase: 'Running',
        podIP: '10.0.0.1',
        podIPs: [{ ip: '10.0.0.1' }],
        startTime: 't',
        conditions: pod.status.conditions,
      },
    });
  });

  it('of a workload its template, affinity and status', () => {
    const daemonSet = {
      metadata: { name: 'cilium', namespace: 'kube-system', generation: 3 },
      spec: {
        selector: { matchLabels: { 'k8s-app': 'cilium' } },
        template: {
          metadata: { labels: { 'k8s-app': 'cilium' }, annotations: { 'kubernetes.io/a': 'b' } },
          spec: {
            containers: [{ name: 'cilium-agent', env: [{ name: 'KUBERNETES_SERVICE_HOST', value: '10.0.0.1' }] }],
            affinity: {
              nodeAffinity: {
                requiredDuringSchedulingIgnoredDuringExecution: {
                  nodeSelectorTerms: [{ matchExpressions: [{ key: 'k', operator: 'Exists' }] }],
                },
              },
            },
          },
        },
      },
      status: { desiredNumberScheduled: 2, numberReady: 1, conditions: [] },
    };
    expect(trimWorkload(daemonSet)).toEqual(daemonSet);
  });

  // Of pods and CiliumNodes there may be thousands: only what checks read is kept.
  it.each(Object.keys(collections).filter((name) => !['pods', 'ciliumNodes'].includes(name)) as CollectionName[])(
    'of %s all that the model declares',
    (name) => {
      const object: unknown = JSON.parse(
        JSON.stringify(aValueOf(collections[name])).replaceAll('"args":["', '"args":["--'),
      );
      expect(v.is(collections[name], object)).toBe(true);
      expect(trimDocument(name, [object])).toEqual([object]);
    },
  );

  it('nothing of a Secret but its name', () => {
    expect(
      trimObject({
        kind: 'Secret',
        metadata: { name: 's' },
        type: 'Opaque',
        data: { a: 'Yg==' },
        stringData: { a: 'b' },
      }),
    ).toEqual({ kind: 'Secret', metadata: { name: 's' }, type: 'Opaque' });
  });

  it('of a ConfigMap all, since it is compared', () => {
    const configMap = { metadata: { name: 'c' }, data: { 'some-token': 'x', 'kubeconfig.conf': 'token: abc' } };
    expect(trimObject(configMap)).toEqual(configMap);
  });

  it('takes anything, and trimming twice is trimming once', () => {
    fc.assert(
      fc.property(fc.constantFrom(...documentNames), fc.oneof(fc.anything(), fc.array(anObject)), (name, value) => {
        const once = trimDocument(name, value);
        expect(trimDocument(name, once)).toEqual(once);
      }),
    );
  });
});

/** Objects with the fields that trimming looks into, filled with whatever. */
const anObject = fc.record(
  {
    kind: fc.constantFrom('Pod', 'Secret'),
    metadata: fc.oneof(
      fc.anything(),
      fc.record({ name: fc.string(), annotations: fc.oneof(fc.anything(), fc.dictionary(fc.string(), fc.string())) }),
    ),
    spec: fc.oneof(
      fc.anything(),
      fc.record({
        containers: fc.array(
          fc.oneof(
            fc.anything(),
            fc.record({
              args: fc.array(fc.oneof(fc.anything(), fc.constantFrom('--token', 'abc', '--x=1'))),
              env: fc.anything(),
            }),
          ),
        ),
        template: fc.anything(),
      }),
    ),
    data: fc.oneof(fc.anything(), fc.dictionary(fc.string(), fc.constantFrom('token: x', '"--token","y"', 'plain'))),
    status: fc.anything(),
  },
  { requiredKeys: [] },
);

describe('credentials in texts', () => {
  it.each([
    ['--token=abc123', '--token=<redacted>'],
    ['password: hunter2', 'password: <redacted>'],
    ['{"K3S_TOKEN":"abc","K3S_URL":"x"}', '{"K3S_TOKEN":"<redacted>","K3S_URL":"x"}'],
    ['["--agent-token","abc","--x"]', '["--agent-token","<redacted>","--x"]'],
    ['https://user:pass@host:6443/', 'https://host:6443/'],
    ['export DB_PASSWORD=abc; run', 'export DB_PASSWORD=<redacted>; run'],
    ['DB_PASSWD=abc', 'DB_PASSWD=<redacted>'],
    ['client-secret: abc', 'client-secret: <redacted>'],
    ['apikey=abc', 'apikey=<redacted>'],
    ['API_KEY: abc', 'API_KEY: <redacted>'],
    ['api-key=abc', 'api-key=<redacted>'],
    ['AWS_SECRET_ACCESS_KEY=abc', 'AWS_SECRET_ACCESS_KEY=<redacted>'],
    ['accesskey: abc', 'accesskey: <redacted>'],
    ['client-key-data: LS0tLS1C', 'client-key-data: <redacted>'],
    ['["--db-passwd","abc"]', '["--db-passwd","<redacted>"]'],
  ])('%s', (text, redacted) => expect(redactText(text)).toBe(redacted));

  it.each([
    '--token="$TOKEN"',
    '--token-auth-file=/etc/x',
    '--service-account-key-file=/etc/kubernetes/pki/sa.pub',
    'token: /var/run/secrets/token',
    '-A KUBE-SERVICES -d 10.96.0.1/32 -m comment --comment "default/kubernetes:https cluster IP"',
    'https://10.0.0.1:6443',
    'secrets "x" not found',
  ])('leaves %s', (text) => expect(redactText(text)).toBe(text));

  it.each([
    [
      ['server', '--token', 'abc', '--token', '/path', '--password', '--next'],
      ['server', '--token', '<redacted>', '--token', '/path', '--password', '--next'],
    ],
    [
      [
        'cilium-agent',
        '--config-dir=/tmp',
        '--debug=$(CILIUM_DEBUG)',
        '-t',
        'abc',
        '--x=postgres://u:pw@h/db',
        '--n=5m',
      ],
      ['cilium-agent', '--config-dir=/tmp', '--debug=$(CILIUM_DEBUG)', '-t', '<redacted>', '--x=<redacted>', '--n=5m'],
    ],
    [
      ['/node-cache', '-localip', '169.254.20.10,10.96.0.10', '--k8s-api-server=https://u:pw@h:6443'],
      ['/node-cache', '-localip', '169.254.20.10,10.96.0.10', '--k8s-api-server=https://h:6443'],
    ],
    [
      ['sh', '-c', 'curl -u admin:pw https://h; exec kube-proxy --v=2'],
      ['sh', '-c', 'kube-proxy --<redacted>'],
    ],
    [
      ['sh', '-c', 'echo pw | login'],
      ['sh', '-c', '<redacted>'],
    ],
  ])('of arguments only flags and what checks read is kept: %j', (words, kept) => {
    expect(keepWords(words, true)).toEqual(kept);
    expect(keepWords(kept, true)).toEqual(kept);
  });
});
