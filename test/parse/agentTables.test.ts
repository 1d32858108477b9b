import { describe, expect, test } from 'vitest';
import { parseFrontendStates } from '../../src/parse/parseFrontendStates.ts';
import { parseModuleHealth } from '../../src/parse/parseModuleHealth.ts';
import { parseNodeAddresses } from '../../src/parse/parseNodeAddresses.ts';
import { recorded, valueOf, versions, whyOf } from './recorded.ts';

describe('frontends', () => {
  test.each(versions)('%s', (version) => {
    const states = valueOf(parseFrontendStates(recorded(version, 'db-frontends.txt')));
    expect(states).toHaveLength(12);
    expect(states[0]).toEqual({
      frontend: '0.0.0.0:31080/TCP',
      type: 'NodePort',
      service: 'default/httpd-np',
      status: 'Done',
      forSeconds: version === '1.18.4' ? 14 : 23,
      error: '',
    });
    expect(states.map(({ frontend }) => frontend)).toContain('0.0.0.0:31081/TCP/i');
    // Its cells for the backends and the port's name are empty.
    expect(states.find(({ service }) => service === 'default/empty')?.status).toBe('Done');
    expect(new Set(states.map(({ status }) => status))).toEqual(new Set(['Done']));
  });

  test('the stream of JSON objects', () => {
    const fromStream = valueOf(parseFrontendStates(recorded('1.20.1', 'db-frontends.json')));
    const fromTable = valueOf(parseFrontendStates(recorded('1.20.1', 'db-frontends.txt')));
    // It says at what time instead of for how long.
    expect(fromStream).toEqual(fromTable.slice(0, 3).map((one) => Object.assign({}, one, { forSeconds: undefined })));
  });

  const table = `Address             Type        ServiceName   PortName   Backends   RedirectTo   Status    Since   Error
10.96.0.1:443/TCP   ClusterIP   default/a     https      10.0.0.1   x/y:p        Error     3s      update failed: map is full
                                                                                                   and more of it
[fd00::1]:80/TCP    ClusterIP   default/b                                        Pending   1s
`;
  test('errors, also of several lines; IPv6; CRLF', () => {
    const expected = [
      {
        frontend: '10.96.0.1:443/TCP',
        type: 'ClusterIP',
        service: 'default/a',
        status: 'Error',
        forSeconds: 3,
        error: 'update failed: map is full and more of it',
      },
      {
        frontend: '[fd00::1]:80/TCP',
        type: 'ClusterIP',
        service: 'default/b',
        status: 'Pending',
        forSeconds: 1,
        error: '',
      },
    ];
    expect(valueOf(parseFrontendStates(table))).toEqual(expected);
    expect(valueOf(parseFrontendStates(table.replaceAll('\n', '\r\n')))).toEqual(expected);
  });

  test('columns are found by their names, wherever they stand', () => {
    const text = `New     Address             Type        ServiceName     Status   Since   Error
x       10.96.0.1:443/TCP   ClusterIP   default/a       Done     3s
`;
    expect(valueOf(parseFrontendStates(text))).toEqual([
      {
        frontend: '10.96.0.1:443/TCP',
        type: 'ClusterIP',
        service: 'default/a',
        status: 'Done',
        forSeconds: 3,
        error: '',
      },
    ]);
  });

  test('a row that a broken one before it has pushed out of the columns', () => {
    const pushed = `${table}10.96.0.9:80/UDP   NodePort   shop/cart   http   10.0.0.1:80/UDP   Error   2s   too big\n`;
    expect(valueOf(parseFrontendStates(pushed)).at(-1)).toEqual({
      frontend: '10.96.0.9:80/UDP',
      type: 'NodePort',
      service: 'shop/cart',
      status: 'Error',
      forSeconds: 2,
      error: 'too big',
    });
  });

  test('characters of two units and more do not move the columns', () => {
    const text =
      'Address            Type        ServiceName   Status   Since   Error\n10.96.0.1:80/TCP   ClusterIP   a/😀😀          Error    3s      no 😀\n';
    expect(valueOf(parseFrontendStates(text))[0]).toMatchObject({ service: 'a/😀😀', status: 'Error', error: 'no 😀' });
  });

  test.each([
    ['59s', 59],
    ['2m13s', 133],
    ['3h', 10_800],
    ['5d4h', 446_400],
    ['', undefined],
    ['long', undefined],
  ])('since %j', (since, forSeconds) => {
    const text = `Address            Type        ServiceName   Status    Since    Error\n10.96.0.1:80/TCP   ClusterIP   default/a     Pending   ${since}\n`;
    expect(valueOf(parseFrontendStates(text))[0]?.forSeconds).toBe(forSeconds);
  });

  test('headings alone: no frontend', () => {
    expect(valueOf(parseFrontendStates('Address   Type   ServiceName   Status   Since   Error\n'))).toEqual([]);
  });

  test.each([
    ['', 'nothing was printed'],
    ['Error: unknown command "shell" for "cilium-dbg"', 'no table with'],
    [
      'Address   Type   ServiceName   Status   Since   Error\nwhat is this\n',
      'a row of the frontends table: what is this',
    ],
    ['{"Address": "10.0.0.1:80/TCP"}\n{"Addr', 'no stream of JSON objects'],
    ['{"Address": 5}', 'object 1 has no Address'],
  ])('%j is no table of frontends', (text, why) => {
    expect(whyOf(parseFrontendStates(text))).toContain(why);
  });
});

describe('module health', () => {
  test.each(versions)('%s', (version) => {
    const modules = valueOf(parseModuleHealth(recorded(version, 'db-health.txt')));
    expect(modules).toContainEqual({
      module: 'agent.controlplane.loadbalancer-reconciler',
      component: 'job-reconcile',
      level: 'OK',
      message: 'OK, 12 object(s)',
      error: '',
      lastOk: undefined,
    });
    expect(modules.every(({ module }) => module.startsWith('agent.'))).toBe(true);
    expect(modules).toHaveLength(recorded(version, 'db-health.txt').trim().split('\n').length - 1);
  });

  test('recorded jobs that ran once are stopped, not degraded', () => {
    const modules = valueOf(parseModuleHealth(recorded('1.18.4', 'db-health.txt')));
    expect(modules).toContainEqual(
      expect.objectContaining({ module: 'agent.controlplane.enabled-features', level: 'Stopped', error: '' }),
    );
  });

  test('degraded, with an error of several lines', () => {
    const text = `Module                        Component       Level      Message                         Error      LastOK                 UpdatedAt              Count
agent.controlplane.services   job-reflector   Degraded   Failure processing services     conflict
of frontend 10.0.0.1:80                                                                  2026-11-21T08:32:50Z   2026-11-21T08:33:50Z   2
agent.x   y   OK   Running   2026-11-21T08:33:50Z   2026-11-21T08:33:50Z   1
`;
    expect(valueOf(parseModuleHealth(text))).toEqual([
      {
        module: 'agent.controlplane.services',
        component: 'job-reflector',
        level: 'Degraded',
        message: 'Failure processing services',
        error: 'conflict of frontend 10.0.0.1:80',
        lastOk: '2026-11-21T08:32:50Z',
      },
      {
        module: 'agent.x',
        component: 'y',
        level: 'OK',
        message: 'Running',
        error: '',
        lastOk: undefined,
      },
    ]);
  });

  test('headings that are far apart, because a module has much to complain of', () => {
    const error = `frontend is owned by another service ${'x'.repeat(3000)}`;
    const cells = ['agent.controlplane.services', 'job-reflector', 'Degraded', 'Failure', error, '2m ago'];
    const headings = ['Module', 'Component', 'Level', 'Message', 'Error', 'LastOK'];
    const line = (texts: readonly string[]): string =>
      texts.map((text, i) => text.padEnd(Math.max(headings[i]?.length ?? 0, cells[i]?.length ?? 0))).join('   ');
    expect(valueOf(parseModuleHealth(`${line(headings)}\n${line(cells)}\n`))).toMatchObject([
      { module: 'agent.controlplane.services', level: 'Degraded', error },
    ]);
  });

  test('something else', () => {
    expect(whyOf(parseModuleHealth('table "health" not found'))).toContain('no table with Module');
  });
});

describe('node addresses', () => {
  test.each(versions)('%s', (version) => {
    const addresses = valueOf(parseNodeAddresses(recorded(version, 'db-node-addresses.txt')));
    expect(addresses.filter(({ nodePort }) => nodePort)).toEqual([
      { address: '172.30.0.11', nodePort: true, primary: true, device: 'eth0' },
    ]);
    expect(addresses).toContainEqual({ address: '172.30.0.11', nodePort: false, primary: true, device: '*' });
  });

  test('a row that is none', () => {
    const text = 'Address   NodePort   Primary   DeviceName\nnonsense  true       true      eth0\n';
    expect(whyOf(parseNodeAddresses(text))).toContain('nonsense');
  });
});
