/** What a frontend is for. `LocalRedirect`: a CiliumLocalRedirectPolicy sends its traffic to pods of the node. */
export const frontendTypes = [
  'ClusterIP',
  'NodePort',
  'LoadBalancer',
  'ExternalIPs',
  'HostPort',
  'LocalRedirect',
] as const;
export type FrontendType = (typeof frontendTypes)[number];

/**
 * Properties of a frontend, by the words that Cilium prints (pkg/loadbalancer/loadbalancer.go, ServiceFlags), in its
 * order. Routable is positive in the map and printed by its absence, `non-routable`.
 */
export const flagNames = [
  'Local',
  'InternalLocal',
  'two-scopes',
  'sessionAffinity',
  'non-routable',
  'check source-range',
  'deny',
  '46x64',
  'l7-load-balancer',
  'loopback',
  'delegate-if-local',
  'quarantined',
  'dsr',
] as const;
export type FlagName = (typeof flagNames)[number];

export interface FrontendFlags {
  readonly type: FrontendType;
  readonly names: ReadonlySet<FlagName>;
  /** Words that this program does not know: a newer Cilium. */
  readonly unknown: readonly string[];
}

const knownFlags: ReadonlySet<string> = new Set(flagNames);
const knownTypes: ReadonlySet<string> = new Set(frontendTypes);
const isFlag = (word: string): word is FlagName => knownFlags.has(word);
const isType = (word: string): word is FrontendType => knownTypes.has(word);

/** Reads the words of a row; the type stands first, and a row without one is a ClusterIP. */
export function flagsOfWords(words: readonly string[]): FrontendFlags {
  let type: FrontendType = 'ClusterIP';
  const names = new Set<FlagName>();
  const unknown: string[] = [];
  for (const [at, word] of words.entries()) {
    if (at === 0 && isType(word)) type = word;
    else if (isFlag(word)) names.add(word);
    else if (word !== '') unknown.push(word);
  }
  return { type, names, unknown };
}

/** Bits of `lb4_service.flags` (bpf/lib/common.h), low byte first as `--frontends` prints them. */
export function flagsOfBits(low: number, high: number): FrontendFlags {
  const bits = low | (high << 8);
  const has = (bit: number): boolean => (bits & bit) !== 0;
  const type = typeOfBits(bits);
  const names = new Set<FlagName>();
  if (has(0x4)) names.add('Local');
  if (has(0x1000)) names.add('InternalLocal');
  if (has(0x2000)) names.add('two-scopes');
  if (has(0x10)) names.add('sessionAffinity');
  if (!has(0x40)) names.add('non-routable');
  if (has(0x80)) names.add('check source-range');
  if (has(0x200)) names.add('46x64');
  if (has(0x400)) names.add('l7-load-balancer');
  if (has(0x800)) names.add(type === 'HostPort' ? 'loopback' : 'delegate-if-local');
  // One bit, two meanings: with source ranges it turns them into a deny list.
  if (has(0x4000)) names.add(has(0x80) ? 'deny' : 'quarantined');
  if (has(0x8000)) names.add('dsr');
  return { type, names, unknown: [] };
}

function typeOfBits(bits: number): FrontendType {
  if (bits & 0x1) return 'ExternalIPs';
  if (bits & 0x2) return 'NodePort';
  if (bits & 0x20) return 'LoadBalancer';
  if (bits & 0x8) return 'HostPort';
  if (bits & 0x100) return 'LocalRedirect';
  return 'ClusterIP';
}

const sets = new Map<number, ReadonlySet<FlagName>>();

/** A set of flags; equal ones are the same object. */
export function flagSet(names: readonly FlagName[]): ReadonlySet<FlagName> {
  const bits = names.reduce((sum, name) => sum | (1 << flagNames.indexOf(name)), 0);
  let set = sets.get(bits);
  if (set === undefined) {
    set = new Set(names);
    sets.set(bits, set);
  }
  return set;
}

/** The words in Cilium's own order, the type first. */
export const wordsOfFlags = (type: FrontendType, names: ReadonlySet<FlagName>): readonly string[] => [
  type,
  ...flagNames.filter((name) => names.has(name)),
];
