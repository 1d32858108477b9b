import { describe, expect, test } from 'vitest';
import type { ExecOutcome } from '../../src/collect/ClusterPort.ts';
import { execPatiently } from '../../src/collect/execPatiently.ts';
import { Pace } from '../../src/collect/Pace.ts';
import { aPlan } from '../support/aPlan.ts';
import { exited, FakePort } from '../support/FakePort.ts';

const target = { namespace: 'kube-system', pod: 'cilium-n1', container: 'cilium-agent' };
const refused = (httpStatus: number): ExecOutcome => ({
  ...exited(''),
  end: 'refused',
  httpStatus,
  message: 'too many requests',
});

/** What comes of it, and the time that each try was given. */
async function outcomeOf(outcomes: readonly ExecOutcome[], timeoutMs: number, signal?: AbortSignal) {
  let tries = 0;
  const port = new FakePort({}, () => outcomes[Math.min(tries++, outcomes.length - 1)] ?? exited(''));
  const reading = { plan: aPlan(signal && { signal }), pace: new Pace(undefined) };
  const { end } = await execPatiently(port, target, ['true'], reading, { timeoutMs, maxBytes: 1 });
  return { end, times: port.execs.map(({ options }) => options.timeoutMs) };
}

describe('where the server has too much to do', () => {
  test('it is asked again, within the same time', { timeout: 5000 }, async () => {
    const { end, times } = await outcomeOf([refused(429), exited('')], 3000);
    expect([end, times.length]).toEqual(['exited', 2]);
    expect(times[1]).toBeLessThan(2800);
  });

  test('not when the time would be up before', async () => {
    expect(await outcomeOf([refused(429)], 200)).toEqual({ end: 'refused', times: [200] });
  });

  test('not when the run was ended', async () => {
    expect(await outcomeOf([refused(429)], 3000, AbortSignal.abort())).toMatchObject({ times: [3000] });
  });
});

test('what is refused for another reason is not asked again', async () => {
  expect(await outcomeOf([refused(403), exited('')], 3000)).toEqual({ end: 'refused', times: [3000] });
});
