import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Answer, ExecOutcome, ListOptions } from '../../src/collect/ClusterPort.ts';
import { LiveSource } from '../../src/collect/LiveSource.ts';
import { TimeIsUp } from '../../src/collect/runEnd.ts';
import type { CollectPlan, CollectProgress } from '../../src/collect/RawSource.ts';
import { missing, timeWasUp } from '../../src/model/Fact.ts';
import type { Pod } from '../../src/model/kubernetes.ts';
import type { RawAnswer, RawDocuments, RawNode } from '../../src/model/raw.ts';
import { ofFilesOnly } from '../../src/knowledge/nodeCommands.ts';
import { aMissing } from '../support/aSnapshot.ts';
import { aPlan } from '../support/aPlan.ts';
import {
  agentsPath,
  type Exec,
  exited,
  FakePort,
  healthyPaths,
  type Paths,
  printedBy,
  sectionsOf,
} from '../support/FakePort.ts';
import { anAgentPod, aService, aSlice } from '../support/healthy.ts';

const silent: CollectProgress = { nodes: () => {}, nodeStarted: () => {}, nodeDone: () => {} };
const noPod: Exec = (target, command) =>
  target.pod === 'cilium-n2'
    ? { stdout: '', stderr: '', end: 'refused', httpStatus: 404, message: 'not found' }
    : exited(printedBy(command));
const healthy: Exec = (_, command) => exited(printedBy(command));

interface Given {
  readonly exec?: Exec;
  readonly paths?: Paths;
  readonly plan?: Partial<CollectPlan>;
  readonly progress?: CollectProgress;
}

/** Reads a cluster of n1 and n2 and gives what the sink got. */
async function read({ exec = healthy, paths = {}, plan = {}, progress = silent }: Given = {}) {
  const port = new FakePort(healthyPaths(['n1', 'n2'], paths), exec);
  const source = new LiveSource(port, '2026-11-21T10:00:00Z');
  const nodes = new Map<string, RawNode>();
  let documents: RawDocuments | undefined;
  const sink = {
    documents: (given: RawDocuments) => {
      expect(nodes.size).toBe(0);
      documents = given;
    },
    node: (node: RawNode) => {
      expect(nodes.has(node.name)).toBe(false);
      nodes.set(node.name, node);
    },
  };
  await source.read(aPlan({ answers: byScript, ...plan }), sink, progress);
  const answers = (node: string): Readonly<Record<string, RawAnswer>> => nodes.get(node)?.answers ?? {};
  return { port, source, nodes, documents, answers };
}

/** All that one script asks; where a node reaches is asked beside it. */
const byScript = new Set([...aPlan().answers].filter((name) => name !== 'reachProbe'));
const asked = new Set(
  [...byScript].filter((name) => !ofFilesOnly.has(name) && (!name.startsWith('proxy') || name === 'proxyHealth')),
);
const withPods = (...pods: readonly Pod[]): Paths => ({
  '/api/v1/namespaces/kube-system/pods': pods,
  [agentsPath]: pods.filter(({ metadata }) => metadata.labels?.['k8s-app'] === 'cilium'),
});

const dnsService = {
  metadata: { name: 'kube-dns', namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } },
  spec: { clusterIP: '10.96.0.10', clusterIPs: ['10.96.0.10'], ports: [{ name: 'dns', port: 53, protocol: 'UDP' }] },
};
const dnsSlice = {
  metadata: { name: 'kube-dns-1', namespace: 'kube-system', labels: { 'kubernetes.io/service-name': 'kube-dns' } },
  addressType: 'IPv4',
  ports: [{ name: 'dns', port: 53, protocol: 'UDP' }],
  endpoints: [{ addresses: ['10.244.1.7'], conditions: { ready: true } }],
};

describe('each agent is asked once, for everything', () => {
  test('documents come first, then every node', async () => {
    const { nodes, port, documents } = await read();
    expect([...nodes.keys()].sort()).toEqual(['n1', 'n2']);
    expect(documents?.nodes).toHaveProperty('value');
    expect(port.execs.map(({ target }) => target)).toEqual([
      { namespace: 'kube-system', pod: 'cilium-n1', container: 'cilium-agent' },
      { namespace: 'kube-system', pod: 'cilium-n2', container: 'cilium-agent' },
    ]);
  });

  test('an answer has its text, its end, and the command that shows the same', async () => {
    const said = { kernel: { text: '6.18.3\n', stderr: 'note', end: 2 } };
    const { answers } = await read({ exec: (_, command) => exited(printedBy(command, said)) });
    expect(answers('n1')['kernel']).toEqual({
      text: '6.18.3\n',
      stderr: 'note',
      exitCode: 2,
      command: 'kubectl --context=prod-1 -n kube-system exec cilium-n1 -c cilium-agent -- uname -r',
    });
    expect(
      Object.keys(answers('n2'))
        .filter((name) => asked.has(name as never))
        .sort(),
    ).toEqual([...asked].sort());
  });

  test('markers can’t be guessed from one another', async () => {
    const { port } = await read();
    const markers = port.execs.map(({ command }) => /M=(\S+)/.exec(command.at(-1) ?? '')?.[1]);
    expect(new Set(markers).size).toBe(2);
  });

  test('only what the plan names is asked', async () => {
    const { port, answers } = await read({ plan: { answers: new Set(['status', 'kernel']) } });
    expect(sectionsOf(port.execs[0]?.command ?? []).sort()).toEqual(['kernel', 'status']);
    expect(Object.keys(answers('n1')).sort()).toEqual(['kernel', 'status']);
  });

  test('--node: only those nodes', async () => {
    const { nodes, port } = await read({ plan: { nodes: new Set(['n2']) } });
    expect([...nodes.keys()]).toEqual(['n2']);
    expect(port.execs).toHaveLength(1);
  });

  test('--cilium-namespace: only the agents in it', async () => {
    const other = anAgentPod('n1', { metadata: { name: 'cilium-other', namespace: 'old' } });
    const { port } = await read({
      paths: withPods(other, anAgentPod('n1')),
      plan: { ciliumNamespace: 'kube-system' },
    });
    expect(port.execs.map(({ target }) => target.pod)).toEqual(['cilium-n1']);
  });

  test('silent agents are asked for what does not go through them', async () => {
    const plan = {
      silentAgents: new Set(['n2']),
      answers: new Set(['serviceList', 'status', 'lbList', 'kernel'] as const),
    };
    const { port, answers } = await read({ plan });
    const sections = port.execs.map(({ target, command }) => [target.pod, sectionsOf(command).sort()]);
    expect(sections).toEqual([
      ['cilium-n1', ['kernel', 'lbList', 'serviceList', 'status']],
      ['cilium-n2', ['kernel', 'lbList']],
    ]);
    expect(Object.keys(answers('n2')).sort()).toEqual(['kernel', 'lbList']);
  });

  test('no more nodes at a time than the plan allows', async () => {
    let running = 0;
    let most = 0;
    const exec: Exec = async (_, command) => {
      running += 1;
      most = Math.max(most, running);
      await sleep(5);
      running -= 1;
      return exited(printedBy(command));
    };
    const names = Array.from({ length: 9 }, (_, i) => `n${i + 1}`);
    const { nodes } = await read({
      exec,
      paths: withPods(...names.map((name) => anAgentPod(name))),
      plan: { concurrency: 3 },
    });
    expect(nodes.size).toBe(9);
    expect(most).toBe(3);
  });

  test('whoever waits hears of every node', async () => {
    const heard: string[] = [];
    await read({
      progress: {
        nodes: (total) => void heard.push(`of ${total}`),
        nodeStarted: (name) => void heard.push(`start ${name}`),
        nodeDone: (name) => void heard.push(`done ${name}`),
      },
      plan: { concurrency: 1 },
    });
    expect(heard).toEqual(['of 2', 'start n1', 'done n1', 'start n2', 'done n2']);
  });
});

const kubernetes = aService('kubernetes', { clusterIPs: ['10.96.0.1'], ports: [{ port: 443 }] });
const servers = aSlice('kubernetes', ['172.30.0.1', '172.30.0.2'], { ports: [{ port: 6443 }] });
const dnsPaths = (paths: Paths): Paths => ({
  '/api/v1/services?labelSelector=k8s-app=kube-dns': [dnsService],
  '/apis/discovery.k8s.io/v1/endpointslices?labelSelector=k8s-app=kube-dns': [dnsSlice],
  '/api/v1/services?labelSelector=component=apiserver': [kubernetes],
  '/apis/discovery.k8s.io/v1/endpointslices?labelSelector=kubernetes.io/service-name=kubernetes': [servers],
  '/api/v1/services': [dnsService],
  '/apis/discovery.k8s.io/v1/endpointslices': [dnsSlice],
  ...paths,
});

/** A cluster whose list of Services takes until `after` execs were begun, or 300 ms. */
async function readSlowly(after: number, paths: Paths) {
  const given = healthyPaths(['n1', 'n2'], dnsPaths(paths));
  const port = new FakePort(given, healthy);
  const list = port.list.bind(port);
  let execsBefore: number | undefined;
  port.list = async (path, options) => {
    const end = performance.now() + 300;
    if (path === '/api/v1/services' && options?.query === undefined) {
      while (port.execs.length < after && performance.now() < end) await sleep(5);
      execsBefore = port.execs.length;
    }
    return list(path, options);
  };
  const order: string[] = [];
  const sink = { documents: () => void order.push('documents'), node: ({ name }: RawNode) => void order.push(name) };
  await new LiveSource(port, '').read(aPlan(), sink, silent);
  return { port, order, execsBefore };
}

describe('agents are asked as soon as it is known where they are', () => {
  test('while the Services are still being listed, and handed over after the documents', async () => {
    const { port, order, execsBefore } = await readSlowly(2, {});
    expect(execsBefore).toBe(2);
    expect(order).toEqual(['documents', 'n1', 'n2']);
    expect(port.execs).toHaveLength(2);
    for (const exec of port.execs) {
      expect(probes(exec)).toContain('clusterIP UDP 10.96.0.10 53');
      expect(Buffer.from(exec.options.stdin ?? []).toString('utf8')).toContain(
        'serversProbeWords=(clusterIP 10.96.0.1 443 server 172.30.0.1 6443 server 172.30.0.2 6443)',
      );
    }
  });

  test('not before all Services are there, where cluster DNS bears another label', async () => {
    const { port, execsBefore } = await readSlowly(1, { '/api/v1/services?labelSelector=k8s-app=kube-dns': [] });
    expect(execsBefore).toBe(0);
    expect(port.execs).toHaveLength(2);
    for (const exec of port.execs) expect(probes(exec)).toContain('clusterIP UDP 10.96.0.10 53');
  });

  test('nor where kubelets name a Service without the label; its address is probed then', async () => {
    const resolver = aService(
      'resolver',
      { clusterIP: '10.96.0.53', clusterIPs: ['10.96.0.53'], ports: [{ port: 53, protocol: 'UDP' }] },
      { namespace: 'networking' },
    );
    const { port, execsBefore } = await readSlowly(1, {
      '/api/v1/services': [dnsService, resolver],
      '/api/v1/namespaces/kube-system/configmaps/kubelet-config': {
        metadata: { name: 'kubelet-config', namespace: 'kube-system' },
        data: { kubelet: 'clusterDNS:\n- 10.96.0.53\n' },
      },
    });
    expect(execsBefore).toBe(0);
    for (const exec of port.execs) {
      expect(probes(exec)).toContain('clusterIP UDP 10.96.0.53 53');
      expect(probes(exec)).not.toContain('10.96.0.10');
    }
  });

  test('a cluster that can’t be examined is no cluster, whoever was asked meanwhile', async () => {
    const paths = { '/version': missing('unreachable', 'reset') };
    const port = new FakePort(healthyPaths(['n1'], dnsPaths(paths)), healthy);
    const sink = { documents: () => {}, node: () => expect.unreachable('no node is handed over') };
    await expect(new LiveSource(port, '').read(aPlan(), sink, silent)).rejects.toThrow("can't be asked");
  });
});

describe('an agent that does not run', () => {
  test('has no answers, with the reason; nothing is run there', async () => {
    const state = { waiting: { reason: 'ImagePullBackOff' } };
    const broken = anAgentPod('n2', { phase: 'Pending', containerStatuses: [{ name: 'cilium-agent', state }] });
    const { answers, port } = await read({ paths: withPods(anAgentPod('n1'), broken) });
    expect(port.execs.map(({ target }) => target.pod)).toEqual(['cilium-n1']);
    expect(new Set(Object.keys(answers('n2')))).toEqual(asked);
    for (const answer of Object.values(answers('n2'))) {
      expect(answer).toMatchObject({
        missing: 'absent',
        detail: 'the agent pod cilium-n2 does not run: ImagePullBackOff',
      });
    }
  });
});

/** The output of a script whose answers after `last` never came. */
function until(command: readonly string[], last: string): string {
  const text = printedBy(command);
  const end = text.indexOf('\n', text.indexOf(` end ${last} `));
  return text.slice(0, end + 1 + 'kpr-'.length);
}

describe('where nodes reach is asked beside all else', () => {
  const ciliumNodes = ['n1', 'n2'].map((name, i) => ({
    metadata: { name },
    spec: { health: { ipv4: `10.244.${i + 1}.4` } },
  }));
  const asked = (exec: Exec) =>
    read({
      exec,
      paths: { '/apis/cilium.io/v2/ciliumnodes': ciliumNodes },
      plan: { answers: new Set(['status', 'reachProbe']) },
    });

  test('by a program that perl reads, with the places behind it', async () => {
    const said = 'from n1\ndone 0\n';
    const { port, answers } = await asked((_, command) => exited(printedBy(command, { reachProbe: { text: said } })));
    expect(port.execs.map(({ target }) => target.pod).toSorted()).toEqual(['cilium-n1', 'cilium-n2']);
    const [first] = port.execs;
    const later = await first?.options.stdinLater;
    const [, places = ''] = Buffer.from(later ?? [])
      .toString('utf8')
      .split('\n__END__\n');
    const isFirst = first?.target.pod === 'cilium-n1';
    expect(new Set(places.split('\n'))).toEqual(
      new Set([
        '',
        '.',
        isFirst ? 'n1' : 'n2',
        'n1 health 10.244.1.4 4240 0af40104',
        'n2 health 10.244.2.4 4240 0af40204',
        isFirst ? 'n2 node 172.30.0.12 10250 ac1e000c' : 'n1 node 172.30.0.11 10250 ac1e000b',
      ]),
    );
    expect(answers('n1')['reachProbe']).toMatchObject({ text: said, exitCode: 0 });
  });

  test('that it fails takes nothing else with it', async () => {
    const { answers } = await asked((_, command) =>
      exited(printedBy(command, { status: { text: '{}' }, reachProbe: { end: 127, stderr: 'no perl' } })),
    );
    expect(answers('n1')['reachProbe']).toMatchObject({ exitCode: 127, stderr: 'no perl' });
    expect(answers('n1')['status']).toMatchObject({ text: '{}' });
  });

  test('how many connections that are is said', async () => {
    const heard: string[] = [];
    const progress = { ...silent, probing: (all: number, most: number) => void heard.push(`${all} ${most}`) };
    await read({
      progress,
      paths: { '/apis/cilium.io/v2/ciliumnodes': ciliumNodes },
      plan: { answers: new Set(['status', 'reachProbe']) },
    });
    expect(heard).toEqual(['6 3']);
  });

  /** A cluster whose API lists the nodes of Cilium later than agents wait for it. */
  async function askedLate(onLate: () => ExecOutcome, signal?: AbortSignal) {
    const exec: Exec = (_, command) =>
      command[0] === 'perl' ? onLate() : exited(printedBy(command, { status: { text: '{}' } }));
    const port = new (class extends FakePort {
      override async list(path: string, options?: ListOptions): Promise<Answer<readonly unknown[]>> {
        if (path.endsWith('/ciliumnodes')) await sleep(1700);
        return super.list(path, options);
      }
    })(healthyPaths(['n1', 'n2'], { '/apis/cilium.io/v2/ciliumnodes': ciliumNodes }), exec);
    const nodes = new Map<string, RawNode>();
    const sink = { documents: () => {}, node: (node: RawNode) => void nodes.set(node.name, node) };
    const plan = aPlan({ answers: new Set(['status', 'reachProbe']), ...(signal && { signal }) });
    await new LiveSource(port, '2026-11-21T10:00:00Z').read(plan, sink, silent);
    return { port, answer: nodes.get('n1')?.answers['reachProbe'], status: nodes.get('n1')?.answers['status'] };
  }

  test('by an exec of its own, where the API lists late to whom they go', async () => {
    const said = 'from n1\ndone 0\n';
    const { port, answer, status } = await askedLate(() => exited(said));
    expect(answer).toMatchObject({ text: said, exitCode: 0 });
    expect(status).toMatchObject({ text: '{}' });
    const ofN1 = port.execs.filter(({ target }) => target.pod === 'cilium-n1');
    expect(ofN1.map(({ command }) => command[0] === 'perl')).toEqual([false, true]);
    const [script, late] = ofN1.map(({ options }) => options);
    // The script is told that there is nothing to wait for any more.
    expect(Buffer.from((await script?.stdinLater) ?? []).toString()).not.toContain('10.244.2.4');
    expect(Buffer.from(late?.stdin ?? []).toString()).toContain('\nn2 health 10.244.2.4 4240 0af40204\n');
  });

  test('that the later one fails takes nothing else with it', async () => {
    const late = { end: 'dropped', message: 'reset by peer', stdout: 'from n1\n', stderr: '' } as const;
    const { answer, status } = await askedLate(() => late);
    expect(answer).toMatchObject({ missing: 'unreachable', detail: expect.stringContaining('reset by peer') });
    expect(status).toMatchObject({ text: '{}' });
  });

  test('that it was killed is no odd answer', async () => {
    const { answer } = await askedLate(() => exited('from n1\n', 137));
    expect(answer).toMatchObject({ missing: 'unreachable', unheard: true });
  });

  test('after an interruption there is no later one', async () => {
    const { port, answer } = await askedLate(() => expect.unreachable('it is not run'), AbortSignal.timeout(1600));
    expect(answer).toMatchObject({ missing: 'notCollected', detail: 'interrupted' });
    expect(port.execs.filter(({ command }) => command[0] === 'perl')).toEqual([]);
  });

  test('where there is nothing to try, that is said', async () => {
    const { answers } = await read({ plan: { answers: new Set(['status', 'reachProbe']) } });
    expect(answers('n1')['reachProbe']).toMatchObject({ missing: 'absent' });
  });
});

describe('an exec that ends badly', () => {
  const ends: readonly (readonly [string, object, string, RegExp])[] = [
    [
      'refused with 403',
      { end: 'refused', httpStatus: 403, message: 'pods/exec is forbidden' },
      'forbidden',
      /is forbidden/,
    ],
    [
      'refused with 401',
      { end: 'refused', httpStatus: 401, message: 'Unauthorized' },
      'unauthenticated',
      /Unauthorized/,
    ],
    [
      'refused with 500',
      { end: 'refused', httpStatus: 500, message: 'dial tcp: timeout' },
      'unreachable',
      /HTTP 500: dial tcp/,
    ],
    ['dropped', { end: 'dropped', message: 'reset by peer' }, 'unreachable', /ended early: reset by peer/],
    ['timed out', { end: 'timeout', afterMs: 10_000 }, 'timeout', /no answer within 10 s/],
    ['too large', { end: 'tooLarge', maxBytes: 134_217_728 }, 'unparsed', /more than 134217728 bytes/],
    ['unreachable', { end: 'unreachable', message: 'no route to host' }, 'unreachable', /no route to host/],
    ['failed', { end: 'failed', message: 'container not found' }, 'unreachable', /container not found/],
    ['interrupted', { end: 'aborted' }, 'notCollected', /interrupted/],
    ['killed', { end: 'exited', exitCode: 137 }, 'unreachable', /was killed before all was printed .status 137/],
    ['cut', { end: 'exited', exitCode: 0 }, 'unreachable', /ended before all that was printed had come/],
    ['without bash', { end: 'exited', exitCode: 127 }, 'unparsed', /status 127 .*: bash: not found/],
  ];

  test.each(ends)(
    '%s: every answer of that node says why, the other node is there',
    async (_, outcome, reason, detail) => {
      const bad = { stdout: '', stderr: 'bash: not found\n', ...outcome } as ExecOutcome;
      const { answers } = await read({
        exec: (target, command) => (target.pod === 'cilium-n2' ? bad : exited(printedBy(command))),
      });
      expect(new Set(Object.keys(answers('n2')))).toEqual(asked);
      for (const answer of Object.values(answers('n2'))) {
        expect(answer).toMatchObject({ missing: reason, detail: expect.stringMatching(detail) });
        expect(answer.command).toContain('exec cilium-n2');
      }
      expect(Object.values(answers('n1')).filter((answer) => 'missing' in answer)).toEqual([]);
    },
  );

  const ofN2: Paths = { '/api/v1/nodes/n2': aMissing('absent') };
  const podOfN2 = '/api/v1/namespaces/kube-system/pods/cilium-n2';
  test.each<[string, Paths, string]>([
    ['its node was removed', ofN2, 'the node was removed from the cluster while it was read'],
    [
      'its pod was deleted',
      { [podOfN2]: aMissing('absent') },
      'the pod that was asked was deleted, as in a rollout, while it was read',
    ],
    [
      'its pod is being deleted',
      { [podOfN2]: anAgentPod('n2', { metadata: { deletionTimestamp: '2026-11-21T10:00:01Z' } }) },
      'the pod that was asked was deleted, as in a rollout, while it was read',
    ],
  ])('%s meanwhile', async (_, paths, detail) => {
    const { answers } = await read({ exec: noPod, paths });
    for (const answer of Object.values(answers('n2')))
      expect(answer).toMatchObject({ missing: 'notCollected', detail });
    expect(Object.values(answers('n1')).filter((answer) => 'missing' in answer)).toEqual([]);
  });

  test('nobody is asked whether a node is still there while all goes well, or where that may not be asked', async () => {
    expect((await read()).port.asked.filter((path) => path.includes('/nodes/'))).toEqual([]);
    const paths = { '/api/v1/nodes/n2': aMissing('forbidden'), [podOfN2]: aMissing('forbidden') };
    const { answers } = await read({ exec: noPod, paths });
    for (const answer of Object.values(answers('n2'))) expect(answer).toMatchObject({ missing: 'unreachable' });
  });

  test.each(ends.filter(([name]) => /dropped|timed out|too large|interrupted/.test(name)))(
    '%s half-way: sections that came whole are kept',
    async (_, outcome, reason) => {
      const { answers, port } = await read({
        exec: (_, command) => ({ stdout: until(command, 'lbFrontends'), stderr: '', ...outcome }) as ExecOutcome,
      });
      const order = sectionsOf(port.execs[0]?.command ?? []);
      const whole = order.slice(0, order.indexOf('lbFrontends') + 1);
      expect(whole.length).toBeGreaterThan(0);
      expect(order.length).toBeGreaterThan(whole.length);
      for (const name of order) {
        expect(answers('n1')[name]).toMatchObject(whole.includes(name) ? { exitCode: 0 } : { missing: reason });
      }
    },
  );

  test.each([124, 137])('a hung status (%i): the maps are there, and what was not tried says so', async (end) => {
    const said = { status: { end }, frontends: { end: 'skipped' }, lbList: { text: '{}' } } as const;
    const { answers } = await read({ exec: (_, command) => exited(printedBy(command, said)) });
    expect(answers('n1')['status']).toMatchObject({ missing: 'timeout', detail: 'no answer within 5 s' });
    expect(answers('n1')['frontends']).toMatchObject({
      missing: 'timeout',
      detail: expect.stringContaining('not asked'),
    });
    expect(answers('n1')['lbList']).toMatchObject({ text: '{}', exitCode: 0 });
  });
});

describe('time', () => {
  test('a command has half of what the node has, so that one may hang', async () => {
    const { port } = await read({ plan: { nodeTimeoutMs: 8000 } });
    expect(port.execs[0]?.options).toMatchObject({ timeoutMs: 8000 });
    expect(port.execs[0]?.command.at(-1)).toContain('LIMIT=4\n');
  });

  test('a node has no more than is left of the run, and one that has nothing left is not asked', async () => {
    const { port, answers } = await read({
      plan: { concurrency: 1, runTimeoutMs: 100 },
      exec: async (_, command) => {
        await sleep(120);
        return exited(printedBy(command));
      },
    });
    expect(port.execs).toHaveLength(1);
    expect(port.execs[0]?.options.timeoutMs).toBeLessThanOrEqual(100);
    expect(answers('n1')['kernel']).toMatchObject({ exitCode: 0 });
    expect(answers('n2')['kernel']).toMatchObject({
      missing: 'timeout',
      detail: 'not asked: the time for the whole run was up',
    });
  });

  test.each([
    ['after an interruption', undefined, { missing: 'notCollected', detail: 'interrupted' }],
    ['when the time is up', new TimeIsUp(), { missing: 'timeout', detail: `not asked: ${timeWasUp}` }],
  ])('%s no further node is asked', async (_, reason, why) => {
    const controller = new AbortController();
    const { port, answers } = await read({
      plan: { concurrency: 1, signal: controller.signal },
      exec: (__, command) => {
        controller.abort(reason);
        return exited(printedBy(command));
      },
    });
    expect(port.execs).toHaveLength(1);
    expect(port.execs[0]?.options.signal).toBe(controller.signal);
    expect(answers('n2')['kernel']).toMatchObject(why);
  });

  test.each([
    ['interrupted', undefined, { missing: 'notCollected', detail: 'interrupted' }],
    ['when the time is up', new TimeIsUp(), { missing: 'timeout', detail: `no answer before ${timeWasUp}` }],
  ])('who had not answered %s is told as that', async (_, reason, why) => {
    const controller = new AbortController();
    const { answers } = await read({
      plan: { concurrency: 1, signal: controller.signal },
      exec: () => {
        controller.abort(reason);
        return { end: 'aborted', stdout: '', stderr: '' };
      },
    });
    expect(answers('n1')['status']).toMatchObject(why);
  });
});

const kubeProxy = (node: string, phase = 'Running'): Pod => ({
  metadata: { name: `kube-proxy-${node}`, namespace: 'kube-system', labels: { 'k8s-app': 'kube-proxy' } },
  spec: { nodeName: node, containers: [{ name: 'kube-proxy' }] },
  status: { phase },
});

const programs: Exec = ({ container }, command) =>
  container === 'kube-proxy' ? exited(`# ${command[0]}`) : exited(printedBy(command));

describe('nodes with a kube-proxy and no agent', () => {
  const paths = withPods(anAgentPod('n1'), kubeProxy('n1'), kubeProxy('n2'), kubeProxy('n3', 'Pending'));

  test('its rules are read, and nothing else', async () => {
    const { nodes, answers } = await read({ paths, exec: programs });
    expect([...nodes.keys()].sort()).toEqual(['n1', 'n2']);
    expect(Object.keys(answers('n2')).sort()).toEqual(['proxyIp6tables', 'proxyIptables', 'proxyNft']);
    expect(answers('n2')['proxyIptables']).toMatchObject({ text: '# iptables-save', exitCode: 0 });
  });

  test('they are left alone where nobody wants the rules', async () => {
    const { nodes, port } = await read({ paths, exec: programs, plan: { answers: new Set(['status', 'kernel']) } });
    expect([...nodes.keys()]).toEqual(['n1']);
    expect(port.execs).toHaveLength(1);
  });

  test('--node holds for them, too', async () => {
    expect([...(await read({ paths, exec: programs, plan: { nodes: new Set(['n2']) } })).nodes.keys()]).toEqual(['n2']);
  });
});

describe('kube-proxy’s pods', () => {
  const pods = withPods(anAgentPod('n1'), anAgentPod('n2'), kubeProxy('n1'), kubeProxy('n2', 'Pending'));
  const target = { namespace: 'kube-system', pod: 'kube-proxy-n1', container: 'kube-proxy' };

  test('are asked without a shell, which their image may not hold', async () => {
    const { port, answers } = await read({
      paths: pods,
      exec: ({ container }, command) =>
        container === 'kube-proxy' ? exited(`# ${command[0]}`) : exited(printedBy(command)),
    });
    const execs = port.execs.filter(({ target }) => target.container === 'kube-proxy');
    expect(execs.map(({ target, command }) => [target, command])).toEqual([
      [target, ['iptables-save', '-c']],
      [target, ['ip6tables-save', '-c']],
      [target, ['nft', '-j', 'list', 'ruleset']],
    ]);
    expect(answers('n1')['proxyNft']).toEqual({
      text: '# nft',
      stderr: '',
      exitCode: 0,
      command: 'kubectl --context=prod-1 -n kube-system exec kube-proxy-n1 -c kube-proxy -- nft -j list ruleset',
    });
    expect(answers('n2')).not.toHaveProperty('proxyNft');
  });

  test('may fail without taking the agent’s answers along', async () => {
    const { answers } = await read({
      paths: pods,
      exec: ({ container }, command) =>
        container === 'kube-proxy'
          ? { stdout: '', stderr: '', end: 'failed', message: 'no such program: nft' }
          : exited(printedBy(command)),
    });
    expect(answers('n1')['proxyNft']).toMatchObject({ missing: 'unreachable', detail: expect.stringContaining('nft') });
    expect(answers('n1')['kernel']).toMatchObject({ exitCode: 0 });
  });

  test.each([
    [
      'the pod was deleted',
      { '/api/v1/namespaces/kube-system/pods/kube-proxy-n1': aMissing('absent') },
      'notCollected',
    ],
    ['its container ended', {}, 'unreachable'],
  ])('that are killed print no odd answer: %s', async (_, more, reason) => {
    const { answers } = await read({
      paths: { ...pods, ...more },
      exec: ({ container }, command) =>
        container === 'kube-proxy' ? exited('*filter\n', 137) : exited(printedBy(command)),
    });
    expect(answers('n1')['proxyIptables']).toMatchObject({ missing: reason });
  });

  test('are left alone when no check wants their rules', async () => {
    const { port } = await read({ paths: pods, plan: { answers: new Set(['status']) } });
    expect(port.execs.map(({ target }) => target.container)).toEqual(['cilium-agent', 'cilium-agent']);
  });
});

/** The DNS servers that an exec asks, as they come by stdin. */
function probes(exec: FakePort['execs'][number] | undefined): string[] {
  const stdin = Buffer.from(exec?.options.stdin ?? []).toString('utf8');
  const words = /^dnsProbeWords=\((.*)\)$/m.exec(stdin)?.[1] ?? '';
  return [...words.matchAll(/((?:clusterIP|endpoint) (?:UDP|TCP) \S+ \d+) [0-9a-f]+/g)].map(([, one = '']) => one);
}

describe('the DNS probe', () => {
  test('asks the Service and its endpoints, as the API names them', async () => {
    const { port } = await read();
    expect(probes(port.execs[0])).toEqual(
      ['clusterIP', 'endpoint', 'endpoint'].flatMap((via, i) =>
        ['UDP', 'TCP'].map((protocol) => `${via} ${protocol} ${['10.96.0.10', '10.244.0.10', '10.244.1.10'][i]} 53`),
      ),
    );
  });

  test.each([
    ['there is none', [], 'absent', 'no cluster DNS Service was found to ask'],
    ['Services may not be listed', missing('forbidden', 'you may not list'), 'forbidden', 'you may not list'],
  ])('is not sent when %s, and says so', async (_, services, reason, detail) => {
    const { port, answers } = await read({ paths: { '/api/v1/services': services } });
    expect(sectionsOf(port.execs[0]?.command ?? [])).not.toContain('dnsProbe');
    expect(answers('n1')['dnsProbe']).toMatchObject({ missing: reason, detail });
  });
});

test('without the right to list pods there are no nodes to ask, and no error', async () => {
  const { nodes, documents } = await read({ paths: { [agentsPath]: missing('forbidden', 'no') } });
  expect(nodes.size).toBe(0);
  expect(documents?.systemPods).toMatchObject({ missing: 'forbidden' });
});

test('it says where it reads, and lets go of it', async () => {
  const { source, port } = await read();
  expect(source.origin).toEqual({
    kind: 'live',
    context: 'prod-1',
    server: 'https://10.0.0.1:6443',
    kubectl: 'kubectl --context=prod-1',
  });
  await source.close();
  expect(port.closed).toBe(1);
});

test('what a reading did not ask for stands as an earlier one has read it', async () => {
  const port = new FakePort(healthyPaths(['n1', 'n2']), healthy);
  const source = new LiveSource(port, '2026-11-21T10:00:00Z');
  const readings: RawDocuments[] = [];
  const sink = { documents: (given: RawDocuments) => void readings.push(given), node: () => {} };
  const few = new Set(['version', 'nodes', 'daemonSets', 'systemPods'] as const);
  for (const plan of [{ documents: few }, {}, { documents: few }, { podsAgain: new Set<string>() }])
    await source.read(aPlan({ answers: new Set(['status']), ...plan }), sink, silent);
  expect(port.asked.filter((path) => path === '/api/v1/pods')).toHaveLength(1);
  const [first, whole, , last] = readings;
  expect(first?.pods).toMatchObject({ missing: 'notCollected' });
  expect(whole?.pods).toHaveProperty('value');
  expect(last?.pods).toBe(whole?.pods);
});
