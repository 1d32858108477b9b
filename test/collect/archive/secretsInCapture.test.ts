import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openArchive } from '../../../src/collect/archive/openArchive.ts';
import type { DocumentName, RawDocuments, RawNode } from '../../../src/model/raw.ts';
import { withAnswer, writeEdited } from '../../support/editedCapture.ts';
import { collect, temporaryFolder } from './support.ts';

/** Each is a secret of its own, so that one that comes through says which place it was put in. */
const planted = new Map<string, string>();
function plant(place: string): string {
  const secret = `Hunter${planted.size}zq`;
  planted.set(secret, place);
  return secret;
}
const pem = (kind: string, place: string): string =>
  `-----BEGIN ${kind}PRIVATE KEY-----\n${plant(place)}\n-----END ${kind}PRIVATE KEY-----`;

const schemes = ['postgres', 'postgresql', 'mysql', 'redis', 'amqp', 'mongodb+srv', 'https', 'ftp', 'nats'];
const flags = (
  'token password auth bearer credentials psk secret-key etcd-key-pass passphrase api-key client-secret vpn-auth ' +
  'agent-token basic-auth private-key'
).split(' ');
const keys = (
  'authToken api-key passphrase ipsec-key AWS_SECRET_ACCESS_KEY psk license credentials hubble-basic-auth bearer ' +
  'azure-client-secret kvstore.password dbPassword jwt access-key'
).split(' ');

/** What is written to of an object of the API. */
interface Loose {
  metadata: { annotations?: Record<string, string> };
  spec: { containers: Record<string, unknown>[] };
  status: { containerStatuses: Record<string, unknown>[] };
  data: Record<string, string>;
}
const certificateOf = (text: string): string => Buffer.from(text).toString('base64');

function plantIn(pod: Loose): void {
  const [container] = pod.spec.containers;
  if (container === undefined) throw new Error('a pod has a container');
  container['args'] = [
    ...schemes.map((scheme) => `--db=${scheme}://u:${plant(`argument ${scheme}`)}@h/db`),
    ...flags.map((flag) => `--${flag}=${plant(`argument --${flag}=`)}`),
    ...flags.flatMap((flag) => [`--${flag}`, plant(`argument --${flag} beside its value`)]),
    '-t',
    plant('argument -t'),
    `--header=Authorization: Bearer ${plant('argument Authorization')}`,
    `--dsn=u:${plant('argument of a MySQL driver')}@tcp(h:3306)/db`,
    `--unknown=${plant('argument that nobody knows')}`,
    plant('argument without a flag'),
  ];
  container['command'] = [
    'sh',
    '-c',
    `export TOKEN=${plant('script')}; curl -u admin:${plant('curl -u')} https://h; echo ${plant('echo')} | login`,
  ];
  container['env'] = [{ name: 'DB_PASSWORD', value: plant('environment') }];
  pod.metadata.annotations = {
    'vault.example.com/token': plant('annotation that names a token'),
    'cilium.io/password': plant('annotation of a known domain'),
    'cilium.io/conf': `{"password":"${plant('annotation of JSON')}"}`,
    'example.com/note': plant('annotation of others'),
    'kubectl.kubernetes.io/last-applied-configuration': plant('last applied'),
  };
  const end = (place: string): object => ({
    terminated: {
      exitCode: 1,
      message: [
        `fatal: token=${plant(`${place}: token=`)} api-key: ${plant(`${place}: api-key`)}`,
        `dial postgres://u:${plant(`${place}: DSN`)}@h failed`,
        `Authorization: Basic ${plant(`${place}: header`)}`,
        `{"level":"error","password":"${plant(`${place}: JSON`)}"}`,
        `jwt eyJhbGciOiJSUzI1NiJ9.${plant(`${place}: JWT`)}`,
        `etcdctl --password ${plant(`${place}: flag`)} put`,
        pem('', `${place}: key`),
      ].join('\n'),
    },
  });
  const [status] = pod.status.containerStatuses;
  if (status === undefined) throw new Error('a container has a status');
  status['state'] = end('state');
  status['lastState'] = end('lastState');
}

const settings = Object.fromEntries([
  ...keys.map((key) => [key, plant(`setting ${key}`)]),
  [
    'kvstore-opt',
    `{"etcd.password":"${plant('setting of JSON')}","etcd.address":"https://u:${plant('its URL')}@h:2379"}`,
  ],
  ['ca-bundle', pem('RSA ', 'setting with a key under another name')],
  ['other-bundle', certificateOf(pem('EC ', 'setting with a key in base64'))],
  ['database', `host=h user=u password=${plant('setting of libpq')}`],
]) as Record<string, string>;

const kubeadm = `apiServer:
  extraArgs:
  - name: oidc-client-secret
    value: ${plant('kubeadm name and value')}
  - {name: token-auth, value: ${plant('kubeadm in flow style')}}
etcd: {external: {endpoints: ["https://u:${plant('kubeadm URL')}@h:2379"]}}
certificateKey: ${plant('kubeadm certificateKey')}
controlPlaneEndpoint: api.example.com:6443
`;
const kubeconfig = `clusters: [{name: x, cluster: {server: "https://api.example.com:6443"}}]
users:
- name: x
  user: {token: ${plant('kubeconfig token')}, client-key-data: ${plant('kubeconfig key')}, password: ${plant('kubeconfig password')}}
`;

const files: Partial<Record<DocumentName, object>> = {
  kubeadmConfig: {
    metadata: { name: 'kubeadm-config' },
    data: {
      ClusterConfiguration: kubeadm,
      InitConfiguration: `bootstrapTokens: [{token: ${plant('bootstrap token')}}]`,
    },
  },
  kubeProxyConfig: {
    metadata: { name: 'kube-proxy' },
    data: { 'config.conf': `mode: ipvs\nextra: ${plant('kube-proxy')}`, 'kubeconfig.conf': kubeconfig },
  },
  kubeletConfig: {
    metadata: { name: 'kubelet-config' },
    data: {
      kubelet: `clusterDNS: [10.96.0.10, ${plant('kubelet no address')}]\nstaticPodURLHeader: {a: [${plant('kubelet header')}]}\n`,
    },
  },
  clusterInfo: {
    metadata: { name: 'cluster-info' },
    data: { kubeconfig, 'jws-kubeconfig-abcdef': plant('signature') },
  },
};

const k3s = {
  'k3s.io/node-args': JSON.stringify([
    'server',
    '--disable-kube-proxy',
    '--token',
    plant('k3s --token'),
    '--datastore-endpoint',
    `mysql://u:${plant('k3s datastore')}@tcp(h)/db`,
    '--vpn-auth',
    `name=tailscale,joinKey=${plant('k3s joinKey')}`,
  ]),
  'k3s.io/node-env': JSON.stringify({ K3S_TOKEN: plant('K3S_TOKEN'), ANYTHING: plant('k3s environment') }),
};

function withSecrets(documents: RawDocuments): RawDocuments {
  const changed = (name: DocumentName, change: (first: Loose) => void): Partial<RawDocuments> => {
    const document = documents[name];
    if ('missing' in document) throw new Error(`${name} was not recorded`);
    const copy: unknown = structuredClone(document.value);
    const first = (Array.isArray(copy) ? copy[0] : copy) as Loose;
    change(first);
    return { [name]: { value: copy, source: `kubectl get ${name} --token=${plant(`command for ${name}`)}` } };
  };
  return {
    ...documents,
    ...changed('systemPods', plantIn),
    ...changed('ciliumConfig', ({ data }) => Object.assign(data, settings)),
    ...changed('nodes', ({ metadata }) => Object.assign((metadata.annotations ??= {}), k3s)),
    ...changed('services', ({ metadata }) => {
      metadata.annotations = { 'service.cilium.io/password': plant('annotation of a Service') };
    }),
    ...Object.fromEntries(Object.entries(files).map(([name, one]) => [name, { value: one, source: 'kubectl get' }])),
  };
}

const started = Object.entries(settings)
  .flatMap(([key, text]) => text.split('\n').map((line) => `${key}:${line}\n`))
  .join('');

const connection = (more: string): string =>
  `ipv4 2 udp 17 29 src=10.0.0.1 dst=10.96.0.10 sport=1 dport=53 [UNREPLIED] src=10.0.0.9 dst=10.0.0.1 sport=53 dport=1 mark=0 ${more}use=2\n`;

const asked = (node: RawNode): RawNode =>
  withAnswer(
    withAnswer(
      withAnswer(node, 'startedConfig', (text) => `${text.replace(/\n?$/, '\n')}${started}`),
      'apiProbe',
      (text) => `${text}detail=Get "https://u:${plant('probe')}@h/": token=${plant('probe token')}\n`,
    ),
    'conntrack',
    () =>
      connection('') +
      connection(`token=${plant('conntrack')} `) +
      `${plant('a line that is no connection')} deadbeef0123\n`,
  );

describe('a capture of a cluster with credentials in every place that can hold one', () => {
  test('keeps none of them, and what checks read', async () => {
    const file = await writeEdited(join(temporaryFolder(), 'x.kpr'), { documents: withSecrets, node: asked });
    const capture = await collect(await openArchive(file));
    const text = JSON.stringify(capture);
    expect(planted.size).toBeGreaterThan(100);
    expect([...planted].filter(([secret]) => text.includes(secret)).map(([, place]) => place)).toEqual([]);
    // Nor in another spelling.
    expect(text).not.toContain(certificateOf('-----BEGIN EC PRIV').slice(0, 20));
    for (const kept of ['--disable-kube-proxy', 'api.example.com:6443', 'mode: ipvs', 'dial postgres://'])
      expect(text).toContain(kept);
    expect(text).toContain(
      JSON.stringify(connection('') + connection('<redacted> ') + '<redacted> <redacted>\n').slice(1, -1),
    );
  });
});
