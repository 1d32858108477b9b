import { describe, expect, test } from 'vitest';
import { diffFormats, type Format, reportFormats, traceFormats } from '../../../src/report/formats.ts';
import { plainPaint } from '../../../src/text/Style.ts';
import {
  accepted,
  againstReport,
  brokenGate,
  brokenReport,
  brokenTrace,
  diffDocument,
  failure,
  withLosses,
  withRules,
  withTextEverywhere,
} from './samples.ts';
import { broken, healthy, unknowns } from '../documents.ts';

const view = { width: undefined, unicode: true, paint: plainPaint, detail: 'verbose', now: 0 } as const;

async function rendered<D>(format: Format<D, typeof view>, document: D): Promise<string> {
  switch (format.kind) {
    case 'screen':
      return (await format.load())(document, view);
    case 'document':
      return (await format.load()).render(document);
  }
}

interface Case {
  readonly name: string;
  /** As it is, or with a text in place of its own texts, or of the first few. */
  readonly render: (text?: string, most?: number) => Promise<string>;
}

const casesOf = <D>(
  what: string,
  formats: Readonly<Record<string, Format<D, typeof view>>>,
  read: () => D | Promise<D>,
): Case[] =>
  Object.entries(formats).map(([name, format]) => ({
    name: `${what} -o ${name}`,
    render: async (text, most) => {
      const document = await read();
      return rendered(format, text === undefined ? document : withTextEverywhere(document, text, most));
    },
  }));

const cases: Case[] = [
  ...casesOf('doctor', reportFormats, brokenReport),
  ...casesOf('verify', reportFormats, brokenGate),
  ...casesOf('verify --against', reportFormats, async () => withLosses(await againstReport())),
  ...casesOf('what is healthy', reportFormats, () => healthy),
  ...casesOf('what is broken', reportFormats, () => broken),
  ...casesOf('what is unknown', reportFormats, () => unknowns),
  ...casesOf('what is accepted', reportFormats, () => accepted(broken)),
  ...casesOf('trace', traceFormats, brokenTrace),
  ...casesOf('diff', diffFormats, diffDocument),
  ...casesOf('diff of rules', diffFormats, async () => withRules(await diffDocument())),
];

// oxlint-disable-next-line no-control-regex
const acts = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]|\p{Surrogate}/u;

describe.each(cases)('$name', ({ render }) => {
  test('ends with a line break, and nothing in it acts on a terminal', async () => {
    const text = await render();
    // Nothing was found: there is no name to print.
    if (text !== '') expect(text).toMatch(/\n$/);
    expect(text).not.toMatch(acts);
  });

  test.each([
    ['escape codes', '\u001b[2J\u001b]0;title\u0007\u009b31m'],
    ['marks that turn the direction', '\u202Etxt\u2066\u2069'],
    ['carriage returns and nothing', 'bad\r\u0000good'],
    ['halves of pairs', 'a\ud800b\udc00'],
    ['line breaks', 'one\ntwo\n\nthree'],
    ['nothing', ''],
  ])('%s from a cluster do nothing', async (_, text) => {
    expect(await render(text)).not.toMatch(acts);
  });
});

describe.each(cases.filter(({ name }) => /^(verify --against|trace|diff) /.test(name)))('$name', ({ render }) => {
  test('texts of 10 MB do not keep it busy', async () => {
    const started = process.cpuUsage().user;
    await render('\u001b[31m<&\n'.repeat(1_250_000), 3);
    expect((process.cpuUsage().user - started) / 1e6).toBeLessThan(20);
  }, 120_000);
});

describe('a failure', () => {
  const documents = Object.entries({ ...reportFormats, ...traceFormats, ...diffFormats }).flatMap(([name, format]) =>
    format.kind === 'document' ? [{ name, format }] : [],
  );
  test.each(documents)('-o $name is told in the same format', async ({ name, format }) => {
    const text = (await format.load()).failure(failure);
    // There is no name of what could not be looked at.
    if (name === 'name') expect(text).toBe('');
    else if (name !== 'prometheus') expect(text).toContain(failure.error.message);
  });
});
