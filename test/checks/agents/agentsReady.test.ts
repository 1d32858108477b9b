import { describe, expect, test } from 'vitest';
import { agentsAnswer } from '../../../checks/agents/agentsAnswer.ts';
import { agentsReady } from '../../../checks/agents/agentsReady.ts';
import { nodesRead } from '../../../checks/examination/nodesRead.ts';
import type { Pod } from '../../../src/model/kubernetes.ts';
import { leftInArchive, meanwhile, timeWasUp } from '../../../src/model/Fact.ts';
import { allMissing, aMissing, aSnapshot, codesOf, findingsOf, type NodeChanges } from '../../support/aSnapshot.ts';
import { aNode, anAgentPod } from '../../support/healthy.ts';
import { noNode, standardCases } from '../../support/standardCases.ts';

/** Two hours after the agents started; see aSnapshot. */
const longAgo = '2026-11-21T08:00:00Z';
const justNow = '2026-11-21T09:59:00Z';
const fatal = [
  'time=2026-11-21T09:58:31.1Z level=info msg="Initializing daemon"',
  'time=2026-11-21T09:58:32.2Z level=error msg="Start hook failed" error="unable to determine direct routing device"',
  'time=2026-11-21T09:58:32.3Z level=info msg=Stopping',
].join('\n');
const ended = { terminated: { exitCode: 1, reason: 'Error', message: fatal, finishedAt: justNow } };
const agent = { name: 'cilium-agent', ready: false, started: false, restartCount: 7 };
const waiting = (reason: string, message = '') => ({ waiting: { reason, message } });
const running = (startedAt: string) => ({ running: { startedAt } });

const withPod = (pod: Pod | undefined, n2: NodeChanges = {}, node = aNode('n2')) =>
  aSnapshot({
    facts: { systemPods: [anAgentPod('n1'), ...(pod ? [pod] : [])], nodes: [aNode('n1'), node] },
    nodes: { n2: pod ? { agent: { ready: false }, ...n2 } : { agent: undefined, ...allMissing('absent'), ...n2 } },
  });
const status = (one: object, phase = 'Running') =>
  anAgentPod('n2', { phase, containerStatuses: [{ ...agent, ...one }] });
const notReady = (reason: string, message: string, value = 'False') =>
  aNode('n2', { status: { conditions: [{ type: 'Ready', status: value, reason, message }] } });

const cameAt = (creationTimestamp: string) => aNode('n2', { metadata: { name: 'n2', creationTimestamp } });

const sysdump = { kind: 'sysdump', file: 'dump.zip' } as const;

/** Its pod is a minute old. */
const initialising = (startedAt: string): Pod =>
  anAgentPod('n2', {
    phase: 'Pending',
    startTime: justNow,
    initContainerStatuses: [{ name: 'config', ready: false, restartCount: 0, state: running(startedAt) }],
    containerStatuses: [{ ...agent, state: waiting('PodInitializing') }],
  });

/** Started a minute ago, not ready since then. */
const lostReadiness = (lastTransitionTime: string): Pod =>
  anAgentPod('n2', {
    conditions: [{ type: 'Ready', status: 'False', lastTransitionTime }],
    containerStatuses: [{ ...agent, restartCount: 0, state: running(justNow) }],
  });

const initFailing = (message: string): Pod =>
  anAgentPod('n2', {
    phase: 'Pending',
    initContainerStatuses: [
      {
        name: 'config',
        ready: false,
        restartCount: 4,
        state: waiting('CrashLoopBackOff'),
        lastState: { terminated: { exitCode: 1, reason: 'Error', message, finishedAt: justNow } },
      },
    ],
    containerStatuses: [{ ...agent, state: waiting('PodInitializing') }],
  });

describe('the variant tells what is wrong', () => {
  test.each<[string, string, ReturnType<typeof aSnapshot>]>([
    ['noPod', 'no pod', withPod(undefined)],
    ['noPod', 'no pod since the node came a minute ago', withPod(undefined, {}, cameAt('2026-11-21T09:59:00Z'))],
    ['starting', 'a node that has just come', withPod(undefined, {}, cameAt('2026-11-21T09:59:10Z'))],
    ['starting', 'a node that came after the run began', withPod(undefined, {}, cameAt('2026-11-21T10:00:05Z'))],
    [
      'nodeNotReady',
      'silent kubelet',
      withPod(
        status({ state: running(longAgo) }),
        {},
        notReady('NodeStatusUnknown', 'Kubelet stopped posting', 'Unknown'),
      ),
    ],
    [
      'nodeNotReady',
      'runtime down',
      withPod(status({ state: running(longAgo) }), {}, notReady('KubeletNotReady', 'container runtime is down')),
    ],
    [
      'notReady',
      'no network because of the agent',
      withPod(status({ state: running(longAgo) }), {}, notReady('KubeletNotReady', 'cni plugin not initialized')),
    ],
    ['crashing', 'crash loop', withPod(status({ state: waiting('CrashLoopBackOff'), lastState: ended }))],
    ['crashing', 'running between two crashes', withPod(status({ state: running(justNow), lastState: ended }))],
    ['crashing', 'ended', withPod(status({ state: ended }))],
    [
      'notStarted',
      'no image',
      withPod(status({ state: waiting('ImagePullBackOff', 'Back-off pulling image') }, 'Pending')),
    ],
    ['notStarted', 'pending for long', withPod(anAgentPod('n2', { phase: 'Pending', containerStatuses: [] }))],
    [
      'starting',
      'pending since a minute',
      withPod(anAgentPod('n2', { phase: 'Pending', startTime: justNow, containerStatuses: [] })),
    ],
    ['notStarted', 'an init container waits for something', withPod(initialising('2026-11-21T09:59:25Z'))],
    ['starting', 'an init container has just begun', withPod(initialising('2026-11-21T09:59:35Z'))],
    ['starting', 'running since a minute', withPod(status({ restartCount: 0, state: running(justNow) }))],
    ['notReady', 'it was ready since its start, and is not any more', withPod(lostReadiness('2026-11-21T09:59:50Z'))],
    ['starting', 'it was ready before its start', withPod(lostReadiness('2026-11-21T09:58:59Z'))],
    ['starting', 'being replaced', withPod(anAgentPod('n2', { metadata: { deletionTimestamp: justNow } }))],
    ['notReady', 'running for long', withPod(status({ state: running(longAgo) }))],
    [
      'restarted',
      'ready again',
      withPod(status({ ready: true, state: running(justNow), lastState: ended }), { agent: { ready: true } }),
    ],
    [
      'initFailing',
      'an init container fails',
      withPod(
        anAgentPod('n2', {
          phase: 'Pending',
          initContainerStatuses: [
            { name: 'config', ready: false, restartCount: 4, state: waiting('CrashLoopBackOff'), lastState: ended },
          ],
          containerStatuses: [{ ...agent, state: waiting('PodInitializing') }],
        }),
      ),
    ],
  ])('%s: %s', (variant, _, snapshot) => {
    expect(findingsOf(agentsReady, snapshot).map((one) => `${one.code} ${one.variant} ${one.nodes.join()}`)).toEqual([
      `KPR1001 ${variant} n2`,
    ]);
  });
});

test.each([
  ['its readiness went', withPod(lostReadiness('2026-11-21T09:59:50Z')), '2026-11-21T09:59:50Z'],
  ['its container started', withPod(status({ state: running(longAgo) })), longAgo],
  [
    'its node',
    withPod(status({ state: running(longAgo) }), {}, notReady('KubeletNotReady', 'runtime is down')),
    undefined,
  ],
  ['being replaced', withPod(anAgentPod('n2', { metadata: { deletionTimestamp: justNow } })), undefined],
])('since when, where the API tells: %s', (_, snapshot, since) => {
  expect(findingsOf(agentsReady, snapshot)[0]?.since?.at).toBe(since);
});

test('a crash is told by the last complaint of its log, without time stamps', () => {
  const snapshot = withPod(
    status({ state: waiting('CrashLoopBackOff', 'back-off 5m0s restarting'), lastState: ended }),
  );
  expect(findingsOf(agentsReady, snapshot)[0]?.params).toEqual({
    words: 'exit code 1: Start hook failed: unable to determine direct routing device',
  });
  expect(findingsOf(agentsReady, snapshot)[0]?.evidence[0]?.lines.join()).toContain('7 restarts');
});

const crash = (node: string) =>
  anAgentPod(node, { containerStatuses: [{ ...agent, state: waiting('CrashLoopBackOff'), lastState: ended }] });

test('the same crash on many nodes is one finding', () => {
  expect(codesOf(agentsReady, aSnapshot({ facts: { systemPods: [crash('n1'), crash('n2')] } }))).toEqual([
    'KPR1001 n1,n2',
  ]);
});

describe('one cause, one finding', () => {
  const blind = allMissing('unreachable');
  const hungAgent = { status: aMissing('timeout', 'no answer within 10 s'), frontendStates: aMissing('timeout') };
  test.each<[string, ReturnType<typeof aSnapshot>, string[], string[], string[]]>([
    ['healthy', aSnapshot(), [], [], []],
    ['no agent', withPod(undefined), ['KPR1001 n2'], ['unknown n2 absent'], ['unknown n2 absent']],
    [
      'a node that has just come, and has no agent yet',
      withPod(undefined, {}, cameAt('2026-11-21T09:59:50Z')),
      ['KPR1001 n2'],
      ['unknown n2 absent'],
      ['unknown n2 absent'],
    ],
    ['hung while Ready', aSnapshot({ nodes: { n2: hungAgent } }), [], ['KPR1002 n2'], []],
    ['hung, and no longer ready', withPod(status({ state: running(longAgo) }), hungAgent), [], ['KPR1002 n2'], []],
    [
      'starting, so it does not answer yet',
      withPod(status({ state: running(justNow), restartCount: 0 }), hungAgent),
      ['KPR1001 n2'],
      ['unknown n2 timeout'],
      [],
    ],
    [
      'starting, so nothing can be asked yet',
      withPod(status({ state: running(justNow), restartCount: 0 }), blind),
      ['KPR1001 n2'],
      ['unknown n2 unreachable'],
      ['KPR9002 n2'],
    ],
    [
      'ready again after many ends, and nothing can be asked',
      withPod(status({ ready: true, state: running(justNow), restartCount: 5, lastState: ended }), blind),
      ['KPR1001 n2'],
      ['unknown n2 unreachable'],
      ['KPR9002 n2'],
    ],
    ['socket refused', aSnapshot({ nodes: { n2: { status: aMissing('unreachable') } } }), [], ['KPR1002 n2'], []],
    ['exec fails', aSnapshot({ nodes: { n2: blind } }), [], ['unknown n2 unreachable'], ['KPR9002 n2']],
    [
      'everything times out',
      aSnapshot({ nodes: { n2: allMissing('timeout') } }),
      [],
      ['unknown n2 timeout'],
      ['KPR9002 n2'],
    ],
    [
      'exec forbidden',
      aSnapshot({ nodes: { n1: allMissing('forbidden'), n2: allMissing('forbidden') } }),
      [],
      ['unknown n1 forbidden', 'unknown n2 forbidden'],
      ['unknown n1 forbidden', 'unknown n2 forbidden'],
    ],
    [
      'node gone, exec fails',
      withPod(status({ state: running(longAgo) }), blind, notReady('NodeStatusUnknown', '', 'Unknown')),
      ['KPR1001 n2'],
      ['unknown n2 unreachable'],
      ['unknown n2 absent'],
    ],
    [
      'status not understood',
      aSnapshot({ nodes: { n2: { status: aMissing('unparsed') } } }),
      [],
      ['unknown n2 unparsed'],
      [],
    ],
    [
      'left out by intention',
      aSnapshot({ nodes: { n2: { coverage: { kind: 'excluded', why: 'windows' }, agent: undefined, ...blind } } }),
      [],
      [],
      [],
    ],
  ])('%s', (_, snapshot, ready, answer, read) => {
    expect([codesOf(agentsReady, snapshot), codesOf(agentsAnswer, snapshot), codesOf(nodesRead, snapshot)]).toEqual([
      ready,
      answer,
      read,
    ]);
  });
});

test('a hung agent whose maps could be read is told so', () => {
  const source = 'kubectl exec cilium-n2 -- cilium-dbg status -o json';
  const host = { status: { ...aMissing('timeout', 'no answer within 10 s'), source } };
  const [hung] = findingsOf(agentsAnswer, aSnapshot({ nodes: { n2: host } }));
  expect(hung).toMatchObject({
    variant: 'hung',
    params: { detail: 'no answer within 10 s' },
    evidence: [{ node: 'n2', command: source }],
  });
  const [unread] = findingsOf(
    agentsAnswer,
    aSnapshot({ nodes: { n2: { ...host, mapFrontends: aMissing('timeout'), mapSizes: aMissing('timeout') } } }),
  );
  expect(unread?.variant).toBe('hungUnread');
});

test.each(['timeout', 'unreachable'] as const)(
  'an exec that ended (%s) before the agent was heard does not tell of the agent',
  (reason) => {
    const status = { ...aMissing(reason, 'no answer within 10 s'), unheard: true } as const;
    const snapshot = aSnapshot({ nodes: { n2: { status } } });
    expect(findingsOf(agentsAnswer, snapshot)).toEqual([]);
    expect(findingsOf(agentsReady, snapshot)).toEqual([]);
  },
);

test('what the kube-proxy pod of a node says does not make its agent readable', () => {
  const proxyRules = { pod: 'kube-proxy-x', iptables: [], nftTables: aMissing('absent'), table: aMissing('absent') };
  expect(codesOf(nodesRead, aSnapshot({ nodes: { n2: { ...allMissing('unreachable'), proxyRules } } }))).toEqual([
    'KPR9002 n2',
  ]);
});

test('pods that may not be listed are no missing pods', () => {
  const snapshot = aSnapshot({
    facts: { systemPods: aMissing('forbidden') },
    nodes: { n1: { agent: undefined }, n2: { agent: undefined } },
  });
  expect(codesOf(agentsReady, snapshot)).toEqual(['unknown forbidden']);
});

test('without a node to examine there is nothing to say', () => {
  const excluded = { coverage: { kind: 'excluded', why: 'windows' } } as const;
  const snapshot = aSnapshot({ nodes: { n1: excluded, n2: excluded } });
  for (const check of [agentsReady, agentsAnswer, nodesRead]) expect(codesOf(check, snapshot)[0]).toMatch(/^skipped: /);
});

test('what an archive lacks is told as the archive’s lack', () => {
  const origin = { kind: 'sysdump', file: 'dump.zip' } as const;
  const nodes = { n2: allMissing('notCollected') };
  expect(findingsOf(nodesRead, aSnapshot({ origin, nodes }))[0]).toMatchObject({
    code: 'KPR9002',
    variant: 'notInArchive',
    nodes: ['n2'],
  });
  expect(codesOf(nodesRead, aSnapshot({ nodes }))).toEqual(['unknown n2 notCollected']);
});

test.each([
  [
    'n2',
    'error dialing backend: dial tcp: lookup n2: no such host',
    'error dialing backend: dial tcp: lookup …: no such host',
  ],
  ['con', 'dial tcp 10.0.0.9:4: connect: connection refused', 'dial tcp 10.0.0.9:4: connect: connection refused'],
  ['7', 'no answer within 7 s', 'no answer within 7 s'],
  ['n2.example', 'lookup n2-example n2.example', 'lookup n2-example …'],
])('of a reason the name of the node is taken, and nothing else: %s', (name, said, detail) => {
  const agent = { namespace: 'kube-system', name: 'cilium-x', container: 'cilium-agent', ready: true } as const;
  const snapshot = aSnapshot({ nodes: { [name]: { ...allMissing('unreachable', said), agent } } });
  expect(findingsOf(nodesRead, snapshot).map(({ params }) => params['detail'])).toEqual([detail]);
});

test('a node that left while it was read, or whose agent did, is unknown, in an archive as well', () => {
  const nodes = { n2: allMissing('notCollected', `the node was removed from the cluster ${meanwhile}`) };
  const origin = { kind: 'capture', file: 'x.kpr', context: '', server: '' } as const;
  for (const snapshot of [aSnapshot({ nodes }), aSnapshot({ origin, nodes })])
    expect(codesOf(nodesRead, snapshot)).toEqual(['unknown n2 notCollected']);
});

test('an agent that is just starting is no error', () => {
  const snapshot = withPod(status({ restartCount: 0, state: running(justNow) }), allMissing('unreachable'));
  expect(severitiesOf(snapshot)).toEqual(['warning', 'warning']);
});

const severitiesOf = (snapshot: ReturnType<typeof aSnapshot>): readonly string[] =>
  [agentsReady, nodesRead].flatMap((check) => findingsOf(check, snapshot).map(({ severity }) => severity));

standardCases(agentsReady, {
  faulty: {
    KPR1001: {
      noPod: withPod(undefined),
      nodeNotReady: withPod(status({ state: running(longAgo) }), {}, notReady('KubeletNotReady', 'runtime is down')),
      initFailing: withPod(initFailing(fatal)),
      crashing: withPod(status({ state: ended })),
      notStarted: withPod(status({ state: waiting('ImagePullBackOff', 'Back-off pulling image') }, 'Pending')),
      notReady: withPod(status({ state: running(longAgo) })),
      starting: withPod(status({ restartCount: 0, state: running(justNow) })),
      restarted: withPod(status({ ready: true, state: running(justNow), lastState: ended }), {
        agent: { ready: true },
      }),
    },
  },
  notApplicable: noNode,
  hostile: (text) => withPod(initFailing(text)),
});

standardCases(agentsAnswer, {
  faulty: {
    KPR1002: {
      hung: { nodes: { n2: { status: aMissing('timeout') } } },
      hungUnread: {
        nodes: {
          n2: { status: aMissing('timeout'), mapFrontends: aMissing('timeout'), mapSizes: aMissing('timeout') },
        },
      },
    },
  },
  notApplicable: noNode,
  hostile: (text) => ({ nodes: { n2: { status: aMissing('timeout', text) } } }),
});

const refused = (address: string) =>
  allMissing('unreachable', `exec was refused: dial tcp ${address}:10250: connect: connection refused`);

test('nodes whose kubelets are refused in the same way are one finding', () => {
  const nodes = { n1: refused('172.30.1.11'), n2: refused('[fd00::12]') };
  expect(findingsOf(nodesRead, aSnapshot({ nodes }))).toMatchObject([
    { nodes: ['n1', 'n2'], params: { detail: 'exec was refused: dial tcp …:10250: connect: connection refused' } },
  ]);
});

test('what a file holds of a node, and Ctrl-C kept from being read, is nobody’s fault', () => {
  const left = allMissing('notCollected', `${leftInArchive}: interrupted`);
  expect(findingsOf(nodesRead, aSnapshot({ origin: sysdump, nodes: { n2: left } }))).toEqual([]);
});

standardCases(nodesRead, {
  faulty: {
    KPR9002: {
      starting: withPod(status({ restartCount: 0, state: running(justNow) }), allMissing('unreachable')),
      timeout: { nodes: { n2: allMissing('timeout') } },
      timeUp: { nodes: { n2: allMissing('timeout', `no answer before ${timeWasUp}`) } },
      unreachable: { nodes: { n2: allMissing('unreachable') } },
      leftInArchive: { origin: sysdump, nodes: { n2: allMissing('timeout', `${leftInArchive}: ${timeWasUp}`) } },
      notInArchive: { origin: sysdump, nodes: { n2: allMissing('notCollected') } },
      collectorHung: { origin: sysdump, nodes: { n2: allMissing('timeout') } },
      collectorFailed: { origin: sysdump, nodes: { n2: allMissing('unreachable') } },
    },
  },
  notApplicable: noNode,
  hostile: (text) => ({
    nodes: { n2: { ...allMissing('timeout'), status: aMissing('timeout', text), kernel: aMissing('timeout', text) } },
  }),
});
