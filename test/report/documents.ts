import type { CheckReport, FindingReport, ReportDocument } from '../../src/report/ReportDocument.ts';

/** Reports as they are printed, for the renderers; their prose is not the program's, so that it may change freely. */
function aCheckReport(
  id: string,
  { result = 'pass', reason, unknown = [], ...more }: Partial<CheckReport> & { readonly reason?: string } = {},
): CheckReport {
  const head = {
    id,
    title: `What ${id} says holds on every node`,
    area: 'agents',
    codes: ['KPR1007'],
    ...more,
  } as const;
  return result === 'pass'
    ? { ...head, result, unknown: [] }
    : { ...head, result, ...(reason !== undefined && { reason }), unknown };
}

export const aFindingReport = (more: Partial<FindingReport> = {}): FindingReport => ({
  code: 'KPR1007',
  variant: 'detached',
  check: 'socket-lb-attached',
  severity: 'error',
  harm: 'now',
  title: 'Socket load balancing is not attached',
  brief: 'socket load balancing is not attached',
  message: 'Socket LB is enabled, but connect4 and sendmsg4 are not attached to the root cgroup',
  nodes: ['n7'],
  objects: [],
  params: {},
  evidence: [],
  likelyCauses: [],
  remedy: { steps: [] },
  ...more,
});

const nodes = Array.from({ length: 12 }, (_, i) => `n${i + 1}`);

export const healthy: ReportDocument = {
  schemaVersion: 2,
  tool: { name: 'kubectl-kpr', version: '0.1.0' },
  command: 'doctor',
  verdict: 'pass',
  exitCode: 0,
  gate: { failOn: 'error', unknownFails: false, allowedUnknown: [] },
  summary: {
    findings: { error: 0, warning: 0, info: 0 },
    checks: { pass: 4, fail: 0, skipped: 1, unknown: 0 },
    inconclusive: 0,
  },
  takenAt: '2026-01-02T03:04:05Z',
  durationMs: 1437,
  source: { kind: 'live' },
  cluster: {
    context: 'prod-1',
    server: 'https://10.0.0.1:6443',
    kubernetesVersion: 'v1.36.3',
    ciliumVersions: ['1.19.6'],
    ciliumNamespace: 'kube-system',
    distribution: 'kubeadm',
    nodes: 12,
    services: 340,
  },
  coverage: {
    nodes: {
      total: 12,
      covered: 12,
      read: 12,
      names: nodes,
      excluded: [],
      notSelected: [],
      notRead: [],
    },
    frontends: {
      total: 812,
      verified: 812,
      nodes: 12,
      byNode: nodes.map((node) => ({ node, total: 812, verified: 812 })),
      asked: 214,
      served: 211,
      differ: 0,
      notServed: [{ reason: 'notReady', text: 'without a ready backend', frontends: 3 }],
      notKnown: 0,
    },
  },
  checks: [
    aCheckReport('agents-ready'),
    aCheckReport('socket-lb-attached'),
    aCheckReport('api-endpoint', { area: 'apiEndpoint' }),
    aCheckReport('ipvs-remains', { area: 'kubeProxy', result: 'skipped', reason: 'the kernel has no IPVS' }),
    aCheckReport('cluster-dns', { area: 'dns' }),
  ],
  findings: [],
};

export const broken: ReportDocument = {
  ...healthy,
  verdict: 'fail',
  exitCode: 1,
  summary: {
    findings: { error: 2, warning: 1, info: 1 },
    checks: { pass: 1, fail: 3, skipped: 0, unknown: 0 },
    inconclusive: 0,
  },
  checks: [
    aCheckReport('agents-ready', { result: 'fail' }),
    aCheckReport('socket-lb-attached', { result: 'fail' }),
    aCheckReport('kube-proxy-config', { area: 'kubeProxy', result: 'fail' }),
    aCheckReport('cluster-dns', { area: 'dns' }),
  ],
  findings: [
    aFindingReport({
      code: 'KPR2002',
      check: 'api-endpoint',
      brief: 'the agents do not reach the API server',
      message: 'The agents are told to reach the API server at 10.96.0.1:6443, which does not answer',
      nodes: [],
      objects: [{ kind: 'ConfigMap', namespace: 'kube-system', name: 'cilium-config' }],
      expected: '10.0.0.1:6443',
      found: '10.96.0.1:6443',
      remedy: {
        steps: [
          {
            text: 'Set the address of the API server',
            where: 'workstation',
            commands: [
              {
                command:
                  'kubectl --context=prod-1 -n kube-system set env ds/cilium KUBERNETES_SERVICE_HOST=10.0.0.1 KUBERNETES_SERVICE_PORT=6443',
              },
            ],
            risk: 'all agents restart, one after the other; established connections stay',
          },
        ],
        check: 'kubectl kpr doctor --context=prod-1',
        undo: 'kubectl --context=prod-1 -n kube-system rollout undo ds/cilium',
      },
    }),
    aFindingReport({
      nodes,
      likelyCauses: ['KPR2002'],
      effectOf: 0,
      evidence: [
        {
          node: 'n1',
          command:
            'kubectl --context=prod-1 -n kube-system exec cilium-n1 -c cilium-agent -- bpftool -j cgroup show /run/cilium/cgroupv2',
          excerpt: ['[] (no program)', '2', '3', '4', '5', '6', '7'].join('\n'),
        },
        { node: 'n2', command: 'the same on n2', excerpt: '[]' },
      ],
      remedy: {
        steps: [
          {
            text: 'Restart the agent, which attaches its programs again',
            where: 'workstation',
            commands: nodes.map((node) => ({
              node,
              command: `kubectl --context=prod-1 -n kube-system delete pod cilium-${node}`,
            })),
          },
          {
            text: 'Look at the kernel’s log',
            where: 'node',
            commands: [{ command: 'journalctl -k -g cgroup' }],
          },
        ],
      },
    }),
    aFindingReport({
      code: 'KPR3002',
      check: 'kube-proxy-config',
      severity: 'warning',
      brief: 'something brings kube-proxy back',
      message: 'ConfigMap kube-system/kube-proxy is still there: the next kubeadm upgrade brings kube-proxy back',
      nodes: [],
      objects: [{ kind: 'ConfigMap', namespace: 'kube-system', name: 'kube-proxy' }],
      remedy: {
        steps: [
          {
            text: 'Delete it',
            where: 'workstation',
            commands: [{ command: 'kubectl -n kube-system delete configmap kube-proxy' }],
          },
        ],
      },
    }),
    aFindingReport({
      code: 'KPR5011',
      check: 'ready-backends',
      severity: 'info',
      brief: 'no backend is ready',
      message: 'Service shop/cart has no ready backend: the application’s fault, not the datapath’s',
      nodes: [],
      objects: [{ kind: 'Service', namespace: 'shop', name: 'cart' }],
    }),
  ],
};

const hung = 'the agent did not answer within 10 s';

export const unknowns: ReportDocument = {
  ...healthy,
  verdict: 'unknown',
  summary: {
    findings: { error: 0, warning: 0, info: 0 },
    checks: { pass: 1, fail: 0, skipped: 0, unknown: 6 },
    inconclusive: 6,
  },
  source: { kind: 'sysdump', file: 'sysdump.zip' },
  cluster: { ...healthy.cluster, context: null, server: null, services: null, ciliumVersions: ['1.18.4', '1.19.6'] },
  coverage: {
    nodes: {
      total: 12,
      covered: 10,
      read: 8,
      names: ['n1', 'n2', 'n3', 'n4', 'n5', 'n6', 'n9', 'n10'],
      excluded: [{ node: 'w1', why: 'Windows' }],
      notSelected: ['n12'],
      notRead: [
        { node: 'n7', reason: 'timeout', detail: hung },
        { node: 'n8', reason: 'timeout', detail: hung },
      ],
    },
    frontends: null,
  },
  checks: [
    aCheckReport('agents-ready'),
    ...['socket-lb-attached', 'devices', 'map-pressure', 'agents-agree'].map((id) =>
      aCheckReport(id, {
        result: 'unknown',
        reason: `n7: ${hung}`,
        unknown: ['n7', 'n8'].map((node) => ({ node, reason: 'timeout', detail: hung, blockedBy: 'agents-answer' })),
      }),
    ),
    aCheckReport('leftover-rules', {
      area: 'kubeProxy',
      result: 'unknown',
      reason: 'no iptables-save in the archive',
      unknown: [1, 2, 3, 4, 5].map((i) => ({
        node: `n${i}`,
        reason: 'notCollected',
        detail: `the archive lacks cilium-bugtool-cilium-x${i}/cmd/iptables-save--c.md`,
        blockedBy: null,
      })),
    }),
    aCheckReport('services-known', {
      area: 'services',
      result: 'unknown',
      reason: 'not allowed',
      unknown: [
        { node: null, reason: 'forbidden', detail: 'jane may not list services at the cluster scope', blockedBy: null },
      ],
    }),
  ],
  findings: [],
};
