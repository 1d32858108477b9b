import { describe, expect, test } from 'vitest';
import { main } from '../../src/cli/main.ts';
import type { Loaders } from '../../src/app/Loaders.ts';
import { known, valueOf } from '../../src/model/Fact.ts';
import type { Pod } from '../../src/model/kubernetes.ts';
import type { Snapshot } from '../../src/model/Snapshot.ts';
import { traceSchemaErrors } from '../report/schema.ts';
import { allMissing, aMissing, aSnapshot } from '../support/aSnapshot.ts';
import { sampleSnapshot, withEndpoints } from '../support/sampleSnapshot.ts';
import { fakeIo } from '../support/fakeIo.ts';
import { fakeLoaders, noDocuments, type Read, readAll } from '../support/fakeLoaders.ts';

const healthy = sampleSnapshot('1.20.1');
const stale = sampleSnapshot('1.20.1', { objects: withEndpoints('httpd', (address) => address === '10.244.0.221') });
const hung = sampleSnapshot('1.20.1', { n2: { lbTable: aMissing('timeout', 'no answer within 10 s') } });

async function run(argv: string[], snapshot: Snapshot = healthy, io = fakeIo(), read: Read = readAll('n1', 'n2')) {
  const loaders = fakeLoaders([], read, () => snapshot);
  // A file is not looked at twice, so what differs in it is told at once.
  const file = { kind: 'capture', file: 'x.kpr', context: 'prod-1', server: '' } as const;
  const withFile: Loaders = {
    ...loaders,
    openArchive: async (path) => ({ ...(await loaders.openArchive(path)), origin: file }),
  };
  const exitCode = await main(['trace', ...argv], io, withFile);
  return { exitCode, stdout: io.stdout.text, stderr: io.stderr.text, calls: loaders.calls };
}

describe('exit codes are the same for every format', () => {
  test.each([
    ['as the API requires', healthy, 0],
    ['a difference', stale, 1],
    ['a table that was not read', hung, 3],
  ] as const)('%s: %i', async (_, snapshot, exitCode) => {
    const table = await run(['svc/httpd', '--from', 'x.kpr'], snapshot);
    const json = await run(['svc/httpd', '--from', 'x.kpr', '-o', 'json'], snapshot);
    expect([table.exitCode, json.exitCode]).toEqual([exitCode, exitCode]);
    expect(table.stdout).toContain(`exit ${exitCode}: `);
    expect(JSON.parse(json.stdout)).toMatchObject({ exitCode, command: 'trace', service: { name: 'httpd' } });
    expect(traceSchemaErrors(JSON.parse(json.stdout))).toEqual([]);
    expect([table.stderr, json.stderr]).toEqual(['', '']);
  });
});

test('what is wrong stands first; nodes that were refused in the same way stand together', async () => {
  const [n2, n4] = ['10.0.0.2', '10.0.0.4'].map((address) =>
    allMissing('unreachable', `dial tcp ${address}:10250: connection refused`),
  );
  const snapshot = aSnapshot({
    nodes: { n1: {}, n2: n2 ?? {}, n3: { lbTable: { frontends: new Map() } }, n4: n4 ?? {} },
  });
  const { stdout } = await run(['svc/kubernetes', '--from', 'x.kpr'], snapshot);
  expect(stdout.match(/^From .*$/gm)).toEqual(['From a pod on n3', 'From a pod on n2 and n4', 'From a pod on n1']);
  expect(stdout).toContain('? not known: dial tcp …:10250: connection refused');
});

describe('the name of the Service', () => {
  test.each([
    [['svc/httpd'], 'default/httpd'],
    [['service/httpd'], 'default/httpd'],
    [['httpd'], 'default/httpd'],
    [['default/httpd', '-n', 'other'], 'default/httpd'],
    [['kube-system/kube-dns'], 'kube-system/kube-dns'],
    [['svc/kube-dns', '-n', 'kube-system'], 'kube-system/kube-dns'],
    [['svc/kube-system/kube-dns'], 'kube-system/kube-dns'],
    [['httpd.default'], 'default/httpd'],
    [['httpd.default:80'], 'default/httpd'],
    [['kube-dns.kube-system.svc', '-n', 'other'], 'kube-system/kube-dns'],
    [['httpd.default.svc.cluster.local:80'], 'default/httpd'],
    [['http://httpd.default.svc:80/'], 'default/httpd'],
  ])('%j is %s', async (argv, name) => {
    const { exitCode, stdout } = await run(argv);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(` · ${name} · `);
  });

  test.each([
    [['htpd'], 'There is no Service htpd in namespace default; did you mean httpd?'],
    [['kube-dns'], 'There is no Service kube-dns in namespace default; there is kube-system/kube-dns'],
    [['kube-sytem/kube-dns'], 'in namespace kube-sytem; there is kube-system/kube-dns'],
    [['nothing-like-it'], 'There is no Service nothing-like-it in namespace default'],
    [['a/b/c'], 'a/b/c names no Service'],
    [['svc/'], 'svc/ names no Service'],
    [['pod/httpd-0'], 'pod/httpd-0 is no Service'],
    [['deploy/httpd'], 'deploy/httpd is no Service'],
    [['httpd.default.svc:99'], 'The Service httpd has no port 99'],
    [['nothing.default:80'], 'Nobody answers at nothing.default:80'],
    [['httpd.default:99'], 'The Service httpd has no port 99'],
    [[], 'trace needs a Service'],
    [['httpd', '--port', '99'], 'The Service httpd has no port 99'],
    [['kube-system/kube-dns', '--port', '53'], 'The Service kube-dns has several ports 53'],
    [['httpd', '--source', 'moon'], '--source cannot be "moon"'],
    [['httpd', '--from'], '--from needs a value'],
    [['httpd', '--source', 'pod:default/client'], 'says from where --connect opens connections'],
    [['httpd', '--source', 'pod:client', '--connect'], '--source cannot be "pod:client"'],
    [['httpd', '--connect', '--from', 'x.kpr'], '--connect and --from exclude each other'],
  ])('%j: %s', async (argv, message) => {
    const { exitCode, stdout, stderr } = await run(argv);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  test.each([[['nothing-like-it']], [['httpd', '--port', '99']]])(
    '%j is refused before nodes are waited for',
    async (argv) => {
      const { exitCode, stderr } = await run(argv, healthy, fakeIo(), async (_, sink) => {
        await sink.documents(noDocuments);
        throw new Error('nodes are asked');
      });
      expect({ exitCode, stderr }).toEqual({
        exitCode: 2,
        stderr: expect.stringMatching(/There is no Service|has no port/) as unknown,
      });
    },
  );

  test('Services that may not be read are not said to be missing', async () => {
    const blind = { ...healthy, facts: { ...healthy.facts, services: aMissing('forbidden', 'services is forbidden') } };
    expect(await run(['httpd'], blind)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('services is forbidden') as unknown,
    });
  });
});

const client: Pod = {
  metadata: { namespace: 'default', name: 'client' },
  spec: {
    nodeName: 'n2',
    containers: [{ name: 'c', ports: [{ containerPort: 80, hostPort: 8081, protocol: 'TCP' }] }],
  },
  status: { phase: 'Running', podIP: '10.244.2.9', podIPs: [{ ip: '10.244.2.9' }] },
};
const withPod: Snapshot = { ...healthy, facts: { ...healthy.facts, pods: known([client], 'pods') } };

describe('an address instead of a name', () => {
  test.each([
    ['10.96.0.10:53/UDP', 'kube-system/kube-dns', ['ClusterIP 10.96.0.10:53/UDP dns']],
    [
      '10.96.0.10:53',
      'kube-system/kube-dns',
      ['ClusterIP 10.96.0.10:53/UDP dns', 'ClusterIP 10.96.0.10:53/TCP dns-tcp'],
    ],
    ['n2:31081', 'default/httpd-local', ['NodePort 31081/TCP http']],
  ])('%s is one of %s', async (address, name, frontends) => {
    const { exitCode, stdout } = await run([address, '--from', 'x.kpr']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(` · ${name}, who answers at ${address} · `);
    const shown = [...stdout.matchAll(/^✔ (\w+ \S+(?: [a-z-]+)?) /gm)].map(([, shown]) => shown);
    expect([...new Set(shown)]).toEqual(frontends);
    const json = await run([address, '--from', 'x.kpr', '-o', 'json']);
    expect(JSON.parse(json.stdout)).toMatchObject({ connection: { address } });
    expect(traceSchemaErrors(JSON.parse(json.stdout))).toEqual([]);
  });

  test('NODE:PORT may be the hostPort of a pod, which its node alone serves', async () => {
    const { exitCode, stdout } = await run(['n2:8081', '--from', 'x.kpr'], withPod);
    expect(stdout).toContain(' · default/client, who answers at n2:8081 · ');
    expect(stdout).toContain('HostPort');
    expect(stdout).toContain('only the node on which the pod runs answers at its hostPort');
    // The recorded node has no row for it.
    expect(exitCode).toBe(1);
  });

  test.each([
    ['10.96.0.10:54', 'Nobody answers at 10.96.0.10:54: 10.96.0.10 is an address of Service kube-system/kube-dns'],
    ['10.96.0.10:9153/UDP', 'which does not have that port; it has 53/UDP, 53/TCP, 9153/TCP'],
    [
      '10.244.2.9:80',
      '10.244.2.9 is the address of pod default/client itself: connections to it are not load-balanced',
    ],
    ['198.51.100.1', 'Nobody answers at 198.51.100.1: no Service, no node and no pod has the address 198.51.100.1'],
    ['[fd00::9]:80', 'Nobody answers at [fd00::9]:80: no Service, no node and no pod has the address fd00::9'],
    ['n1:8081', 'no Service has the node port 8081, and no pod on n1 has it as its hostPort'],
    ['n9:80', 'Nobody answers at n9:80: there is no node n9'],
    ['n1:99999', 'n1:99999 has no port that exists: 99999'],
  ])('%s: %s', async (address, message) => {
    const { exitCode, stdout, stderr } = await run([address, '--from', 'x.kpr'], withPod);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  test('nodes whose maps still hold an address that nobody asks for are named', async () => {
    const services = known(
      (valueOf(healthy.facts.services) ?? []).filter(({ metadata }) => metadata.name !== 'kube-dns'),
      'services',
    );
    const gone = { ...healthy, facts: { ...healthy.facts, services } };
    const { exitCode, stderr } = await run(['10.96.0.10:53', '--from', 'x.kpr'], gone);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('has the address 10.96.0.10; n1 and n2 still have a row for it');
  });
});

test('an endpoint that is a ClusterIP gets no connection, however right the table is', async () => {
  const services = known(structuredClone(valueOf(healthy.facts.services) ?? []), 'services');
  const other = services.value.find(({ metadata }) => metadata.name === 'kube-dns');
  Object.assign(other?.spec ?? {}, { clusterIPs: ['10.244.0.221'] });
  const chained = { ...healthy, facts: { ...healthy.facts, services } };
  const { exitCode, stdout } = await run(['httpd', '--from', 'x.kpr'], chained);
  expect(exitCode).toBe(1);
  expect(stdout).toContain(
    'KPR5009: 10.244.0.221:8080 is the ClusterIP of kube-system/kube-dns: what was translated once is not translated again',
  );
  expect(stdout).toMatch(/explain KPR5009; kubectl kpr doctor names the cause\n$/);
});

test('a table that no program looks up is not shown as if it were used', async () => {
  const n2 = { cgroupPrograms: [{ name: 'cil_sock6_connect', attachType: 'cgroup_inet6_connect' }] };
  const { exitCode, stdout } = await run(['httpd', '--from', 'x.kpr'], sampleSnapshot('1.20.1', { n2 }));
  expect(exitCode).toBe(1);
  const [, ofN2 = ''] = stdout.split(/^From a pod on n[12]$/m);
  expect(ofN2).toContain('This table is not used: no program is attached at connect4');
  expect(ofN2).toMatch(/expected {2}in map {2}/);
  expect(ofN2).not.toMatch(/\d of \d/);
});

test.each([['53/UDP'], ['dns'], ['53/udp']])('--port %s is one of several', async (port) => {
  const { exitCode, stdout } = await run(['kube-system/kube-dns', '--port', port]);
  expect(exitCode).toBe(0);
  expect(stdout.match(/^. ClusterIP/gm)).toHaveLength(1);
  expect(stdout).toContain('ClusterIP 10.96.0.10:53/UDP dns');
});

test('--port takes a node port, --source where a connection begins', async () => {
  const { stdout } = await run(['httpd-local', '--port', '31081', '--source', 'external']);
  expect(stdout).toContain('From outside, arriving at n1');
  expect(stdout).toContain('externalTrafficPolicy Local');
});

test('asks for what decides about a connection, and no more: nothing is sent', async () => {
  const { calls } = await run(['httpd', '--node', 'n1', '--node-timeout', '3s']);
  const [plan] = calls.plans;
  expect(plan).toMatchObject({ nodes: new Set(['n1']), nodeTimeoutMs: 3000 });
  expect([...(plan?.answers ?? [])].toSorted()).toEqual(
    [
      'agentLog',
      'cgroupPrograms',
      'frontends',
      'lbBackends',
      'lbDump',
      'lbFrontends',
      'lbList',
      'lbRevnat',
      'lbSourceRanges',
      'metrics',
      'nodeAddresses',
      'serviceList',
      'startedConfig',
      'status',
    ].toSorted(),
  );
});

const untilAborted: Read = async (plan, sink) => {
  await sink.documents(noDocuments);
  await new Promise<void>((resolve) => plan.signal?.addEventListener('abort', () => resolve()));
};

test('Ctrl-C shows what is known by then: 130', async () => {
  const io = fakeIo();
  const running = run(['httpd', '-o', 'json'], hung, io, untilAborted);
  setTimeout(() => io.interrupt(), 50);
  const { exitCode, stdout, stderr } = await running;
  expect(exitCode).toBe(130);
  expect(JSON.parse(stdout)).toMatchObject({ verdict: 'interrupted', exitCode: 130 });
  expect(traceSchemaErrors(JSON.parse(stdout))).toEqual([]);
  expect(stderr).toContain('Interrupted');
});

test('an archive without Services: no right is missing, so none is asked for', async () => {
  const without = { ...healthy, facts: { ...healthy.facts, services: aMissing('notCollected', 'it is not in there') } };
  const file = await run(['svc/httpd', '--from', 'x.kpr'], {
    ...without,
    origin: { kind: 'capture', file: 'x.kpr', context: 'prod-1', server: '' },
  });
  expect(file).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('an archive that holds its Services') });
  expect(file.stderr).not.toContain('kubectl');
  expect((await run(['svc/httpd'], without)).stderr).toContain('kubectl auth can-i list services');
});
