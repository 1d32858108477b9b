import { expect, onTestFinished, test } from 'vitest';
import { main } from '../../src/cli/main.ts';
import type { ReportDocument } from '../../src/report/ReportDocument.ts';
import { healthyOptions, type PodFate } from '../simulate/options.ts';
import { type Simulator, startSimulator } from '../simulate/Simulator.ts';
import { type FakeIo, fakeIo } from '../support/fakeIo.ts';

const timeout = 60_000;
const verify = ['verify', '--no-wait', '-o', 'json', '--connect'];
const trace = ['trace', 'svc/kube-dns', '-n', 'kube-system', '-o', 'json', '--connect'];

interface Ended {
  readonly exitCode: number;
  readonly io: FakeIo;
  readonly simulator: Simulator;
}

async function run(
  args: readonly string[],
  { nodes = 2, pods = 'run' }: { readonly nodes?: number; readonly pods?: PodFate } = {},
  meanwhile: (io: FakeIo, simulator: Simulator) => void = () => {},
): Promise<Ended> {
  const simulator = await startSimulator({ ...healthyOptions, nodes, services: 5, podsPerNode: 2, pods });
  onTestFinished(() => simulator.close());
  const io = fakeIo();
  meanwhile(io, simulator);
  const exitCode = await main([...args, '--kubeconfig', simulator.kubeconfig], io);
  return { exitCode, io, simulator };
}

const reportOf = ({ io }: Ended): ReportDocument => JSON.parse(io.stdout.text) as ReportDocument;

/** What was sent to be made or removed, without the names that are chosen anew each time. */
const changes = ({ simulator }: Ended): readonly string[] =>
  simulator.asked
    .filter((one) => !one.startsWith('GET '))
    .map((one) => one.replace(/probe-[0-9a-f]{8}-/, 'probe-*-'))
    .toSorted();

const pods = '/api/v1/namespaces/kube-system/pods';
const review = 'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews';

test.each([[verify], [trace]])(
  'nothing but GET is sent by %s, and agents alone are asked',
  { timeout },
  async (args) => {
    const ended = await run(args);
    expect(changes(ended)).toEqual([]);
    const { asked } = ended.simulator;
    const execs = asked.filter((one) => one.includes('/exec?'));
    // Beside what reads each node, one that connects from it.
    expect(execs.length).toBeGreaterThanOrEqual(4);
    expect(execs.filter((one) => !/\/kube-system\/pods\/cilium-n\d+\/exec\?container=cilium-agent&/.test(one))).toEqual(
      [],
    );
    expect(asked.filter((one) => /secrets|attach|portforward|proxy\/|watch=/.test(one))).toEqual([]);
  },
);

test.each([[verify], [trace]])(
  '%s --probe-pod asks for the rights, makes a pod on each node, connects from it, and removes it',
  { timeout },
  async (args) => {
    const ended = await run([...args, '--probe-pod']);
    expect(ended.exitCode).toBe(0);
    expect(changes(ended)).toEqual([
      ...[1, 2].map((number) => `DELETE ${pods}/kubectl-kpr-probe-*-${number}?gracePeriodSeconds=1`),
      `POST ${pods}`,
      `POST ${pods}`,
      review,
      review,
    ]);
    const { made, left } = ended.simulator.pods;
    expect(made.map(({ spec }) => spec['nodeName'])).toEqual(['n1', 'n2']);
    expect(left).toEqual([]);
    expect(ended.io.stderr.text).toMatch(
      /connect: creates 2 pods with the agents’ image for it, and removes them again; should that fail, nodes end them after \d+ s, and this removes them: kubectl --kubeconfig=\S+ -n kube-system delete pods -l kubectl-kpr\/run=[0-9a-f]{8}\n/,
    );
    expect(ended.io.stderr.text).toContain('connect: no pod of it is left\n');
    const { connections } = reportOf(ended);
    expect(new Set(connections?.tried.map(({ from }) => from.kind))).toEqual(new Set(['probePod']));
    const { planned = 0 } = connections?.totals ?? {};
    expect(planned).toBeGreaterThan(0);
    expect(connections?.totals).toEqual({ planned, tried: planned, answered: planned, failed: 0, ratePerSecond: 50 });
  },
);

test('without the rights nothing is made', { timeout }, async () => {
  const ended = await run([...verify, '--probe-pod'], { pods: 'noDelete' });
  expect(ended.exitCode).toBe(2);
  expect(changes(ended)).toEqual([review, review]);
  expect(ended.io.stderr.text).not.toContain('connect:');
});

test('connections of which nothing is said are no pass', { timeout }, async () => {
  const args = [...verify, '--probe-pod', '--check', 'connections-answered'];
  expect((await run(args)).exitCode).toBe(0);
  // Two of them by UDP, which is not tried everywhere.
  const ended = await run(args, { pods: 'forgetful' });
  expect(ended.exitCode).toBe(3);
  const check = reportOf(ended).checks.find(({ id }) => id === 'connections-answered');
  expect(check?.unknown[0]?.detail).toMatch(/^of 1 of \d+ connections it is not said how they ended$/);
});

const answeredOf = ({ io }: Ended): boolean =>
  (JSON.parse(io.stdout.text) as ReportDocument).checks.find(({ id }) => id === 'connections-answered')?.result ===
  'pass';

test('a pod that goes while it is tried is no loss; what is lost is lost again', { timeout }, async () => {
  const early = await run([...verify, '--probe-pod'], { nodes: 1, pods: 'early' });
  expect(answeredOf(early)).toBe(true);
  expect(reportOf(early).connections?.totals.failed).toBe(0);
  const lossy = await run([...verify, '--probe-pod'], { nodes: 1, pods: 'lossy' });
  expect(answeredOf(lossy)).toBe(false);
  expect(reportOf(lossy).connections?.totals.failed).toBeGreaterThan(0);
});

test('what nobody answers to a pod that is deleted meanwhile is not known, and no loss', { timeout }, async () => {
  const ended = await run([...verify, '--probe-pod'], { nodes: 1, pods: 'ending' });
  const check = reportOf(ended).checks.find(({ id }) => id === 'connections-answered');
  expect(check).toMatchObject({
    result: 'unknown',
    unknown: [{ node: 'n1', detail: expect.stringMatching(/^the pod that was asked was deleted/) }],
  });
  expect(ended.exitCode).toBe(3);
});

/** Presses Ctrl-C when commands run in pods that never answer. */
const interruptTimes =
  (times: number) =>
  (io: FakeIo, { asked }: Simulator): void => {
    const timer = setInterval(() => {
      if (!asked.some((one) => one.includes('/kubectl-kpr-probe-') && one.includes('/exec?'))) return;
      clearInterval(timer);
      for (let pressed = 0; pressed < times; pressed++) io.interrupt();
    }, 20);
  };

test('Ctrl-C while connections are opened: no pod is left, and the report is whole', { timeout }, async () => {
  const ended = await run([...verify, '--probe-pod'], { pods: 'silent' }, interruptTimes(1));
  expect(ended.exitCode).toBe(130);
  expect(reportOf(ended).verdict).toBe('interrupted');
  expect(ended.simulator.pods.left).toEqual([]);
  expect(ended.io.exits).toEqual([]);
});

test('who presses Ctrl-C again is told what may be left', { timeout }, async () => {
  const { io } = await run([...verify, '--probe-pod'], { pods: 'silent' }, interruptTimes(2));
  expect(io.exits).toEqual([130]);
  expect(io.stderr.text).toMatch(/pods may be left; remove them: kubectl .* delete pods -l kubectl-kpr\/run=\S+\n/);
});

test.each([
  [['doctor', '--probe-pod']],
  [['trace', 'svc/kube-dns', '-n', 'kube-system', '--probe-pod']],
  [[...trace, '--source', 'external', '--probe-pod']],
  [[...verify, '--probe-pod', '--from', 'x.kpr']],
])('%s makes no sense', async (args) => {
  expect(await main(args, fakeIo())).toBe(2);
});

test('on many nodes they have to be named', { timeout }, async () => {
  const ended = await run([...verify, '--probe-pod'], { nodes: 51 });
  expect(ended.exitCode).toBe(2);
  expect(`${ended.io.stdout.text}${ended.io.stderr.text}`).toContain('on each of 51 nodes, and creates 50 at most');
  expect(changes(ended)).toEqual([]);
});
