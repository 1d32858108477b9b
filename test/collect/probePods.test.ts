import { describe, expect, test } from 'vitest';
import type { Answer, ClusterChange } from '../../src/collect/ClusterPort.ts';
import { ProbePods } from '../../src/collect/connect/ProbePods.ts';
import { missing, type Missing, type MissingReason } from '../../src/model/Fact.ts';
import type { JsonObject } from '../../src/text/isRecord.ts';
import { FakePort } from '../support/FakePort.ts';

const daemonSetPath = '/apis/apps/v1/namespaces/kube-system/daemonsets/cilium';
const daemonSet = {
  kind: 'DaemonSet',
  spec: {
    template: {
      spec: {
        imagePullSecrets: [{ name: 'registry' }],
        containers: [
          { name: 'sidecar', image: 'other' },
          { name: 'cilium-agent', image: 'quay.io/cilium/cilium:v1.19.6' },
        ],
      },
    },
  },
};
const pods = '/api/v1/namespaces/kube-system/pods';
const wish = { namespace: 'kube-system', daemonSet: 'cilium', nodes: ['n1', 'n2'] };
const soon = { startMs: 60, removeMs: 60, pollMs: 5, lateMs: 30 };
const calm = new AbortController().signal;

const done = (value: JsonObject = {}): Answer<JsonObject> => ({ ok: true, value });
const failed = (reason: MissingReason, detail: string): Answer<JsonObject> => ({
  ok: false,
  why: missing(reason, detail),
});

interface Cluster {
  readonly status?: JsonObject;
  readonly onCreate?: (name: string) => Answer<JsonObject> | undefined;
  readonly onDelete?: (name: string) => Answer<JsonObject> | undefined;
  readonly allowed?: (verb: string) => Answer<JsonObject>;
  readonly daemonSet?: unknown;
}

/** Pods of a cluster that is told what becomes of them; they run, and go when they are to, unless it says so. */
function clusterOf({ status = { phase: 'Running' }, onCreate, onDelete, allowed, daemonSet: agents }: Cluster) {
  const there = new Map<string, JsonObject>();
  const change = ({ verb, path, ...rest }: ClusterChange): Answer<JsonObject> => {
    if (verb === 'delete') {
      const name = path.slice(pods.length + 1);
      const answer = onDelete?.(name);
      if (answer !== undefined) return answer;
      return there.delete(name) ? done() : failed('absent', 'not found');
    }
    const { body } = rest as {
      readonly body: { readonly metadata: { readonly name: string }; readonly spec: JsonObject };
    };
    if (path !== pods) {
      const { verb } = body.spec['resourceAttributes'] as { readonly verb: string };
      return allowed?.(verb) ?? done({ status: { allowed: true } });
    }
    const answer = onCreate?.(body.metadata.name);
    if (answer?.ok === false && answer.why.missing === 'forbidden') return answer;
    there.set(body.metadata.name, { ...body, status });
    return answer ?? done();
  };
  const port = new (class extends FakePort {
    override async list(): Promise<Answer<readonly unknown[]>> {
      return { ok: true, value: [...there.values()] };
    }
  })({ [daemonSetPath]: agents ?? daemonSet }, undefined, change);
  return { port, there, probe: new ProbePods(port, wish, soon) };
}

const both = new Set(['n1', 'n2']);
const whys = (failures: ReadonlyMap<string, Missing>): readonly string[] =>
  [...failures].map(([node, { missing, detail }]) => `${node} ${missing}: ${detail}`);

describe('pods from which connections are opened', () => {
  test('have the agents’ image, and nothing that they may do', async () => {
    const { port, there, probe } = clusterOf({});
    await probe.prepare();
    expect(await probe.start(both, 120, calm)).toEqual(new Map());
    expect([...there.keys()]).toEqual([...probe.targets.values()].map(({ pod }) => pod));
    expect([...there.values()][1]).toMatchObject({
      metadata: { namespace: 'kube-system', labels: { 'app.kubernetes.io/managed-by': 'kubectl-kpr' } },
      spec: {
        nodeName: 'n2',
        hostNetwork: false,
        restartPolicy: 'Never',
        activeDeadlineSeconds: 120,
        automountServiceAccountToken: false,
        tolerations: [{ operator: 'Exists' }],
        imagePullSecrets: [{ name: 'registry' }],
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
        containers: [
          {
            name: 'probe',
            image: 'quay.io/cilium/cilium:v1.19.6',
            imagePullPolicy: 'IfNotPresent',
            securityContext: {
              allowPrivilegeEscalation: false,
              privileged: false,
              readOnlyRootFilesystem: true,
              capabilities: { drop: ['ALL'] },
            },
          },
        ],
      },
    });
    expect(await probe.remove()).toEqual([]);
    expect(there.size).toBe(0);
    expect(port.changes.filter(({ verb }) => verb === 'delete')).toHaveLength(2);
  });

  test('are made on the nodes from which there is something to be tried', async () => {
    const { there, probe } = clusterOf({});
    await probe.prepare();
    await probe.start(new Set(['n2']), 120, calm);
    expect([...there.values()].map(({ spec }) => (spec as JsonObject)['nodeName'])).toEqual(['n2']);
    expect(await probe.remove()).toEqual([]);
  });
});

describe('nothing is made', () => {
  test.each<[string, Cluster, RegExp]>([
    [
      'who may not create',
      { allowed: (verb) => done({ status: { allowed: verb !== 'create' } }) },
      /you may not create/,
    ],
    [
      'who may not delete',
      { allowed: (verb) => done({ status: { allowed: verb !== 'delete' } }) },
      /you may not delete/,
    ],
    ['who is not told', { allowed: () => failed('unreachable', 'reset') }, /whether you may is not known \(reset\)/],
    ['an answer that says nothing', { allowed: () => done({}) }, /you may not create/],
    ['no image', { daemonSet: { kind: 'DaemonSet', spec: {} } }, /it names no image of an agent/],
    ['no DaemonSet', { daemonSet: missing('forbidden', 'may not get it') }, /may not get it/],
  ])('for %s', async (_, cluster, why) => {
    const { port, probe } = clusterOf(cluster);
    await expect(probe.prepare()).rejects.toThrow(why);
    await expect(probe.prepare()).rejects.toHaveProperty('hint', expect.stringMatching(/^Nothing was created\. /));
    expect(port.changes.filter(({ path }) => path.startsWith(pods))).toEqual([]);
    expect(await probe.remove()).toEqual([]);
  });

  test('after Ctrl-C', async () => {
    const { there, probe } = clusterOf({});
    await probe.prepare();
    const failures = await probe.start(both, 120, AbortSignal.abort());
    expect(whys(failures)).toEqual(['n1 notCollected: interrupted', 'n2 notCollected: interrupted']);
    expect(there.size).toBe(0);
  });
});

const waiting = (reason: string): JsonObject => ({
  phase: 'Pending',
  containerStatuses: [{ state: { waiting: { reason, message: 'so it is' } } }],
});

describe('a node without one', () => {
  test.each<[string, Cluster, string]>([
    [
      'refused',
      { onCreate: () => failed('forbidden', 'exceeded quota') },
      'forbidden: no pod could be made there: exceeded quota',
    ],
    [
      'an image that is not there',
      { status: waiting('ErrImagePull') },
      'unreachable: the pod that was made there did not start (ErrImagePull: so it is)',
    ],
    [
      'ended by its node',
      { status: { phase: 'Failed', reason: 'OutOfpods', message: '' } },
      'unreachable: the pod that was made there did not start (OutOfpods)',
    ],
    [
      'a program that could not be started',
      {
        status: {
          phase: 'Failed',
          containerStatuses: [{ state: { terminated: { reason: 'StartError', message: 'no sleep in PATH' } } }],
        },
      },
      'unreachable: the pod that was made there did not start (StartError: no sleep in PATH)',
    ],
    [
      'not begun',
      { status: { phase: 'Pending' } },
      'timeout: the pod that was made there did not run within 0.06 s (its node says nothing of it)',
    ],
    [
      'slow',
      { status: waiting('ContainerCreating') },
      'timeout: the pod that was made there did not run within 0.06 s (ContainerCreating: so it is)',
    ],
  ])('is told why: %s', async (_, cluster, why) => {
    const { there, probe } = clusterOf(cluster);
    await probe.prepare();
    expect(whys(await probe.start(both, 120, calm))).toEqual([`n1 ${why}`, `n2 ${why}`]);
    expect(await probe.remove()).toEqual([]);
    expect(there.size).toBe(0);
  });

  test('one of which no answer came is removed when it comes late', async () => {
    const { there, probe } = clusterOf({
      onCreate: (name) => {
        setTimeout(() => there.set(name, { metadata: { name }, status: {} }), 15);
        return failed('timeout', 'no answer');
      },
    });
    await probe.prepare();
    await probe.start(new Set(['n1']), 120, calm);
    there.clear();
    expect(await probe.remove()).toEqual([]);
    expect(there.size).toBe(0);
  });
});

describe('what cannot be removed is named', () => {
  test('where that fails', async () => {
    const { probe } = clusterOf({ onDelete: () => failed('unreachable', 'etcdserver: request timed out') });
    await probe.prepare();
    await probe.start(both, 120, calm);
    expect(await probe.remove()).toEqual([...probe.targets.values()].map(({ pod }) => pod));
    expect(probe.removal).toMatch(
      /^kubectl --context=prod-1 -n kube-system delete pods -l kubectl-kpr\/run=[0-9a-f]{8}$/,
    );
  });

  test('where it was done once, and its node does not end it', async () => {
    const { port, there, probe } = clusterOf({
      onDelete: (name) => {
        const pod = there.get(name);
        const metadata = { ...(pod?.['metadata'] as JsonObject), deletionTimestamp: '2026-11-28T12:00:00Z' };
        there.set(name, { ...pod, metadata });
        return done();
      },
    });
    await probe.prepare();
    await probe.start(new Set(['n1']), 120, calm);
    expect(await probe.remove()).toHaveLength(1);
    expect(port.changes.filter(({ verb }) => verb === 'delete')).toHaveLength(1);
  });
});
