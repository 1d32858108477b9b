import { hash } from 'node:crypto';
import type { AskedScript } from './askedSections.ts';
import { type ClusterShape, recordedNode, recordedServer, type SimulatedNode } from './ClusterShape.ts';
import { type Endpoint, type FrontendRow, frontendRows, ownAddress } from './frontendRows.ts';
import type { Behaviour } from './behaviours.ts';
import { inOlderVersion } from './Stages.ts';
import { mapRows } from './mapDump.ts';
import { NodeTables } from './NodeTables.ts';
import { ProxyRules } from './ProxyRules.ts';

/** How many ways there are to number the same things: agents do not hear of them in the same order. */
const numberings = 3;

/** What each node would print, made once for all of them; what is a node's own is put into a copy. */
export class NodeAnswers {
  readonly #shape: ClusterShape;
  readonly #texts: ReadonlyMap<string, string>;
  readonly #routes: string;
  readonly #routesInLittle: string;
  readonly #rows: readonly FrontendRow[];
  readonly #tables: readonly NodeTables[];
  /** The large ones, as a terminal prints them. */
  readonly #typed = new Map<string, Buffer>();
  #serviceList: string | undefined;
  /** On how many nodes kube-proxy's rules are left. */
  readonly #withRules: number;
  #proxyRules: ProxyRules | undefined;
  /** Of the rows that say no more than that all is done. */
  readonly #doneDigest: string;
  readonly #travelled = { whole: 0, inLittle: 0, wholeRules: 0, rulesInLittle: 0 };

  /** @param withRules on how many nodes kube-proxy's rules are left */
  constructor(shape: ClusterShape, recorded: ReadonlyMap<string, string>, withRules = 0) {
    this.#shape = shape;
    this.#withRules = withRules;
    this.#texts = recorded;
    this.#routes = `${ownRoutes}${shape.nodes.map(({ podPrefix }) => routeTo(`${podPrefix}.0/24`)).join('')}`;
    this.#routesInLittle = `${ownRoutes}${routeTo(spanOf(shape))}`;
    if (!recorded.get('nodeAddresses')?.includes(`\n${recordedNode.address} `))
      throw new Error('another cluster was recorded: its addresses belong in ClusterShape.ts');
    this.#rows = frontendRows(shape);
    const rows = mapRows(this.#rows);
    this.#tables = Array.from({ length: numberings }, (_, i) => new NodeTables(rows, shiftOf(i)));
    this.#typed.set('db/show frontends', ofTerminal(agentTable(this.#rows)));
    this.#doneDigest = sha256(
      agentRows(this.#rows)
        .map((row) => `${shownEndpoint(row)} ${row.type} ${row.service}\n`)
        .toSorted()
        .join(''),
    );
    this.#typed.set('db/show health', ofTerminal(this.#texts.get('health') ?? ''));
  }

  sectionOf(name: string, node: SimulatedNode, asked: AskedScript, behaviour: Behaviour): Buffer {
    const words = asked.words.get(name) ?? [];
    switch (name) {
      case 'lbDump':
        return this.#mapsOf(node, words, behaviour);
      case 'agentShell':
        return Buffer.concat([
          ...asked.typed.flatMap((command) => this.#typedAnswer(command, node, words.slice(1))),
          prompt(node),
        ]);
      case 'serviceList':
        return Buffer.from(this.#serviceListOf(node, words.slice(1)));
      case 'dnsProbe':
        return Buffer.from(
          inLines(
            words.slice(1),
            5,
            ([via, protocol, server, port]) => `${via} ${protocol} ${server} ${port} answered ${dnsAnswer}`,
          ),
        );
      case 'serversProbe':
        return Buffer.from(inLines(words, 3, ([via, address, port]) => `${via} ${address} ${port} open`));
      case 'iptablesNft':
        return this.#rulesOf(node, words, behaviour);
      case 'routes4':
        return Buffer.from(this.#ownText(asked.words.has(name) ? this.#routesInLittle : this.#routes, node));
      default: {
        const text = this.#ownText(this.#texts.get(name) ?? '', node);
        return Buffer.from(behaviour === 'older' ? inOlderVersion(text) : text);
      }
    }
  }

  /** @param wanted ADDRESS PORT of each frontend; none: all */
  #serviceListOf(node: SimulatedNode, wanted: readonly string[]): string {
    if (wanted.length === 0) return this.#ownText((this.#serviceList ??= serviceList(this.#rows)), node);
    const places = inLines(wanted, 2, (words) => words.join(' ')).split('\n');
    const rows = this.#rows.filter(({ address, port }) =>
      places.includes(`${address === ownAddress ? node.address : address} ${port}`),
    );
    return `only ${wanted.join(' ')}\n${this.#ownText(serviceList(rows), node)}`;
  }

  /** @param words behind the program: NONCE and KNOWN; none: the whole dump is wanted */
  #rulesOf(node: SimulatedNode, [, nonce, known = '']: readonly string[], behaviour: Behaviour): Buffer {
    const text = this.#texts.get('iptablesNft') ?? '';
    const own = (some: string): string => this.#ownText(some, node);
    if (node.index >= this.#withRules) return Buffer.from(own(text));
    this.#proxyRules ??= new ProxyRules(text, this.#shape);
    this.#travelled[nonce === undefined ? 'wholeRules' : 'rulesInLittle'] += 1;
    if (nonce === undefined) return this.#proxyRules.whole(node, own);
    const said = this.#proxyRules.inLittle(node, own, behaviour === 'replaying' ? otherNonce : nonce, known);
    return Buffer.from(behaviour === 'misdigesting' ? withoutDigit(said) : said);
  }

  /** How many tables went out with all entries, and how many without what is known; and so with dumps of rules. */
  tables(): Readonly<Record<'whole' | 'inLittle' | 'wholeRules' | 'rulesInLittle', number>> {
    return { ...this.#travelled };
  }

  /** @param words NONCE and KNOWN, where rows that are known may be left out */
  #typedAnswer(command: string, node: SimulatedNode, [nonce, known]: readonly string[]): readonly Buffer[] {
    const isKnown = known?.match(/.{16}/g)?.includes(this.#doneDigest.slice(0, 16)) === true;
    const answer =
      command === 'db/show frontends' && isKnown
        ? ofTerminal(
            `${agentTable([])}known ${this.#doneDigest.slice(0, 16)} ${sha256(`${nonce} ${this.#doneDigest}\n`)}\n`,
          )
        : (this.#typed.get(command) ?? ofTerminal(this.#shellAnswer(command, node)));
    return [Buffer.from(`${node.name}> ${command}\r\n`), answer];
  }

  #shellAnswer(command: string, node: SimulatedNode): string {
    if (command === 'db/show node-addresses') return columns(nodeAddresses(node));
    return this.#ownText(this.#texts.get(command.startsWith('metrics ') ? 'metrics' : 'tables') ?? '', node);
  }

  #ownText(text: string, { name, address, podPrefix }: SimulatedNode): string {
    return text
      .replaceAll(recordedNode.address, address)
      .replaceAll(ownAddress, address)
      .replaceAll(`${recordedNode.podPrefix}.`, `${podPrefix}.`)
      .replaceAll(`"${recordedNode.name}"`, `"${name}"`);
  }

  /** @param words behind the program: NONCE and KNOWN; none: whole maps are wanted */
  #mapsOf(node: SimulatedNode, words: readonly string[], behaviour: Behaviour): Buffer {
    const differs = behaviour === 'differing' || behaviour === 'leavingWrong';
    const tables = differs ? this.#differing(node) : this.#tables[node.index % numberings];
    const [, nonce, known = ''] = words;
    this.#travelled[known === '' ? 'whole' : 'inLittle'] += 1;
    if (nonce === undefined) return tables?.whole(node) ?? Buffer.alloc(0);
    const said = tables?.inLittle(node, behaviour === 'replaying' ? otherNonce : nonce, known) ?? '';
    return Buffer.from(behaviour === 'misdigesting' ? withoutDigit(said) : said);
  }

  /** Its maps send a part of one Service’s connections to another Service’s backend. */
  #differing({ index }: SimulatedNode): NodeTables {
    const service = `default/service-${index % this.#shape.size.services}`;
    const others = this.#rows[0]?.backends ?? [];
    const rows = this.#rows.map((row) =>
      row.service === service && row.type === 'ClusterIP'
        ? { ...row, backends: [...row.backends.slice(0, -1), ...others] }
        : row,
    );
    return new NodeTables(mapRows(rows), shiftOf(index % numberings));
  }
}

const withoutDigit = (said: string): string => said.replace(/^(digest 1 \w+)\w/, '$1');
const shiftOf = (numbering: number): number => numbering * 97;
/** Of an exec before. */
const otherNonce = 'kpr-0123456789abcdef01';

const nodeAddresses = ({ address, podPrefix }: SimulatedNode): readonly (readonly string[])[] => [
  ['Address', 'NodePort', 'Primary', 'DeviceName'],
  [`${podPrefix}.1`, 'false', 'true', 'cilium_host'],
  [address, 'false', 'true', '*'],
  [address, 'true', 'true', 'eth0'],
  ['fe80::30:2ff:fe00:1', 'false', 'true', '*'],
];

const ownRoutes = [
  `default via ${recordedServer} dev eth0 `,
  `${recordedNode.podPrefix}.1 dev cilium_host proto kernel scope link `,
  `172.30.0.0/16 dev eth0 proto kernel scope link src ${recordedNode.address} `,
  '',
].join('\n');

/** With tunnels agents make one for each other node; that to the node's own pods stands among them here. */
const routeTo = (destination: string): string =>
  `${destination} via 10.244.1.1 dev cilium_host proto kernel src 10.244.1.1 mtu 1450 \n`;

/** Nodes' networks stand in a row. */
const spanOf = ({ nodes }: ClusterShape): string =>
  [nodes[0], ...(nodes.length > 1 ? [nodes.at(-1)] : [])].map((node) => `${node?.podPrefix}.0/24`).join('-');

const prompt = ({ name }: SimulatedNode): Buffer => Buffer.from(`${name}> `);

const dnsAnswer = '4b50850000010001000000000a6b7562';

/** Lines of so many words each. */
function inLines(words: readonly string[], size: number, lineOf: (words: readonly string[]) => string): string {
  const lines: string[] = [];
  for (let at = 0; at < words.length; at += size) lines.push(`${lineOf(words.slice(at, at + size))}\n`);
  return lines.join('');
}

const ofTerminal = (text: string): Buffer => Buffer.from(text.replaceAll('\n', '\r\n'));

const shownEndpoint = ({ address, port, protocol }: Endpoint): string => `${address}:${port}/${protocol}`;

const sha256 = (text: string): string => hash('sha256', text, 'hex');

/** The node's own addresses are not among them. */
const agentRows = (rows: readonly FrontendRow[]): readonly FrontendRow[] => rows.filter(({ isOwn }) => isOwn !== true);

/** As `db/show frontends` prints them. */
function agentTable(rows: readonly FrontendRow[]): string {
  const cells = agentRows(rows).map((row) => [
    shownEndpoint(row),
    row.type,
    row.service,
    row.portName,
    row.backends.map(shownEndpoint).join(', '),
    '',
    'Done',
    '2m3s',
    '',
  ]);
  return columns([
    ['Address', 'Type', 'ServiceName', 'PortName', 'Backends', 'RedirectTo', 'Status', 'Since', 'Error'],
    ...cells,
  ]);
}

function columns(cells: readonly (readonly string[])[]): string {
  const widths = cells[0]?.map((_, at) => cells.reduce((most, row) => Math.max(most, row[at]?.length ?? 0), 0)) ?? [];
  return `${cells.map((row) => row.map((cell, at) => cell.padEnd((widths[at] ?? 0) + 3)).join('')).join('\n')}\n`;
}

/** As `cilium-dbg service list -o json` prints the agent's own table, node addresses included. */
function serviceList(rows: readonly FrontendRow[]): string {
  const entries = rows.map(({ address, port, protocol, type, service, backends }, i) => {
    const [namespace, name] = service.split('/');
    const flags = {
      extTrafficPolicy: 'Cluster',
      intTrafficPolicy: 'Cluster',
      name,
      namespace,
      trafficPolicy: 'Cluster',
      type,
    };
    const spec = {
      'backend-addresses': backends.map((one) => ({
        ip: one.address,
        port: one.port,
        preferred: true,
        protocol: one.protocol,
        state: 'active',
        weight: 100,
      })),
      flags,
      'frontend-address': { ip: address, port, protocol, scope: 'external' },
      id: i + 1,
    };
    return { spec, status: { realized: spec } };
  });
  return `${JSON.stringify(entries, undefined, 2)}\n`;
}

/** What each node of a simulated cluster reaches: everything that stands behind the program on its input. */
export function reachAnswer(stdin: string): Buffer {
  const [node = '', ...places] = stdin.slice(stdin.lastIndexOf('__END__\n') + '__END__\n'.length).split('\n');
  if (node === '.') return Buffer.alloc(0);
  const tries = places
    .slice(0, places.indexOf('.'))
    .map((line) => `try ${line.split(' ').slice(0, 4).join(' ')} open 1\n`);
  return Buffer.from(`from ${node}\n${tries.join('')}done 0\n`);
}
