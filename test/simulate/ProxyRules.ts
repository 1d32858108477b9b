import { hash } from 'node:crypto';
import { divisor } from './behaviours.ts';
import type { ClusterShape, SimulatedNode, SimulatedService } from './ClusterShape.ts';

/** Of how many rules packets met one, on each node other ones. */
const metEach = 499;
/** In so many orders KUBE-SERVICES holds its rules: more would only take the simulator's time. */
const orders = 7;
const bucketCount = 256;
const shortDigits = 8;

interface Rule {
  readonly chain: string;
  readonly text: string;
}

/** What stands in the table nat in place of kube-proxy's chains, and of their rules. */
interface Parts {
  readonly chains: string;
  readonly rules: string;
}

/**
 * What `iptables-save` prints on nodes on which kube-proxy's rules for all Services were left (Kubernetes 1.35,
 * pkg/proxy/iptables/proxier.go): the same on all of them, but for the order of what KUBE-SERVICES holds, for
 * kube-proxy walks through its Services in no order, and for what packets met. Whole, and in little as docs/digests.md
 * has it; that is written here a second time, so that a mistake in one of both is seen.
 */
export class ProxyRules {
  /** What nodes print without kube-proxy: up to its chains, up to its rules, and behind them. */
  readonly #texts: readonly [before: string, between: string, after: string];
  readonly #names: readonly string[];
  readonly #services: readonly Rule[];
  /** Rules of the chains before KUBE-SERVICES, and of those behind it: they stand in the order of their names. */
  readonly #others: readonly [before: readonly Rule[], behind: readonly Rule[]];
  readonly #wholes = new Map<number, Buffer>();
  readonly #littles = new Map<string, Parts>();
  #buckets: Buckets | undefined;

  /** @param text what nodes print without kube-proxy, of which the table nat is the last one */
  constructor(text: string, { services }: ClusterShape) {
    const all = services.map(chainsOf);
    const chains = new Map([...fixedChains, ...all.flatMap((one) => one.chains)]);
    const names = [...chains.keys()].toSorted();
    const end = text.lastIndexOf('COMMIT\n');
    const rules = text.indexOf('\n[', text.lastIndexOf('*nat\n')) + 1;
    const at = rules === 0 || rules > end ? end : rules;
    this.#texts = [text.slice(0, at), text.slice(at, end), text.slice(end)];
    this.#names = names;
    this.#services = all.map(({ rule }) => ({ chain: servicesChain, text: rule }));
    const rulesOf = (some: readonly string[]): readonly Rule[] =>
      some.flatMap((chain) => (chains.get(chain) ?? []).map((rule) => ({ chain, text: rule })));
    this.#others = [
      rulesOf(names.filter((name) => name < servicesChain)),
      rulesOf(names.filter((name) => name > servicesChain)),
    ];
  }

  /** @param own makes what the recorded node printed another node's */
  whole({ index }: SimulatedNode, own: (text: string) => string): Buffer {
    const order = index % orders;
    const [before, between, after] = this.#texts.map(own);
    const kept = this.#wholes.get(order) ?? this.#wholeParts(order);
    this.#wholes.set(order, kept);
    return Buffer.concat([
      Buffer.from(`${before}${this.#names.map(declared).join('')}${jumps}${between}`),
      kept,
      Buffer.from(after ?? ''),
    ]);
  }

  /** @param known the first digits of digests */
  inLittle({ index }: SimulatedNode, own: (text: string) => string, nonce: string, known: string): string {
    this.#buckets ??= bucketsOf(this.#services, this.#others.flat());
    const { digests } = this.#buckets;
    const told = new Set(known.match(/.{8}/g));
    const shorts = digests.map((digest) => digest.slice(0, shortDigits));
    const tokens = shorts.map((short) => (told.has(short) ? short : '+')).join('');
    const key = `${index % orders} ${tokens}`;
    const parts = this.#littles.get(key) ?? this.#littleParts(index % orders, this.#buckets, told);
    this.#littles.set(key, parts);
    const [before, between, after] = this.#texts.map(own);
    const rest = `${before}${parts.chains}${jumps}${between}${parts.rules}${after}`;
    const head = `buckets ${tokens}\n`;
    const digest = sha256(`${nonce}\n${head}${digests.map((one) => `${one}\n`).join('')}${rest}`);
    return `digest 1 ${digest}\n${head}${rest}`;
  }

  #rulesIn(order: number): readonly (Rule & { readonly met: string })[] {
    const [before, behind] = this.#others;
    const rules = [...before, ...inOrderOf(order, this.#services), nodePorts, ...behind];
    return rules.map(({ chain, text }, at) => ({
      chain,
      text,
      met: (at + 31 * order) % metEach === 0 ? `${at + 1}:${60 * (at + 1)}` : '0:0',
    }));
  }

  #wholeParts(order: number): Buffer {
    return Buffer.from(
      this.#rulesIn(order)
        .map(({ text, met }) => `[${met}] ${text}\n`)
        .join(''),
    );
  }

  #littleParts(order: number, { digests, bucketOfChain, numbersIn }: Buckets, told: ReadonlySet<string>): Parts {
    const isKnown = (at: number | undefined): boolean =>
      at !== undefined && told.has((digests[at] ?? '').slice(0, shortDigits));
    const chains: string[] = [];
    let run = 0;
    const endRun = (): void => {
      if (run > 0) chains.push(`=${run}\n`);
      run = 0;
    };
    for (const name of this.#names) {
      if (isKnown(bucketOfChain.get(name))) run += 1;
      else {
        endRun();
        chains.push(declared(name));
      }
    }
    endRun();
    const numbers = numbersIn(isKnown);
    const rules: string[] = [];
    let [chain, items, at]: [string, string[], number] = ['', [], 0];
    const endChain = (): void => {
      if (items.length > 0) rules.push(`=${chain} ${items.join(' ')}\n`);
      items = [];
    };
    for (const rule of this.#rulesIn(order)) {
      if (rule.chain !== chain) {
        endChain();
        [chain, at] = [rule.chain, 0];
      }
      const hasMet = rule.met !== '0:0';
      const number = isKnown(bucketOfChain.get(chain)) ? at++ : numbers.get(rule.text);
      if (number === undefined) {
        endChain();
        rules.push(`[${rule.met}] ${rule.text}\n`);
      } else if (hasMet) items.push(`${number}=${rule.met}`);
      else if (chain === servicesChain) items.push(String(number));
    }
    endChain();
    return { chains: chains.join(''), rules: rules.join('') };
  }
}

const declared = (name: string): string => `:${name} - [0:0]\n`;

interface Buckets {
  /** SHA-256 of each bucket. */
  readonly digests: readonly string[];
  /** Of chains of Services and endpoints. */
  readonly bucketOfChain: ReadonlyMap<string, number>;
  /** Rules of KUBE-SERVICES in buckets that are known, numbered. */
  readonly numbersIn: (isKnown: (bucket: number) => boolean) => ReadonlyMap<string, number>;
}

function bucketsOf(services: readonly Rule[], others: readonly Rule[]): Buckets {
  const texts = Array.from({ length: bucketCount }, (): string[] => []);
  const rulesIn = texts.map((): string[] => []);
  const bucketOfChain = new Map<string, number>();
  const sumOf = (text: string): number => Buffer.from(text).reduce((sum, byte) => sum + byte, 0) % bucketCount;
  for (const [chain, rules] of Map.groupBy(others, (rule) => rule.chain)) {
    if (!/^KUBE-...-.{16}$/.test(chain)) continue;
    bucketOfChain.set(chain, sumOf(`nat ${chain}`));
    texts[sumOf(`nat ${chain}`)]?.push(`nat :${chain}\n${rules.map(({ text }) => `${text}\n`).join('')}`);
  }
  for (const { text } of services) {
    texts[sumOf(`nat ${text}\n`)]?.push(`nat ${text}\n`);
    rulesIn[sumOf(`nat ${text}\n`)]?.push(text);
  }
  return {
    digests: texts.map((all) => sha256(all.toSorted().join(''))),
    bucketOfChain,
    numbersIn: (isKnown) =>
      new Map(rulesIn.flatMap((all, at) => (isKnown(at) ? all.toSorted() : [])).map((text, number) => [text, number])),
  };
}

const sha256 = (text: string): string => hash('sha256', text, 'hex');

const servicesChain = 'KUBE-SERVICES';
const jumps = [
  `[98:5880] -A PREROUTING -m comment --comment "kubernetes service portals" -j ${servicesChain}`,
  `[41:2460] -A OUTPUT -m comment --comment "kubernetes service portals" -j ${servicesChain}`,
  '[55:3300] -A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING',
  '',
].join('\n');
const fixedChains: readonly (readonly [name: string, rules: readonly string[]])[] = [
  ['KUBE-MARK-MASQ', ['-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000']],
  ['KUBE-NODEPORTS', []],
  [
    'KUBE-POSTROUTING',
    [
      '-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN',
      '-A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0',
      '-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully',
    ],
  ],
  ['KUBE-PROXY-CANARY', []],
  [servicesChain, []],
];
const nodePorts: Rule = {
  chain: servicesChain,
  text: `-A ${servicesChain} -m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS`,
};

interface ServiceRules {
  readonly rule: string;
  readonly chains: readonly (readonly [name: string, rules: readonly string[]])[];
}

function chainsOf({ name, clusterIP, nodePort, backends }: SimulatedService): ServiceRules {
  const port = `default/${name}:http`;
  const service = `KUBE-SVC-${hashOf(`${port}tcp`)}`;
  const external = `KUBE-EXT-${hashOf(`${port}tcp`)}`;
  const endpoints = backends.map(({ address }) => ({
    address,
    chain: `KUBE-SEP-${hashOf(`${port}tcp${address}:8080`)}`,
  }));
  const portal = `-p tcp -m comment --comment "${port} cluster IP" -m tcp --dport 80`;
  const chains: ServiceRules['chains'] = [
    [
      service,
      [
        `-A ${service} ! -s 10.128.0.0/9 -d ${clusterIP}/32 ${portal} -j KUBE-MARK-MASQ`,
        ...endpoints.map(
          ({ address, chain }, at) =>
            `-A ${service} -m comment --comment "${port} -> ${address}:8080" ${chance(endpoints.length - at)}-j ${chain}`,
        ),
      ],
    ],
    ...endpoints.map(({ address, chain }): [string, string[]] => [
      chain,
      [
        `-A ${chain} -s ${address}/32 -m comment --comment "${port}" -j KUBE-MARK-MASQ`,
        `-A ${chain} -p tcp -m comment --comment "${port}" -m tcp -j DNAT --to-destination ${address}:8080`,
      ],
    ]),
  ];
  const masquerade = `-A ${external} -m comment --comment "masquerade traffic for ${port} external destinations" -j KUBE-MARK-MASQ`;
  return {
    rule: `-A KUBE-SERVICES -d ${clusterIP}/32 ${portal} -j ${service}`,
    chains: nodePort === undefined ? chains : [...chains, [external, [masquerade, `-A ${external} -j ${service}`]]],
  };
}

const chance = (left: number): string =>
  left < 2 ? '' : `-m statistic --mode random --probability ${(1 / left).toFixed(11)} `;

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** The first 16 characters of a SHA-256 in base 32. */
function hashOf(text: string): string {
  const bits = [...hash('sha256', text, 'buffer').subarray(0, 10)].map((byte) => byte.toString(2).padStart(8, '0'));
  return (bits.join('').match(/.{5}/g) ?? []).map((five) => alphabet[Number.parseInt(five, 2)]).join('');
}

/** Another order for each node: by a step that has no divisor in common with their number. */
function inOrderOf(index: number, all: readonly Rule[]): readonly Rule[] {
  let step = 2 * index + 7;
  while (divisor(step, all.length) !== 1) step += 1;
  return all.map((rule, at) => all[(index + at * step) % all.length] ?? rule);
}
