import { describe, expect, test } from 'vitest';
import { untilEnded } from '../../src/app/job/untilEnded.ts';
import type { Answer } from '../../src/collect/ClusterPort.ts';
import { KprError } from '../../src/core/KprError.ts';
import { missing } from '../../src/model/Fact.ts';
import { fakeIo } from '../support/fakeIo.ts';
import { FakePort } from '../support/FakePort.ts';

const named = { namespace: 'kube-system', name: 'kpr', tells: true };
const job = (succeeded: number, ended?: 'Complete' | 'Failed'): Answer<unknown> => ({
  ok: true,
  value: {
    metadata: { name: 'kpr', uid: 'u' },
    spec: { completions: 3 },
    status: { succeeded, conditions: ended === undefined ? [] : [{ type: ended, status: 'True' }] },
  },
});
const none = (reason: 'absent' | 'unreachable' | 'unauthenticated'): Answer<unknown> => ({
  ok: false,
  why: missing(reason, `it is ${reason}`),
});

/** Says one after the other, and the last again and again. */
class TalkingPort extends FakePort {
  readonly #answers: Answer<unknown>[];

  constructor(...answers: Answer<unknown>[]) {
    super({});
    this.#answers = answers;
  }

  override async get(path: string): Promise<Answer<unknown>> {
    this.asked.push(path);
    const [next] = this.#answers.length > 1 ? this.#answers.splice(0, 1) : this.#answers;
    return next ?? none('absent');
  }
}

async function wait(port: TalkingPort, tells = true) {
  const io = fakeIo();
  const ended = await untilEnded(port, { ...named, tells }, { io }, 1).catch((error: unknown) => error);
  return { ended, said: io.stderr.text };
}

describe('a Job is waited for', () => {
  test.each(['Complete', 'Failed'] as const)('until it is %s, and each change is said once', async (end) => {
    const port = new TalkingPort(job(0), job(1), job(1), job(2, end));
    const { ended, said } = await wait(port);
    expect(ended).toEqual({ uid: 'u', of: 3, succeeded: 2, hasEnded: true });
    expect(said).toBe(
      '0 of 3 shards are there, waiting for the others\n1 of 3 shards are there, waiting for the others\n',
    );
    expect(new Set(port.asked)).toEqual(new Set(['/apis/batch/v1/namespaces/kube-system/jobs/kpr']));
    expect(port.asked).toHaveLength(4);
  });

  test('in silence, where that is wanted', async () => {
    expect(await wait(new TalkingPort(job(0), job(3, 'Complete')), false)).toMatchObject({ said: '' });
  });

  test('while the API server is away, but not for ever', async () => {
    const back = await wait(new TalkingPort(job(0), none('unreachable'), none('unreachable'), job(3, 'Complete')));
    expect(back.ended).toMatchObject({ succeeded: 3 });
    const { ended } = await wait(new TalkingPort(job(0), none('unreachable')));
    expect(ended).toMatchObject({ message: 'The Job kube-system/kpr cannot be read: it is unreachable' });
  });

  test.each([
    ['is not there', [none('absent')]],
    ['cannot be asked for in the first place', [none('unreachable')]],
    ['was deleted', [job(1), none('absent')]],
    ['may not be read any more', [job(1), none('unauthenticated')]],
  ])('not where it %s', async (_, answers) => {
    expect((await wait(new TalkingPort(...answers))).ended).toBeInstanceOf(KprError);
  });

  test('for as long as somebody says', async () => {
    const io = { ...fakeIo(), now: () => performance.now() };
    const asked = untilEnded(new TalkingPort(job(1)), { ...named, atMostMs: 50 }, { io }, 20);
    await expect(asked).rejects.toThrow('The Job had not ended after 50 ms: 1 of 3 shards are there');
    const ended = untilEnded(new TalkingPort(job(3, 'Complete')), { ...named, atMostMs: 0 }, { io }, 20);
    expect(await ended).toMatchObject({ succeeded: 3 });
  });

  test('until Ctrl-C', async () => {
    const io = fakeIo();
    setTimeout(() => io.interrupt(), 20);
    await expect(untilEnded(new TalkingPort(job(1)), named, { io }, 60_000)).rejects.toThrow(
      'Interrupted before the Job had ended',
    );
  });
});
