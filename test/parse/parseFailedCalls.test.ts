import { describe, expect, test } from 'vitest';
import { parseFailedCalls } from '../../src/parse/parseFailedCalls.ts';

const at = (second: number, rest: string): string =>
  `time=2026-11-21T10:00:${String(second).padStart(2, '0')}.123456789Z ${rest}`;
const watch = (kind: string): string =>
  String.raw`level=error msg="Unhandled Error" error="Failed to watch *v1.${kind}: Get \"https://172.30.0.1:6443/apis/discovery.k8s.io/v1/endpointslices?watch=true\": dial tcp 172.30.0.1:6443: connect: connection refused" subsys=k8s`;
const calm = 'level=info msg="Endpoint regenerated" subsys=endpoint';

describe('what an agent’s log tells of failed calls', () => {
  test('those of the last half minute', () => {
    const log = [
      at(1, watch('EndpointSlice')),
      at(20, watch('EndpointSlice')),
      at(30, watch('Service')),
      at(40, calm),
    ].join('\n');
    expect(parseFailedCalls(log)).toEqual({
      ok: true,
      value: { count: 2, last: expect.stringMatching(/^Get "https:\/\/172\.30\.0\.1:6443\/apis.*connection refused$/) },
    });
  });

  test.each([
    ['none', calm],
    ['of another server', 'level=error msg="hubble" error="dial tcp 10.0.0.9:4244: connect: connection refused"'],
    ['an answer that is an error', 'level=warning msg="Get https://172.30.0.1:6443/api/v1/nodes/n9: not found"'],
  ])('%s', (_, line) => {
    expect(parseFailedCalls(`${at(1, line)}\n${at(2, line)}`)).toEqual({ ok: true, value: { count: 0, last: '' } });
  });

  test('a heartbeat without an answer', () => {
    const line = 'level=warning msg="Heartbeat timed out, restarting client connections" subsys=k8s';
    expect(parseFailedCalls(at(1, line))).toMatchObject({ value: { count: 1, last: 'Heartbeat timed out' } });
  });

  test('without times nothing can be told', () => {
    expect(parseFailedCalls('hello').ok).toBe(false);
  });
});
