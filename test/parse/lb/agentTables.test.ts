import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LbTable } from '../../../src/model/lb/LbTable.ts';
import { parseFrontends } from '../../support/parseFrontends.ts';
import { parseServiceList } from '../../../src/parse/lb/parseServiceList.ts';
import { sampleNames, sampleText } from '../../support/lbSamples.ts';
import { aFrontendKey } from '../../support/keys.ts';

/** Frontend, service and backends: what all three of the agent's answers show. */
const rowsOf = (table: LbTable): readonly string[] =>
  [...table.frontends.values()]
    .map(
      ({ key, flags, agent, slots }) =>
        `${key} ${flags.type} ${agent?.service} ${slots
          .map(({ backend }) => backend ?? '')
          .toSorted()
          .join()}`,
    )
    .toSorted();

describe.each(sampleNames)('the agent of Cilium %s', (sample) => {
  const text = parseFrontends(sampleText(sample, 'n1', 'db-frontends.txt'));
  const stream = parseFrontends(sampleText(sample, 'n1', 'db-frontends.json'));
  const services = parseServiceList(sampleText(sample, 'n1', 'service-list.json'));

  it('says the same in db/show frontends as text, as JSON stream, and in service list', () => {
    for (const table of [text, stream, services])
      expect(table).toMatchObject({ notUnderstood: [], unreadable: undefined });
    expect(rowsOf(text)).toHaveLength(12);
    expect(rowsOf(stream)).toEqual(rowsOf(text));
    expect(rowsOf(services)).toEqual(rowsOf(text));
  });

  it('says that all frontends are done', () => {
    expect(new Set([...text.frontends.values()].map(({ agent }) => agent?.status))).toEqual(new Set(['Done']));
    expect([...stream.frontends.values()].every(({ agent }) => agent?.error === '')).toBe(true);
  });
});

const columns = ['Address', 'Type', 'ServiceName', 'PortName', 'Backends', 'RedirectTo', 'Status', 'Since', 'Error'];

/** Cells below their headings, as the agent's shell lays them out. */
function tableOf(...rows: readonly (readonly string[])[]): string {
  const all = [columns, ...rows];
  const width = (column: number): number => Math.max(...all.map((row) => row[column]?.length ?? 0));
  return all.map((row) => `${row.map((cell, column) => cell.padEnd(width(column))).join('   ')}\n`).join('');
}

describe('the text table', () => {
  it('cells may be empty, cut off, and hold blanks', () => {
    const table = parseFrontends(
      tableOf(
        [
          '10.0.0.1:80/TCP',
          'ClusterIP',
          'shop/cart',
          'http',
          '10.1.0.1:80/TCP, 10.1.0.2:80/TCP + 7 more ...',
          '',
          'Error',
          '3s',
          'map is full: resize it',
        ],
        ['10.0.0.2:53/UDP', 'ClusterIP', 'shop/dns', '', '', 'shop/local:redirect', 'Done', '3s', ''],
      ),
    );
    expect(table.notUnderstood).toEqual([]);
    expect(
      [...table.frontends.values()].map(({ key, agent, flags, slots }) => ({
        key,
        agent,
        type: flags.type,
        slots: slots.length,
      })),
    ).toEqual([
      {
        key: '10.0.0.1:80/TCP',
        type: 'ClusterIP',
        slots: 2,
        agent: { service: 'shop/cart', status: 'Error', error: 'map is full: resize it', redirectTo: '', more: 7 },
      },
      {
        key: '10.0.0.2:53/UDP',
        type: 'LocalRedirect',
        slots: 0,
        agent: { service: 'shop/dns', status: 'Done', error: '', redirectTo: 'shop/local:redirect', more: 0 },
      },
    ]);
  });

  it('a row that is none is said', () => {
    expect(parseFrontends(tableOf(['sorry'])).notUnderstood).toMatchObject([{ line: expect.stringMatching(/^sorry/) }]);
  });

  it('another text is no table', () => {
    expect(parseFrontends('Error: dial unix: connection refused').unreadable).toBe(
      'db/show frontends printed no table',
    );
  });
});

const backend = (Address: string, State: number, Unhealthy = false): object => ({ Address, State, Unhealthy });

describe('the JSON stream', () => {
  const frontend = {
    Address: '10.0.0.1:80/TCP',
    Type: 'ClusterIP',
    ServiceName: 'a/b',
    Status: { kind: 'Done' },
    RedirectTo: null,
  };

  it('states decide which backends take new connections', () => {
    const Backends = [
      backend('10.1.0.1:80/TCP', 1),
      backend('10.1.0.2:80/TCP', 0),
      backend('10.1.0.3:80/TCP', 3),
      backend('10.1.0.4:80/TCP', 0, true),
    ];
    const table = parseFrontends(JSON.stringify({ ...frontend, Backends }));
    expect(table.frontends.get(aFrontendKey('10.0.0.1:80/TCP'))).toMatchObject({
      count: 1,
      inactiveCount: 3,
      slots: [{ backend: '10.1.0.2:80/TCP' }, {}, {}, {}],
    });
  });

  it('terminating ones are chosen where none is active', () => {
    const table = parseFrontends(
      JSON.stringify({ ...frontend, Backends: [backend('10.1.0.1:80/TCP', 1), backend('10.1.0.2:80/TCP', 2)] }),
    );
    expect(table.frontends.get(aFrontendKey('10.0.0.1:80/TCP'))).toMatchObject({ count: 1, inactiveCount: 1 });
  });

  it('a stream cut off in the middle keeps what came before', () => {
    const whole = JSON.stringify(frontend, null, 2);
    const table = parseFrontends(`${whole}\n${whole.replace('10.0.0.1', '10.0.0.2').slice(0, -9)}`);
    expect([...table.frontends.keys()]).toEqual(['10.0.0.1:80/TCP']);
    expect(table.notUnderstood).toHaveLength(1);
  });

  it('braces inside of strings do not cut it', () => {
    const odd = { ...frontend, Status: { kind: 'Error', error: 'bad key {"a": \\"}' } };
    expect(parseFrontends(JSON.stringify(odd)).frontends.get(aFrontendKey('10.0.0.1:80/TCP'))?.agent?.error).toBe(
      'bad key {"a": \\"}',
    );
  });
});

it('no services at all: null or an empty list', () => {
  for (const text of ['null', '[]'])
    expect(parseServiceList(text)).toMatchObject({ unreadable: undefined, frontends: new Map() });
});

it('never throws, on any text or JSON', () => {
  const text = fc.oneof(
    fc.string(),
    fc.json(),
    fc.array(fc.json()).map((parts) => parts.join('\n')),
    fc.string().map((rest) => tableOf() + rest),
    fc.jsonValue().map((value) =>
      JSON.stringify([
        { spec: value },
        {
          spec: {
            'frontend-address': { ip: '10.0.0.1', port: 1, protocol: 'TCP' },
            'backend-addresses': [value],
            flags: value,
          },
        },
      ]),
    ),
    fc
      .jsonValue()
      .map((value) =>
        JSON.stringify({ Address: '10.0.0.1:1/TCP', Backends: [value, { Address: value }], Status: value }),
      ),
  );
  fc.assert(
    fc.property(text, (input) => {
      parseFrontends(input);
      parseServiceList(input);
    }),
  );
});
