import { describe, expect, test } from 'vitest';
import { parseApiProbe } from '../../src/parse/parseApiProbe.ts';
import { parseServersProbe } from '../../src/parse/parseServersProbe.ts';
import { parseDnsProbe } from '../../src/parse/parseDnsProbe.ts';
import { parseProxyHealth } from '../../src/parse/parseProxyHealth.ts';
import { valueOf, whyOf } from './recorded.ts';

const http = (status: string, body: string) =>
  `HTTP/1.0 ${status}\r\nContent-Type: application/json\r\nDate: Sat, 21 Nov 2026 08:34:00 GMT\r\n\r\n${body}`;

describe('who answers on the health port', () => {
  test.each([
    ['nobody\n', { kind: 'nobody' }],
    [
      http(
        '200 OK',
        '{"lastUpdated": "2026-11-21 08:34:00 +0000 UTC","currentTime": "2026-11-21 08:34:01 +0000 UTC", "nodeEligible": true}',
      ),
      { kind: 'kubeProxy', httpStatus: 200 },
    ],
    [
      http('503 Service Unavailable', '{"lastUpdated": "x","currentTime": "y", "nodeEligible": false}'),
      { kind: 'kubeProxy', httpStatus: 503 },
    ],
    [http('200 OK', '{"lastUpdated": "x","currentTime": "y"}'), { kind: 'cilium', httpStatus: 200 }],
    [http('503 Service Unavailable', '{"lastUpdated": "x","currentTime": "y"}'), { kind: 'cilium', httpStatus: 503 }],
    [http('404 Not Found', '404 page not found\n'), { kind: 'other', excerpt: '404 page not found' }],
    [http('200 OK', '{"status":"ok"}'), { kind: 'other', excerpt: '{"status":"ok"}' }],
    ['SSH-2.0-OpenSSH_9.2\r\n', { kind: 'other', excerpt: 'SSH-2.0-OpenSSH_9.2' }],
    ['\u001b[31mred\u0007\n', { kind: 'other', excerpt: '[31mred' }],
  ])('%j', (text, health) => {
    expect(valueOf(parseProxyHealth(text))).toEqual(health);
  });

  test('a connection that is closed says neither that somebody serves nor that nobody does', () => {
    expect(whyOf(parseProxyHealth('\n'))).toContain('without an answer');
  });

  test.each([
    ['nob', 'neither HTTP nor a line: nob'],
    ['\u0001\u0002', 'neither HTTP nor a line'],
    [http('200 OK', '{"lastUpdated": "x","currentTime": "y","nodeEl'), 'its JSON was cut'],
  ])('what was cut says nothing: kube-proxy’s answer would become Cilium’s: %j', (text, why) => {
    expect(whyOf(parseProxyHealth(text))).toContain(why);
  });
});

describe('the API server that the agent was given', () => {
  test.each([
    [
      'host=172.30.0.1 port=6443 resolved=172.30.0.1 connect=open detail=\n',
      { host: '172.30.0.1', port: '6443', resolved: ['172.30.0.1'], connect: 'open', detail: '' },
    ],
    [
      'host=api.example port=443 resolved=10.0.0.1,fd00::1 connect=timeout detail=no answer = nothing\r\n',
      {
        host: 'api.example',
        port: '443',
        resolved: ['10.0.0.1', 'fd00::1'],
        connect: 'timeout',
        detail: 'no answer = nothing',
      },
    ],
    [
      'host=https://x port= resolved=- connect=unresolved detail=Name or service not known',
      { host: 'https://x', port: '', resolved: [], connect: 'unresolved', detail: 'Name or service not known' },
    ],
    [
      'host= port= resolved=- connect=failed detail=bad\u0007port',
      { host: '', port: '', resolved: [], connect: 'failed', detail: 'bad port' },
    ],
  ])('%j', (text, probe) => {
    expect(valueOf(parseApiProbe(text))).toEqual(probe);
  });

  test.each(['', 'host=a port=1 resolved=- connect=maybe detail=', 'host=a port=1'])('%j is no probe', (text) => {
    expect(whyOf(parseApiProbe(text))).toContain('no line of the probe');
  });
});

const outcome = (rest: string) => {
  const [probe] = valueOf(parseDnsProbe(`clusterIP UDP 10.96.0.10 53 ${rest}`));
  return { outcome: probe?.outcome, detail: probe?.detail, ...(probe?.rcode !== undefined && { rcode: probe.rcode }) };
};

describe('cluster DNS', () => {
  test.each([
    ['answered 4b5085800001000100000000', { outcome: 'answered', detail: '' }],
    ['answered  4b 50 85 00 00 01 00 01 00 00 00 00 0a 6b 75 62', { outcome: 'answered', detail: '' }],
    ['answered 4B5081830001000000010000', { outcome: 'answered', detail: 'NXDOMAIN' }],
    [
      'answered 4b5081820001000000000000',
      { outcome: 'badAnswer', detail: 'the server answered SERVFAIL', rcode: 'SERVFAIL' },
    ],
    ['answered 4b5081850001', { outcome: 'badAnswer', detail: 'the server answered REFUSED', rcode: 'REFUSED' }],
    ['answered 4b50818f0001', { outcome: 'badAnswer', detail: 'the server answered code 15', rcode: 'code 15' }],
    ['answered 000085800001', { outcome: 'badAnswer', detail: 'the answer is to another query: 000085800001' }],
    ['answered 4b5001000001', { outcome: 'badAnswer', detail: 'a query, not an answer: 4b5001000001' }],
    ['answered 4b', { outcome: 'badAnswer', detail: 'no DNS message: 4b' }],
    ['answered ', { outcome: 'badAnswer', detail: 'no DNS message: ' }],
    ['timeout ', { outcome: 'timeout', detail: '' }],
    ['refused Connection refused', { outcome: 'refused', detail: 'Connection refused' }],
    ['badAnswer Network is unreachable', { outcome: 'badAnswer', detail: 'Network is unreachable' }],
  ])('%s', (rest, expected) => {
    expect(outcome(rest)).toEqual(expected);
  });

  test('several servers', () => {
    const text = 'clusterIP TCP fd00::a 53 timeout \r\nendpoint UDP 10.244.0.10 1053 answered 4b508580\n\n';
    expect(valueOf(parseDnsProbe(text))).toEqual([
      { via: 'clusterIP', protocol: 'TCP', server: 'fd00::a', port: 53, outcome: 'timeout', detail: '' },
      { via: 'endpoint', protocol: 'UDP', server: '10.244.0.10', port: 1053, outcome: 'answered', detail: '' },
    ]);
  });

  test.each([
    'clusterIP UDP 10.96.0.10 53 perhaps',
    'clusterIP ICMP 10.96.0.10 53 timeout',
    'bash: line 1: syntax error',
  ])('%j is no probe', (text) => {
    expect(whyOf(parseDnsProbe(text))).toContain('a line of the probe');
  });

  test('no line', () => {
    expect(whyOf(parseDnsProbe('\n'))).toBe('nothing was printed');
  });
});

describe('API servers', () => {
  test('each with what became of the connection', () => {
    const text =
      'clusterIP 10.96.0.1 443 open \nserver fd00::1 6443 refused Connection refused\nserver 10.0.0.1 6443 timeout\n';
    expect(valueOf(parseServersProbe(text))).toEqual([
      { via: 'clusterIP', address: '10.96.0.1', port: 443, connect: 'open', detail: '' },
      { via: 'server', address: 'fd00::1', port: 6443, connect: 'refused', detail: 'Connection refused' },
      { via: 'server', address: '10.0.0.1', port: 6443, connect: 'timeout', detail: '' },
    ]);
  });

  test.each(['', 'server 10.0.0.1 6443 perhaps', 'dial: not found'])('not understood: %j', (text) => {
    expect(parseServersProbe(text).ok).toBe(false);
  });
});
