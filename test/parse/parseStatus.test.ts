import { describe, expect, test } from 'vitest';
import { parseStatus } from '../../src/parse/parseStatus.ts';
import { recorded, valueOf, versions, whyOf } from './recorded.ts';

const json = (status: object) => JSON.stringify({ cilium: { state: 'Ok', msg: '1.19.6 (v1.19.6-abc)' }, ...status });

describe('recorded', () => {
  test.each(versions)('%s: JSON and text of --verbose say the same', (version) => {
    const fromJson = valueOf(parseStatus(recorded(version, 'status.json')));
    const fromText = valueOf(parseStatus(recorded(version, 'status.txt')));
    expect(fromJson.version).toBe(version);
    // The text says how DSR is dispatched in DSR mode only, and before 1.20 not even there.
    const nodePort = { ...fromJson.kpr?.nodePort, dsrDispatch: fromText.kpr?.nodePort?.dsrDispatch };
    expect(fromText).toEqual({ ...fromJson, kpr: { ...fromJson.kpr, nodePort } });
  });

  test('1.19.6 with DSR and Maglev', () => {
    const { kpr, masquerading, routing, kubernetes } = valueOf(parseStatus(recorded('1.19.6', 'status.json')));
    expect(kpr).toMatchObject({
      mode: 'True',
      devices: [{ name: 'eth0', addresses: ['172.30.0.11', 'fe80::f0de:d9ff:fe17:b1d8'] }],
      directRoutingDevice: 'eth0',
      socketLb: true,
      nodePort: { mode: 'DSR', algorithm: 'Maglev', maglevTableSize: 16_381, portMin: 30_000, portMax: 32_767 },
    });
    expect(kpr?.annotations).toContain('service.cilium.io/type');
    expect(masquerading).toEqual({ enabled: true, mode: 'BPF' });
    expect(routing).toEqual({ interHost: 'Native', intraHost: 'BPF', tunnelProtocol: '' });
    expect(kubernetes).toEqual({ state: 'Ok', message: '1.36 (v1.36.3) [linux/amd64]' });
  });
});

describe('JSON', () => {
  test('addresses that were given, of pools of their own too; what is no address is left out', () => {
    const allocations = { '10.244.1.7': 'shop/cart', 'green/10.9.0.4': 'shop/till', 'fd00::7': 'router', none: 'x' };
    const { allocated } = valueOf(parseStatus(json({ ipam: { allocations } })));
    expect(allocated).toEqual(new Set(['10.244.1.7', '10.9.0.4', 'fd00::7']));
    expect(valueOf(parseStatus(json({}))).allocated).toBeUndefined();
  });

  test('off is an absent key', () => {
    const features = {
      annotations: null,
      nodePort: {},
      socketLB: {},
      externalIPs: {},
      hostPort: {},
      sessionAffinity: {},
    };
    expect(valueOf(parseStatus(json({ 'kube-proxy-replacement': { mode: 'False', features } }))).kpr).toEqual({
      mode: 'False',
      devices: [],
      directRoutingDevice: undefined,
      socketLb: false,
      socketLbHostNamespaceOnly: false,
      nodePort: undefined,
      externalIPs: false,
      hostPort: false,
      sessionAffinity: false,
      annotations: undefined,
    });
  });

  test('an agent that says nothing of its replacement', () => {
    const status = valueOf(parseStatus(json({})));
    expect(status).toMatchObject({ kpr: undefined, masquerading: { enabled: false, mode: '' }, stale: new Map() });
  });

  test('controllers fail by their consecutive failures, not by an old message', () => {
    const controllers = [
      { name: 'old', status: { 'last-failure-msg': 'long ago', 'failure-count': 3 } },
      {
        name: 'bad',
        status: {
          'consecutive-failure-count': 4,
          'last-failure-msg': 'no route',
          'last-success-timestamp': '2026-11-21T08:33:50.353Z',
        },
      },
      { name: 'k8s-heartbeat', status: { 'last-success-timestamp': '0001-01-01T00:00:00.000Z' } },
    ];
    const { failingControllers, heartbeat } = valueOf(parseStatus(json({ controllers })));
    expect(failingControllers).toEqual([
      {
        name: 'bad',
        consecutiveFailures: 4,
        lastFailure: 'no route',
        lastSuccess: { at: '2026-11-21T08:33:50.353Z' },
      },
    ]);
    expect(heartbeat).toBeUndefined();
  });

  test('stale probes, and a message behind the version', () => {
    const text = JSON.stringify({
      cilium: { state: 'Warning', msg: '1.20.0-rc.1 (v1.20.0-rc.1-ab12)    Stale status data' },
      stale: { 'l7-proxy': '2026-11-21T08:36:22Z' },
    });
    expect(valueOf(parseStatus(text))).toMatchObject({
      version: '1.20.0-rc.1',
      state: 'Warning',
      stale: new Map([['l7-proxy', '2026-11-21T08:36:22Z']]),
    });
  });

  test.each([
    ['', /nothing was printed|no line/],
    ['{"cilium":', /no JSON/],
    ['{}', /no member "cilium"/],
    ['{"cilium": 5}', /no member "cilium"/],
  ])('%j is not a status', (text, why) => {
    expect(whyOf(parseStatus(text))).toMatch(why);
  });
});

describe('text', () => {
  const head = 'Kubernetes:   Ok   1.29 (v1.29.1) [linux/amd64]\nCilium:   Ok   1.16.5 (v1.16.5-ad688277)\n';
  const details = (lines: string) =>
    `${head}KubeProxyReplacement:   True   [eth0 10.0.0.1 (Direct Routing)]\nKubeProxyReplacement Details:\n${lines}BPF Maps:   dynamic sizing: on\n`;

  test('several devices, DSR with its dispatch, Maglev, XDP, host namespace only', () => {
    const { kpr } = valueOf(
      parseStatus(
        details(`  Status:               True
  Socket LB:            Enabled
  Socket LB Coverage:   Hostns-only
  Devices:              eth0   10.0.0.5 fe80::1, eth1   10.1.0.5 (Direct Routing)
  Mode:                 DSR
    DSR Dispatch Mode:  Geneve
  Backend Selection:    Maglev (Table Size: 65521)
  Session Affinity:     Disabled
  XDP Acceleration:     Native
  Services:
  - ClusterIP:      Enabled
  - NodePort:       Enabled (Range: 20000-22767)
  - externalIPs:    Disabled
  - HostPort:       Enabled
`),
      ),
    );
    expect(kpr).toEqual({
      mode: 'True',
      devices: [
        { name: 'eth0', addresses: ['10.0.0.5', 'fe80::1'] },
        { name: 'eth1', addresses: ['10.1.0.5'] },
      ],
      directRoutingDevice: 'eth1',
      socketLb: true,
      socketLbHostNamespaceOnly: true,
      nodePort: {
        mode: 'DSR',
        algorithm: 'Maglev',
        maglevTableSize: 65_521,
        acceleration: 'Native',
        dsrDispatch: 'Geneve',
        portMin: 20_000,
        portMax: 22_767,
      },
      externalIPs: false,
      hostPort: true,
      sessionAffinity: false,
      annotations: undefined,
    });
  });

  test('replacement off', () => {
    const { kpr } = valueOf(
      parseStatus(
        details('  Status:       False\n  Socket LB:    Disabled\n  Services:\n  - NodePort:       Disabled\n'),
      ),
    );
    expect(kpr).toMatchObject({ mode: 'False', devices: [], socketLb: false, nodePort: undefined });
  });

  test('a text that says nothing of socket load balancing does not say that it is off', () => {
    const { kpr } = valueOf(parseStatus(details('  Status:       Strict\n  Protocols:    TCP, UDP\n')));
    expect(kpr).toMatchObject({ mode: 'Strict', socketLb: undefined });
  });

  test('failing controllers, stale probes, masquerading off; CRLF', () => {
    const text = `Stale status:   "kube-proxy-replacement" since 2026-11-21 08:36:22 +0000 UTC, "l7" since never
Kubernetes:   Failure   connection refused
Cilium:   Failure   1.19.6 (v1.19.6-ab)    Kubernetes is not reachable
Masquerading:   Disabled
Host Routing:   Legacy
Controller Status:   1/2 healthy
  Name          Last success   Last error   Count   Message
  k8s-heartbeat 2m31s ago      3s ago       7       dial tcp 10.96.0.1:443: i/o timeout
  sync-a        3s ago         never        0       no error
Proxy Status:   OK
`.replaceAll('\n', '\r\n');
    expect(valueOf(parseStatus(text))).toEqual({
      version: '1.19.6',
      state: 'Failure',
      message: '1.19.6 (v1.19.6-ab)    Kubernetes is not reachable',
      kubernetes: { state: 'Failure', message: 'connection refused' },
      kpr: undefined,
      masquerading: { enabled: false, mode: '' },
      routing: { interHost: '', intraHost: 'Legacy', tunnelProtocol: '' },
      failingControllers: [
        {
          name: 'k8s-heartbeat',
          consecutiveFailures: 7,
          lastFailure: 'dial tcp 10.96.0.1:443: i/o timeout',
          lastSuccess: { secondsAgo: 151 },
        },
      ],
      heartbeat: { secondsAgo: 151 },
      stale: new Map([
        ['kube-proxy-replacement', '2026-11-21 08:36:22 +0000 UTC'],
        ['l7', 'never'],
      ]),
    });
  });

  test('without the details nothing is known of the replacement, so nothing is made up', () => {
    expect(whyOf(parseStatus(`${head}KubeProxyReplacement:   True   [eth0]\n`))).toMatch(/Details/);
  });

  test('something else', () => {
    expect(whyOf(parseStatus('Get "http://localhost/v1/healthz": dial unix: no such file'))).toMatch(
      /no line "Cilium:"/,
    );
  });
});
