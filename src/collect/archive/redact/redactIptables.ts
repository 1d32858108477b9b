import type { Service } from '../../../model/kubernetes.ts';
import type { Owner } from '../../../knowledge/owners/Owner.ts';
import { ownerOfIpset } from '../../../knowledge/owners/ownerOfObject.ts';
import { ownerOfRule } from '../../../knowledge/owners/ownerOfRule.ts';
import { optionsOf } from '../../../model/RuleOptions.ts';
import { ChainNames } from './ChainNames.ts';
import type { Pseudonyms } from './Pseudonyms.ts';
import { redactAddresses, redactMacs, redactProse, redactSettingWords } from './redactFreeText.ts';

/** `namespace/name[:port]` as kube-proxy writes it into comments. */
const serviceName = /(?<![\w./:-])[a-z0-9][a-z0-9.-]*\/[a-z0-9][a-z0-9.-]*(?::[a-z0-9-]+)?(?![\w/-])/g;

/** Programs that write the same comments everywhere; what anybody else writes may say anything. */
const plainOwners: ReadonlySet<Owner> = new Set(['kubeProxy', 'shared', 'kubelet', 'cilium', 'docker']);

/** `iptables-save` with pseudonyms: rule by rule the same rules, with other names and other public addresses. */
export function redactIptables(text: string, names: Pseudonyms, services: readonly Service[]): string {
  const lines = text.split('\n');
  const chains = new ChainNames(names, services);
  for (const line of lines) noteServices(line, chains);
  for (const line of lines) noteEndpoint(line, chains);
  let table = '';
  return lines
    .map((line) => {
      if (line.startsWith('*')) table = line.slice(1).trim();
      if (line.startsWith('#')) return redactProse(line, names);
      if (line.startsWith('*') || line === 'COMMIT') return line;
      if (line.startsWith(':')) return line.replace(/^:(\S+)/, (_, chain: string) => `:${chains.chain(table, chain)}`);
      return redactRule(line, table, names, chains);
    })
    .join('\n');
}

function noteServices(line: string, chains: ChainNames): void {
  const { chain, target, comment = '' } = optionsOf({ line });
  if (chain?.startsWith('KUBE-') === true && target?.startsWith('KUBE-SEP-') === true) chains.addJump(chain, target);
  for (const [found] of comment.matchAll(serviceName)) chains.addService(found);
}

function noteEndpoint(line: string, chains: ChainNames): void {
  const { chain, toDestination } = optionsOf({ line });
  if (chain?.startsWith('KUBE-SEP-') === true && toDestination !== undefined) chains.addEndpoint(chain, toDestination);
}

function redactRule(line: string, table: string, names: Pseudonyms, chains: ChainNames): string {
  const [, counters = '', chain, rest = ''] = /^(\[\d+:\d+\] )?-A (\S+)(.*)$/s.exec(line) ?? [];
  // Not a rule at all: nobody knows what it says.
  if (chain === undefined) return line.trim() === '' ? line : `# ${names.base32(line, 8)}`;
  const rule = { line: `-A ${chain}${rest}` };
  const owner = ownerOfRule(table, chain, { ...rule, target: optionsOf(rule).target });
  const isPlain = plainOwners.has(owner);
  const texts: string[] = [];
  const changed = rest
    .replaceAll(quoted, (_, text: string) => {
      texts.push(`"${isPlain ? redactComment(text, names, chains) : `text-${names.base32(text, 8)}`}"`);
      return `\u{e000}${texts.length - 1}\u{e000}`;
    })
    .replace(
      /( --comment )(?!\u{e000})(\S+)/u,
      (_, flag: string, word: string) =>
        `${flag}${isPlain ? redactComment(word, names, chains) : `text-${names.base32(word, 8)}`}`,
    )
    .replace(/( -[jg] )(\S+)/, (_, flag: string, to: string) => `${flag}${chains.chain(table, to)}`)
    .replace(
      /( --name )(\S+)/,
      (_, flag: string, name: string) =>
        `${flag}${name.startsWith('KUBE-') ? chains.chain('nat', name) : names.label(name)}`,
    )
    .replace(
      /( --match-set | --add-set | --del-set )(\S+)/g,
      (_, flag: string, set: string) => `${flag}${redactSet(set, names)}`,
    )
    .replace(
      /( --log-prefix | --nflog-prefix )(?!\u{e000})(\S+)/u,
      (_, flag: string, word: string) => `${flag}text-${names.base32(word, 8)}`,
    );
  const safe = redactMacs(
    redactAddresses(
      changed
        .replaceAll(
          named,
          (_, flag: string, name: string) => `${flag}${/^\d+(-\d+)?$/.test(name) ? name : givenName(name, names)}`,
        )
        .replaceAll(ofInterface, (_, flag: string, name: string) => `${flag}${names.interface(name)}`),
      names,
    ),
    names,
  );
  const whole = safe.replaceAll(/\u{e000}(\d+)\u{e000}/gu, (_, at: string) => texts[Number(at)] ?? '""');
  return `${counters}-A ${chains.chain(table, chain)}${whole}`;
}

/** Of a path each part. */
const givenName = (text: string, names: Pseudonyms): string =>
  text
    .split(/([/.])/)
    .map((part) => (/^[/.]?$/.test(part) ? part : names.label(part)))
    .join('');

const quoted = /"([^"\\]*(?:\\[^]?[^"\\]*)*)(?:"|$)/g;

/** Options whose value is a name that somebody gave. */
const named =
  /( --(?:string|hex-string|uid-owner|gid-owner|path|hashlimit-name|htable-name|object-pinned|nfacct-name|src-group|dst-group|helper|label|zone-orig|zone-reply|ruleset|genre|pol-name|cluster-name|timeout|set-dscp-class) )(?!\u{e000})(\S+)/gu;
const ofInterface = /( (?:! )?(?:-i|-o|--physdev-in|--physdev-out) )(\S+)/g;

const redactComment = (text: string, names: Pseudonyms, chains: ChainNames): string =>
  // Words alone are a program's own, and no Service or chain is in them.
  /\/|[A-Z]{4}/.test(text)
    ? redactAddresses(
        chains.inText(text.replaceAll(serviceName, (found) => (isProse(found) ? found : names.serviceName(found)))),
        names,
      )
    : redactSettingWords(redactAddresses(text, names), names);

/** Words like `RELATED/ESTABLISHED` in programs' own comments have no small letters, and networks are not Services. */
const isProse = (found: string): boolean => /^[\d./]+$/.test(found) || /^(any|and|or|i|n)\//.test(found);

export function redactSet(name: string, names: Pseudonyms): string {
  const owner = ownerOfIpset(name);
  if (owner === 'kubeRouter')
    return name.replace(/-([A-Z2-7]{16})$/, (_, hash: string) => `-${names.base32(hash, 16)}`);
  // Those of others hold names of policies and hashes of labels.
  return owner === 'kubeProxy' || owner === 'cilium' ? name : `set-${names.base32(name, 12)}`;
}
